"""Keyed chips, one chip at a time."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]


def signs(seed: bytes, n: int) -> Array:
    stream = hashlib.shake_256(b"genlabel/signs/1:" + seed).digest(n // 8 + 1)
    return np.array([-1 if stream[i // 8] >> i % 8 & 1 else 1 for i in range(n)], np.int8)


def permutation(seed: bytes, n: int) -> Array:
    stream = hashlib.shake_256(b"genlabel/permutation/1:" + seed).digest(8 * n)
    words = [int.from_bytes(stream[8 * i : 8 * i + 8], "little") >> 20 for i in range(n)]
    return np.array(sorted(range(n), key=lambda i: (words[i], i)), np.int32)


def spread(code_signs: Array, chip_signs: Array, bit_of_chip: Array) -> Array:
    return np.array(
        [code_signs[bit] * sign for sign, bit in zip(chip_signs, bit_of_chip, strict=True)]
    )


def fold_chips(values: Array, chip_signs: Array, bit_of_chip: Array, n_bits: int) -> Array:
    sums = np.zeros(n_bits)
    for value, sign, bit in zip(values, chip_signs, bit_of_chip, strict=True):
        sums[bit] += float(value) * float(sign)
    return sums


def dealt_order(bit_of_chip: Array, n_bits: int) -> Array:
    hands = [[chip for chip, own in enumerate(bit_of_chip) if own == bit] for bit in range(n_bits)]
    rounds = max(len(hand) for hand in hands)
    absent = len(bit_of_chip)
    return np.array([hand + [absent] * (rounds - len(hand)) for hand in hands]).T


def joint_energies(fine: Array, coarse: Array, sign_rows: Array) -> Array:
    out = np.zeros((len(sign_rows), len(coarse), 3))
    for key, rows in enumerate(sign_rows):
        one = (fine * rows[: len(fine)]).sum(axis=0)
        for shift, chips in enumerate(coarse):
            two = (chips * rows[len(fine) :]).sum(axis=0)
            out[key, shift] = one @ one, one @ two, two @ two
    return out
