"""Films shown within other pictures: rectangles whose sides are steps that run all along them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane
from genlabel.video._placing import Window

# A step: how many grey levels two pixels three apart differ by, and how many times as much as those
# beside them do.
_STEP = 3.0
_SUDDEN = 2.0
# Pixels from an edge of the picture that are not looked at, for want of others beside them.
_BESIDE = 5
# Lines: rows or columns with long runs of steps. What a pixel without one costs, the least run
# against the picture's side, how many lines, and how far apart.
_COST = 0.45
_RUN = 0.075
_LINES = 6
_APART = 6
# Sides of an inset: against the picture's, its area, and which part of each side steps.
_LEAST_SIDE = 0.25
_MOST_AREA = 0.9
_STEPPED = 0.4
# What a side counts that is one of the picture's own, and what an inset must reach.
_OWN_SIDE = 0.3
_LIKELY = 0.5
# Insets that share more of their area count once.
_SAME = 0.8


def insets(planes: Sequence[Plane], most: int) -> list[Window]:
    """Find where within a picture another one may be shown.

    Codecs and still grounds hide differences in time; a frame around a picture does not move.

    Parameters
    ----------
    planes : sequence of (H, W) float32 array
        Luma of successive pictures, 0..255.
    most : int
        How many to give, at most.

    Returns
    -------
    list of Window
        The likeliest first.
    """
    mean = np.mean(planes, axis=0)
    if min(mean.shape) <= 2 * _BESIDE:
        return []
    upright, lying = _steps(mean), _steps(mean.T)
    likely = sorted(_rectangles(upright, lying), key=lambda one: -one[0])
    chosen: list[Window] = []
    for _, window in likely:
        if len(chosen) < most and all(_shared(window, other) < _SAME for other in chosen):
            chosen.append(window)
    return chosen


def _steps(mean: Plane) -> NDArray[np.float32]:
    """Give 1 where a step crosses a row at a column or next to it, else 0."""
    step = np.zeros(mean.shape, bool)
    x = np.arange(_BESIDE, mean.shape[1] - _BESIDE + 1)
    here, there = mean[:, x - 2], mean[:, x + 1]
    across = np.abs(there - here)
    before, after = np.abs(here - mean[:, x - 5]), np.abs(mean[:, x + 4] - there)
    step[:, x] = (across > _SUDDEN * np.maximum(before, after)) & (across > _STEP)
    wide = step.copy()
    wide[:, 1:] |= step[:, :-1]
    wide[:, :-1] |= step[:, 1:]
    return wide.astype(np.float32)


def _lines(steps: NDArray[np.float32]) -> list[int]:
    """List the columns with the longest runs of steps, and both edges of the picture."""
    rows, columns = steps.shape
    sums = _summed(steps - np.float32(_COST))
    runs = (sums - np.minimum.accumulate(sums)).max(axis=0)
    chosen: list[int] = []
    for column in np.argsort(-runs).tolist():
        if runs[column] < _RUN * rows or len(chosen) == _LINES:
            break
        if all(abs(column - other) >= _APART for other in chosen):
            chosen.append(column)
    return sorted({0, *chosen, columns})


def _rectangles(
    upright: NDArray[np.float32], lying: NDArray[np.float32]
) -> Iterator[tuple[float, Window]]:
    """Yield rectangles between lines that step along all their sides, and how likely each is."""
    rows, columns = upright.shape
    down, across = _summed(upright), _summed(lying)
    for left, right in itertools.combinations(_lines(upright), 2):
        for top, bottom in itertools.combinations(_lines(lying), 2):
            height, width = bottom - top, right - left
            if height < _LEAST_SIDE * rows or width < _LEAST_SIDE * columns:
                continue
            part = height * width / (rows * columns)
            sides = [
                *((down[bottom, x] - down[top, x]) / height for x in (left, right) if x % columns),
                *((across[right, y] - across[left, y]) / width for y in (top, bottom) if y % rows),
            ]
            if part > _MOST_AREA or min(sides) < _STEPPED:
                continue
            likely = (sum(sides) + _OWN_SIDE * (4 - len(sides))) / 4 * part**0.25
            if likely > _LIKELY:
                yield float(likely), (top, left, bottom, right)


def _summed(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up columns from the top, beginning with nothing."""
    return np.pad(np.cumsum(plane, axis=0, dtype=np.float32), ((1, 0), (0, 0)))


def _shared(one: Window, other: Window) -> float:
    """Give the part of two windows' common area that both have."""
    height = min(one[2], other[2]) - max(one[0], other[0])
    width = min(one[3], other[3]) - max(one[1], other[1])
    both = max(height, 0) * max(width, 0)
    return both / (_area(one) + _area(other) - both)


def _area(window: Window) -> int:
    top, left, bottom, right = window
    return (bottom - top) * (right - left)
