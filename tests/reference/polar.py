"""Polar codes as the papers write them: matrices, and one bit at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]


def generator(size: int) -> Array:
    """Arıkan's kernel to the Kronecker power log2(size), natural order."""
    matrix = np.ones((1, 1), np.uint8)
    while matrix.shape[0] < size:
        matrix = np.kron(np.array([[1, 0], [1, 1]], np.uint8), matrix)
    return matrix


def encode(message: Array, frozen: Array) -> Array:
    inputs = np.zeros(len(frozen), np.uint8)
    inputs[np.flatnonzero(np.asarray(frozen) == 0)] = message
    return inputs @ generator(len(frozen)) % 2


def encode_batch(messages: Array, frozen: Array) -> Array:
    return np.array([encode(message, frozen) for message in messages])


def frozen_mask(code_bits: int, message_bits: int) -> Array:
    def weight(index: int) -> float:
        return sum(2 ** (place / 4) for place in range(12) if index >> place & 1)

    order = sorted(range(code_bits), key=weight)
    mask = np.zeros(code_bits, np.uint8)
    mask[order[: code_bits - message_bits]] = 1
    return mask


def bit_llr(llr: Array, decided: list[int], index: int) -> float:
    """Min-sum soft value of input bit `index`, given the bits decided before it."""
    if len(llr) == 1:
        return float(llr[0])
    half = len(llr) // 2
    first, second = llr[:half], llr[half:]
    if index < half:
        least = np.minimum(abs(first), abs(second))
        return bit_llr(np.sign(first) * np.sign(second) * least, decided, index)
    known = np.array(decided[:half]) @ generator(half) % 2
    return bit_llr(second + (1 - 2.0 * known) * first, decided[half:], index - half)


def list_decode(llr: Array, frozen: Array, list_size: int) -> tuple[Array, Array]:
    paths: list[tuple[float, list[int]]] = [(0.0, [])]
    soft = np.asarray(llr, np.float64)
    for index, fixed in enumerate(frozen):
        grown = []
        for metric, decided in paths:
            value = bit_llr(soft, decided, index)
            for bit in (0,) if fixed else (0, 1):
                penalty = max(0.0, value if bit else -value)
                grown.append((metric + penalty, [*decided, bit]))
        ranked = sorted(range(len(grown)), key=lambda place: grown[place][0])
        paths = [grown[place] for place in sorted(ranked[:list_size])]
    paths.sort(key=lambda path: path[0])
    inputs = np.array([decided for _, decided in paths], np.uint8)
    return inputs[:, np.asarray(frozen) == 0], np.array([metric for metric, _ in paths])
