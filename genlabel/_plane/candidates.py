"""Which hypotheses of a blind search are worth a closer look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.plane.layout import TILE
from genlabel_kernels.plane.search import GRID, GROUP, LANES, best_translations, tone_scores

# So many of the most powerful hypotheses are correlated on a grid of translations twice as fine.
_FINELY = 24
_OFFSETS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))

#: A coherent sum and its pose: B's four entries, then the translation.
Peak = tuple[float, NDArray[np.float64]]


def tiled_hypotheses(listed: NDArray[np.float64]) -> NDArray[np.float32]:
    """Give (4, n) matrices in units of a tile's cycles, `n` filled up to whole lanes."""
    count = -(-listed.shape[1] // LANES) * LANES
    return np.asarray(
        np.pad(listed, ((0, 0), (0, count - listed.shape[1])), "wrap") / TILE, np.float32
    )


def strongest(
    table: NDArray[np.uint8],
    hypotheses: NDArray[np.float32],
    tones: NDArray[np.float32],
    count: int,
) -> NDArray[np.float32]:
    """Choose the hypotheses whose tones are the most powerful, one of each group at most.

    Parameters
    ----------
    table, hypotheses, tones : arrays
        As `tone_scores` takes them.
    count : int
        How many to keep, at most.

    Returns
    -------
    (count, 4) float32 array
        The best first.
    """
    peaks = np.empty(hypotheses.shape[1] // GROUP, np.int32)
    tone_scores(table, hypotheses, tones, peaks)
    groups = np.argpartition(-peaks, min(count, len(peaks) - 1))[:count]
    groups = groups[np.argsort(-peaks[groups])]
    return np.ascontiguousarray(hypotheses[:, GROUP * groups + peaks[groups] % GROUP].T)


def translations(
    even: NDArray[np.complex64],
    chosen: NDArray[np.float32],
    tones: NDArray[np.float32],
    phases: NDArray[np.complex64],
    finely: int = _FINELY,
) -> list[Peak]:
    """Find each hypothesis' best translation, upright and turned by half a turn.

    Parameters
    ----------
    even : (P, P/2 + 1) complex64 array
        From `centred_spectrum`.
    chosen : (n, 4) float32 array
        Hypotheses.
    tones, phases : (m, 2) float32 and (m,) complex64 arrays
        The constellation.
    finely : int
        How many of the first are tried on a grid twice as fine.

    Returns
    -------
    list of (float, (6,) float64 array)
        Coherent sum and pose, two for each hypothesis.
    """
    peaks: list[Peak] = []
    for offset in _OFFSETS:
        tried = chosen if not any(offset) else chosen[:finely]
        turn = tones @ np.array(offset, np.float32) * np.float32(2.0 * np.pi / TILE)
        shifted = (phases * np.exp(1j * turn)).astype(np.complex64)
        values = np.empty((len(tried), 2), np.float32)
        places = np.empty((len(tried), 2), np.int32)
        best_translations(even, tried, tones, shifted, values, places)
        shifts = np.stack([places // GRID, places % GRID], axis=-1) * (TILE / GRID) + offset
        turned = tried[:, None, :] * np.array([[1.0], [-1.0]])
        poses = np.concatenate([turned, shifts], axis=-1).reshape(-1, 6)
        peaks += zip(values.ravel().tolist(), poses, strict=True)
    return peaks


def distinct(peaks: list[Peak], apart: float, most: int) -> list[Peak]:
    """Sort peaks and drop those from which a climb would end where a better one does.

    Parameters
    ----------
    peaks : list of (float, (6,) float64 array)
        From `translations`.
    apart : float
        How far apart different B lie.
    most : int
        How many to keep.

    Returns
    -------
    list
        The greatest first.
    """
    kept: list[Peak] = []
    scale = np.array([1.0 / apart] * 4 + [0.2, 0.2])
    for peak in sorted(peaks, key=lambda peak: -peak[0]):
        if all(np.abs((peak[1] - other[1]) * scale).max() > 1.0 for other in kept):
            kept.append(peak)
        if len(kept) == most:
            break
    return kept
