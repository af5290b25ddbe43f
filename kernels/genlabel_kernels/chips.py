"""Keyed signs and permutations, and the spreading of code bits over chips.

What a seed yields is part of the mark on the wire: it comes from SHAKE-256 alone, so it is the same
on every platform and under every version of numpy.

References
----------
FIPS 202: SHAKE-256.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genlabel_kernels.jit import kernel_fast

# The low bits of each sort key hold its index, the others are random.
_INDEX_BITS = 20
_SIGNS = b"genlabel/signs/1:"
_PERMUTATION = b"genlabel/permutation/1:"


def signs(seed: bytes, n: int) -> NDArray[np.int8]:
    """Draw keyed signs.

    Parameters
    ----------
    seed : bytes
        A sub-key of one purpose, any length.
    n : int
        How many; a shorter draw is the beginning of a longer one.

    Returns
    -------
    (n,) int8 array of -1 and +1
        Bit i of the stream (least significant first) gives sign i, 1 meaning -1.
    """
    stream = hashlib.shake_256(_SIGNS + seed).digest(-(-n // 8))
    bits = np.unpackbits(np.frombuffer(stream, np.uint8), count=n, bitorder="little")
    return 1 - 2 * bits.view(np.int8)


def permutation(seed: bytes, n: int) -> NDArray[np.int32]:
    """Draw a keyed permutation of 0 .. n-1.

    Parameters
    ----------
    seed : bytes
        A sub-key of one purpose, any length.
    n : int
        How many, at most 2**20.

    Returns
    -------
    (n,) int32 array
        The indices in the order of 44-bit keys drawn from the stream (little-endian words, low 20
        bits dropped); equal keys keep their order.

    Raises
    ------
    ValueError
        `n` is above 2**20.
    """
    if n > 1 << _INDEX_BITS:
        raise ValueError(f"a permutation has at most {1 << _INDEX_BITS} entries, not {n}")
    stream = hashlib.shake_256(_PERMUTATION + seed).digest(8 * n)
    mask = np.uint64((1 << _INDEX_BITS) - 1)
    # Keys made unique by their index: any sorting algorithm gives the one order.
    keys = np.frombuffer(stream, "<u8") & ~mask | np.arange(n, dtype=np.uint64)
    keys.sort()
    return (keys & mask).astype(np.int32)


def spread(
    code_signs: ArrayLike, chip_signs: ArrayLike, bit_of_chip: ArrayLike
) -> NDArray[np.float32]:
    """Spread code bits over chips.

    Parameters
    ----------
    code_signs : (n_bits,) array of -1 and +1
        The codeword; +1 stands for bit 0.
    chip_signs : (n,) array of -1 and +1
        The key's signs, from `signs`.
    bit_of_chip : (n,) int array
        Which code bit each chip carries, 0 .. n_bits-1.

    Returns
    -------
    (n,) float32 array of -1 and +1
    """
    code: NDArray[np.float32] = np.asarray(code_signs, np.float32)[np.asarray(bit_of_chip)]
    return code * np.asarray(chip_signs, np.float32)


def fold_chips(
    values: ArrayLike, chip_signs: ArrayLike, bit_of_chip: ArrayLike, n_bits: int
) -> NDArray[np.float32]:
    """Sum the chips of each code bit with their signs: the adjoint of `spread`.

    Parameters
    ----------
    values : (n,) float array
        Measured chips.
    chip_signs : (n,) array of -1 and +1
        The key's signs.
    bit_of_chip : (n,) int array
        Which code bit each chip carries, 0 .. n_bits-1.
    n_bits : int
        Length of the codeword.

    Returns
    -------
    (n_bits,) float32 array
        Positive speaks for bit 0.

    Raises
    ------
    ValueError
        The shapes differ, or a chip's bit is outside 0 .. n_bits-1.
    """
    shared, signs_of_chips = np.asarray(values, np.float32), np.asarray(chip_signs)
    bits = np.asarray(bit_of_chip)
    if shared.ndim != 1 or bits.shape != shared.shape or signs_of_chips.shape != shared.shape:
        raise ValueError(
            f"shapes differ: values {shared.shape}, signs {signs_of_chips.shape}, bits {bits.shape}"
        )
    if bits.size and not 0 <= bits.min() <= bits.max() < n_bits:
        raise ValueError(f"a chip's bit is outside 0 .. {n_bits - 1}")
    # In double precision, and no kernel to wait for in a first marking.
    return np.bincount(bits, shared * signs_of_chips, n_bits).astype(np.float32)


def dealt_order(bit_of_chip: ArrayLike, n_bits: int) -> NDArray[np.int32]:
    """Order chips so that the first chips of all bits come first, then their second ones.

    Parameters
    ----------
    bit_of_chip : (n,) int array
        Which code bit each chip carries, 0 .. n_bits-1.
    n_bits : int
        Length of the codeword.

    Returns
    -------
    (rounds, n_bits) int32 array
        Entry (r, b) is the index of bit b's r-th chip, or n where it has fewer.
    """
    bits = np.asarray(bit_of_chip)
    counts = np.bincount(bits, minlength=n_bits)
    chips = np.argsort(bits, kind="stable")
    rounds = np.arange(bits.size) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((counts.max(), n_bits), bits.size, np.int32)
    table[rounds, bits[chips]] = chips
    return table


@kernel_fast
def joint_energies(
    fine: NDArray[np.float32],
    coarse: NDArray[np.float32],
    sign_rows: NDArray[np.int8],
    out: NDArray[np.float32],
) -> None:
    """Screen many keys: energies of the bit sums of two layers, and their product.

    They are independent of the message, so that a key, a shift and a weighting are found before
    anything is decoded.

    Parameters
    ----------
    fine : (f, n_bits) float32 array
        One layer's chips in dealt order.
    coarse : (m, c, n_bits) float32 array
        The other layer's, at m shifts.
    sign_rows : (n_keys, f + c, n_bits) int8 array
        Each key's signs in dealt order, 0 where there is no chip.
    out : (n_keys, m, 3) float32 array
        Filled with sum F F, sum F C and sum C C over the bit sums F and C.
    """
    bits = fine.shape[1]
    one = np.empty(bits, np.float32)
    two = np.empty(bits, np.float32)
    for key in range(sign_rows.shape[0]):
        _signed_sums(fine, sign_rows[key, : fine.shape[0]], one)
        for shift in range(coarse.shape[0]):
            _signed_sums(coarse[shift], sign_rows[key, fine.shape[0] :], two)
            ff, fc, cc = np.float32(0.0), np.float32(0.0), np.float32(0.0)
            for bit in range(bits):
                ff += one[bit] * one[bit]
                fc += one[bit] * two[bit]
                cc += two[bit] * two[bit]
            out[key, shift, 0] = ff
            out[key, shift, 1] = fc
            out[key, shift, 2] = cc


@kernel_fast
def signed_sums(
    values: NDArray[np.float32], sign_rows: NDArray[np.int8], out: NDArray[np.float32]
) -> None:
    """Sum one measurement into code bits under many keys.

    Parameters
    ----------
    values : (f, n_bits) float32 array
        Chips in dealt order.
    sign_rows : (n_keys, f, n_bits) int8 array
        Each key's signs in dealt order, 0 where there is no chip.
    out : (n_keys, n_bits) float32 array
        Filled.
    """
    for key in range(sign_rows.shape[0]):
        _signed_sums(values, sign_rows[key], out[key])


@kernel_fast
def _signed_sums(
    values: NDArray[np.float32], chip_signs: NDArray[np.int8], out: NDArray[np.float32]
) -> None:
    for bit in range(out.shape[0]):
        out[bit] = values[0, bit] * chip_signs[0, bit]
    for row in range(1, values.shape[0]):
        for bit in range(out.shape[0]):
            out[bit] += values[row, bit] * chip_signs[row, bit]
