"""Whitening with one plain transform per block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

BLOCK, HOP = 16, 8
FLOOR = 4.0
CLIP = 2.5
# Halves the greatest error of the straight lines.
CENTRED = -0.06794


def window() -> Array:
    """The sine window: its square, overlapped by half, adds up to one."""
    sine = np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)
    return np.outer(sine, sine)


def power_3_8(value: Array) -> Array:
    """About ``value ** -0.375``: between powers of two, logarithm and power are straight lines."""
    mantissa, exponent = np.frexp(value)
    logarithm = exponent - 1 + (2 * mantissa - 1)
    raised = -0.375 * logarithm + CENTRED
    return 2.0 ** np.floor(raised) * (1 + raised - np.floor(raised))


def gains(power: Array) -> Array:
    """Each coefficient over its size, the size half its own and half its neighbourhood's."""
    around = sum(np.roll(power, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)) / 9
    gain = power_3_8((around + FLOOR) * (power + FLOOR))
    gain[0, 0] = 0.0
    return gain


def whiten_blocks(padded: Array, out: Array) -> None:
    shape = window()
    for top in range(0, padded.shape[0] - HOP, HOP):
        for left in range(0, padded.shape[1] - HOP, HOP):
            place = np.s_[top : top + BLOCK, left : left + BLOCK]
            spectrum = np.fft.fft2(padded[place].astype(np.float64) * shape)
            power = abs(spectrum) ** 2 / (shape**2).sum()
            back = np.fft.ifft2(spectrum * gains(power)).real * BLOCK**2
            out[place] += back * shape


def reflected(side: int) -> list[int]:
    """Which line stands at each place from HOP before the picture to the last block's end."""
    end = HOP * (-(-side // HOP) + 1)
    before = [min(-place, side - 1) for place in range(-HOP, 0)]
    after = [max(2 * side - 2 - place, 0) for place in range(side, end)]
    return [*before, *range(side), *after]


def whiten(plane: Array) -> Array:
    height, width = plane.shape
    padded = plane[np.ix_(reflected(height), reflected(width))]
    out = np.zeros(padded.shape)
    whiten_blocks(padded, out)
    white = out[HOP : HOP + height, HOP : HOP + width]
    spread = white.std()
    return np.clip(white / spread, -CLIP, CLIP) if spread > 0 else np.zeros_like(white)
