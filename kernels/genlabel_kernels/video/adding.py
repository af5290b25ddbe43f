"""Adding a pattern to a plane of luma, as it lies in a decoder's memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel

# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


@kernel
def add_steps(
    samples: NDArray[Any], stride: int, steps: NDArray[np.int16], width: int, low: int, high: int
) -> None:
    """Add a step to each sample of a plane, in place.

    Parameters
    ----------
    samples : (n,) uint8 or uint16 array
        The plane's memory, from its first sample to its last.
    stride : int
        Samples from the beginning of one row to that of the next.
    steps : (H * width,) int16 array
        What to add.
    width : int
        Samples in a row.
    low, high : int
        Legal values. Samples beyond them stay where they are, at most.
    """
    least, most = np.int32(low), np.int32(high)
    for row in range(steps.shape[0] // width):
        to, at = (row * stride) & _INDEX, (row * width) & _INDEX
        for x in range(width):
            old = np.int32(samples[to + x])
            value = old + np.int32(steps[at + x])
            floor, ceiling = min(old, least), max(old, most)
            value = value if value > floor else floor
            samples[to + x] = value if value < ceiling else ceiling
