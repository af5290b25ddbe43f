"""Where superframes begin, and all of them laid on top of each other.

The detector's map is cut into *blocks* of `BLOCK` rows. A *phase* is the row of the map, modulo the
superframe's length, at which superframes begin; a *path* gives every block its phase.

References
----------
A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding
algorithm", IEEE Trans. Inf. Theory 13(2), 1967.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, FRAMES
from genlabel_kernels.audio.residual import HOPS
from genlabel_kernels.jit import kernel_fast

#: Phases that are told apart, an eighth of a frame from each other.
PHASES = HOPS * FRAMES
#: The path's entry where there is no mark.
UNMARKED = -1


@kernel_fast
def gather_phases(
    products: NDArray[np.float32], first: int, block: int, out: NDArray[np.float32]
) -> None:
    """Sum rows' agreement with a superframe's frames by block and phase.

    Parameters
    ----------
    products : (n, 108) float32 array
        Rows of the map times the frames of a superframe.
    first : int
        Index of the first row.
    block : int
        Rows of a block.
    out : (b, 864) float32 array
        Added to.
    """
    for row in range(products.shape[0]):
        place = first + row
        sums = out[place // block]
        phase = place % PHASES
        for frame in range(FRAMES):
            sums[phase] += products[row, frame]
            phase -= HOPS
            if phase < 0:
                phase += PHASES


@kernel_fast
def best_path(
    scores: NDArray[np.float32],
    costs: NDArray[np.float32],
    origins: NDArray[np.int16],
    path: NDArray[np.int64],
) -> None:
    """Find the likeliest phase of every block, or that it has no mark.

    Parameters
    ----------
    scores : (b, 864) float32 array
        Log likelihood ratio of every phase against no mark.
    costs : (2,) float32 array
        Of a jump to any phase or state, and of a drift by one row.
    origins : (b, 865) int16 array
        For work.
    path : (b,) int64 array
        Filled with phases, or -1 where there is no mark.
    """
    jump, drift = costs[0], costs[1]
    before = np.zeros(PHASES + 1, np.float32)
    after = np.zeros(PHASES + 1, np.float32)
    for state in range(PHASES):
        before[state] = scores[0, state] - jump
        origins[0, state] = state
    origins[0, PHASES] = PHASES
    for block in range(1, scores.shape[0]):
        best = PHASES
        for state in range(PHASES):
            if before[state] > before[best]:
                best = state
        from_best = before[best] - jump
        for state in range(PHASES):
            value, origin = before[state], state
            below = state - 1 if state > 0 else PHASES - 1
            above = state + 1 if state < PHASES - 1 else 0
            if before[below] - drift > value:
                value, origin = before[below] - drift, below
            if before[above] - drift > value:
                value, origin = before[above] - drift, above
            if from_best > value:
                value, origin = from_best, best
            after[state] = value + scores[block, state]
            origins[block, state] = origin
        stays = before[PHASES] >= from_best
        after[PHASES] = before[PHASES] if stays else from_best
        origins[block, PHASES] = PHASES if stays else best
        for state in range(PHASES + 1):
            before[state] = after[state]
    state = PHASES
    for other in range(PHASES):
        if before[other] > before[state]:
            state = other
    for block in range(scores.shape[0] - 1, -1, -1):
        path[block] = state if state < PHASES else -1
        state = int(origins[block, state])


@kernel_fast
def fold_along(
    values: NDArray[np.float32],
    path: NDArray[np.int64],
    block: int,
    out: NDArray[np.float32],
) -> None:
    """Sum the frames of all superframes along a path.

    Parameters
    ----------
    values : (n, 41) float32 array
        The map's statistic.
    path : (b,) int64 array
        Phase of every block, or -1 for none.
    block : int
        Rows of a block.
    out : (108, 41) float32 array
        Added to.
    """
    rows = values.shape[0]
    for index in range(path.shape[0]):
        phase = path[index]
        if phase < 0:
            continue
        start = index * block
        stop = min(start + block, rows)
        row = start + (phase - start) % HOPS
        while row < stop:
            frame = ((row - phase) // HOPS) % FRAMES
            for band in range(BANDS):
                out[frame, band] += values[row, band]
            row += HOPS


@kernel_fast
def agreement_along(
    values: NDArray[np.float32],
    path: NDArray[np.int64],
    block: int,
    signs: NDArray[np.float32],
    out: NDArray[np.float64],
) -> None:
    """Correlate every block along a path with a superframe's signs.

    Parameters
    ----------
    values : (n, 41) float32 array
        The map's statistic.
    path : (b,) int64 array
        Phase of every block, or -1 for none.
    block : int
        Rows of a block.
    signs : (108, 41) float32 array
        What is expected.
    out : (b, 2) float64 array
        Filled with the sum of products and the sum of squares.
    """
    rows = values.shape[0]
    for index in range(path.shape[0]):
        out[index, 0] = 0.0
        out[index, 1] = 0.0
        phase = path[index]
        if phase < 0:
            continue
        start = index * block
        stop = min(start + block, rows)
        row = start + (phase - start) % HOPS
        while row < stop:
            frame = ((row - phase) // HOPS) % FRAMES
            for band in range(BANDS):
                out[index, 0] += values[row, band] * signs[frame, band]
                out[index, 1] += values[row, band] * values[row, band]
            row += HOPS
