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
# Energy of a block that is flat but for rounding.
_NOTHING = 1e-6
_PEAK = 255.0

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
_DCT = _COSINES * np.where(_PLACES[:, None] == 0, math.sqrt(1 / 8), 0.5)
# Both axes at once: a block's 64 samples times this are its 64 coefficients.
_DCT_2D = np.kron(_DCT, _DCT).T.astype(np.float32)
_WEIGHTED_DCT = _DCT_2D * _SENSITIVITY.ravel()
# A block's own energy, its mean excepted, as far as it masks.
_MASKED = np.where(np.arange(_SIDE**2) == 0, 0.0, _MASKING.ravel()).astype(np.float32)
_LIMIT = np.where(_MASKED > 0.0, _SENSITIVITY.ravel() / _MASKING.ravel(), 0.0).astype(np.float32)
_QUARTER = _PLACES[:, None] // 4 * 2 + _PLACES[None, :] // 4
_QUARTERS = (_QUARTER.reshape(-1, 1) == np.arange(4)).astype(np.float32)
# The measure is solved to this many dB, from this bracket.
_CLOSE = 0.02
_STRONGEST = 64.0
_WEAKEST = 1e-3


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
        self._first = _blocks(first) @ _WEIGHTED_DCT
        self._second = _blocks(second) @ _WEIGHTED_DCT
        self._hidden = masking(_blocks(plane))

    def level(self, first: float, second: float) -> float:
        """PSNR-HVS-M in dB of adding the patterns at these strengths.

        Masking by the added patterns themselves is left out, which errs on the strict side.
        """
        error = mean_visible_error(self._first, self._second, self._hidden, first, second)
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

        def excess(strength: float) -> float:
            pair = (0.0, strength) if other is None else (strength, other)
            return self.level(*pair) - target

        if excess(0.0) <= 0.0:
            return 0.0
        low, high = _WEAKEST, _STRONGEST
        # The measure falls by about 20 dB for ten times the strength; a bracket keeps this safe.
        guess = 1.0
        while high > low * 1.001:
            missing = excess(guess)
            if abs(missing) < _CLOSE:
                return guess
            low, high = (guess, high) if missing > 0.0 else (low, guess)
            guess *= 10.0 ** (missing / 20.0)
            if not low < guess < high:
                guess = math.sqrt(low * high)
        return low


def _blocks(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay 8x8 blocks out as rows of 64."""
    rows, columns = plane.shape[0] // _SIDE, plane.shape[1] // _SIDE
    grid = plane[: rows * _SIDE, : columns * _SIDE].reshape(rows, _SIDE, columns, _SIDE)
    return np.ascontiguousarray(grid.swapaxes(1, 2), np.float32).reshape(-1, _SIDE * _SIDE)


def masking(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each block hides: its energy, reduced where it lies unevenly, as at edges.

    Parameters
    ----------
    blocks : (n, 64) float32 array
        Luma, 0..255.

    Returns
    -------
    (n,) float32 array
        To be divided by a coefficient's masking weight.
    """
    # Squares of 8-bit samples nearly exhaust a float32: the mean goes first.
    even = blocks - blocks.mean(axis=1, keepdims=True)
    coefficients = even @ _DCT_2D
    energy = (coefficients * coefficients) @ _MASKED
    sums, squares = even @ _QUARTERS, (even * even) @ _QUARTERS
    # Sums of squared deviations, with the paper's normalisation.
    quarters = np.maximum(squares - sums * sums / 16.0, 0.0).sum(axis=1) * (16.0 / 15.0)
    whole = squares.sum(axis=1) * (64.0 / 63.0)
    evenness = np.where(whole > _NOTHING, quarters / np.maximum(whole, _NOTHING), 0.0)
    return np.asarray(np.sqrt(energy * evenness) / 32.0, np.float32)


@kernel_fast
def mean_visible_error(
    one: NDArray[np.float32],
    two: NDArray[np.float32],
    hidden: NDArray[np.float32],
    first: float,
    second: float,
) -> float:
    """Mean over blocks and coefficients of the squared error above its threshold.

    Parameters
    ----------
    one, two : (n, 64) float32 array
        Coefficients of both patterns, times the contrast sensitivity.
    hidden : (n,) float32 array
        From `masking`.
    first, second : float
        Strengths of the patterns.
    """
    a, b = np.float32(first), np.float32(second)
    total = 0.0
    for index in range(one.shape[0]):
        part = np.float32(0.0)
        for k in range(one.shape[1]):
            over = abs(a * one[index, k] + b * two[index, k]) - hidden[index] * _LIMIT[k]
            over = max(over, np.float32(0.0))
            part += over * over
        total += float(part)
    return float(total / one.size)
