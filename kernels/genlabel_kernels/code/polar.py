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
MAX_LIST = 64

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
    words = np.zeros((list_size, mask.size), np.uint8)
    metrics = np.zeros(list_size, np.float32)
    found = decode_paths(soft, _schedule(mask.tobytes()), words, metrics)
    words, metrics = words[:found], metrics[:found]
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
def _schedule(mask: bytes) -> NDArray[np.int32]:
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
    return np.array(steps, np.int32)


@kernel_fast
def decode_paths(
    llr: NDArray[np.float32],
    schedule: NDArray[np.int32],
    words: NDArray[np.uint8],
    metrics: NDArray[np.float32],
) -> int:
    """Run a schedule; fill `words` (L, N) and `metrics` (L,), and return how many are filled.

    A node of size n keeps its arrays at [n, 2n). All paths rewrite a node at the same moment, each
    in its own row, so that a fork copies no array: it only notes in whose row the values lie.
    """
    most, size = words.shape
    soft = np.empty((most, 2 * size), np.float32)
    soft[0, size:] = llr
    # Bits of left children, and of right children.
    bits = np.empty((2, most, 2 * size), np.uint8)
    # By path, soft values or left bits, and level (log2 of the node's size).
    owners = np.zeros((most, 2, 16), np.int32)
    spare = np.zeros((most, 2, 16), np.int32)
    costs = np.empty((most, 2), np.float32)
    metrics[:] = 0.0
    paths = 1
    for step in range(schedule.shape[0]):
        kind, n, level, side = schedule[step]
        if kind == _LEFT or kind == _RIGHT:
            _descend(soft, bits[0], owners[:paths], n, level, kind == _RIGHT)
        elif kind == _JOIN:
            _join(bits, owners[:paths], n, level, side)
        else:
            _node_costs(soft, owners[:paths], n, level, costs)
            if kind == _REPEAT:
                paths = _fork(costs, metrics, paths, owners, spare, bits[side, :, n : 2 * n])
            else:
                for path in range(paths):
                    metrics[path] += costs[path, 0]
                    bits[side, path, n : 2 * n] = 0
            if side == 0:
                for path in range(paths):
                    owners[path, 1, level] = path
    words[:paths] = bits[1, :paths, size:]
    return paths


@kernel_fast
def _descend(
    soft: NDArray[np.float32],
    left_bits: NDArray[np.uint8],
    owners: NDArray[np.int32],
    n: int,
    level: int,
    right: bool,
) -> None:
    """Compute the soft values of a node's left or right child, for each path."""
    half = n // 2
    for path in range(owners.shape[0]):
        first = soft[owners[path, 0, level], n : n + half]
        second = soft[owners[path, 0, level], n + half : 2 * n]
        child = soft[path, half:n]
        if right:
            known = left_bits[owners[path, 1, level - 1], half:n]
            for i in range(half):
                child[i] = second[i] - first[i] if known[i] else second[i] + first[i]
        else:
            for i in range(half):
                least = min(abs(first[i]), abs(second[i]))
                child[i] = least if (first[i] < 0) == (second[i] < 0) else -least
        owners[path, 0, level - 1] = path


@kernel_fast
def _join(
    bits: NDArray[np.uint8], owners: NDArray[np.int32], n: int, level: int, side: int
) -> None:
    """Combine two children's bits into their parent's, for each path."""
    half = n // 2
    for path in range(owners.shape[0]):
        left = bits[0, owners[path, 1, level - 1], half:n]
        right = bits[1, path, half:n]
        parent = bits[side, path, n : 2 * n]
        for i in range(half):
            parent[i] = left[i] ^ right[i]
            parent[half + i] = right[i]
        if side == 0:
            owners[path, 1, level] = path


@kernel_fast
def _node_costs(
    soft: NDArray[np.float32],
    owners: NDArray[np.int32],
    n: int,
    level: int,
    costs: NDArray[np.float32],
) -> None:
    """Give the penalties of deciding a node all 0 and all 1, for each path."""
    for path in range(owners.shape[0]):
        values = soft[owners[path, 0, level], n : 2 * n]
        against = np.float32(0.0)
        total = np.float32(0.0)
        for i in range(n):
            against += max(-values[i], np.float32(0.0))
            total += max(values[i], np.float32(0.0))
        costs[path, 0] = against
        costs[path, 1] = total


@kernel_fast
def _fork(
    costs: NDArray[np.float32],
    metrics: NDArray[np.float32],
    paths: int,
    owners: NDArray[np.int32],
    spare: NDArray[np.int32],
    node_bits: NDArray[np.uint8],
) -> int:
    """Try both values of a node on every path, keep the best, and return how many there are."""
    for path in range(paths):
        costs[path, 0] += metrics[path]
        costs[path, 1] += metrics[path]
    spare[:paths] = owners[:paths]
    kept = min(2 * paths, metrics.shape[0])
    for rank in range(kept):
        parent = 0
        value = 0
        best = np.float32(np.inf)
        for path in range(paths):
            for bit in range(2):
                if costs[path, bit] < best:
                    best = costs[path, bit]
                    parent = path
                    value = bit
        costs[parent, value] = np.inf
        metrics[rank] = best
        owners[rank] = spare[parent]
        node_bits[rank] = value
    return kept
