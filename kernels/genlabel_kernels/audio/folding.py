"""Superframes laid on top of each other, and where they begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, FRAMES, pilot_map
from genlabel_kernels.audio.residual import HOPS
from genlabel_kernels.jit import kernel_fast

#: Places at which a superframe may begin, an eighth of a frame apart.
PHASES = HOPS * FRAMES


def folded(statistic: NDArray[np.float32], first: int) -> NDArray[np.float32]:
    """Sum all superframes of a stretch.

    Parameters
    ----------
    statistic : (n, 41) float32 array
        Rows of the map.
    first : int
        Index of its first row in the whole map.

    Returns
    -------
    (8, 108, 41) float32 array
        Entry (o, j) is the sum of the rows ``8 (j + 108 i) + o`` of the whole map.
    """
    out = np.zeros((PHASES, BANDS), np.float32)
    fold_rows(np.ascontiguousarray(statistic), first % PHASES, out)
    return np.ascontiguousarray(out.reshape(FRAMES, HOPS, BANDS).transpose(1, 0, 2))


@kernel_fast
def fold_rows(statistic: NDArray[np.float32], first: int, out: NDArray[np.float32]) -> None:
    """Add row i to row ``(first + i) % 864`` of `out` (864, 41)."""
    place = first
    for row in range(statistic.shape[0]):
        for band in range(BANDS):
            out[place, band] += statistic[row, band]
        place += 1
        if place == PHASES:
            place = 0


def pilot_scores(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlate a folded superframe with the pilots at every phase.

    Parameters
    ----------
    tiles : (8, 108, 41) float32 array
        From `folded`.

    Returns
    -------
    (864,) float32 array
        By the row of the map at which a superframe begins; standard deviations of noise.
    """
    pilots = pilot_map()
    shape = (HOPS, FRAMES)
    scores, powers = np.empty(shape), np.empty(shape)
    for hop in range(HOPS):
        scores[hop] = _diagonal_sums(tiles[hop] @ pilots.T)
        powers[hop] = _diagonal_sums((tiles[hop] ** 2) @ (pilots**2).T)
    ratio = scores / np.sqrt(np.maximum(powers, 1e-20))
    # A superframe that begins at row 8 j + o is (o, j).
    return np.asarray(ratio.T.reshape(-1), np.float32)


def _diagonal_sums(products: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum entries (j + r, j), wrapped around, for every r."""
    rows = (np.arange(FRAMES)[:, None] + np.arange(FRAMES)[None]) % FRAMES
    sums: NDArray[np.float32] = products[rows, np.arange(FRAMES)[None]].sum(axis=1)
    return sums


def superframe(tiles: NDArray[np.float32], phase: int) -> NDArray[np.float32]:
    """Turn a folded superframe so that it begins where it begins.

    Parameters
    ----------
    tiles : (8, 108, 41) float32 array
        From `folded`.
    phase : int
        As an index of `pilot_scores`.

    Returns
    -------
    (4428,) float32 array
        By tile.
    """
    row, hop = divmod(phase, HOPS)
    turned: NDArray[np.float32] = np.roll(tiles[hop], -row, axis=0)
    return turned.reshape(-1)
