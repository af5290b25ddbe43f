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
from genlabel_kernels.jit import kernel_fast, kernel_part

#: Phases that are told apart, an eighth of a frame from each other.
PHASES = HOPS * FRAMES
#: The path's entry where there is no mark.
UNMARKED = -1
# Rows by which a superframe may begin later, and the widths of the windows, those included, of
# small changes and of cuts: a tenth and half of a second. Powers of two, for the doubling.
_BACK, _NEAR, _FAR = 8, 32, 256


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
    ratios: NDArray[np.float32],
    costs: NDArray[np.float32],
    sums: NDArray[np.float32],
    path: NDArray[np.int64],
) -> None:
    """Find the likeliest phase of every block, or that it has no mark.

    What is cut out of a sound is seldom long: superframes begin earlier by as much.

    Parameters
    ----------
    ratios : (b, 864) float32 array
        Log likelihood ratio of every phase against no mark.
    costs : (4,) float32 array
        Ascending, of a change of phase: by one row, by few, by up to half a second that was cut,
        and of any other change, from or to no mark as well.
    sums : (b, 865) float32 array
        For work: the best sum that ends in every state, the last being no mark.
    path : (b,) int64 array
        Filled with phases, or -1 where there is no mark.
    """
    wide = np.empty((2, PHASES + _FAR), np.float32)
    for phase in range(PHASES):
        sums[0, phase] = ratios[0, phase] - costs[3]
    sums[0, PHASES] = 0.0
    for block in range(1, sums.shape[0]):
        before, after = sums[block - 1], sums[block]
        best = before[PHASES]
        for phase in range(PHASES):
            best = max(best, before[phase])
        _drifted(before, best - costs[3], costs, wide, after)
        for phase in range(PHASES):
            after[phase] += ratios[block, phase]
        after[PHASES] = max(before[PHASES], best - costs[3])
    state = 0
    for other in range(1, PHASES + 1):
        if sums[-1, other] > sums[-1, state]:
            state = other
    for block in range(sums.shape[0] - 1, -1, -1):
        path[block] = state if state < PHASES else UNMARKED
        if block > 0:
            state = _origin(sums[block - 1], state, costs)


@kernel_part
def _drifted(
    before: NDArray[np.float32],
    least: np.float32,
    costs: NDArray[np.float32],
    wide: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Give every phase the best sum from which it is reached, less the cost; wrapped around."""
    size = PHASES + _FAR
    held, spare = wide[0], wide[1]
    for i in range(size):
        held[i] = before[(i + PHASES - _BACK) % PHASES]
    for phase in range(PHASES):
        beside = max(held[phase + _BACK - 1], held[phase + _BACK + 1])
        out[phase] = max(max(before[phase], beside - costs[0]), least)
    # Maxima of windows that double in width, until they are as wide as a cut.
    width = 1
    while width < _FAR // 2:
        for i in range(size - width):
            spare[i] = max(held[i], held[i + width])
        for i in range(size - width, size):
            spare[i] = held[i]
        held, spare = spare, held
        width *= 2
        if width == _NEAR:
            for phase in range(PHASES):
                out[phase] = max(out[phase], held[phase] - costs[1])
    for phase in range(PHASES):
        out[phase] = max(out[phase], max(held[phase], held[phase + width]) - costs[2])


@kernel_part
def _origin(before: NDArray[np.float32], state: int, costs: NDArray[np.float32]) -> int:
    """Find the state from which `state` was reached best."""
    best = PHASES
    for other in range(PHASES):
        if before[other] > before[best]:
            best = other
    if state == PHASES:
        return PHASES if before[PHASES] >= before[best] - costs[3] else best
    origin = state
    value = before[state]
    for i in range(_FAR):
        other = (state + i + PHASES - _BACK) % PHASES
        cost = costs[2]
        if i < _NEAR:
            cost = costs[0] if abs(i - _BACK) == 1 else costs[1]
        if before[other] - cost > value:
            origin, value = other, before[other] - cost
    return best if before[best] - costs[3] > value else origin


@kernel_fast
def best_stretches(
    ratios: NDArray[np.float32], sums: NDArray[np.float32], stretches: NDArray[np.int64]
) -> None:
    """Find for every phase the stretch of blocks that speaks most for a mark at that phase.

    Parameters
    ----------
    ratios : (b, 864) float32 array
        Log likelihood ratio of every phase against no mark.
    sums : (2, 864) float32 array
        Filled: the ratios' sum over the best stretch, 0 where none speaks for a mark; and for work.
    stretches : (3, 864) int64 array
        Filled: the stretch's first block, the one behind its last; and for work.
    """
    sums[:] = 0
    stretches[:] = 0
    for block in range(ratios.shape[0]):
        for phase in range(PHASES):
            if sums[1, phase] <= 0:
                sums[1, phase] = 0
                stretches[2, phase] = block
            sums[1, phase] += ratios[block, phase]
            if sums[1, phase] > sums[0, phase]:
                sums[0, phase] = sums[1, phase]
                stretches[0, phase] = stretches[2, phase]
                stretches[1, phase] = block + 1


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
