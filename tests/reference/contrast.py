"""Local contrast, one cell at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]


def local_contrast(plane: Array) -> Array:
    rows, columns = plane.shape[0] // 2, plane.shape[1] // 2

    def cell(y: int, x: int) -> Array:
        # Mirrored about the outermost cells.
        y, x = (abs(y) if y < rows else rows - 2), (abs(x) if x < columns else columns - 2)
        return plane[2 * y : 2 * y + 2, 2 * x : 2 * x + 2]

    out = np.empty((rows, columns))
    for y, x in np.ndindex(rows, columns):
        near = [cell(y + down, x + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
        out[y, x] = np.std(np.stack(near).astype(np.float64))
    return out
