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


@kernel_fast
def decode_paths(
    soft: NDArray[np.float32],
    bits: NDArray[np.uint8],
    schedule: NDArray[np.int64],
    costs: NDArray[np.float32],
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
    bits : (2, 2 L N) uint8 array
        Bits of left children and of right children. On return the codewords are the right ones of
        size N.
    schedule : (steps, 4) int64 array
        Rows (step, node size n, log2 n, is a right child) in order.
    costs : (3, 2 L) float32 array
        Row 0, of which the first L are used, are the metrics: zeros, and on return the penalties.
        The other rows are for work.
    owners : (L, levels + 1, 2) int64 array of zeros
        By path and level (log2 of the size): the row of the soft values, and of the left bits.
    parents : (L, levels + 1, 2) int64 array
        For work.

    Returns
    -------
    int
        Paths, at most L.
    """
    # Typed: a literal would compile every callee twice.
    paths = int(np.int64(1))
    for step in range(schedule.shape[0]):
        kind = schedule[step, 0]
        n = schedule[step, 1]
        level = schedule[step, 2]
        side = schedule[step, 3]
        if kind in (LEFT, RIGHT):
            _descend(soft, bits, owners, paths, n, level, kind)
        elif kind == JOIN:
            _join(bits, owners, paths, n, level, side)
        else:
            _node_costs(soft, owners, paths, n, level, costs)
            if kind == REPEAT:
                paths = _fork(costs, owners, parents, paths)
            else:
                for path in range(paths):
                    costs[0, path] = costs[1, 2 * path]
                    costs[2, path] = 0
            _fill(bits, owners, costs, paths, n, level, side)
    return paths


@kernel_part
def _descend(
    soft: NDArray[np.float32],
    bits: NDArray[np.uint8],
    owners: NDArray[np.int64],
    paths: int,
    n: int,
    level: int,
    kind: int,
) -> None:
    """Compute the soft values of a node's left or right child, for each path."""
    half = n // 2
    most = owners.shape[0]
    for path in range(paths):
        first = (most + owners[path, level, 0]) * n
        child = (most + path) * half
        if kind == LEFT:
            for i in range(half):
                a = soft[first + i]
                b = soft[first + half + i]
                least = min(abs(a), abs(b))
                soft[child + i] = least if (a < 0) == (b < 0) else -least
        else:
            known = (most + owners[path, level - 1, 1]) * half
            for i in range(half):
                a = soft[first + i]
                b = soft[first + half + i]
                soft[child + i] = b - a if bits[0, known + i] else b + a
        owners[path, level - 1, 0] = path


@kernel_part
def _join(
    bits: NDArray[np.uint8], owners: NDArray[np.int64], paths: int, n: int, level: int, side: int
) -> None:
    """Combine two children's bits into their parent's, for each path."""
    half = n // 2
    most = owners.shape[0]
    for path in range(paths):
        left = (most + owners[path, level - 1, 1]) * half
        right = (most + path) * half
        parent = (most + path) * n
        for i in range(half):
            bits[side, parent + i] = bits[0, left + i] ^ bits[1, right + i]
            bits[side, parent + half + i] = bits[1, right + i]
        if side == 0:
            owners[path, level, 1] = path


@kernel_part
def _node_costs(
    soft: NDArray[np.float32],
    owners: NDArray[np.int64],
    paths: int,
    n: int,
    level: int,
    costs: NDArray[np.float32],
) -> None:
    """Give in row 1 of `costs` the metrics of deciding a node all 0 and all 1, path by path."""
    for path in range(paths):
        first = (owners.shape[0] + owners[path, level, 0]) * n
        negative = np.float32(0.0)
        positive = np.float32(0.0)
        for i in range(n):
            negative += max(-soft[first + i], np.float32(0.0))
            positive += max(soft[first + i], np.float32(0.0))
        costs[1, 2 * path] = costs[0, path] + negative
        costs[1, 2 * path + 1] = costs[0, path] + positive


@kernel_part
def _fork(
    costs: NDArray[np.float32], owners: NDArray[np.int64], parents: NDArray[np.int64], paths: int
) -> int:
    """Go on with the best decisions of all paths; give them in row 2 of `costs`, and their number.

    Survivors keep the order of their parents, 0 before 1; of equal costs the first survive.
    """
    most = owners.shape[0]
    limit = np.float32(np.inf)
    equals = most
    for choice in range(2 * paths):
        costs[2, choice] = costs[1, choice]
    if 2 * paths > most:
        limit = _ranked_value(costs[2], 2 * paths, most - 1)
        for choice in range(2 * paths):
            equals -= costs[1, choice] < limit
    for path in range(paths):
        for level in range(owners.shape[1]):
            parents[path, level, 0] = owners[path, level, 0]
            parents[path, level, 1] = owners[path, level, 1]
    kept = 0
    for choice in range(2 * paths):
        cost = costs[1, choice]
        if cost > limit or (cost == limit and equals == 0):
            continue
        equals -= cost == limit
        costs[0, kept] = cost
        costs[2, kept] = choice % 2
        for level in range(owners.shape[1]):
            owners[kept, level, 0] = parents[choice // 2, level, 0]
            owners[kept, level, 1] = parents[choice // 2, level, 1]
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
    costs: NDArray[np.float32],
    paths: int,
    n: int,
    level: int,
    side: int,
) -> None:
    """Give every bit of a decided node its path's value."""
    for path in range(paths):
        first = (owners.shape[0] + path) * n
        for i in range(n):
            bits[side, first + i] = costs[2, path] > 0
        if side == 0:
            owners[path, level, 1] = path
