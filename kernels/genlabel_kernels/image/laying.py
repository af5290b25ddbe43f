"""Laying a pattern over a picture of another size, and adding it to it.

References
----------
R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29, 1981;
with the parameter -3/4 of common resamplers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel

_A = np.float32(-0.75)
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


@kernel
def lay_rows(
    pattern: NDArray[np.float32],
    width: int,
    height: int,
    rows: NDArray[np.int64],
    strength: float,
    out: NDArray[np.float32],
) -> None:
    """Interpolate some of a picture's rows from a pattern, and add them up.

    Pixel centres of the picture are laid on those of the pattern.

    Parameters
    ----------
    pattern : (h * width,) float32 array
        As wide as the picture. Beyond its first and last row it continues as it is.
    width, height : int
        The picture's.
    rows : (n,) int64 array
        Which of its rows.
    strength : float
        Of the pattern.
    out : (n * width,) float32 array
        Added to.
    """
    count = pattern.shape[0] // width
    last, one, two, three = count - 1, np.float32(1.0), np.float32(2.0), np.float32(3.0)
    s = np.float32(strength)
    for r in range(rows.shape[0]):
        place = (rows[r] + 0.5) * count / height - 0.5
        row = np.int64(np.floor(place))
        t = np.float32(place - row)
        u = one - t
        a, d = s * _A * t * u * u, s * _A * u * t * t
        b = s * ((_A + two) * t * t * t - (_A + three) * t * t + one)
        c = s * ((_A + two) * u * u * u - (_A + three) * u * u + one)
        # It is -1 at the least, and the last one at the most.
        i, j = (row - 1 if row > 0 else 0) * width, (row if row > 0 else 0) * width
        k, m = row + 1, row + 2
        k, m = (k if k < last else last) * width, (m if m < last else last) * width
        i, j, k, m = i & _INDEX, j & _INDEX, k & _INDEX, m & _INDEX
        to = (r * width) & _INDEX
        for x in range(width):
            near = b * pattern[j + x] + c * pattern[k + x]
            out[to + x] += a * pattern[i + x] + near + d * pattern[m + x]


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
