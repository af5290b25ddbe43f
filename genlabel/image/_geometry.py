"""The blind search: poses under which a picture may show the public tones."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel.image._measure import Plane, residual, resize
from genlabel_kernels.image.layout import TILE, Layout, layout
from genlabel_kernels.image.search import (
    GRID,
    best_translations,
    climb,
    normalised_spectrum,
    tone_scores,
)

# Searches by name: the layer, the long side of the picture that is searched, and how many frame
# pixels one of its pixels may be. "deep" finds what a tight crop of a large original shows.
_SEARCHES = {
    "coarse": ("coarse", 420, (0.28, 1.2)),
    "deep": ("fine", 512, (0.45, 1.15)),
    "fine": ("fine", 1152, (0.5, 2.1)),
}
# Width-to-height distortions tried for pictures that were not turned.
_ASPECT = 1.27

# One step moves an average tone by this many of the spectrum's own bins.
_STEP = 0.62
_MEAN_RADIUS = {"fine": 46.0, "coarse": 35.0}
_MAX_RADIUS = 61.5
_KEPT = 800
_CHUNK = 100
_CLIMBED = 24
# A coherent sum of this many standard deviations ends the search. Noise has not reached 7.5, but
# where a strong mark is nearly all that is left, wrong poses meet its other sinusoids.
_SURE = 12.0
_LOCAL_MEAN = 33
_ROUNDED = 64


@dataclass(frozen=True, slots=True)
class Pose:
    """How a picture lies on a frame of the marked original.

    Parameters
    ----------
    matrix : (3, 3) float64 array
        From the picture's pixels (x, y, 1) to the layer's frame, up to whole tiles.
    coherence : float
        Of the tones, in standard deviations of noise.
    """

    matrix: NDArray[np.float64]
    coherence: float


@dataclass(frozen=True, slots=True)
class _Searched:
    """A picture made ready: its even spectrum, and how searched pixels map to the picture's."""

    name: str
    plan: Layout
    even: NDArray[np.complex64]
    table: NDArray[np.uint8]
    height: int
    width: int
    scale: tuple[float, float]


def search(plane: Plane, name: str) -> Iterator[Pose]:
    """Find poses from one layer's tones, the most coherent first.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    name : {"coarse", "deep", "fine"}
        Which search: for the coarse layer's tones, or for the fine layer's in a smaller or a
        larger copy of the picture.

    Yields
    ------
    Pose
        At most 24.
    """
    found: list[tuple[float, NDArray[np.float64], bool]] = []
    searched = _prepare(plane, name)
    for mirrored in (False, True):
        for pose, value in _coherent_peaks(searched, mirrored=mirrored):
            found.append((value, pose, mirrored))
        if found and max(found, key=lambda item: item[0])[0] > _SURE:
            break
    found.sort(key=lambda item: -item[0])
    for value, pose, mirrored in found:
        yield Pose(_matrix(searched, pose, mirrored=mirrored), value)


def _prepare(plane: Plane, name: str) -> _Searched:
    height, width = plane.shape
    layer, side, _ = _SEARCHES[name]
    shrink = min(1.0, side / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    white = residual(resize(plane, rows, columns))
    even, table = centred_spectrum(white)
    scale = (height / rows, width / columns)
    return _Searched(name, layout(layer), even, table, rows, columns, scale)


def centred_spectrum(white: Plane) -> tuple[NDArray[np.complex64], NDArray[np.uint8]]:
    """Transform a whitened picture about its centre and divide by the local mean power.

    Parameters
    ----------
    white : (H, W) float32 array
        From `residual`.

    Returns
    -------
    even, table : arrays
        As `normalised_spectrum` gives.
    """
    rows, columns = white.shape
    side = 1 << int(np.ceil(np.log2(1.5 * max(rows, columns, 128))))
    padded = np.zeros((side, side), np.float32)
    # The centre lies at the origin, so that the spectrum turns slowly and can be interpolated.
    top, left = rows // 2, columns // 2
    padded[: rows - top, : columns - left] = white[top:, left:]
    padded[side - top :, : columns - left] = white[:top, left:]
    padded[: rows - top, side - left :] = white[top:, :left]
    padded[side - top :, side - left :] = white[:top, :left]
    spectrum = np.fft.rfft2(padded).astype(np.complex64)
    power = spectrum.real**2 + spectrum.imag**2
    local = np.asarray(cv2.blur(power, (_LOCAL_MEAN, _LOCAL_MEAN)), np.float32)
    return normalised_spectrum(spectrum, local)


@functools.lru_cache(maxsize=16)
def _hypotheses(name: str, width: int) -> NDArray[np.float32]:
    """List B matrices: every turn at every scale, and every stretch of the upright picture."""
    layer, _, (least, most) = _SEARCHES[name]
    step = _STEP * TILE / (_MEAN_RADIUS[layer] * width)
    scales = np.arange(least, most, step)
    blocks = []
    for scale in scales:
        angles = np.arange(0.0, np.pi, step / scale)
        cosine, sine = scale * np.cos(angles), scale * np.sin(angles)
        blocks.append(np.stack([cosine, sine, -sine, cosine], axis=1))
    stretches = np.exp(np.arange(-np.log(_ASPECT), np.log(_ASPECT), step))
    across, ratio = np.meshgrid(scales, stretches)
    zero = np.zeros(across.size)
    upright = [(across * ratio).ravel(), zero, zero, across.ravel()]
    # A quarter turn exchanges the axes.
    turned = [zero, (across * ratio).ravel(), -across.ravel(), zero]
    blocks += [np.stack(upright, axis=1), np.stack(turned, axis=1)]
    return (np.concatenate(blocks) / TILE).astype(np.float32)


def _coherent_peaks(
    searched: _Searched, *, mirrored: bool
) -> list[tuple[NDArray[np.float64], float]]:
    """Rank by power, correlate the best over all translations, and refine the best of those."""
    tones = searched.plan.tones.astype(np.float32)
    if mirrored:
        tones = tones * np.array([1.0, -1.0], np.float32)
    # Sizes that differ by little share their hypotheses.
    width = -(-max(searched.height, searched.width) // _ROUNDED) * _ROUNDED
    hypotheses = _hypotheses(searched.name, width)
    scores = np.empty(len(hypotheses), np.float32)
    tone_scores(searched.table, hypotheses, tones, scores)
    best = np.argpartition(-scores, min(_KEPT, len(scores) - 1))[:_KEPT]
    best = best[np.argsort(-scores[best])]
    peaks: list[tuple[float, NDArray[np.float64]]] = []
    for start in range(0, len(best), _CHUNK):
        chosen = hypotheses[best[start : start + _CHUNK]]
        peaks += translations(searched.even, chosen, tones, searched.plan.phases)
        peaks.sort(key=lambda peak: -peak[0])
        del peaks[_CLIMBED:]
        refined = _climbed(searched, peaks[:2], tones)
        if refined[0][1] > _SURE:
            return refined
    return _climbed(searched, peaks, tones)


def translations(
    even: NDArray[np.complex64],
    chosen: NDArray[np.float32],
    tones: NDArray[np.float32],
    phases: NDArray[np.complex64],
) -> list[tuple[float, NDArray[np.float64]]]:
    """Find each hypothesis' best translation, upright and turned by half a turn.

    Parameters
    ----------
    even : (P, P/2 + 1) complex64 array
        From `centred_spectrum`.
    chosen : (n, 4) float32 array
        Hypotheses.
    tones, phases : (m, 2) float32 and (m,) complex64 arrays
        The constellation.

    Returns
    -------
    list of (float, (6,) float64 array)
        Coherent sum and pose, two for each hypothesis.
    """
    values = np.empty((len(chosen), 2), np.float32)
    places = np.empty((len(chosen), 2), np.int32)
    best_translations(even, chosen, tones, phases, values, places)
    peaks = []
    for index, side in np.ndindex(values.shape):
        shift = np.array(divmod(int(places[index, side]), GRID)) * (TILE / GRID)
        turned = chosen[index].astype(np.float64) * (1.0, -1.0)[side]
        peaks.append((float(values[index, side]), np.concatenate([turned, shift])))
    return peaks


def _climbed(
    searched: _Searched, peaks: list[tuple[float, NDArray[np.float64]]], tones: NDArray[np.float32]
) -> list[tuple[NDArray[np.float64], float]]:
    step = 0.4 / (_MAX_RADIUS * max(searched.height, searched.width))
    out = []
    for _, start in peaks:
        pose = start.copy()
        steps = np.array([step, step, step, step, 0.7, 0.7])
        value = climb(searched.even, pose, steps, tones, searched.plan.phases)
        out.append((pose, float(value)))
    return sorted(out, key=lambda item: -item[1])


def _matrix(
    searched: _Searched, pose: NDArray[np.float64], *, mirrored: bool
) -> NDArray[np.float64]:
    """Turn a pose into the matrix from picture pixels to frame pixels."""
    # B maps tile frequencies to picture frequencies; positions go by its transpose.
    forward = TILE * pose[:4].reshape(2, 2).T
    shift = pose[4:]
    centre = np.array([searched.height // 2, searched.width // 2], np.float64)
    to_frame = np.eye(3)
    # Rows and columns in (x, y) order from here on.
    to_frame[:2, :2] = forward[::-1, ::-1]
    to_frame[:2, 2] = (shift - forward @ centre)[::-1]
    if mirrored:
        # The mirrored constellation was matched with negated horizontal tones.
        to_frame = np.diag([-1.0, 1.0, 1.0]) @ to_frame
    scale_y, scale_x = searched.scale
    to_searched = np.array(
        [
            [1 / scale_x, 0.0, (1 / scale_x - 1) / 2],
            [0.0, 1 / scale_y, (1 / scale_y - 1) / 2],
            [0.0, 0.0, 1.0],
        ]
    )
    return np.asarray(to_frame @ to_searched)
