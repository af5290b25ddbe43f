"""How visible an added pattern is: the PSNR-HVS-M measure, solved for a pattern's strength.

References
----------
N. Ponomarenko, F. Silvestri, K. Egiazarian, M. Carli, J. Astola, V. Lukin, "On between-coefficient
contrast masking of DCT basis functions", VPQM 2007: block transform, contrast sensitivity, masking
by the block's own energy and its reduction at edges.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast

_SIDE = 8
_PEAK = 255.0
#: Blocks looked at, spread evenly: the measure is a mean over blocks.
_SAMPLED_BLOCKS = 6000

# Contrast sensitivity and masking weights of the 8x8 DCT, tables of the paper's reference program.
_SENSITIVITY = np.array(
    [
        [1.608443, 2.339554, 2.573509, 1.608443, 1.072295, 0.643377, 0.504610, 0.421887],
        [2.144591, 2.144591, 1.838221, 1.354478, 0.989811, 0.443708, 0.428918, 0.467911],
        [1.838221, 1.979622, 1.608443, 1.072295, 0.643377, 0.451493, 0.372972, 0.459555],
        [1.838221, 1.513829, 1.169777, 0.887417, 0.504610, 0.295806, 0.321689, 0.415082],
        [1.429727, 1.169777, 0.695543, 0.459555, 0.378457, 0.236102, 0.249855, 0.334222],
        [1.072295, 0.735288, 0.467911, 0.402111, 0.317717, 0.247453, 0.227744, 0.279729],
        [0.525206, 0.402111, 0.329937, 0.295806, 0.249855, 0.212687, 0.214459, 0.254803],
        [0.357432, 0.279729, 0.270896, 0.262603, 0.229778, 0.257351, 0.249855, 0.259950],
    ],
    np.float32,
)
_MASKING = np.array(
    [
        [0.390625, 0.826446, 1.000000, 0.390625, 0.173611, 0.062500, 0.038447, 0.026874],
        [0.694444, 0.694444, 0.510204, 0.277008, 0.147929, 0.029727, 0.027778, 0.033058],
        [0.510204, 0.591716, 0.390625, 0.173611, 0.062500, 0.030779, 0.021004, 0.031888],
        [0.510204, 0.346021, 0.206612, 0.118906, 0.038447, 0.013212, 0.015625, 0.026015],
        [0.308642, 0.206612, 0.073046, 0.031888, 0.021626, 0.008417, 0.009426, 0.016866],
        [0.173611, 0.081633, 0.033058, 0.024414, 0.015252, 0.009246, 0.007831, 0.011815],
        [0.041649, 0.024414, 0.016437, 0.013212, 0.009426, 0.006830, 0.006944, 0.009803],
        [0.019290, 0.011815, 0.011080, 0.010412, 0.007972, 0.010000, 0.009426, 0.010203],
    ],
    np.float32,
)
_PLACES = np.arange(_SIDE)
_COSINES = np.cos(np.pi * (2 * _PLACES[None, :] + 1) * _PLACES[:, None] / 16)
_DCT = (_COSINES * np.where(_PLACES[:, None] == 0, math.sqrt(1 / 8), 0.5)).astype(np.float32)


class Visibility:
    """A picture's masking, and two patterns to be weighed against it.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255; at least 8x8.
    first, second : (H, W) float32 array
        The patterns, in grey levels at strength 1.
    """

    def __init__(
        self,
        plane: NDArray[np.float32],
        first: NDArray[np.float32],
        second: NDArray[np.float32],
    ) -> None:
        rows, columns = plane.shape[0] // _SIDE, plane.shape[1] // _SIDE
        # A stride without a common factor with the row length visits all columns alike.
        stride = max(1, rows * columns // _SAMPLED_BLOCKS)
        while stride > 1 and math.gcd(stride, columns) > 1:
            stride += 1
        count = -(-rows * columns // stride)
        self._terms = np.empty((count, _SIDE * _SIDE, 3), np.float32)
        block_terms(plane, first, second, stride, self._terms)

    def level(self, first: float, second: float) -> float:
        """PSNR-HVS-M in dB of adding the patterns at these strengths.

        Masking by the added patterns themselves is left out, which errs on the strict side.
        """
        error = mean_visible_error(self._terms, first, second)
        return math.inf if error <= 0.0 else 10.0 * math.log10(_PEAK * _PEAK / error)

    def strength(self, target: float, *, other: float | None = None) -> float:
        """Find the strength of one pattern at which the measure meets a target.

        Parameters
        ----------
        target : float
            PSNR-HVS-M in dB.
        other : float or None
            None: the second pattern's strength is sought, without the first. Else the second
            pattern stands at this strength and the first one's is sought.

        Returns
        -------
        float
            At least 0; the level is within .02 dB of the target, or the strength is at its limit.
        """

        def level(strength: float) -> float:
            if other is None:
                return self.level(0.0, strength)
            return self.level(strength, other)

        low, high = 0.0, 64.0
        if level(low) <= target:
            return low
        while high - low > 1e-3 * high:
            # The measure is close to linear in the logarithm of the strength.
            middle = math.sqrt(max(low, 1e-3 * high) * high)
            reached = level(middle)
            if abs(reached - target) < 0.02:
                return middle
            low, high = (middle, high) if reached > target else (low, middle)
        return low


@kernel_fast
def _block_dct(plane: NDArray[np.float32], top: int, left: int, out: NDArray[np.float32]) -> None:
    """Fill `out` (8, 8) with the orthonormal DCT of one block."""
    half = np.empty((8, 8), np.float32)
    for u in range(8):
        for x in range(8):
            total = np.float32(0.0)
            for y in range(8):
                total += _DCT[u, y] * plane[top + y, left + x]
            half[u, x] = total
    for u in range(8):
        for v in range(8):
            total = np.float32(0.0)
            for x in range(8):
                total += half[u, x] * _DCT[v, x]
            out[u, v] = total


@kernel_fast
def _evenness(plane: NDArray[np.float32], top: int, left: int) -> float:
    """How evenly the block's energy lies in its quarters: near 1 in texture, near 0 at edges.

    Energies are sums of squared deviations from the mean, with the paper's normalisation.
    """
    whole, squares, quarters = 0.0, 0.0, 0.0
    for quarter in range(4):
        y0, x0 = top + 4 * (quarter // 2), left + 4 * (quarter % 2)
        part, part_squares = 0.0, 0.0
        for y in range(4):
            for x in range(4):
                value = float(plane[y0 + y, x0 + x])
                part += value
                part_squares += value * value
        quarters += (part_squares - part * part / 16.0) * 16.0 / 15.0
        whole += part
        squares += part_squares
    energy = (squares - whole * whole / 64.0) * 64.0 / 63.0
    # Rounding can leave a little less than nothing in a flat block.
    return max(quarters, 0.0) / energy if energy > 1e-6 else 0.0


@kernel_fast
def block_terms(
    plane: NDArray[np.float32],
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    stride: int,
    terms: NDArray[np.float32],
) -> None:
    """Fill `terms` (blocks, 64, 3) of every `stride`-th block.

    Each coefficient gets its two patterns' amplitudes and its masking threshold, all weighted by
    the contrast sensitivity.
    """
    columns = plane.shape[1] // 8
    host = np.empty((8, 8), np.float32)
    one = np.empty((8, 8), np.float32)
    two = np.empty((8, 8), np.float32)
    for index in range(terms.shape[0]):
        top, left = 8 * (index * stride // columns), 8 * (index * stride % columns)
        _block_dct(plane, top, left, host)
        _block_dct(first, top, left, one)
        _block_dct(second, top, left, two)
        masking = 0.0
        for u in range(8):
            for v in range(8):
                if u + v > 0:
                    masking += host[u, v] ** 2 * _MASKING[u, v]
        threshold = np.sqrt(masking * _evenness(plane, top, left)) / 32.0
        for u in range(8):
            for v in range(8):
                k, weight = 8 * u + v, _SENSITIVITY[u, v]
                terms[index, k, 0] = one[u, v] * weight
                terms[index, k, 1] = two[u, v] * weight
                terms[index, k, 2] = threshold / _MASKING[u, v] * weight if k > 0 else 0.0


@kernel_fast
def mean_visible_error(terms: NDArray[np.float32], first: float, second: float) -> float:
    """Mean over blocks and coefficients of the squared error above its threshold."""
    one, two = np.float32(first), np.float32(second)
    zero = np.float32(0.0)
    total = 0.0
    for index in range(terms.shape[0]):
        part = zero
        for k in range(terms.shape[1]):
            over = abs(one * terms[index, k, 0] + two * terms[index, k, 1]) - terms[index, k, 2]
            over = max(over, zero)
            part += over * over
        total += float(part)
    return float(total / (terms.shape[0] * terms.shape[1]))
