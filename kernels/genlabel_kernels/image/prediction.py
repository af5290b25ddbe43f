"""Predicting a picture from itself, so that what is left shows the mark.

References
----------
A. Buades, B. Coll, J.-M. Morel, "A non-local algorithm for image denoising", CVPR 2005.
J. Darbon et al., "Fast nonlocal filtering applied to electron cryomicroscopy", ISBI 2008: patch
distances by running sums, one displacement after the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast

#: Pixels from a patch's middle to its edge, and to the farthest patch it is compared with.
PATCH = 2
REACH = 3
#: Root mean square difference, in grey levels, at which a patch counts 1/e.
STRENGTH = 10.0

_BORDER = PATCH + REACH
# Rows that stay in the cache while all displacements pass over them.
_BAND = 24
# One of each pair of opposite displacements: each patch of a pair serves the other.
_DISPLACEMENTS = np.array(
    [
        (down, across)
        for down in range(REACH + 1)
        for across in range(-REACH, REACH + 1)
        if down > 0 or across > 0
    ],
    np.int64,
)
_SCALE = np.float32(1.0 / (STRENGTH**2 * (2 * PATCH + 1) ** 2 * 16.0))


def predict(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Predict every pixel from those whose surroundings look alike (non-local means).

    Parameters
    ----------
    plane : (H, W) float32 array
        Grey levels, 0..255.

    Returns
    -------
    (H, W) float32 array
    """
    height, width = plane.shape
    padded = np.pad(plane, _BORDER, mode="reflect" if min(plane.shape) > _BORDER else "edge")
    sums, weights = padded.copy(), np.ones_like(padded)
    room = np.empty((2, padded.shape[1]), np.float32)
    accumulate(padded, sums, weights, room)
    inside = np.s_[_BORDER : _BORDER + height, _BORDER : _BORDER + width]
    return np.asarray(sums[inside] / weights[inside])


@kernel_fast
def accumulate(
    padded: NDArray[np.float32],
    sums: NDArray[np.float32],
    weights: NDArray[np.float32],
    room: NDArray[np.float32],
) -> None:
    """Add every pixel's like ones, and their weights.

    Parameters
    ----------
    padded : (H + 10, W + 10) float32 array
        The picture, continued by 5 pixels on each side.
    sums, weights : arrays of the same shape
        Added to. Right where the picture itself is; in its margin, parts of sums are missing.
    room : (2, W + 10) float32 array
        To work in.
    """
    height, width = padded.shape
    bottom = height - PATCH - REACH
    plus, minus = np.float32(1.0), np.float32(-1.0)
    for start in range(PATCH, bottom, _BAND):
        for k in range(_DISPLACEMENTS.shape[0]):
            down, across = _DISPLACEMENTS[k, 0], _DISPLACEMENTS[k, 1]
            # Columns of the pairs' first ends and of their second ones: views of equal length, so
            # that no loop needs a negative index.
            here, there = max(0, -across), max(0, across)
            count = width - here - there
            inner = count - 2 * PATCH
            columns, weight = room[0, :count], room[1, :inner]
            columns[:] = np.float32(0.0)
            for y in range(start - PATCH, start + PATCH):
                one, two = padded[y, here : here + count], padded[y + down, there : there + count]
                _add_squares(columns, one, two, plus)
            here, there = here + PATCH, there + PATCH
            for y in range(start, min(start + _BAND, bottom)):
                new, old = y + PATCH, y - PATCH
                one = padded[new, here - PATCH : here - PATCH + count]
                two = padded[new + down, there - PATCH : there - PATCH + count]
                _add_squares(columns, one, two, plus)
                _weigh(columns, weight)
                mine, other = (
                    padded[y, here : here + inner],
                    padded[y + down, there : there + inner],
                )
                _share(sums[y, here : here + inner], weight, other)
                _share(sums[y + down, there : there + inner], weight, mine)
                _count(weights[y, here : here + inner], weight)
                _count(weights[y + down, there : there + inner], weight)
                one = padded[old, here - PATCH : here - PATCH + count]
                two = padded[old + down, there - PATCH : there - PATCH + count]
                _add_squares(columns, one, two, minus)


@kernel_fast
def _add_squares(
    columns: NDArray[np.float32],
    one: NDArray[np.float32],
    two: NDArray[np.float32],
    sign: np.float32,
) -> None:
    for x in range(columns.shape[0]):
        difference = one[x] - two[x]
        columns[x] += sign * difference * difference


@kernel_fast
def _weigh(columns: NDArray[np.float32], weight: NDArray[np.float32]) -> None:
    for x in range(weight.shape[0]):
        distance = columns[x] + columns[x + 1] + columns[x + 2] + columns[x + 3] + columns[x + 4]
        # exp(-t) as (1 - t/16)^16, nothing from 16 on.
        part = max(np.float32(1.0) - distance * _SCALE, np.float32(0.0))
        part *= part
        part *= part
        part *= part
        weight[x] = part * part


@kernel_fast
def _share(
    sums: NDArray[np.float32], weight: NDArray[np.float32], values: NDArray[np.float32]
) -> None:
    for x in range(weight.shape[0]):
        sums[x] += weight[x] * values[x]


@kernel_fast
def _count(weights: NDArray[np.float32], weight: NDArray[np.float32]) -> None:
    for x in range(weight.shape[0]):
        weights[x] += weight[x]
