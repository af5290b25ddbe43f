"""Predicting a picture from itself, so that what is left shows the mark.

References
----------
A. Buades, B. Coll, J.-M. Morel, "A non-local algorithm for image denoising", CVPR 2005.
J. Darbon et al., "Fast nonlocal filtering applied to electron cryomicroscopy", ISBI 2008: patch
distances by running sums, one displacement after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast, kernel_part

#: Pixels from a patch's middle to its edge, and to the farthest patch it is compared with.
PATCH = 2
REACH = 3
#: Root mean square difference, in grey levels, at which a patch counts 1/e.
STRENGTH = 10.0

#: Rows up and down.
ALL = tuple(range(REACH + 1))

_BORDER = PATCH + REACH
_SIDE = 2 * PATCH + 1
# Displacements that differ only across are worked on together.
_ACROSS = 2 * REACH + 1
_SCALE = np.float32(1.0 / (STRENGTH**2 * _SIDE**2 * 16.0))
# Pixels of a row that are worked on at once, whole vectors of every processor; those of them that
# are first pixels of pairs; those of whom all pairs are among them. Rows of working memory have
# some more on both sides.
_LANES = 144
_FIRST = _LANES - 2 * REACH
_DONE = _FIRST - 2 * REACH
_MARGIN = 16
_ROW = _LANES + 2 * _MARGIN
_GROUP = _ACROSS * _ROW
# Rows of zeros above the picture, from which the running sums start; pixels before its left edge.
_ABOVE = _BORDER + REACH
_LEFT = _BORDER + REACH
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


def predict(plane: NDArray[np.float32], downs: Sequence[int] = ALL) -> NDArray[np.float32]:
    """Predict every pixel from those whose surroundings look alike (non-local means).

    Parameters
    ----------
    plane : (H, W) float32 array
        Grey levels, 0..255.
    downs : sequence of int
        How many rows up and down the patches lie that are compared, 0 .. 3. Time is in proportion
        to their number; what is left of a picture hardly changes without some of them.

    Returns
    -------
    (H, W) float32 array
    """
    height, width = plane.shape
    top = _ABOVE + _BORDER
    wide = -(-width // _DONE) * _DONE + 3 * _BORDER + REACH
    padded = np.zeros((top + height + _BORDER, wide), np.float32)
    padded[top : top + height, _LEFT : _LEFT + width] = plane
    _continue(padded[_ABOVE:, _LEFT - _BORDER :], height, width)
    columns, near = np.empty((REACH + 1) * _GROUP, np.float32), np.zeros(2 * _GROUP, np.float32)
    sums, weights = np.empty((2, (REACH + 1) * _ROW), np.float32)
    out = np.empty((height, width), np.float32)
    rows = np.array(downs, np.int64)
    predict_strips(padded.ravel(), wide, rows, columns, near, sums, weights, width, out.ravel())
    return out


def _continue(padded: NDArray[np.float32], height: int, width: int) -> None:
    """Continue the picture at (5, 5) by 5 pixels on each side: mirrored; if small, as it ends."""
    mirrored = min(height, width) > _BORDER
    for axis, side in ((1, width), (0, height)):
        lines = np.moveaxis(padded, axis, 0)
        last = _BORDER + side - 1
        for step in range(1, _BORDER + 1):
            inwards = step if mirrored else 0
            lines[_BORDER - step] = lines[_BORDER + inwards]
            lines[last + step] = lines[last - inwards]


@kernel_fast
def predict_strips(
    padded: NDArray[np.float32],
    wide: int,
    downs: NDArray[np.int64],
    columns: NDArray[np.float32],
    near: NDArray[np.float32],
    sums: NDArray[np.float32],
    weights: NDArray[np.float32],
    width: int,
    out: NDArray[np.float32],
) -> None:
    """Predict strips of columns from top to bottom, so that all that is worked on is close by.

    Parameters
    ----------
    padded : (h * wide,) float32 array
        Below 8 rows of zeros and beside 3 columns of anything the picture, continued by 5 pixels
        on each side; then columns of anything.
    wide : int
        Length of its rows: 18 more than a multiple of 132.
    downs : (n,) int64 array
        As `predict` takes them.
    columns, near, sums, weights : (28 * 176,), (14 * 176,), (4 * 176,), (4 * 176,) float32 arrays
        To work in; `near` is zero at first.
    width : int
        Of the picture.
    out : (H * width,) float32 array
        Filled.
    """
    for left in range(0, width, _DONE):
        for place in range(columns.shape[0]):
            columns[place] = np.float32(0.0)
        for place in range(sums.shape[0]):
            sums[place] = np.float32(0.0)
            weights[place] = np.float32(0.0)
        for y in range(_BORDER - PATCH, padded.shape[0] // wide - _BORDER):
            at = y * wide + left + _LEFT - REACH
            for down in downs:
                shift, group = down * wide, down * _GROUP
                _slide(padded, at + PATCH * wide - PATCH, shift, wide, columns, group)
                if y >= _ABOVE + PATCH:
                    # One of each pair of opposite displacements: each patch serves the other. On
                    # the level, those to the right; the weights of the others stay zero.
                    fewest = 0 if down > 0 else REACH + 1
                    to = _GROUP if down > 0 else 0
                    _weigh(columns, group, fewest, near, to)
                    _share(padded, at, shift, near, to, y, down, sums, weights)
            _finish(padded, at, y, sums, weights, width, left, out)


@kernel_part
def _slide(
    plane: NDArray[np.float32],
    first: int,
    shift: int,
    wide: int,
    columns: NDArray[np.float32],
    group: int,
) -> None:
    """Move the sums over 5 rows of squared differences on: one row comes in, one goes out."""
    new, old, group = first & _INDEX, (first - _SIDE * wide) & _INDEX, group & _INDEX
    new_other, old_other = (new + shift - REACH) & _INDEX, (old + shift - REACH) & _INDEX
    for x in range(_LANES):
        here, before = plane[new + x], plane[old + x]
        for across in range(_ACROSS):
            one = here - plane[new_other + x + across]
            two = before - plane[old_other + x + across]
            columns[group + _ROW * across + x] += one * one - two * two


@kernel_part
def _weigh(
    columns: NDArray[np.float32], group: int, fewest: int, near: NDArray[np.float32], to: int
) -> None:
    for across in range(fewest, _ACROSS):
        at, own = (group + _ROW * across) & _INDEX, (to + _ROW * across + _MARGIN) & _INDEX
        for x in range(_LANES):
            distance = np.float32(0.0)
            for step in range(_SIDE):
                distance += columns[at + x + step]
            # exp(-t) as (1 - t/16)^16, nothing from 16 on.
            part = np.float32(1.0) - distance * _SCALE
            part = part if part > np.float32(0.0) else np.float32(0.0)
            part *= part
            part *= part
            part *= part
            near[own + x] = part * part
        for x in range(_FIRST, _LANES):
            near[own + x] = np.float32(0.0)


@kernel_part
def _share(
    plane: NDArray[np.float32],
    at: int,
    shift: int,
    near: NDArray[np.float32],
    group: int,
    y: int,
    down: int,
    sums: NDArray[np.float32],
    weights: NDArray[np.float32],
) -> None:
    """Add second pixels of pairs to the first ones' sums, then first ones to the second ones'."""
    at, group = at & _INDEX, (group + _MARGIN) & _INDEX
    other = (at + shift - REACH) & _INDEX
    own = (y % (REACH + 1) * _ROW + _MARGIN) & _INDEX
    for x in range(_LANES):
        total, weight = sums[own + x], weights[own + x]
        for across in range(_ACROSS):
            part = near[group + _ROW * across + x]
            total += part * plane[other + x + across]
            weight += part
        sums[own + x] = total
        weights[own + x] = weight
    own = ((y + down) % (REACH + 1) * _ROW + _MARGIN - REACH) & _INDEX
    at, group = (at - 2 * REACH) & _INDEX, (group - 2 * REACH) & _INDEX
    for x in range(_LANES):
        total, weight = sums[own + x], weights[own + x]
        for across in range(_ACROSS):
            step = 2 * REACH - across
            part = near[group + _ROW * across + step + x]
            total += part * plane[at + x + step]
            weight += part
        sums[own + x] = total
        weights[own + x] = weight


@kernel_part
def _finish(
    plane: NDArray[np.float32],
    at: int,
    y: int,
    sums: NDArray[np.float32],
    weights: NDArray[np.float32],
    width: int,
    left: int,
    out: NDArray[np.float32],
) -> None:
    """Predict a row of which all pairs are known, and make room for the fourth one below it."""
    own = (y % (REACH + 1) * _ROW) & _INDEX
    if y >= _ABOVE + _BORDER:
        to = ((y - _ABOVE - _BORDER) * width + left) & _INDEX
        at, first = (at + REACH) & _INDEX, (own + _MARGIN + REACH) & _INDEX
        rest = width - left
        for x in range(_DONE if rest > _DONE else rest):
            # The pixel itself counts as well.
            weight = weights[first + x] + np.float32(1.0)
            out[to + x] = (sums[first + x] + plane[at + x]) / weight
    for x in range(_ROW):
        sums[own + x] = np.float32(0.0)
        weights[own + x] = np.float32(0.0)
