"""What the detector measures: log powers of tiles, and what of them is not to be expected."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, BINS_PER_BAND, FIRST_BIN, FRAME, RATE
from genlabel_kernels.audio.resampling import lowpass, resampled
from genlabel_kernels.audio.residual import (
    HOPS,
    REACH,
    neighbour_table,
    prediction_weights,
    residuals,
    squares_across,
    weigh,
)

#: Samples at `RATE` from one row of the map to the next.
HOP = FRAME // HOPS
#: Fewest rows of a map.
LEAST_ROWS = 2 * REACH * HOPS + 1
# Packed columns of the tiles' bins.
_COLUMNS = slice(2 * FIRST_BIN - 1, 2 * (FIRST_BIN + BINS_PER_BAND * BANDS) - 1)
# Power under which nothing is heard: against the whole sound's mean, and against full scale.
_FLOOR = 1e-9
_SILENCE = 1e-20
# Rows whose spectra are held at once.
_BATCH = 4096
# Of a band's log powers, so many are lower than its noise; a tile so many nats above counts half.
_QUIETEST = 5.0
_ABOVE_NOISE = 1.5
# Rows from one to the next by which the noise is judged.
_SAMPLED = 4


@functools.cache
def _window() -> NDArray[np.float32]:
    return np.hanning(FRAME + 1)[:FRAME].astype(np.float32)


def tile_map(channels: NDArray[np.float32], rate: int, *, hops: int = HOPS) -> NDArray[np.float32]:
    """Measure the log power of every tile, usually at every eighth of a frame.

    Parameters
    ----------
    channels : (C, n) float32 array
        At any accepted rate.
    rate : int
        In hertz.
    hops : int
        Rows per frame.

    Returns
    -------
    (m, 41) float32 array
        Natural logarithms of the channels' summed power.
    """
    sound = resampled(channels, lowpass(rate, RATE)) if rate != RATE else channels
    hop = FRAME // hops
    rows = max(0, (sound.shape[1] - FRAME) // hop + 1)
    power = np.zeros((rows, BANDS), np.float32)
    for channel in sound:
        if rows:
            frames = np.lib.stride_tricks.sliding_window_view(channel, FRAME)[::hop]
            for start in range(0, rows, _BATCH):
                part = slice(start, start + _BATCH)
                power[part] += _tile_powers(frames[part])
    floor = _FLOOR * float(power.mean(dtype=np.float64)) if rows else 0.0
    return np.log(power + np.float32(floor + _SILENCE))


def _tile_powers(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    spectra: NDArray[np.float32] = np.asarray(
        cv2.dft(frames * _window(), flags=cv2.DFT_ROWS), np.float32
    )
    bins = spectra[:, _COLUMNS]
    squares = (bins * bins).reshape(len(bins), BANDS, 2 * BINS_PER_BAND)
    return np.asarray(squares.sum(axis=2), np.float32)


def statistic(powers: NDArray[np.float32], *, hops: int = HOPS) -> NDArray[np.float32]:
    """Give every tile its residual, clipped, and weighed by its local spread.

    Parameters
    ----------
    powers : (m, 41) float32 array
        From `tile_map`.
    hops : int
        Rows per frame.

    Returns
    -------
    (m, 41) float32 array
        Positive where a tile is louder than its neighbours let expect.
    """
    if not len(powers):
        return powers
    centred = powers - powers.mean(axis=0)
    values: NDArray[np.float32] = np.empty_like(centred)
    table = neighbour_table(hops)
    residuals(centred, table, prediction_weights(centred, table), values)
    squares = np.empty_like(values)
    squares_across(values, squares)
    quiet = np.percentile(powers[::_SAMPLED], _QUIETEST, axis=0) + _ABOVE_NOISE
    weigh(values, squares, powers, quiet.astype(np.float32), hops)
    return values
