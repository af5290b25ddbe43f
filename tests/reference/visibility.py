"""PSNR-HVS-M straight from the paper's formulas, block by block.

Masking is the host's alone, as in the kernel; the paper takes the stronger of both pictures'.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

#: ITU-T T.81, table K.1, on which both of the paper's weights rest.
QUANTISATION = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
SENSITIVITY = 25.735088 / QUANTISATION
MASKING = (10 / QUANTISATION) ** 2


def dct(block: Array) -> Array:
    out = np.zeros((8, 8))
    y = np.arange(8)
    for u in range(8):
        for v in range(8):
            basis = np.outer(
                np.cos(math.pi * (2 * y + 1) * u / 16), np.cos(math.pi * (2 * y + 1) * v / 16)
            )
            norm = (math.sqrt(1 / 8) if u == 0 else 0.5) * (math.sqrt(1 / 8) if v == 0 else 0.5)
            out[u, v] = norm * (basis * block).sum()
    return out


def spread(samples: Array) -> float:
    """The paper's V: sample variance times the number of samples."""
    return float(samples.var(ddof=1) * samples.size)


def masking(block: Array) -> float:
    """What the block hides, before a coefficient's own weight divides it."""
    energy = (dct(block) ** 2 * MASKING).sum() - dct(block)[0, 0] ** 2 * MASKING[0, 0]
    quarters = [block[:4, :4], block[:4, 4:], block[4:, :4], block[4:, 4:]]
    whole = spread(block)
    evenness = sum(spread(quarter) for quarter in quarters) / whole if whole > 1e-6 else 0.0
    return math.sqrt(max(energy, 0.0) * evenness) / 32


def threshold(hidden: float) -> Array:
    """What a block with that masking hides at each coefficient; nothing at its mean."""
    limit = hidden / MASKING
    limit[0, 0] = 0.0
    return limit


def mean_visible_error(one: Array, two: Array, hidden: Array, first: float, second: float) -> float:
    """Of coefficients that the contrast sensitivity has weighted already."""
    total = 0.0
    for block in range(len(one)):
        limit = (threshold(float(hidden[block])) * SENSITIVITY).ravel()
        change = abs(first * one[block] + second * two[block])
        total += float((np.maximum(change - limit, 0.0) ** 2).sum())
    return total / one.size


def psnr_hvs_m(plane: Array, marked: Array) -> float:
    """The measure itself, of a finished picture instead of a pattern."""
    total, count = 0.0, 0
    for top in range(0, plane.shape[0] - 7, 8):
        for left in range(0, plane.shape[1] - 7, 8):
            block = plane[top : top + 8, left : left + 8].astype(float)
            other = marked[top : top + 8, left : left + 8].astype(float)
            over = np.maximum(abs(dct(other - block)) - threshold(masking(block)), 0.0)
            total += float(((over * SENSITIVITY) ** 2).sum())
            count += 64
    return math.inf if total == 0 else 10 * math.log10(255**2 / (total / count))
