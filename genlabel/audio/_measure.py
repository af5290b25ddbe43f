"""What the detector measures: powers of tiles, and what of them is not to be expected."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, FRAME
from genlabel_kernels.audio.residual import (
    HOPS,
    REACH,
    add_band_powers,
    gate,
    mean_across,
    near_powers,
    neighbour_table,
    own_powers,
    prediction_weights,
    residuals,
    squares_across,
    weigh,
)
from genlabel_kernels.audio.tiles import cut_rows

#: Samples at `RATE` from one row of the map to the next.
HOP = FRAME // HOPS
#: Fewest rows of a map.
LEAST_ROWS = 2 * REACH * HOPS + 1
# Power under which nothing is heard: against the whole sound's mean, and against full scale.
_FLOOR = 1e-9
_SILENCE = 1e-20
# Rows whose spectra are held at once, few enough to stay close at hand.
_BATCH = 512
# Of a band's powers around tiles, so many per cent are lower than its noise.
_QUIETEST = 10.0
# Times the noise that is added to a tile's power before the logarithm is taken, so that less of it
# moves: where there is hardly any noise, and beyond that where there is nothing else.
_ADDED_NOISE, _ADDED_IN_NOISE = np.float32(3.0), np.float32(15.0)
# Tiles that a codec has emptied move by anything: at least so much of the power around a tile is
# taken to be in it.
_LEAST_AROUND = np.float32(0.063)
# Rows from one to the next by which the noise is judged.
_SAMPLED = 4


@functools.cache
def _window() -> NDArray[np.float32]:
    return np.hanning(FRAME + 1)[:FRAME].astype(np.float32)


def tile_map(sound: NDArray[np.float32], *, hop: float = HOP) -> NDArray[np.float32]:
    """Measure the power of every tile, usually at every eighth of a frame.

    Parameters
    ----------
    sound : (C, n) float32 array
        At 11,025 Hz.
    hop : float
        Samples from one row to the next.

    Returns
    -------
    (m, 41) float32 array
        The channels' summed power, never zero.
    """
    rows = int((sound.shape[1] - FRAME) / hop) + 1 if sound.shape[1] >= FRAME else 0
    starts = np.rint(np.arange(rows) * hop).astype(np.int64)
    power = np.zeros((rows, BANDS), np.float32)
    spectra = np.empty((min(rows, _BATCH), FRAME), np.float32)
    for channel in sound if rows else ():
        for start in range(0, rows, _BATCH):
            part = slice(start, start + _BATCH)
            batch = spectra[: rows - start]
            cut_rows(channel, starts[part], _window(), batch)
            cv2.dft(batch, batch, flags=cv2.DFT_ROWS)
            add_band_powers(batch, power[part])
    floor = _FLOOR * float(power.mean(dtype=np.float64)) if rows else 0.0
    power += np.float32(floor + _SILENCE)
    return power


def statistic(
    powers: NDArray[np.float32],
    *,
    hops: int = HOPS,
    weights: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Give every tile its residual, clipped, and weighed by its local spread.

    Parameters
    ----------
    powers : (m, 41) float32 array
        From `tile_map`.
    hops : int
        Rows per frame.
    weights : (14, 41) float32 array or None
        Of the prediction; None to fit them to this sound.

    Returns
    -------
    (m, 41) float32 array
        Positive where a tile is louder than its neighbours let expect.
    """
    if not len(powers):
        return powers
    levels = _levels(powers, hops)
    values: NDArray[np.float32] = np.empty_like(powers)
    table = neighbour_table(hops)
    fitted = prediction_weights(levels.logs, table) if weights is None else weights
    residuals(levels.logs, table, fitted, values)
    expected = np.subtract(levels.logs, values)
    expected += levels.means
    # Of pure tones some predictions are beyond all numbers: far out of the noise, no more.
    with np.errstate(over="ignore"):
        np.exp(expected, out=expected)
    expected -= levels.added
    squares = np.empty_like(values)
    squares_across(values, squares)
    # In place: of a piece of minutes each such array takes 14 MB.
    gates = expected
    gate(levels.own, levels.around, expected, levels.noise, gates)
    weigh(values, squares, gates, hops)
    return values


def fitted_weights(powers: NDArray[np.float32], *, hops: int = HOPS) -> NDArray[np.float32]:
    """Fit the prediction to a sound.

    Parameters
    ----------
    powers : (m, 41) float32 array
        From `tile_map`, or alike.
    hops : int
        Rows per frame.

    Returns
    -------
    (14, 41) float32 array
        As `statistic` takes them.
    """
    return prediction_weights(_levels(powers, hops).logs, neighbour_table(hops))


@dataclass(frozen=True, slots=True)
class _Levels:
    """Log powers above the noise, and what they were made from.

    Parameters
    ----------
    logs : (m, 41) float32 array
        Less every band's mean.
    means : (41,) float32 array
        Those.
    added : (m, 41) float32 array
        Power that was added before the logarithm.
    own : (m, 41) float32 array
        Power of tiles, before that.
    around : (m, 41) float32 array
        Power around tiles.
    noise : (41,) float32 array
        By band.
    """

    logs: NDArray[np.float32]
    means: NDArray[np.float32]
    added: NDArray[np.float32]
    own: NDArray[np.float32]
    around: NDArray[np.float32]
    noise: NDArray[np.float32]


def _levels(powers: NDArray[np.float32], hops: int) -> _Levels:
    own = own_powers(powers, hops)
    near = near_powers(own, hops)
    noise = np.percentile(near[::_SAMPLED], _QUIETEST, axis=0).astype(np.float32)
    share = noise / (near.mean(axis=0) + np.float32(_SILENCE))
    around = near
    mean_across(near, around)
    added = np.maximum((_ADDED_NOISE + _ADDED_IN_NOISE * share) * noise, _LEAST_AROUND * around)
    logs = np.add(own, added)
    np.log(logs, out=logs)
    means = logs.mean(axis=0)
    logs -= means
    return _Levels(logs, means, added, own, around, noise)
