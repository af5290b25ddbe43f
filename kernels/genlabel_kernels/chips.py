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
    chips = np.asarray(chip_signs).reshape(1, -1)
    shared, rows, bits = _normalised(values, chips, bit_of_chip, n_bits)
    sums = np.zeros(n_bits, np.float32)
    fold_sums(shared, rows[0], bits, sums)
    return sums


def despread_energy(
    values: ArrayLike, sign_rows: ArrayLike, bit_of_chip: ArrayLike, n_bits: int
) -> NDArray[np.float32]:
    """Screen many keys: the sum of squared bit sums under each key's signs.

    Independent of the message, so that a key is found before anything is decoded.

    Parameters
    ----------
    values : (n,) float array
        Measured chips, shared by all keys.
    sign_rows : (n_keys, n) array of -1 and +1
        One row of signs per key.
    bit_of_chip : (n,) int array
        Which code bit each chip carries, 0 .. n_bits-1.
    n_bits : int
        Length of the codeword.

    Returns
    -------
    (n_keys,) float32 array
        In squared units of `values`.

    Raises
    ------
    ValueError
        The shapes differ, or a chip's bit is outside 0 .. n_bits-1.
    """
    shared, rows, bits = _normalised(values, np.asarray(sign_rows), bit_of_chip, n_bits)
    energy = np.zeros(rows.shape[0], np.float32)
    row_energy(shared, rows, bits, np.zeros(n_bits, np.float32), energy)
    return energy


def _normalised(
    values: ArrayLike, rows: NDArray[np.generic], bit_of_chip: ArrayLike, n_bits: int
) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.int32]]:
    # One type and layout, so that each kernel compiles once; kernels index without checks.
    shared = np.require(values, np.float32, ["C", "W"])
    chips = np.require(rows, np.int8, ["C", "W"])
    bits = np.require(bit_of_chip, np.int32, ["C", "W"])
    if shared.ndim != 1 or bits.shape != shared.shape or chips.shape[1:] != shared.shape:
        raise ValueError(
            f"shapes differ: values {shared.shape}, signs {chips.shape}, bits {bits.shape}"
        )
    if bits.size and not 0 <= bits.min() <= bits.max() < n_bits:
        raise ValueError(f"a chip's bit is outside 0 .. {n_bits - 1}")
    return shared, chips, bits


@kernel_fast
def fold_sums(
    values: NDArray[np.float32],
    chip_signs: NDArray[np.int8],
    bit_of_chip: NDArray[np.int32],
    out: NDArray[np.float32],
) -> None:
    """Add every signed chip to its bit's sum in `out` (n_bits,)."""
    for chip in range(values.shape[0]):
        out[bit_of_chip[chip]] += values[chip] * chip_signs[chip]


@kernel_fast
def row_energy(
    values: NDArray[np.float32],
    sign_rows: NDArray[np.int8],
    bit_of_chip: NDArray[np.int32],
    scratch: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Fill `out` (n_keys,) with each row's sum of squared bit sums; `scratch` is (n_bits,)."""
    for row in range(sign_rows.shape[0]):
        scratch[:] = 0.0
        for chip in range(values.shape[0]):
            scratch[bit_of_chip[chip]] += values[chip] * sign_rows[row, chip]
        total = np.float32(0.0)
        for bit in range(scratch.shape[0]):
            total += scratch[bit] * scratch[bit]
        out[row] = total
