"""The FFT-based model of the ear that PEAQ's basic version hears with.

Clause numbers are those of ITU-R BS.1387-1, annex 2. Where its text allows several readings, this
follows P. Kabal, "An Examination and Interpretation of ITU-R BS.1387: Perceptual Evaluation of
Audio Quality", McGill University, 2002, as the open implementations do.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 48_000
FRAME = 2048
HOP = FRAME // 2
BANDS = 109

#: Sound pressure level at which a full-scale sine is taken to be played, dB.
_PLAYBACK_DB = 92.0
#: What a Hann window leaves of a sine of 1019.5 Hz that falls between two bins, as a factor.
_SCALLOPING = 0.84971762641205
#: Width of a band, and of all of them: 80 Hz to 18 kHz in Bark.
_BAND_BARK = 27.0 / (BANDS - 1)
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 18_000.0
_SPREADING_EXPONENT = 0.4
_LEAST_BAND_POWER = 1e-12
_LOUDNESS_SCALE = 1.07664


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ear makes of one channel; powers are relative to 0 dB SPL.

    Parameters
    ----------
    power, weighted : (frames, 1025) float64
        Power spectrum, before and after the outer and middle ear.
    unsmeared, excitation : (frames, 109) float64
        Excitation patterns before and after smearing in time.
    """

    power: Array
    weighted: Array
    unsmeared: Array
    excitation: Array


@dataclass(frozen=True, slots=True)
class Bands:
    """Constants of the 109 bands.

    Parameters
    ----------
    centres : (109,) float64
        Hz.
    grouping : (1025, 109) float64
        Share of each FFT bin in each band.
    noise : (109,) float64
        Internal noise of the ear.
    """

    centres: Array
    grouping: Array
    noise: Array


def hear(samples: Array) -> Heard:
    """Listen to one channel (2.1).

    Parameters
    ----------
    samples : (n,) float64
        At 48 kHz, full scale +-1.

    Returns
    -------
    Heard
        One row per frame of 2048 samples, half overlapped, the last padded with zeros.
    """
    spectrum = np.fft.rfft(frames(samples) * _window(), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    weighted = power * _outer_ear()
    unsmeared = _spread(group(weighted) + bands().noise) / _spread_of_unity()
    smeared = smooth(unsmeared, 0.008, 0.030)
    return Heard(power, weighted, unsmeared, np.maximum(smeared, unsmeared))


def frames(samples: Array) -> Array:
    """Cut into half-overlapped frames; what is left at the end fills one more with zeros."""
    count = max(0, (len(samples) - FRAME) // HOP + 1)
    rest = samples[count * HOP :]
    padded = np.concatenate([samples, np.zeros(FRAME - len(rest))])
    return np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]


def group(spectrum: Array) -> Array:
    """Sum a spectrum's bins by band (2.1.5)."""
    return np.maximum(spectrum @ bands().grouping, _LEAST_BAND_POWER)


def smooth(values: Array, least: float, at_100_hz: float, gain: Array | None = None) -> Array:
    """Run a first-order lowpass over frames, with a time constant for each band.

    Parameters
    ----------
    values : (frames, 109) float64
        One row after the other.
    least, at_100_hz : float
        Time constants at high frequencies and at 100 Hz, seconds.
    gain : (109,) float64 or None
        Of the input; None is 1 - the coefficient, which keeps a constant as it is.

    Returns
    -------
    (frames, 109) float64
        The filter starts at zero.
    """
    tau = least + 100.0 / bands().centres * (at_100_hz - least)
    keep = np.exp(-HOP / (RATE * tau))
    driven = values * (1 - keep if gain is None else gain)
    state = np.zeros(BANDS)
    out = np.empty_like(driven)
    for row, drive in enumerate(driven):
        state = keep * state + drive
        out[row] = state
    return out


def loudness(excitation: Array) -> Array:
    """Give the overall loudness of each frame in sone (3.3)."""
    khz = bands().centres / 1000
    threshold = 10 ** (0.364 * khz**-0.8)
    index = 10 ** (0.1 * (-2 - 2.05 * np.arctan(khz / 4) - 0.75 * np.arctan((khz / 1.6) ** 2)))
    scale = _LOUDNESS_SCALE * (threshold / (1e4 * index)) ** 0.23
    specific = scale * ((1 - index + index * excitation / threshold) ** 0.23 - 1)
    return np.asarray(24 / BANDS * np.maximum(specific, 0).sum(axis=1))


@functools.cache
def bands() -> Bands:
    """Lay out the bands on Schroeder's Bark scale (2.1.5), with the ear's own noise (2.1.6)."""
    lowest, highest = (7 * np.arcsinh(f / 650) for f in (_LOWEST_HZ, _HIGHEST_HZ))
    edges = np.minimum(lowest + _BAND_BARK * np.arange(BANDS + 1), highest)
    in_hz = 650 * np.sinh(edges / 7)
    centres = 650 * np.sinh((edges[:-1] + edges[1:]) / 2 / 7)
    # A bin stands for the frequencies half a bin to either side.
    bins = np.arange(FRAME // 2 + 1)[:, None]
    low, high = in_hz[:-1] * FRAME / RATE, in_hz[1:] * FRAME / RATE
    overlap = np.minimum(bins + 0.5, high) - np.maximum(bins - 0.5, low)
    return Bands(centres, np.maximum(overlap, 0), 10 ** (0.1456 * (centres / 1000) ** -0.8))


@functools.cache
def _window() -> Array:
    """Give the Hann window, scaled so that a full-scale sine has the playback level."""
    hann = 0.5 * (1 - np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1)))
    level: float = 10 ** (_PLAYBACK_DB / 20) / (_SCALLOPING / 4 * (FRAME - 1))
    return np.asarray(hann * level)


@functools.cache
def _outer_ear() -> Array:
    """Give the power response of the outer and middle ear at each bin (2.1.4)."""
    khz = np.arange(FRAME // 2 + 1) * RATE / FRAME / 1000
    with np.errstate(divide="ignore"):
        in_db = -2.184 * khz**-0.8 + 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) - 1e-3 * khz**3.6
    return np.asarray(10 ** (in_db / 10))


@functools.cache
def _spread_of_unity() -> Array:
    return np.asarray(_spread(np.ones((1, BANDS)))[0])


def _spread(pitch: Array) -> Array:
    """Spread each band over its neighbours, upwards by a slope that flattens with level (2.1.7)."""
    number = np.arange(BANDS)
    down = 10 ** (-2.7 * _BAND_BARK)
    up = 10 ** ((-2.4 - 23 / bands().centres) * _BAND_BARK) * pitch ** (0.2 * _BAND_BARK)
    total = (1 - down ** (number + 1)) / (1 - down) + (1 - up ** (BANDS - number)) / (1 - up) - 1
    part = (pitch / total) ** _SPREADING_EXPONENT
    log_up = _SPREADING_EXPONENT * np.log(up)
    spread = np.zeros_like(part)
    for band in range(BANDS):
        above = np.arange(BANDS - band)
        spread[:, band:] += part[:, band, None] * np.exp(log_up[:, band, None] * above)
    keep, state = down**_SPREADING_EXPONENT, np.zeros(len(part))
    for band in range(BANDS - 1, 0, -1):
        state = keep * (state + part[:, band])
        spread[:, band - 1] += state
    return np.asarray(spread ** (1 / _SPREADING_EXPONENT))
