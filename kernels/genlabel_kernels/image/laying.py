"""Laying a pattern over a picture of another size, row by row.

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


@kernel
def lay_rows(
    pattern: NDArray[np.float32], first: float, step: float, out: NDArray[np.float32]
) -> None:
    """Interpolate rows of a pattern.

    Parameters
    ----------
    pattern : (h, W) float32 array
        Beyond its first and last row it continues as they are.
    first, step : float
        Row of the pattern on which the first row lies, and the distance to the next.
    out : (R, W) float32 array
        Filled.
    """
    last = pattern.shape[0] - 1
    a, one, two, three = _A, np.float32(1.0), np.float32(2.0), np.float32(3.0)
    for r in range(out.shape[0]):
        place = first + r * step
        row = int(np.floor(place))
        t = np.float32(place - row)
        u = one - t
        w0 = a * t * u * u
        w1 = (a + two) * t * t * t - (a + three) * t * t + one
        w2 = (a + two) * u * u * u - (a + three) * u * u + one
        w3 = a * u * t * t
        r0, r1 = min(max(row - 1, 0), last), min(max(row, 0), last)
        r2, r3 = min(max(row + 1, 0), last), min(max(row + 2, 0), last)
        for x in range(out.shape[1]):
            inner = w1 * pattern[r1, x] + w2 * pattern[r2, x]
            out[r, x] = w0 * pattern[r0, x] + inner + w3 * pattern[r3, x]
