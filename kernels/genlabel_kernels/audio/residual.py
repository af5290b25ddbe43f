"""What a sound's tiles have beyond what their neighbours let one expect.

The detector's map holds the power of every tile at every eighth of a frame, averaged over the time
in which the tile alone sounds. A tile's prediction is a weighted sum of its neighbours' log powers,
by weights fitted to the sound itself; what is left is divided by its local spread, so that every
chip counts by how well it can be heard above its surroundings, and by how far these stand out of
the noise.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, BINS_PER_BAND, FIRST_BIN
from genlabel_kernels.jit import kernel_fast

#: Rows of the detector's map per frame.
HOPS = 8
#: (frames, bands) from a tile to the neighbours that predict it.
NEIGHBOURS = (
    (0, -1), (0, 1), (0, -2), (0, 2), (0, -3), (0, 3), (-1, 0), (1, 0), (-2, 0), (2, 0),
    (-1, -1), (-1, 1), (1, -1), (1, 1),
)  # fmt: skip
# What a change of a tile changes each of them, and itself: tiles run into each other, and less so
# in time. The mean over 33 clips as marked, through Opus 16 and in noise of 10 dB.
_FOOTPRINT = (
    0.22, 0.22, 0.04, 0.04, 0.01, 0.01, 0.04, 0.04, 0.0, 0.0, 0.03, 0.03, 0.03, 0.03, 1.0,
)  # fmt: skip
#: Frames beyond which no neighbour lies.
REACH = 2
_SIDE = 3
# Rows that are predicted together.
_TOGETHER = 8
_RIDGE = 1e-3
# Bands that are predicted alike, from one of these to the next; and bands on either side that say
# how as well.
_GROUPS = (0, 11, 21, 31, BANDS)
_BESIDE = 2
# Equations taken for one fit, about: more make it no better.
_EQUATIONS = 6000
# Tiles around one whose residuals make its local spread, and in bands those by whose power noise is
# told from sound: bands and rows on either side.
_ACROSS = 2
_AROUND = 16
# Residuals are clipped at so many spreads; none is less than the root of this, in nats.
_CLIP = np.float32(2.0)
_LEAST_SQUARE = np.float32(0.1)
# Rows on either side over which a tile's power is averaged, and those over which the power around
# it is; bands on either side for the latter.
_OWN_ROWS, _NEAR_ROWS, _ACROSS = 2, 6, 2
# What counts in the midst of noise.
_LEAST_GATE = np.float32(0.1)
# Times the noise that a tile is taken to have besides; and against what is around it, the power at
# which it counts half: a codec leaves nothing of a mark in tiles that it empties.
_NOISES, _HOLLOW = np.float32(3.0), np.float32(0.0126)
_TINY = np.float32(1e-30)


def neighbour_table(hops: int) -> NDArray[np.int32]:
    """Give `NEIGHBOURS` as rows and bands of the map.

    Parameters
    ----------
    hops : int
        Rows per frame.

    Returns
    -------
    (14, 2) int32 array
    """
    return np.array([(hops * frames, bands) for frames, bands in NEIGHBOURS], np.int32)


def prediction_weights(
    powers: NDArray[np.float32], table: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Fit the prediction to a sound: what it leaves of a mark stands out of what it leaves else.

    A change of one tile is in its neighbours too, and a prediction that only left least would take
    it off with them. So what is left is least for a change that is wholly left.

    Parameters
    ----------
    powers : (n, 41) float32 array
        Log powers, each band's mean removed.
    table : (m, 2) int32 array
        From `neighbour_table`.

    Returns
    -------
    (m, 41) float32 array
        Weights of the neighbours of each band's tiles.

    References
    ----------
    J. Capon, "High-resolution frequency-wavenumber spectrum analysis", Proc. IEEE 57(8), 1969.
    """
    weights = np.zeros((len(table), BANDS), np.float32)
    reach = int(table[:, 0].max())
    rows = len(powers) - 2 * reach
    if rows <= 0:
        return weights
    shifts = [*table.tolist(), [0, 0]]
    for start, stop in pairwise(_GROUPS):
        low, high = max(start - _BESIDE, _SIDE), min(stop + _BESIDE, BANDS - _SIDE)
        step = max(1, rows * (high - low) // _EQUATIONS)
        terms = [
            powers[reach + down : reach + down + rows : step, low + across : high + across]
            for down, across in shifts
        ]
        equations = np.stack([term.reshape(-1) for term in terms])
        normal = (equations @ equations.T).astype(np.float64)
        ridge = _RIDGE * (equations.shape[1] + 1) * np.eye(len(shifts))
        left = np.linalg.solve(normal + ridge, _FOOTPRINT)
        weights[:, start:stop] = (-left[:-1] / left[-1])[:, None]
    return weights


@kernel_fast
def add_band_powers(spectra: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Add the power of every tile of one channel.

    Parameters
    ----------
    spectra : (n, 256) float32 array
        Rows as a real DFT packs them: Re 0, Re 1, Im 1, Re 2, ...
    out : (n, 41) float32 array
        Added to.
    """
    first = 2 * FIRST_BIN - 1
    for row in range(spectra.shape[0]):
        bins = spectra[row, first:]
        for band in range(BANDS):
            total = np.float32(0.0)
            for part in range(2 * BINS_PER_BAND):
                value = bins[2 * BINS_PER_BAND * band + part]
                total += value * value
            out[row, band] += total


@kernel_fast
def mean_rows(values: NDArray[np.float32], reach: int, out: NDArray[np.float32]) -> None:
    """Average every tile over rows on either side, fewer at the edges.

    Parameters
    ----------
    values : (n, 41) float32 array
        Powers.
    reach : int
        Rows on either side.
    out : (n, 41) float32 array
        Filled.
    """
    rows = values.shape[0]
    for row in range(rows):
        low, high = max(row - reach, 0), min(row + reach, rows - 1)
        for band in range(BANDS):
            out[row, band] = values[low, band]
        for other in range(low + 1, high + 1):
            for band in range(BANDS):
                out[row, band] += values[other, band]
        share = np.float32(1.0) / np.float32(high - low + 1)
        for band in range(BANDS):
            out[row, band] *= share


def own_powers(powers: NDArray[np.float32], hops: int) -> NDArray[np.float32]:
    """Average powers over the time in which a tile alone sounds.

    Parameters
    ----------
    powers : (n, 41) float32 array
        Of windows of one frame's length, which hear less than all of it.
    hops : int
        Rows per frame.

    Returns
    -------
    (n, 41) float32 array
    """
    out = np.empty_like(powers)
    mean_rows(powers, _OWN_ROWS * hops // HOPS, out)
    return out


def near_powers(powers: NDArray[np.float32], hops: int) -> NDArray[np.float32]:
    """Average powers over a frame and a half, by which noise is told from sound.

    Parameters
    ----------
    powers : (n, 41) float32 array
        From `own_powers`.
    hops : int
        Rows per frame.

    Returns
    -------
    (n, 41) float32 array
    """
    out = np.empty_like(powers)
    mean_rows(powers, max(1, _NEAR_ROWS * hops // HOPS), out)
    return out


@kernel_fast
def residuals(
    powers: NDArray[np.float32],
    table: NDArray[np.int32],
    weights: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Subtract from every tile what its neighbours predict.

    Parameters
    ----------
    powers : (n, 41) float32 array
        Log powers, each band's mean removed.
    table : (m, 2) int32 array
        From `neighbour_table`.
    weights : (m, 41) float32 array
        From `prediction_weights`.
    out : (n, 41) float32 array
        Filled. Beyond the map's edges it continues as it ends.
    """
    rows = powers.shape[0]
    reach = 0
    for i in range(table.shape[0]):
        reach = max(reach, abs(table[i, 0]))
    width = BANDS + 2 * _SIDE
    padded = np.empty((rows + 2 * reach, width), np.float32)
    for row in range(padded.shape[0]):
        source = powers[min(max(row - reach, 0), rows - 1)]
        for column in range(width):
            padded[row, column] = source[min(max(column - _SIDE, 0), BANDS - 1)]
    # Many rows in one pass, with what pads them: vectors longer than a row.
    flat, left = padded.reshape(-1), np.empty(_TOGETHER * width, np.float32)
    tiled = np.empty((table.shape[0], _TOGETHER * width), np.float32)
    tiled[:] = 0
    for i in range(table.shape[0]):
        for row in range(_TOGETHER):
            for band in range(BANDS):
                tiled[i, row * width + band] = weights[i, band]
    for first in range(0, rows, _TOGETHER):
        together = min(_TOGETHER, rows - first)
        middle, count = (first + reach) * width + _SIDE, together * width - 2 * _SIDE
        for k in range(count):
            left[k] = flat[middle + k]
        for i in range(table.shape[0]):
            start = middle + table[i, 0] * width + table[i, 1]
            near, weight = flat[start : start + count], tiled[i]
            for k in range(count):
                left[k] -= weight[k] * near[k]
        for row in range(together):
            for band in range(BANDS):
                out[first + row, band] = left[row * width + band]


@kernel_fast
def squares_across(values: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Average the squares of five bands, fewer at the edges; (n, 41) float32 arrays."""
    for row in range(values.shape[0]):
        for band in range(BANDS):
            out[row, band] = values[row, band] * values[row, band]
    mean_across(out, out)


@kernel_fast
def _shares() -> NDArray[np.float32]:
    """Give the reciprocal of how many bands `_sum_across` finds around each; (41,) float32."""
    shares = np.empty(BANDS, np.float32)
    for band in range(BANDS):
        count = min(band + _ACROSS, BANDS - 1) - max(band - _ACROSS, 0) + 1
        shares[band] = np.float32(1.0) / np.float32(count)
    return shares


@kernel_fast
def _sum_across(padded: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Sum five neighbouring values, of (45,) float32 into (41,)."""
    for band in range(BANDS):
        total = padded[band] + padded[band + 1] + padded[band + 2]
        out[band] = total + padded[band + 3] + padded[band + 4]


@kernel_fast
def mean_across(powers: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Average the powers of five bands, fewer at the edges; (n, 41) float32 arrays, or one."""
    shares = _shares()
    padded = np.empty(BANDS + 2 * _ACROSS, np.float32)
    padded[:] = 0
    for row in range(powers.shape[0]):
        for band in range(BANDS):
            padded[_ACROSS + band] = powers[row, band]
        _sum_across(padded, out[row])
        for band in range(BANDS):
            out[row, band] *= shares[band]


@kernel_fast
def gate(
    own: NDArray[np.float32],
    around: NDArray[np.float32],
    expected: NDArray[np.float32],
    noise: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Say which part of a tile's surroundings is sound and not noise, and that it is no hole.

    Judged twice, and averaged: by what is around a tile, which is surer, and by what its neighbours
    predict, which is sharper where there are tones.

    Parameters
    ----------
    own : (n, 41) float32 array
        From `own_powers`.
    around : (n, 41) float32 array
        Power around a tile, in time and frequency.
    expected : (n, 41) float32 array
        Power that a tile's neighbours predict.
    noise : (41,) float32 array
        Power of the noise, by band.
    out : (n, 41) float32 array
        Filled: 1 where there is no noise to speak of, .1 where there is nothing else, and less in
        tiles that are much softer than what is around them. May be `expected`.
    """
    one, half, least = np.float32(1.0), np.float32(0.5), np.float32(0.0)
    for row in range(own.shape[0]):
        for band in range(BANDS):
            beside = around[row, band] + _TINY
            standing = max(one - noise[band] / beside, least)
            predicted = one - noise[band] / max(expected[row, band], noise[band] + _TINY)
            sound = _LEAST_GATE + (one - _LEAST_GATE) * half * (standing + predicted)
            heard = own[row, band] + _NOISES * noise[band]
            out[row, band] = sound * heard / (heard + _HOLLOW * beside)


@kernel_fast
def weigh(
    values: NDArray[np.float32],
    squares: NDArray[np.float32],
    gates: NDArray[np.float32],
    hops: int,
) -> None:
    """Turn residuals into what is summed: clipped, and weighed by how well a mark can be heard.

    The spread enters once by the clip, and by its fourth root once more: between the weights that
    suit noisy and tonal sounds best.

    Parameters
    ----------
    values : (n, 41) float32 array
        Residuals; changed in place.
    squares : (n, 41) float32 array
        From `squares_across`.
    gates : (n, 41) float32 array
        From `gate`.
    hops : int
        Rows per frame.
    """
    rows = values.shape[0]
    around = _AROUND * hops // HOPS
    running = np.empty(BANDS, np.float64)
    running[:] = 0
    held = 0
    for row in range(min(around, rows)):
        for band in range(BANDS):
            running[band] += squares[row, band]
        held += 1
    for row in range(rows):
        if row + around < rows:
            for band in range(BANDS):
                running[band] += squares[row + around, band]
            held += 1
        if row - around - 1 >= 0:
            for band in range(BANDS):
                running[band] -= squares[row - around - 1, band]
            held -= 1
        share = np.float32(1.0) / np.float32(held)
        for band in range(BANDS):
            square = max(np.float32(running[band]) * share, np.float32(0.0)) + _LEAST_SQUARE
            spread = np.sqrt(square)
            value = min(max(values[row, band] / spread, -_CLIP), _CLIP)
            values[row, band] = value * gates[row, band] / np.sqrt(np.sqrt(spread))
