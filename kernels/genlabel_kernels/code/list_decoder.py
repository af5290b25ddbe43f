"""The kernels of polar list decoding; `polar` is their front.

References
----------
I. Tal, A. Vardy, "List decoding of polar codes", IEEE Trans. Inf. Theory 61(5), 2015.
A. Balatsoukas-Stimming, M. Bastani Parizi, A. Burg, "LLR-based successive cancellation list
decoding of polar codes", IEEE Trans. Signal Process. 63(19), 2015.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast, kernel_part

#: Steps of a decoding schedule: compute the soft values of a left or right child, join two
#: children's bits, decide a node that is all frozen, or frozen but for its last bit.
LEFT, RIGHT, JOIN, ZEROS, REPEAT = range(5)

# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


@kernel_fast
def decode_paths(
    soft: NDArray[np.float32],
    bits: NDArray[np.uint8],
    schedule: NDArray[np.int64],
    costs: NDArray[np.float32],
    forks: NDArray[np.float32],
    choices: NDArray[np.float32],
    owners: NDArray[np.int64],
    parents: NDArray[np.int64],
) -> int:
    """Run a decoding schedule, and return how many paths come out of it.

    Nodes of one size n share their arrays: row r of L lies at [(L + r) n, (L + r + 1) n). All paths
    rewrite a node at the same moment, each in its own row, so that a fork copies no array: it only
    notes in whose row the values lie.

    Parameters
    ----------
    soft : (2 L N,) float32 array
        Soft values; the received ones stand in row 0 of size N.
    bits : (4 L N,) uint8 array
        Bits of left children, then of right children. On return the codewords are the right ones
        of size N.
    schedule : (4 steps,) int64 array
        Step, node size n, log2 n, is a right child; one step after the other.
    costs : (L,) float32 array
        The metrics: zeros, and on return the penalties.
    forks, choices : (2 L,) float32 array
        For work.
    owners : (2 L (levels + 1),) int64 array of zeros
        By path and level (log2 of the size): the row of the soft values, and of the left bits.
    parents : (2 L (levels + 1),) int64 array
        For work.

    Returns
    -------
    int
        Paths, at most L.
    """
    # Of one type throughout, which a literal is not.
    most = costs.shape[0]
    paths: int = most // most
    for step in range(0, schedule.shape[0], 4):
        kind = schedule[step]
        n = schedule[step + 1]
        level = schedule[step + 2]
        side = schedule[step + 3]
        if kind <= RIGHT:
            _descend(soft, bits, owners, most, paths, n, level, kind)
        elif kind == JOIN:
            _join(bits, owners, most, paths, n, level, side)
        else:
            _node_costs(soft, owners, most, paths, n, level, costs, forks)
            if kind == REPEAT:
                paths = _fork(costs, forks, choices, owners, parents, paths)
            else:
                for path in range(paths):
                    costs[path] = forks[2 * path]
                    choices[path] = np.float32(0.0)
            _fill(bits, owners, choices, most, paths, n, level, side)
    return paths


@kernel_part
def _descend(
    soft: NDArray[np.float32],
    bits: NDArray[np.uint8],
    owners: NDArray[np.int64],
    most: int,
    paths: int,
    n: int,
    level: int,
    kind: int,
) -> None:
    """Compute the soft values of a node's left or right child, for each path."""
    half = n // 2
    wide = owners.shape[0] // most
    for path in range(paths):
        own = path * wide + 2 * level
        first = ((most + owners[own]) * n) & _INDEX
        child = ((most + path) * half) & _INDEX
        if kind == LEFT:
            for i in range(half):
                a, b = soft[first + i], soft[first + half + i]
                size, other = a if a > 0 else -a, b if b > 0 else -b
                least = size if size < other else other
                soft[child + i] = least if (a < 0) == (b < 0) else -least
        else:
            known = ((most + owners[own - 1]) * half) & _INDEX
            for i in range(half):
                a, b = soft[first + i], soft[first + half + i]
                soft[child + i] = b - a if bits[known + i] else b + a
        owners[own - 2] = path


@kernel_part
def _join(
    bits: NDArray[np.uint8],
    owners: NDArray[np.int64],
    most: int,
    paths: int,
    n: int,
    level: int,
    side: int,
) -> None:
    """Combine two children's bits into their parent's, for each path."""
    half = n // 2
    wide, rights = owners.shape[0] // most, bits.shape[0] // 2
    for path in range(paths):
        own = path * wide + 2 * level
        left = ((most + owners[own - 1]) * half) & _INDEX
        right = (rights + (most + path) * half) & _INDEX
        parent = (side * rights + (most + path) * n) & _INDEX
        for i in range(half):
            bits[parent + i] = bits[left + i] ^ bits[right + i]
            bits[parent + half + i] = bits[right + i]
        if side == 0:
            owners[own + 1] = path


@kernel_part
def _node_costs(
    soft: NDArray[np.float32],
    owners: NDArray[np.int64],
    most: int,
    paths: int,
    n: int,
    level: int,
    costs: NDArray[np.float32],
    forks: NDArray[np.float32],
) -> None:
    """Give the metrics of deciding a node all 0 and all 1, path by path."""
    wide = owners.shape[0] // most
    for path in range(paths):
        first = ((most + owners[path * wide + 2 * level]) * n) & _INDEX
        negative, positive = np.float32(0.0), np.float32(0.0)
        for i in range(n):
            value = soft[first + i]
            negative -= value if value < 0 else np.float32(0.0)
            positive += value if value > 0 else np.float32(0.0)
        forks[2 * path] = costs[path] + negative
        forks[2 * path + 1] = costs[path] + positive


@kernel_part
def _fork(
    costs: NDArray[np.float32],
    forks: NDArray[np.float32],
    choices: NDArray[np.float32],
    owners: NDArray[np.int64],
    parents: NDArray[np.int64],
    paths: int,
) -> int:
    """Go on with the best decisions of all paths; give them in `choices`, and their number.

    Survivors keep the order of their parents, 0 before 1; of equal costs the first survive.
    """
    most = costs.shape[0]
    wide = owners.shape[0] // most
    limit = np.float32(np.inf)
    equals = most
    if 2 * paths > most:
        for choice in range(2 * paths):
            choices[choice] = forks[choice]
        limit = _ranked_value(choices, 2 * paths, most - 1)
        for choice in range(2 * paths):
            equals -= forks[choice] < limit
    for place in range(paths * wide):
        parents[place] = owners[place]
    kept = 0
    for choice in range(2 * paths):
        cost = forks[choice]
        if cost > limit or (cost == limit and equals == 0):
            continue
        equals -= cost == limit
        costs[kept] = cost
        choices[kept] = choice & 1
        own, parent = (kept * wide) & _INDEX, ((choice >> 1) * wide) & _INDEX
        for place in range(wide):
            owners[own + place] = parents[parent + place]
        kept += 1
    return kept


@kernel_part
def _ranked_value(values: NDArray[np.float32], count: int, rank: int) -> np.float32:
    """Find the value of a rank (0 the smallest) among the first `count`, reordering them.

    C. A. R. Hoare, "Algorithm 65: FIND", Commun. ACM 4(7), 1961.
    """
    low = 0
    high = count - 1
    while low < high:
        pivot = values[rank]
        left = low
        right = high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                held = values[left]
                values[left] = values[right]
                values[right] = held
                left += 1
                right -= 1
        if right < rank:
            low = left
        if rank < left:
            high = right
    return np.float32(values[rank])


@kernel_part
def _fill(
    bits: NDArray[np.uint8],
    owners: NDArray[np.int64],
    choices: NDArray[np.float32],
    most: int,
    paths: int,
    n: int,
    level: int,
    side: int,
) -> None:
    """Give every bit of a decided node its path's value."""
    for path in range(paths):
        first = (side * (bits.shape[0] // 2) + (most + path) * n) & _INDEX
        value = choices[path] > 0
        for i in range(n):
            bits[first + i] = value
        if side == 0:
            owners[path * (owners.shape[0] // most) + 2 * level + 1] = path
