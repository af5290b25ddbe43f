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
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genlabel_kernels.code.list_decoder import JOIN, LEFT, REPEAT, RIGHT, ZEROS, decode_paths

MAX_CODE_BITS = 2048
MAX_LIST = 1024

#: Larger values say nothing more, and their sums must stay finite.
_LLR_LIMIT = 1e30


def frozen_mask(code_bits: int, message_bits: int) -> NDArray[np.uint8]:
    """Choose the transform's inputs that carry the message: the reliable ones.

    By polarisation weight, which costs nothing measurable against Gaussian approximation at the
    working point (K = 96, 168, 296 of N = 1024), and depends on no channel and no rounding.

    Parameters
    ----------
    code_bits : int
        N, a power of two, 2 .. 2048.
    message_bits : int
        K, 1 .. N.

    Returns
    -------
    (N,) uint8 array
        1 where the input is fixed to 0, 0 at the K reliable ones.

    Raises
    ------
    ValueError
        N or K is out of range.

    References
    ----------
    G. He et al., "Beta-expansion: a theoretical framework for fast and recursive construction of
    polar codes", IEEE GLOBECOM, 2017; beta = 2**(1/4).
    """
    return _frozen_mask(code_bits, message_bits).copy()


@functools.lru_cache(maxsize=64)
def _frozen_mask(code_bits: int, message_bits: int) -> NDArray[np.uint8]:
    if not 0 < message_bits <= code_bits <= MAX_CODE_BITS:
        raise ValueError(f"{message_bits} message bits do not fit {code_bits} code bits")
    mask = np.ones(code_bits, np.uint8)
    index = np.arange(code_bits)
    weight = np.zeros(code_bits, np.int64)
    for place in range(code_bits.bit_length() - 1):
        # floor(2**(place / 4) * 2**32), in integers: the order is the same on every machine.
        power = math.isqrt(math.isqrt(1 << (place + 128)))
        weight += ((index >> place) & 1) * power
    mask[np.argsort(weight, kind="stable")[-message_bits:]] = 0
    return _checked_mask(mask)


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
    # Eight messages to a byte.
    inputs = np.zeros((mask.size, -(-rows.shape[0] // 8)), np.uint8)
    inputs[information] = np.packbits(np.ascontiguousarray(rows.T), axis=1)
    return np.unpackbits(_transformed(inputs), axis=1, count=rows.shape[0]).T


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
    word: NDArray[np.uint8] = encode_batch(np.asarray(message, np.uint8).reshape(1, -1), frozen)[0]
    return word


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
        Paths kept, 1 .. 1024. Time grows in proportion.

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
    soft = np.asarray(llr, np.float64)
    if soft.shape != mask.shape:
        raise ValueError(f"soft bits of shape {soft.shape}, expected {mask.shape}")
    if not 1 <= list_size <= MAX_LIST:
        raise ValueError(f"a list has 1 to {MAX_LIST} paths, not {list_size}")
    size = mask.size
    rows = list_size * size
    work = np.empty(2 * rows, np.float32)
    work[rows : rows + size] = np.nan_to_num(np.clip(soft, -_LLR_LIMIT, _LLR_LIMIT))
    bits = np.empty(4 * rows, np.uint8)
    costs = np.zeros(list_size, np.float32)
    forks, choices = np.empty((2, 2 * list_size), np.float32)
    owners, parents = np.zeros((2, 2 * list_size * size.bit_length()), np.int64)
    steps = _schedule(mask.tobytes())
    found = decode_paths(work, bits, steps, costs, forks, choices, owners, parents)
    order = np.argsort(costs[:found], kind="stable")
    words = bits[3 * rows :].reshape(list_size, size)[order]
    # A path is its codeword; the transform undone gives its message, no history needs keeping.
    inputs = _transformed(np.ascontiguousarray(words.T))
    return np.ascontiguousarray(inputs[mask == 0].T), costs[order]


def _checked_mask(frozen: ArrayLike) -> NDArray[np.uint8]:
    mask = np.ascontiguousarray(frozen, np.uint8)
    size = mask.size
    if mask.ndim != 1 or not 2 <= size <= MAX_CODE_BITS or size & (size - 1):
        raise ValueError(f"a code has a power of two up to {MAX_CODE_BITS} bits, not {mask.shape}")
    if mask.max() > 1 or mask.all():
        raise ValueError("a frozen mask holds 0 and 1, and at least one 0")
    return mask


def _transformed(columns: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Apply Arıkan's kernel, natural order, to each column of (N, M) in place; its own inverse."""
    size, count = columns.shape
    half = 1
    while half < size:
        # Words lie in columns so that the inner loops stay long where `half` is 1.
        pairs = columns.reshape(size // (2 * half), 2, half * count)
        pairs[:, 0] ^= pairs[:, 1]
        half *= 2
    return columns


@functools.lru_cache(maxsize=64)
def _schedule(mask: bytes) -> NDArray[np.int64]:
    """List the decoder's steps for a frozen mask: step, node size, its log2, right child of each.

    Subtrees that are all frozen, or frozen but for their last bit, are decided as a whole: on the
    min-sum metric that is what the bits one by one would give.
    """
    steps: list[tuple[int, int, int, int]] = []

    def visit(part: bytes, right: int) -> None:
        """Add the steps of a subtree: 1 where a leaf is frozen, and whether it is a right child."""
        size = len(part)
        level = size.bit_length() - 1
        if all(part[:-1]):
            steps.append((ZEROS if part[-1] else REPEAT, size, level, right))
            return
        steps.append((LEFT, size, level, right))
        visit(part[: size // 2], 0)
        steps.append((RIGHT, size, level, right))
        visit(part[size // 2 :], 1)
        steps.append((JOIN, size, level, right))

    visit(mask, 1)
    return np.array(steps, np.int64).ravel()
