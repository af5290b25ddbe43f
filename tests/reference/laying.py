"""Keys' cubic convolution along columns, one output pixel at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

A = -0.75


def kernel(distance: float) -> float:
    """Keys' equation 4 with its free parameter `A`."""
    s = abs(distance)
    if s < 1:
        return (A + 2) * s**3 - (A + 3) * s**2 + 1
    return A * s**3 - 5 * A * s**2 + 8 * A * s - 4 * A if s < 2 else 0.0


def lay(pattern: Array, height: int) -> Array:
    """Stretch or shrink a pattern's columns; beyond its edges it continues as it is there."""
    rows, last = len(pattern), len(pattern) - 1
    out = np.zeros((height, pattern.shape[1]))
    for y in range(height):
        place = (y + 0.5) * rows / height - 0.5
        for row in range(math.floor(place) - 1, math.floor(place) + 3):
            out[y] += kernel(place - row) * pattern[min(max(row, 0), last)].astype(float)
    return out


def add_steps(pixels: Array, steps: Array) -> Array:
    """Add the same step to all colours of a pixel; halves are rounded up."""
    moved = pixels.astype(int) + np.floor(steps.astype(np.float32) + np.float32(0.5))[:, None]
    return np.clip(moved, 0, 255).astype(np.uint8)
