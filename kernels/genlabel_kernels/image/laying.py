"""Laying two patterns over a picture of another size, and adding them to it.

References
----------
R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29, 1981;
with the parameter -3/4 of common resamplers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel

#: Blocks that stand side by side where `lay_blocks` puts them.
LANES = 64
#: Side of such a block.
SIDE = 8

_Weights = tuple[np.float32, np.float32, np.float32, np.float32]
_A = np.float32(-0.75)
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


@kernel
def lay_rows(
    one: NDArray[np.float32],
    two: NDArray[np.float32],
    width: int,
    height: int,
    first: int,
    strengths: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Interpolate some of a picture's rows from two patterns, and add these up.

    Parameters
    ----------
    one, two : (h * width,) and (k * width,) float32 array
        The patterns, as wide as the picture. Beyond their first and last rows they continue as
        they are.
    width, height : int
        The picture's.
    first : int
        Its first row that is wanted.
    strengths : (2,) float32 array
        Of the patterns.
    out : (R * width,) float32 array
        Filled.
    """
    s, t = strengths[0], strengths[1]
    for row in range(out.shape[0] // width):
        (a, b, c, d), (i, j, k, m) = _taps(first + row, height, one.shape[0] // width, width)
        (e, f, g, h), (n, o, p, q) = _taps(first + row, height, two.shape[0] // width, width)
        to = (row * width) & _INDEX
        for x in range(width):
            fine = a * one[i + x] + b * one[j + x] + c * one[k + x] + d * one[m + x]
            coarse = e * two[n + x] + f * two[o + x] + g * two[p + x] + h * two[q + x]
            out[to + x] = s * fine + t * coarse


@kernel
def lay_blocks(
    pattern: NDArray[np.float32],
    width: int,
    height: int,
    tops: NDArray[np.int64],
    lefts: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    """Interpolate some of a picture's 8x8 blocks from a pattern.

    Parameters
    ----------
    pattern, width, height
        As `lay_rows` takes them.
    tops, lefts : (n,) int64 array
        The blocks' first pixels.
    out : (N, 64, 64) float32 array, flat
        Filled: 64 blocks side by side, pixel after pixel.
    """
    rows = pattern.shape[0] // width
    for block in range(tops.shape[0]):
        to = (block // LANES * SIDE * SIDE * LANES + block % LANES) & _INDEX
        for row in range(SIDE):
            (a, b, c, d), (i, j, k, m) = _taps(tops[block] + row, height, rows, width)
            for x in range(lefts[block], lefts[block] + SIDE):
                at = x & _INDEX
                out[to] = pattern[j + at]
                if rows != height:
                    middle = b * pattern[j + at] + c * pattern[k + at]
                    out[to] = a * pattern[i + at] + middle + d * pattern[m + at]
                to += LANES


@kernel
def _taps(y: int, height: int, rows: int, width: int) -> tuple[_Weights, tuple[int, int, int, int]]:
    """Weigh the four rows of a pattern that are nearest to a picture's row, and say where they are.

    Pixel centres of the picture are laid on those of the pattern.
    """
    place = (y + 0.5) * rows / height - 0.5
    row = int(np.floor(place))
    t = np.float32(place - row)
    u = np.float32(1.0) - t
    one, two, three = np.float32(1.0), np.float32(2.0), np.float32(3.0)
    before, after = _A * t * u * u, _A * u * t * t
    near = (_A + two) * t * t * t - (_A + three) * t * t + one
    far = (_A + two) * u * u * u - (_A + three) * u * u + one
    last = rows - 1
    i, j = min(max(row - 1, 0), last) * width, min(max(row, 0), last) * width
    k, m = min(max(row + 1, 0), last) * width, min(max(row + 2, 0), last) * width
    places = (i & _INDEX, j & _INDEX, k & _INDEX, m & _INDEX)
    return (before, near, far, after), places


@kernel
def add_steps(
    pixels: NDArray[np.uint8], steps: NDArray[np.float32], out: NDArray[np.uint8]
) -> None:
    """Add a step to all three colours of each pixel, rounded; values stay in 0..255.

    Parameters
    ----------
    pixels : (3 * n,) uint8 array
        Red, green, blue.
    steps : (n,) float32 array
        In grey levels.
    out : (3 * n,) uint8 array
        Filled.
    """
    least, most = np.int32(0), np.int32(255)
    for place in range(steps.shape[0]):
        step = np.int32(np.floor(steps[place] + np.float32(0.5)))
        for colour in range(3):
            value = np.int32(pixels[3 * place + colour]) + step
            value = value if value > least else least
            out[3 * place + colour] = value if value < most else most
