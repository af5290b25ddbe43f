"""Blocks of a plane, as the measure of visibility takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel

#: Blocks that stand side by side where `take_blocks` puts them.
LANES = 64
#: Side of such a block.
SIDE = 8

# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


@kernel
def take_blocks(
    plane: NDArray[np.float32],
    width: int,
    tops: NDArray[np.int64],
    lefts: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    """Take 8x8 blocks out of a plane.

    Parameters
    ----------
    plane : (H * width,) float32 array
        Of any samples.
    width : int
        Samples in a row.
    tops, lefts : (n,) int64 array
        The blocks' first samples.
    out : (N, 64, 64) float32 array, flat
        Filled: 64 blocks side by side, sample after sample.
    """
    for block in range(tops.shape[0]):
        to = (block // LANES * SIDE * SIDE * LANES + block % LANES) & _INDEX
        for row in range(SIDE):
            at = ((tops[block] + row) * width + lefts[block]) & _INDEX
            for x in range(SIDE):
                out[to + LANES * x] = plane[at + x]
            to += LANES * SIDE
