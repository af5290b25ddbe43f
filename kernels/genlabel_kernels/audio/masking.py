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
# What is left of a masker's effect one row of tiles later.
_AFTERWARDS = np.float32(0.25)
_MOST_MASKING = np.float32(1000.0)
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
    level = np.empty(BANDS, np.float32)
    squares = np.empty(BANDS, np.float32)
    masking = np.empty(BANDS, np.float32)
    one = np.float32(1.0)
    for k in range(powers.shape[0]):
        loudest = np.float32(-100.0)
        for band in range(BANDS):
            level[band] = np.log(powers[k, band] + _TINY)
            loudest = max(loudest, level[band])
        if np.isnan(state[0, 0]):
            for band in range(BANDS):
                state[0, band] = level[band]
        reference = max(state[3, 0] - _RELEASE, loudest - _BELOW_LOUDEST)
        state[3, 0] = reference
        for band in range(BANDS):
            below, above = max(band - 1, 0), min(band + 1, BANDS - 1)
            expected = _SIDES * (level[below] + level[above]) + _BEFORE * state[0, band]
            squares[band] = min((level[band] - expected) * (level[band] - expected), _MOST_SQUARE)
            masking[band] = _AFTERWARDS * state[1, band]
        _mask(powers[k], matrix, masking, state[1])
        for band in range(BANDS):
            low, high = max(band - 2, 0), min(band + 2, BANDS - 1)
            mean = np.float32(0.0)
            for other in range(low, high + 1):
                mean += squares[other]
            mean /= np.float32(high - low + 1)
            state[2, band] += _FOLLOWS * (mean - state[2, band])
            power = powers[k, band]
            if power <= _FAINT * totals[k]:
                out[k, band] = 0
                continue
            ratio = min((state[1, band] + _TINY) / (power + _TINY), _MOST_MASKING)
            depth = np.sqrt(np.sqrt(ratio))
            depth /= np.sqrt(np.sqrt(state[2, band]) / _USUAL + _STEADY)
            out[k, band] = depth / (one + np.exp(reference - _GATE - level[band]))
        for band in range(BANDS):
            state[0, band] = level[band]


@kernel
def _mask(
    powers: NDArray[np.float32],
    matrix: NDArray[np.float32],
    least: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Spread one row's power, and take `least` where that is more; (41,) arrays."""
    for band in range(BANDS):
        out[band] = 0
    for other in range(BANDS):
        power = powers[other]
        for band in range(BANDS):
            out[band] += power * matrix[other, band]
    for band in range(BANDS):
        out[band] = max(out[band], least[band])


def maskings(powers: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute what masks every tile: what it has around itself, and what it had before.

    Parameters
    ----------
    powers : (K, 41) float32 array
        Of the tiles.
    matrix : (41, 41) float32 array
        From `masking_matrix`.

    Returns
    -------
    (K, 41) float32 array
    """
    out: NDArray[np.float32] = powers @ matrix
    for k in range(1, len(out)):
        np.maximum(out[k], _AFTERWARDS * out[k - 1], out=out[k])
    return out
