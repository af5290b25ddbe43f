"""How much each tile may change: more where the ear hears it less.

A change of level is heard as noise of the tile's own power, in front of what its neighbours mask.
So a tile changes more, the further it lies below the masking of its surroundings, and less where
the sound fluctuates, because there the detector hears little of it.
Everything is computed forward in time, so that a stream is treated as a file is.

References
----------
E. Zwicker, H. Fastl, "Psychoacoustics", Springer, 1999: spreading, masking after the masker.
H. Traunmüller, "Analytical expressions for the tonotopic sensory scale", JASA 88(1), 1990.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS
from genlabel_kernels.audio.tiles import band_frequencies
from genlabel_kernels.jit import kernel

# Decibels per bark by which masking falls towards higher and lower frequencies.
_UPWARDS, _DOWNWARDS = 12.0, 27.0
# Critical bands are wider at higher frequencies: of what masks them, a tile's noise is less.
_WIDENING, _MIDDLE_HERTZ = 0.8, 1500.0
#: What is left of a masker's effect one row of tiles later.
AFTERWARDS = np.float32(0.25)
_MOST_MASKING = np.float32(1000.0)
# A change spreads over its row, also to before an onset, where nothing masks it: the power of the
# change is halved where a tile has so many times the power that is still masked there.
_ONSET = np.float32(100.0)
# Nats by which the reference level falls from one row to the next: 2 dB per second.
_RELEASE = np.float32(0.0107)
# The reference lies so far below the loudest tile, in nats.
_BELOW_LOUDEST = np.float32(2.0)
# Nats below the reference at which the change is halved, and the least power against all of the
# sound that counts as sound.
_GATE = np.float32(12.66)
_FAINT = np.float32(1e-7)
# The local spread: how soon it follows, its first value, and what is a usual one.
_FOLLOWS = np.float32(0.25)
_FIRST_SQUARE = np.float32(3.0)
_MOST_SQUARE = np.float32(16.0)
_USUAL = np.float32(1.5)
_STEADY = np.float32(0.15)
_SIDES = np.float32(0.33)
_BEFORE = np.float32(0.34)
# Bands on either side whose fluctuations count.
_ACROSS = 2
_TINY = np.float32(1e-12)
#: Rows of the state that `tile_depths` carries on: level, masking, squares; the last holds scalars.
STATE_ROWS = 4


def first_state() -> NDArray[np.float32]:
    """Give the state of `tile_depths` before the first row.

    Returns
    -------
    (4, 41) float32 array
    """
    state = np.zeros((STATE_ROWS, BANDS), np.float32)
    state[0] = np.nan
    state[2] = _FIRST_SQUARE
    state[3] = -np.inf
    return state


@functools.cache
def masking_matrix() -> NDArray[np.float32]:
    """Give how much of one band's power masks in another.

    Returns
    -------
    (41, 41) float32 array
        Columns are the masked bands; in the middle they sum to about one.
    """
    frequency = band_frequencies().astype(np.float64)
    bark = 26.81 * frequency / (1960.0 + frequency) - 0.53
    apart = bark[None] - bark[:, None]
    decibels = np.where(apart >= 0, -_UPWARDS * apart, _DOWNWARDS * apart)
    matrix = 10.0 ** (decibels / 10.0)
    matrix *= (frequency / _MIDDLE_HERTZ) ** _WIDENING / matrix.sum(axis=0).mean()
    return np.asarray(matrix, np.float32)


@kernel
def tile_depths(
    powers: NDArray[np.float32],
    totals: NDArray[np.float32],
    matrix: NDArray[np.float32],
    state: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Compute how much each tile may change, up to one common factor.

    Parameters
    ----------
    powers : (K, 41) float32 array
        Of the tiles.
    totals : (K,) float32 array
        Power of each row at all frequencies.
    matrix : (41, 41) float32 array
        From `masking_matrix`.
    state : (4, 41) float32 array
        From `first_state`, or of the row before; updated.
    out : (K, 41) float32 array
        Filled; 0 where there is nothing to change.
    """
    one, nothing = np.float32(1.0), np.float32(0.0)
    level, before = np.empty(BANDS, np.float32), np.empty(BANDS, np.float32)
    gates, masking = np.empty(BANDS, np.float32), np.empty(BANDS, np.float32)
    squares = np.empty(BANDS + 2 * _ACROSS, np.float32)
    squares[:] = 0
    shares = np.empty(BANDS, np.float32)
    for band in range(BANDS):
        shares[band] = min(band + _ACROSS, BANDS - 1) - max(band - _ACROSS, 0) + 1
    for k in range(powers.shape[0]):
        loudest = np.float32(-100.0)
        for band in range(BANDS):
            level[band] = np.log(powers[k, band] + _TINY)
            loudest = max(loudest, level[band])
        first = np.isnan(state[0, 0])
        reference = max(state[3, 0] - _RELEASE, loudest - _BELOW_LOUDEST)
        state[3, 0] = reference
        for band in range(BANDS):
            before[band] = level[band] if first else state[0, band]
            state[0, band] = level[band]
            masking[band] = AFTERWARDS * state[1, band]
            gates[band] = one + np.exp(reference - _GATE - level[band])
        for band in range(BANDS):
            below, above = max(band - 1, 0), min(band + 1, BANDS - 1)
            error = level[band] - _SIDES * (level[below] + level[above]) - _BEFORE * before[band]
            squares[_ACROSS + band] = min(error * error, _MOST_SQUARE)
        mask(powers[k], matrix, masking, state[1])
        faint = _FAINT * totals[k]
        for band in range(BANDS):
            mean = squares[band] + squares[band + 1] + squares[band + 2] + squares[band + 3]
            mean = (mean + squares[band + 4]) / shares[band]
            spread = state[2, band] + _FOLLOWS * (mean - state[2, band])
            state[2, band] = spread
            power = powers[k, band]
            ratio = min((state[1, band] + _TINY) / (power + _TINY), _MOST_MASKING)
            square = np.sqrt(ratio) / (np.sqrt(spread) / _USUAL + _STEADY)
            if not first:
                square /= one + power / (_ONSET * masking[band] + _TINY)
            depth = np.sqrt(square)
            out[k, band] = depth / gates[band] if power > faint else nothing


@kernel
def mask(
    powers: NDArray[np.float32],
    matrix: NDArray[np.float32],
    least: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Spread one row's power, and take `least` where that is more; (41,) arrays."""
    for band in range(BANDS):
        out[band] = powers[0] * matrix[0, band]
    # Four maskers in one pass, in their order: as exact as one by one, and six times as fast.
    for first in range(1, BANDS, 4):
        power, rows = powers[first : first + 4], matrix[first : first + 4]
        for band in range(BANDS):
            total = out[band] + power[0] * rows[0, band]
            total += power[1] * rows[1, band]
            total += power[2] * rows[2, band]
            out[band] = total + power[3] * rows[3, band]
    for band in range(BANDS):
        out[band] = max(out[band], least[band])


@kernel
def maskings(
    powers: NDArray[np.float32], matrix: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Compute what masks every tile: what it has around itself, and what it had before.

    Parameters
    ----------
    powers : (K, 41) float32 array
        Of the tiles.
    matrix : (41, 41) float32 array
        From `masking_matrix`.
    out : (K, 41) float32 array
        Filled.
    """
    least = np.empty(BANDS, np.float32)
    least[:] = 0
    for k in range(powers.shape[0]):
        mask(powers[k], matrix, least, out[k])
        for band in range(BANDS):
            least[band] = AFTERWARDS * out[k, band]
