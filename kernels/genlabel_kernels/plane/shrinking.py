"""Averaging a picture down: every output pixel is the mean of the area it covers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel, kernel_part

#: ITU-R BT.601, the one JPEG and WebP code with.
LUMA = (0.299, 0.587, 0.114)

# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


@kernel
def shrink_rows(rows: NDArray[Any], first: float, step: float, out: NDArray[np.float32]) -> None:
    """Average rows down to fewer ones.

    Along columns, shrink the transpose.

    Parameters
    ----------
    rows : (H, N) array of any numbers
        Of anything: pixels, or pixels times channels.
    first : float
        Where the first output row's area begins, in rows.
    step : float
        Rows that one output row covers, at least 1.
    out : (h, N) float32 array
        Filled with weighted means; ``first + h * step`` is H at most, but for rounding.
    """
    last = rows.shape[0] - 1
    for r in range(out.shape[0]):
        begin, end = first + r * step, first + (r + 1) * step
        top, bottom = np.int64(begin), np.int64(np.ceil(end)) - 1
        bottom = bottom if bottom < last else np.int64(last)
        total = (end if end < last + 1.0 else last + 1.0) - begin
        for y in range(top, bottom + 1):
            covered = (end if end < y + 1.0 else y + 1.0) - (begin if begin > y else y)
            weight = np.float32(covered / total)
            if y == top:
                for x in range(out.shape[1]):
                    out[r, x] = weight * np.float32(rows[y, x])
            else:
                for x in range(out.shape[1]):
                    out[r, x] += weight * np.float32(rows[y, x])


@kernel
def shrink_luma(
    pixels: NDArray[np.uint8],
    width: int,
    first: float,
    step: float,
    row: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Average the luma of rows of RGB pixels down to fewer rows.

    As `shrink_rows` of their luma, without a plane of it in memory: most large pictures are read
    once, here.

    Parameters
    ----------
    pixels : (H * width * 3,) uint8 array
        Red, green, blue.
    width : int
        Pixels in a row.
    first, step : float
        As `shrink_rows` takes them.
    row : (width,) float32 array
        To work in.
    out : (h * width,) float32 array
        Filled with ITU-R BT.601 luma.
    """
    last = pixels.shape[0] // (3 * width) - 1
    ready = -1
    for r in range(out.shape[0] // width):
        begin, end = first + r * step, first + (r + 1) * step
        top, bottom = np.int64(begin), np.int64(np.ceil(end)) - 1
        bottom = bottom if bottom < last else np.int64(last)
        total = (end if end < last + 1.0 else last + 1.0) - begin
        to = (r * width) & _INDEX
        for y in range(top, bottom + 1):
            # Two output rows may share one.
            if y != ready:
                _luma_row(pixels, 3 * y * width, row)
                ready = y
            covered = (end if end < y + 1.0 else y + 1.0) - (begin if begin > y else y)
            weight = np.float32(covered / total)
            if y == top:
                for x in range(width):
                    out[to + x] = weight * row[x]
            else:
                for x in range(width):
                    out[to + x] += weight * row[x]


@kernel_part
def _luma_row(pixels: NDArray[np.uint8], first: int, row: NDArray[np.float32]) -> None:
    first &= _INDEX
    red, green, blue = np.float32(LUMA[0]), np.float32(LUMA[1]), np.float32(LUMA[2])
    for x in range(row.shape[0]):
        at = first + 3 * x
        one, two = red * np.float32(pixels[at]), green * np.float32(pixels[at + 1])
        row[x] = one + two + blue * np.float32(pixels[at + 2])
