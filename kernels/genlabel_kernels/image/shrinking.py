"""Averaging a picture down: every output pixel is the mean of the area it covers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel


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
        top, bottom = int(begin), min(int(np.ceil(end)) - 1, last)
        total = min(end, last + 1.0) - begin
        for y in range(top, bottom + 1):
            covered = min(end, y + 1.0) - max(begin, float(y))
            weight = np.float32(covered / total)
            if y == top:
                for x in range(out.shape[1]):
                    out[r, x] = weight * np.float32(rows[y, x])
            else:
                for x in range(out.shape[1]):
                    out[r, x] += weight * np.float32(rows[y, x])
