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
from genlabel_kernels.plane.blocks import LANES, SIDE

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
_PLACES = np.arange(SIDE)
_COSINES = np.cos(np.pi * (2 * _PLACES[None, :] + 1) * _PLACES[:, None] / 16)
_DCT = (_COSINES * np.where(_PLACES[:, None] == 0, math.sqrt(1 / 8), 0.5)).astype(np.float32)
_WEIGHTS = _SENSITIVITY.ravel()
# A block's own energy, its mean excepted, as far as it masks.
_MASKED = np.where(np.arange(SIDE**2) == 0, 0.0, _MASKING.ravel()).astype(np.float32)
_LIMIT = np.where(_MASKED > 0.0, _SENSITIVITY.ravel() / _MASKING.ravel(), 0.0).astype(np.float32)
# What a block's quarters differ by from left to right, from top to bottom, and crosswise: weights
# of its coefficients, of unit length.
_STEP = np.where(_PLACES < SIDE // 2, 1.0, -1.0) / math.sqrt(SIDE)
_FLAT, _STEPPED = _DCT @ np.full(SIDE, 1.0 / math.sqrt(SIDE)), _DCT @ _STEP
_UNEVEN = np.stack(
    [np.outer(_FLAT, _STEPPED), np.outer(_STEPPED, _FLAT), np.outer(_STEPPED, _STEPPED)]
)
_UNEVEN = _UNEVEN.reshape(3, -1).astype(np.float32)
# Sample variances times the number of samples, of quarters over that of the whole, in place of sums
# of squared deviations.
_QUARTERS = np.float32((16 / 15) / (64 / 63))
_SUMS = 5
# The measure is solved to this many dB, from where most patterns end, in this bracket.
_CLOSE = 0.02
_USUAL = 0.4
_STRONGEST = 64.0
_WEAKEST = 1e-3
_TINY = 1e-12
# Samples of blocks that stand side by side.
_GROUP = SIDE * SIDE * LANES
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


class Visibility:
    """A picture's masking, and two patterns to be weighed against it.

    Parameters
    ----------
    count : int
        Blocks.
    luma : (N, 64, 64) float32 array
        The picture's, 0..255: groups of 64 blocks, sample by sample, from `take_blocks`; the last
        group filled up with zeros. Changed.
    first, second : (N, 64, 64) float32 array
        The patterns, in grey levels at strength 1; changed.
    """

    def __init__(
        self,
        count: int,
        luma: NDArray[np.float32],
        first: NDArray[np.float32],
        second: NDArray[np.float32],
    ) -> None:
        self._samples = max(1, count) * SIDE * SIDE
        self._first, self._second = first.reshape(-1), second.reshape(-1)
        self._hidden = np.empty(len(luma) * LANES, np.float32)
        spectra, room = luma.reshape(-1), np.empty(_GROUP, np.float32)
        for blocks in (self._first, self._second, spectra):
            transform_blocks(blocks, room)
        mask_blocks(spectra, self._hidden, np.empty(_SUMS * LANES, np.float32))

    def level(self, first: float, second: float) -> float:
        """PSNR-HVS-M in dB of adding the patterns at these strengths.

        Masking by the added patterns themselves is left out, which errs on the strict side.
        """
        return _decibel(self._error(first, second))

    def level_of(self, steps: NDArray[np.float32]) -> float:
        """PSNR-HVS-M in dB of adding these (N, 64, 64) float32 steps, which are changed."""
        coefficients = steps.reshape(-1)
        transform_blocks(coefficients, np.empty(_GROUP, np.float32))
        error = visible_error(coefficients, coefficients, self._hidden, 1.0, 0.0)
        return _decibel(error / self._samples)

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

        def error(strength: float) -> float:
            """Give the visible mean squared error at a strength of the pattern that is sought."""
            return self._error(*((0.0, strength) if other is None else (strength, other)))

        own = 0.0 if other is None else error(0.0)
        wanted = _PEAK * _PEAK / 10.0 ** (target / 10.0)
        if own >= wanted:
            return 0.0
        low, high = _WEAKEST, _STRONGEST
        # What is added to the error grows with a power of the strength: 2, and more where much of
        # it is hidden. The last two steps tell.
        guess, power = _USUAL, 2.0
        before: tuple[float, float] | None = None
        while high > low * 1.001:
            found = error(guess)
            if abs(10.0 * math.log10(max(found, _TINY) / wanted)) < _CLOSE:
                return guess
            low, high = (guess, high) if found < wanted else (low, guess)
            more = max(found - own, _TINY)
            if before is not None:
                power = math.log(more / before[1]) / math.log(guess / before[0])
                power = min(max(power, 1.0), 6.0)
            before = guess, more
            guess *= ((wanted - own) / more) ** (1.0 / power)
            # A bracket keeps this safe.
            if not low < guess < high:
                guess = math.sqrt(low * high)
        return low

    def _error(self, first: float, second: float) -> float:
        args = float(first), float(second)
        return visible_error(self._first, self._second, self._hidden, *args) / self._samples


def _decibel(error: float) -> float:
    return math.inf if error <= 0.0 else 10.0 * math.log10(_PEAK * _PEAK / error)


@kernel_fast
def transform_blocks(blocks: NDArray[np.float32], room: NDArray[np.float32]) -> None:
    """Take the cosine transform of blocks in place.

    Parameters
    ----------
    blocks : (N, 64, 64) float32 array, flat
        As `Visibility` takes them.
    room : (64 * 64,) float32 array
        To work in.
    """
    for group in range(blocks.shape[0] // _GROUP):
        source, target, at, to = blocks, room, group * _GROUP, 0
        # Columns first. What that turns over, the rows' turn turns back.
        for _ in range(2):
            for along in range(SIDE):
                for k in range(SIDE):
                    first = (at + LANES * along) & _INDEX
                    place = (to + LANES * (SIDE * along + k)) & _INDEX
                    for lane in range(LANES):
                        value = np.float32(0.0)
                        for i in range(SIDE):
                            value += _DCT[k, i] * source[first + LANES * SIDE * i + lane]
                        target[place + lane] = value
            source, target, at, to = target, source, to, at


@kernel_fast
def mask_blocks(
    spectra: NDArray[np.float32], hidden: NDArray[np.float32], sums: NDArray[np.float32]
) -> None:
    """How much each block hides: its energy, reduced where it lies unevenly, as at edges.

    Parameters
    ----------
    spectra : (N, 64, 64) float32 array, flat
        Luma from `transform_blocks`.
    hidden : (N * 64,) float32 array
        Filled with what is to be divided by a coefficient's masking weight.
    sums : (5 * 64,) float32 array
        To work in.
    """
    nothing = np.float32(0.0)
    for group in range(hidden.shape[0] // LANES):
        at, to = (group * _GROUP) & _INDEX, (group * LANES) & _INDEX
        for i in range(sums.shape[0]):
            sums[i] = nothing
        for k in range(SIDE * SIDE):
            masked, alive = _MASKED[k], np.float32(k > 0)
            across, down, apart = _UNEVEN[0, k], _UNEVEN[1, k], _UNEVEN[2, k]
            place = (at + LANES * k) & _INDEX
            for lane in range(LANES):
                value = spectra[place + lane]
                sums[lane] += masked * value * value
                sums[LANES + lane] += alive * value * value
                sums[2 * LANES + lane] += across * value
                sums[3 * LANES + lane] += down * value
                sums[4 * LANES + lane] += apart * value
        for lane in range(LANES):
            a, b, c = sums[2 * LANES + lane], sums[3 * LANES + lane], sums[4 * LANES + lane]
            # All deviations; and those from the quarters' means, with the paper's normalisation.
            whole = sums[LANES + lane]
            quarters = (whole - (a * a + b * b + c * c)) * _QUARTERS
            evenness = quarters / whole if whole > np.float32(_NOTHING) else nothing
            evenness = evenness if evenness > nothing else nothing
            hidden[to + lane] = np.sqrt(sums[lane] * evenness) * np.float32(1 / 32)


@kernel_fast
def visible_error(
    one: NDArray[np.float32],
    two: NDArray[np.float32],
    hidden: NDArray[np.float32],
    first: float,
    second: float,
) -> float:
    """Sum over blocks and coefficients of the squared error above its threshold.

    Parameters
    ----------
    one, two : (N, 64, 64) float32 array, flat
        Coefficients of both patterns, from `transform_blocks`.
    hidden : (N * 64,) float32 array
        From `mask_blocks`.
    first, second : float
        Strengths of the patterns.
    """
    a, b = np.float32(first), np.float32(second)
    total = 0.0
    for group in range(hidden.shape[0] // LANES):
        at, own = (group * _GROUP) & _INDEX, (group * LANES) & _INDEX
        part = np.float32(0.0)
        for k in range(SIDE * SIDE):
            place, limit = (at + LANES * k) & _INDEX, _LIMIT[k]
            c, d = a * _WEIGHTS[k], b * _WEIGHTS[k]
            for lane in range(LANES):
                over = abs(c * one[place + lane] + d * two[place + lane])
                over -= hidden[own + lane] * limit
                over = over if over > np.float32(0.0) else np.float32(0.0)
                part += over * over
        total += float(part)
    return total
