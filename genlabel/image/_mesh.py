"""Pictures that no single affine map describes: taken at an angle, or bent.

Within a window of a few hundred pixels every smooth map is affine. So the tones are found in one
window, followed from block to block, and the blocks' places give the map of the whole picture.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.candidates import strongest, tiled_hypotheses, translations
from genlabel._plane.measure import Plane, resize
from genlabel._plane.rectify import Rectified, frame_window, rectify_by_map, scaling
from genlabel._plane.scales import Scales
from genlabel._plane.search import centred_spectrum
from genlabel_kernels.image.layout import fine_frame, layout
from genlabel_kernels.plane.layout import TILE, Layout, frame_size
from genlabel_kernels.plane.search import climb, coherence

# The first window: its side, where it is laid, and the coherence at which it is believed. Noise
# has not reached 7.
_WINDOW = 352
_PLACES = ((0.5, 0.5), (0.2, 0.2), (0.8, 0.8))
_SURE = 7.8
# Local scale, shear and turn tried in it, and the step in the spectrum's own bins.
_DISTORTION = 0.12
_STEP = 0.8
_MEAN_RADIUS = 46.0
_MAX_RADIUS = 61.5
_KEPT = 160
# How much longer the transform of the window and that of a block are.
_PADDING = 2.6
_BLOCK_PADDING = 2.0
_CLIMBED = 6

# Blocks: side, distance, and the coherence above which one counts. With its neighbour's map as a
# start, noise seldom reaches 4.
_BLOCK = 256
_DISTANCE = 96
_BELIEVED = 5.0
_NUDGES = (0.0, -2.5, 2.5)

# Degree of the polynomial map by the number of blocks that carry it.
_DEGREES = ((30, 4), (16, 3), (9, 2), (4, 1))
_OUTLIER = 2.0
# How far beyond the outermost block centres the map is continued, in pixels.
_REACH = 160


@dataclass(frozen=True, slots=True)
class Unbent:
    """A bent picture laid out flat.

    Parameters
    ----------
    picture : Rectified
        On the fine frame.
    matrix : (3, 3) float64 array
        The affine map nearest to the bent one: picture pixels (x, y, 1) to frame pixels.
    """

    picture: Rectified
    matrix: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Local:
    """An affine map near one point of the picture: frame = place + slope (picture - point).

    All in (y, x) order.
    """

    point: NDArray[np.float64]
    slope: NDArray[np.float64]
    place: NDArray[np.float64]
    coherence: float

    def at(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Continue the map to another point."""
        return self.place + self.slope @ (point - self.point)


def unbend(picture: Scales) -> Unbent | None:
    """Find the smooth map of an upright picture that was bent or taken at an angle.

    Parameters
    ----------
    picture : Scales
        At all its sizes.

    Returns
    -------
    Unbent or None
        None where no window shows the tones, or too few blocks do.
    """
    height, width = picture.shape
    rows, columns = frame_size(height, width, fine_frame(height, width))
    if min(rows, columns) < _BLOCK:
        return None
    white = picture.white(rows, columns)
    first = _first_window(white)
    if first is None:
        return None
    blocks = list(_followed(white, first))
    degree = next((degree for count, degree in _DEGREES if len(blocks) >= count), None)
    if degree is None:
        return None
    flat = _flattened(resize(picture.plane, rows, columns), blocks, degree)
    if flat is None:
        return None
    to_frame = np.eye(3)
    to_frame[:2] = _affine(blocks)
    return Unbent(flat, to_frame @ scaling(columns / width, rows / height))


def _first_window(white: Plane) -> _Local | None:
    plan = layout("fine")
    side = min(_WINDOW, *white.shape)
    hypotheses = _distortions(side)
    tones = plan.tones.astype(np.float32)
    for down, across in _PLACES:
        top, left = int((white.shape[0] - side) * down), int((white.shape[1] - side) * across)
        even, table = centred_spectrum(white[top : top + side, left : left + side], _PADDING)
        best = strongest(table, hypotheses, tones, _KEPT)
        peaks = translations(even, best, tones, plan.phases)
        upright = sorted((p for p in peaks if p[1][0] > 0), key=lambda peak: -peak[0])
        point = np.array([top + side // 2, left + side // 2], np.float64)
        for _, pose in upright[:_CLIMBED]:
            local = _climbed(even, pose, side, point, plan)
            if local.coherence > _SURE:
                return local
    return None


@functools.lru_cache(maxsize=4)
def _distortions(side: int) -> NDArray[np.float32]:
    """List the B matrices near the upright one."""
    step = _STEP * TILE / (_MEAN_RADIUS * side)
    off = np.arange(-_DISTORTION, _DISTORTION + 2 * step, step)
    # Neighbours in all four entries make one group.
    pairs = off[: len(off) // 2 * 2].reshape(-1, 2)
    grid = np.stack(np.meshgrid(*[np.arange(len(pairs))] * 4, *[[0, 1]] * 4, indexing="ij"))
    cells, sides = grid[:4].reshape(4, -1), grid[4:].reshape(4, -1)
    return tiled_hypotheses(pairs[cells, sides] + np.array([[1.0], [0.0], [0.0], [1.0]]))


def _climbed(
    even: NDArray[np.complex64],
    pose: NDArray[np.float64],
    side: int,
    point: NDArray[np.float64],
    plan: Layout,
) -> _Local:
    step = 0.35 / (_MAX_RADIUS * side)
    steps = np.array([step, step, step, step, 0.7, 0.7])
    better = pose.copy()
    value = climb(even, better, steps, plan.tones.astype(np.float32), plan.phases, 6)
    return _Local(point, TILE * better[:4].reshape(2, 2).T, better[4:], value)


def _followed(white: Plane, first: _Local) -> Iterator[_Local]:
    """Follow the tones from block to block, nearest to the first window first."""
    plan = layout("fine")
    tones = plan.tones.astype(np.float32)
    half = _BLOCK // 2
    axes = [
        np.linspace(half, n - half, max(2, round((n - _BLOCK) / _DISTANCE) + 1)).astype(int)
        for n in white.shape
    ]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    order = np.argsort(np.hypot(*(points - first.point).T))
    known = [first]
    for y, x in points[order]:
        point = np.array([y, x], np.float64)
        near = min(known, key=lambda local: float(np.hypot(*(local.point - point))))
        even, _ = centred_spectrum(white[y - half : y + half, x - half : x + half], _BLOCK_PADDING)
        start = np.concatenate([near.slope.T.ravel() / TILE, near.at(point)])
        nudged = [start + (0, 0, 0, 0, dy, dx) for dy in _NUDGES for dx in _NUDGES]
        pose = max(nudged, key=lambda p: coherence(even, p, tones, plan.phases))
        local = _climbed(even, pose, _BLOCK, point, plan)
        if local.coherence > _BELIEVED:
            known.append(local)
            yield local


def _flattened(frame: Plane, blocks: list[_Local], degree: int) -> Rectified | None:
    """Fit a polynomial map from frame to picture and lay the picture out by it."""
    places = np.array([block.place for block in blocks])
    points = np.array([block.point for block in blocks])
    weights = np.array([block.coherence for block in blocks])
    terms = _terms(places, frame.shape, degree)
    kept = np.ones(len(blocks), bool)
    for _ in range(3):
        scale = weights[kept, None]
        fitted, *_ = np.linalg.lstsq(terms[kept] * scale, points[kept] * scale, rcond=1e-6)
        off = np.hypot(*(terms @ fitted - points).T)
        kept = off < max(_OUTLIER, 3.0 * float(np.median(off)))
    reach = np.array([[-_REACH, -_REACH], [_REACH, _REACH]])
    window = frame_window(np.concatenate([places[kept] + row for row in reach])[:, ::-1])
    if window is None:
        return None
    top, left, rows, columns = window
    # On a grid, the polynomial is a product of two small matrices.
    powers = [
        _axis(np.arange(start, start + count, dtype=np.float64), size, degree)
        for start, count, size in zip((top, left), (rows, columns), frame.shape, strict=True)
    ]
    maps = []
    for column in fitted.T:
        square = np.zeros((degree + 1, degree + 1))
        square[_exponents(degree)] = column
        maps.append((powers[0] @ square @ powers[1].T).astype(np.float32))
    down, across = maps
    return rectify_by_map(frame, across, down, top, left)


def _terms(places: NDArray[np.float64], shape: tuple[int, int], degree: int) -> NDArray[np.float64]:
    """Evaluate the monomials of a map at (y, x) places, in coordinates of order one."""
    y, x = (_axis(places[:, axis], shape[axis], degree) for axis in (0, 1))
    i, j = _exponents(degree)
    return np.asarray(y[:, i] * x[:, j])


def _axis(places: NDArray[np.float64], size: int, degree: int) -> NDArray[np.float64]:
    return np.vander(2.0 * places / size - 1.0, degree + 1, increasing=True)


def _exponents(degree: int) -> tuple[list[int], list[int]]:
    """List the exponents of y and of x of all monomials up to a degree."""
    pairs = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
    return [i for i, _ in pairs], [j for _, j in pairs]


def _affine(blocks: list[_Local]) -> NDArray[np.float64]:
    """Fit one affine map (2, 3) in (x, y) order to all blocks."""
    points = np.array([[block.point[1], block.point[0], 1.0] for block in blocks])
    places = np.array([block.place[::-1] for block in blocks])
    fitted, *_ = np.linalg.lstsq(points, places, rcond=None)
    return np.asarray(fitted.T)
