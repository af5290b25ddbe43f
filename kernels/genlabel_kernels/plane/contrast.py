"""Local contrast of a picture, at half its resolution: what its mark follows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel, kernel_part

#: Cells of 2x2 pixels over whose squares of this side contrast is taken.
WINDOW = 3

# Samples of a window.
_COUNT = np.float32(4 * WINDOW * WINDOW)
_GREY = np.float32(128.0)
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


def local_contrast(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the standard deviation of a plane about each of its 2x2 cells.

    Parameters
    ----------
    plane : (H, W) float32 array
        Grey levels, 0..255; at least 4x4. An odd last row or column is not looked at.

    Returns
    -------
    (H // 2, W // 2) float32 array
        Over 3x3 cells; beyond its edges the plane is mirrored about the outermost cells.
    """
    rows, columns = plane.shape[0] // 2, plane.shape[1] // 2
    out = np.empty((rows, columns), np.float32)
    sums, squares = np.empty((2, WINDOW * (columns + 2)), np.float32)
    contrasts(np.ascontiguousarray(plane).ravel(), plane.shape[1], sums, squares, out.ravel())
    return out


@kernel
def contrasts(
    plane: NDArray[np.float32],
    width: int,
    sums: NDArray[np.float32],
    squares: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Fill `out` row by row; see `local_contrast`.

    Parameters
    ----------
    plane : (H * width,) float32 array
        Grey levels.
    width : int
        Pixels in a row.
    sums, squares : (3 * (width // 2 + 2),) float32 array
        To work in: three rows of cells, with one more on either side.
    out : (h * (width // 2),) float32 array
        Filled.
    """
    columns = width // 2
    rows = out.shape[0] // columns
    row = columns + 2
    for y in range(rows + 1):
        if y < rows:
            _fill_cells(plane, 2 * y * width, width, sums, squares, y % 3 * row)
        if y == 0:
            continue
        # Mirrored: the row above the first one is that below it, and so on.
        above, here, below = abs(y - 2), y - 1, y if y < rows else y - 2
        i, j, k = above % 3 * row & _INDEX, here % 3 * row & _INDEX, below % 3 * row & _INDEX
        to = (here * columns) & _INDEX
        for x in range(columns):
            total, square = np.float32(0.0), np.float32(0.0)
            for step in range(3):
                at = x + step
                total += sums[i + at] + sums[j + at] + sums[k + at]
                square += squares[i + at] + squares[j + at] + squares[k + at]
            mean = total / _COUNT
            variance = square / _COUNT - mean * mean
            out[to + x] = np.sqrt(variance) if variance > np.float32(0.0) else np.float32(0.0)


@kernel_part
def _fill_cells(
    plane: NDArray[np.float32],
    first: int,
    width: int,
    sums: NDArray[np.float32],
    squares: NDArray[np.float32],
    to: int,
) -> None:
    """Add up two rows in cells of 2x2, and mirror them at either end."""
    one, two, to = first & _INDEX, (first + width) & _INDEX, to & _INDEX
    columns = width // 2
    for x in range(columns):
        # About a middle grey: the squares of bright places nearly exhaust a float32.
        a, b = plane[one + 2 * x] - _GREY, plane[one + 2 * x + 1] - _GREY
        c, d = plane[two + 2 * x] - _GREY, plane[two + 2 * x + 1] - _GREY
        sums[to + 1 + x] = (a + b) + (c + d)
        squares[to + 1 + x] = (a * a + b * b) + (c * c + d * d)
    last = to + columns
    sums[to], squares[to] = sums[to + 2], squares[to + 2]
    sums[last + 1], squares[last + 1] = sums[last - 1], squares[last - 1]
