"""Adding a pattern to a plane, sample by sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]


def add_steps(plane: Array, steps: Array, low: int, high: int) -> Array:
    """Move every sample by its step, within what is legal; what is not moves inwards only."""
    out = plane.copy()
    for place in np.ndindex(plane.shape):
        old = int(plane[place])
        legal = range(min(old, low), max(old, high) + 1)
        out[place] = max(legal[0], min(legal[-1], old + int(steps[place])))
    return out
