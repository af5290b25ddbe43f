"""Polar codes: encoding, and list decoding of soft bits.

References
----------
E. Arıkan, "Channel polarization", IEEE Trans. Inf. Theory 55(7), 2009.
I. Tal, A. Vardy, "List decoding of polar codes", IEEE Trans. Inf. Theory 61(5), 2015.
A. Balatsoukas-Stimming, M. Bastani Parizi, A. Burg, "LLR-based successive cancellation list
decoding of polar codes", IEEE Trans. Signal Process. 63(19), 2015.
S. A. Hashemi, C. Condo, W. J. Gross, "Fast simplified successive-cancellation list decoding of
polar codes", IEEE WCNC Workshops, 2017.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genlabel_kernels.jit import kernel_fast

MAX_CODE_BITS = 2048
MAX_LIST = 4096

#: Larger values say nothing more, and their sums must stay finite.
_LLR_LIMIT = np.float32(1e30)

# Steps of a decoding schedule; see `_schedule`.
_LEFT, _RIGHT, _JOIN, _ZEROS, _REPEAT = range(5)


def encode_batch(messages: ArrayLike, frozen: ArrayLike) -> NDArray[np.uint8]:
    """Encode many messages.

    Parameters
    ----------
    messages : (M, K) array of 0 and 1
        One message per row.
    frozen : (N,) array of 0 and 1
        1 where the transform's input is fixed to 0; N a power of two with N - K ones.

    Returns
    -------
    (M, N) uint8 array of 0 and 1

    Raises
    ------
    ValueError
        N is no power of two up to 2048, or K does not match `frozen`.
    """
    mask = _checked_mask(frozen)
    rows = np.asarray(messages, np.uint8)
    information = np.flatnonzero(mask == 0)
    if rows.ndim != 2 or rows.shape[1] != information.size:
        raise ValueError(f"messages of shape {rows.shape}, expected (M, {information.size})")
    words = np.zeros((rows.shape[0], mask.size), np.uint8)
    words[:, information] = rows
    _transform(words)
    return words


def encode(message: ArrayLike, frozen: ArrayLike) -> NDArray[np.uint8]:
    """Encode one message.

    Parameters
    ----------
    message : (K,) array of 0 and 1
        Message bits.
    frozen : (N,) array of 0 and 1
        As in `encode_batch`.

    Returns
    -------
    (N,) uint8 array of 0 and 1

    Raises
    ------
    ValueError
        As `encode_batch`.
    """
    return encode_batch(np.asarray(message, np.uint8).reshape(1, -1), frozen)[0]


def list_decode(
    llr: ArrayLike, frozen: ArrayLike, list_size: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Find the likeliest messages by successive cancellation with a list.

    Parameters
    ----------
    llr : (N,) float array
        Log-likelihood ratios in nats, positive for bit 0, at any common scale: the min-sum metric
        only ranks. NaN counts as 0.
    frozen : (N,) array of 0 and 1
        As in `encode_batch`.
    list_size : int
        Paths kept, 1 .. 64.

    Returns
    -------
    candidates : (L, K) uint8 array of 0 and 1
        Messages, likeliest first; fewer than `list_size` where there are no more.
    metrics : (L,) float32 array
        Ascending penalties, in the unit of `llr`.

    Raises
    ------
    ValueError
        As `encode_batch`, or `list_size` is out of range.
    """
    mask = _checked_mask(frozen)
    soft = np.array(llr, np.float32, order="C")
    if soft.shape != mask.shape:
        raise ValueError(f"soft bits of shape {soft.shape}, expected {mask.shape}")
    if not 1 <= list_size <= MAX_LIST:
        raise ValueError(f"a list has 1 to {MAX_LIST} paths, not {list_size}")
    np.nan_to_num(soft, copy=False, nan=0.0, posinf=_LLR_LIMIT, neginf=-_LLR_LIMIT)
    np.clip(soft, -_LLR_LIMIT, _LLR_LIMIT, out=soft)
    size = mask.size
    rows = list_size * size
    work = np.empty(2 * rows, np.float32)
    work[rows : rows + size] = soft
    bits = np.empty((2, 2 * rows), np.uint8)
    costs = np.zeros((3, 2 * list_size), np.float32)
    owners = np.zeros((2, list_size, size.bit_length(), 2), np.int64)
    found = decode_paths(work, bits, _schedule(mask.tobytes()), costs, owners)
    words = bits[1, rows:].reshape(list_size, size)[:found]
    metrics = costs[0, :found]
    order = np.argsort(metrics, kind="stable")
    # The transform is its own inverse: a path is its codeword, no history needs keeping.
    _transform(words)
    return words[order][:, mask == 0], metrics[order]


def _checked_mask(frozen: ArrayLike) -> NDArray[np.uint8]:
    mask = np.ascontiguousarray(frozen, np.uint8)
    size = mask.size
    if mask.ndim != 1 or not 2 <= size <= MAX_CODE_BITS or size & (size - 1):
        raise ValueError(f"a code has a power of two up to {MAX_CODE_BITS} bits, not {mask.shape}")
    if mask.max() > 1 or mask.all():
        raise ValueError("a frozen mask holds 0 and 1, and at least one 0")
    return mask


def _transform(words: NDArray[np.uint8]) -> None:
    """Apply Arıkan's kernel to each row of (M, N), in place and natural order."""
    rows, size = words.shape
    half = 1
    while half < size:
        pairs = words.reshape(rows, size // (2 * half), 2, half)
        pairs[:, :, 0] ^= pairs[:, :, 1]
        half *= 2


@functools.lru_cache(maxsize=64)
def _schedule(mask: bytes) -> NDArray[np.int64]:
    """List the decoder's steps for a frozen mask: rows (step, node size, its log2, right child).

    Subtrees that are all frozen, or frozen but for their last bit, are decided as a whole: on the
    min-sum metric that is what the bits one by one would give.
    """
    steps: list[tuple[int, int, int, int]] = []

    def visit(part: bytes, right: int) -> None:
        size = len(part)
        level = size.bit_length() - 1
        if all(part[:-1]):
            steps.append((_ZEROS if part[-1] else _REPEAT, size, level, right))
            return
        steps.append((_LEFT, size, level, right))
        visit(part[: size // 2], 0)
        steps.append((_RIGHT, size, level, right))
        visit(part[size // 2 :], 1)
        steps.append((_JOIN, size, level, right))

    visit(mask, 1)
    return np.array(steps, np.int64)


@kernel_fast
def decode_paths(
    soft: NDArray[np.float32],
    bits: NDArray[np.uint8],
    schedule: NDArray[np.int64],
    costs: NDArray[np.float32],
    owners: NDArray[np.int64],
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
        From `_schedule`.
    costs : (3, 2 L) float32 array
        Row 0, of which the first L are used, are the metrics: zeros, and on return the penalties.
        The other rows are for work.
    owners : (2, L, levels + 1, 2) int64 array of zeros
        By path and level (log2 of the size): the row of the soft values, and of the left bits. The
        second half is for work.

    Returns
    -------
    int
        Paths, at most L.
    """
    # A typed number: a literal would compile every callee twice.
    paths = np.int64(1)
    for step in range(schedule.shape[0]):
        kind = schedule[step, 0]
        n = schedule[step, 1]
        level = schedule[step, 2]
        side = schedule[step, 3]
        if kind == _LEFT or kind == _RIGHT:
            _descend(soft, bits, owners[0], paths, n, level, kind)
        elif kind == _JOIN:
            _join(bits, owners[0], paths, n, level, side)
        else:
            _node_costs(soft, owners[0], paths, n, level, costs)
            if kind == _REPEAT:
                paths = _fork(costs, owners, paths)
            else:
                for path in range(paths):
                    costs[0, path] = costs[1, 2 * path]
                    costs[2, path] = 0
            _fill(bits, owners[0], costs, paths, n, level, side)
    return paths


@kernel_fast
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
        if kind == _LEFT:
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


@kernel_fast
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


@kernel_fast
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


@kernel_fast
def _fork(costs: NDArray[np.float32], owners: NDArray[np.int64], paths: int) -> int:
    """Go on with the best decisions of all paths; give them in row 2 of `costs`, and their number.

    Survivors keep the order of their parents, 0 before 1; of equal costs the first survive.
    """
    most = owners.shape[1]
    limit = np.float32(np.inf)
    equals = most
    for choice in range(2 * paths):
        costs[2, choice] = costs[1, choice]
    if 2 * paths > most:
        limit = _ranked_value(costs[2], 2 * paths, most - 1)
        for choice in range(2 * paths):
            equals -= costs[1, choice] < limit
    for path in range(paths):
        for level in range(owners.shape[2]):
            owners[1, path, level, 0] = owners[0, path, level, 0]
            owners[1, path, level, 1] = owners[0, path, level, 1]
    kept = 0
    for choice in range(2 * paths):
        cost = costs[1, choice]
        if cost > limit or (cost == limit and equals == 0):
            continue
        equals -= cost == limit
        costs[0, kept] = cost
        costs[2, kept] = choice % 2
        for level in range(owners.shape[2]):
            owners[0, kept, level, 0] = owners[1, choice // 2, level, 0]
            owners[0, kept, level, 1] = owners[1, choice // 2, level, 1]
        kept += 1
    return kept


@kernel_fast
def _ranked_value(values: NDArray[np.float32], count: int, rank: int) -> float:
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
    return values[rank]


@kernel_fast
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
