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
    REACH_ROWS,
    neighbour_table,
    prediction_weights,
    residuals,
    squares_across,
    weighted,
)

#: Samples at `RATE` from one row of the map to the next.
HOP = FRAME // HOPS
#: Fewest rows of a map.
LEAST_ROWS = 2 * REACH_ROWS + 1
# Packed columns of the tiles' bins.
_COLUMNS = slice(2 * FIRST_BIN - 1, 2 * (FIRST_BIN + BINS_PER_BAND * BANDS) - 1)
# Power under which nothing is heard: against the whole sound's mean, and against full scale.
_FLOOR = 1e-9
_SILENCE = 1e-20
# Rows whose spectra are held at once.
_BATCH = 4096
_LIMITS = np.array([2.0, 0.05], np.float32)
_SPREAD_ROWS = 36


@functools.cache
def _window() -> NDArray[np.float32]:
    return np.hanning(FRAME + 1)[:FRAME].astype(np.float32)


def tile_map(channels: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Measure the log power of every tile at every eighth of a frame.

    Parameters
    ----------
    channels : (C, n) float32 array
        At any accepted rate.
    rate : int
        In hertz.

    Returns
    -------
    (m, 41) float32 array
        Natural logarithms of the channels' summed power.
    """
    sound = resampled(channels, lowpass(rate, RATE)) if rate != RATE else channels
    rows = max(0, (sound.shape[1] - FRAME) // HOP + 1)
    power = np.zeros((rows, BANDS), np.float32)
    for channel in sound:
        if rows:
            frames = np.lib.stride_tricks.sliding_window_view(channel, FRAME)[::HOP]
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


def statistic(powers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give every tile its residual, clipped, and weighed by its local spread.

    Parameters
    ----------
    powers : (m, 41) float32 array
        From `tile_map`, at least `LEAST_ROWS` rows.

    Returns
    -------
    (m, 41) float32 array
        Positive where a tile is louder than its neighbours let expect.
    """
    centred = powers - powers.mean(axis=0)
    values: NDArray[np.float32] = np.empty_like(centred)
    residuals(centred, neighbour_table(), prediction_weights(centred), values)
    squares = np.empty_like(values)
    squares_across(values, squares)
    weighted(values, squares, _SPREAD_ROWS, _LIMITS)
    return values
