"""Area averages along columns, one output pixel at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]


def shrink_rows(rows: Array, first: float, step: float, out: Array) -> None:
    for r in range(len(out)):
        begin, end = first + r * step, first + (r + 1) * step
        # How much of each row lies in the output row's area.
        covered = [max(0.0, min(end, y + 1) - max(begin, y)) for y in range(len(rows))]
        for x in range(out.shape[1]):
            values = [float(row[x]) for row in rows]
            out[r, x] = np.dot(covered, values) / sum(covered)
