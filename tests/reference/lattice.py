"""The deep search's sums, lag by lag and translation by translation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

TILE = 256


def between(grid: Array, y: float, x: float) -> complex:
    """Interpolate a grid that goes on periodically."""
    row, column = math.floor(y), math.floor(x)
    total = 0j
    for down in (0, 1):
        for across in (0, 1):
            weight = (1 - abs(y - row - down)) * (1 - abs(x - column - across))
            place = (row + down) % grid.shape[0], (column + across) % grid.shape[1]
            total += weight * complex(grid[place])
    return total


def score(lags: Array, hypothesis: Array, rows: float, columns: float) -> float:
    """Sum over every second one of the lattice's points, which come in opposite pairs."""
    steps = np.linalg.inv(np.asarray(hypothesis, float).reshape(2, 2)).T
    reach = math.ceil(math.hypot(rows, columns) / min(np.linalg.svd(steps)[1])) + 1
    total = weight = 0.0
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            y, x = steps @ (i, j)
            down, across = 1 - abs(y) / rows, 1 - abs(x) / columns
            if (i, j) > (0, 0) and down > 0.05 and across > 0.05:
                total += between(lags, y, x).real
                weight += down * across
    return total / math.sqrt(weight) if weight > 0.01 else 0.0


def spectrum_values(even: Array, hypothesis: Array, bins: Array) -> Array:
    """Read the whole spectrum, of which `even` is half, between its bins."""
    height, width = even.shape[0], 2 * (even.shape[1] - 1)
    out = []
    for down, across in bins @ np.asarray(hypothesis, float).reshape(2, 2).T:
        v, h = down * height, across * width
        sign = -1 if h < 0 else 1
        inside = int(sign * h) < width // 2 and -height // 2 <= math.floor(sign * v)
        if inside and math.floor(sign * v) < height // 2 - 1:
            # Up to the last column, the half is all that is asked for.
            value = between(even, sign * v, sign * h)
            out.append(value if sign == 1 else value.conjugate())
        else:
            out.append(0j)
    return np.array(out)


def energy(
    values: Array, signs: Array, dealt: Array, bins: Array, translation: tuple[int, int]
) -> float:
    """Sum of squares of the bit sums once the tile was moved back, less its mean."""
    turn = np.exp(2j * np.pi * (bins @ np.array(translation)) / TILE)
    moved = np.asarray(values, complex) * turn
    chips = np.concatenate([moved.real, moved.imag, [0.0]])
    used = dealt < 2 * len(values)
    sums = (np.where(used, signs, 0) * chips[np.where(used, dealt, -1)]).sum(axis=0)
    return float((sums**2).sum() - (np.abs(moved) ** 2).sum())
