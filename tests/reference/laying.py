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


def lay_rows(pattern: Array, first: float, step: float, out: Array) -> None:
    last = len(pattern) - 1
    for r in range(len(out)):
        place = first + r * step
        near = range(math.floor(place) - 1, math.floor(place) + 3)
        for x in range(out.shape[1]):
            # Beyond its edges the pattern continues as it is there.
            out[r, x] = sum(
                kernel(place - row) * float(pattern[min(max(row, 0), last), x]) for row in near
            )
