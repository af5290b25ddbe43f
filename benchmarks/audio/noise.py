"""Edits that add something: noise, other sounds, echoes, a room.

A signal-to-noise ratio is taken over the whole sound as it is: pauses count, and clips of a file
may get more or less of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.audio import Samples, Sound
from benchmarks.audio.scaling import at_rate

#: Early reflections of the synthetic room, seconds.
_PREDELAY_SECONDS = 0.003


def white(sound: Sound, decibels: float, rng: np.random.Generator) -> Sound:
    """Add white Gaussian noise at a signal-to-noise ratio, independent in each channel."""
    return _added(sound, rng.normal(0, 1, sound.samples.shape), decibels)


def white_level(sound: Sound, deviation: float, rng: np.random.Generator) -> Sound:
    """Add white Gaussian noise of a standard deviation, of full scale."""
    return _sum(sound, deviation * rng.normal(0, 1, sound.samples.shape))


def pink(sound: Sound, decibels: float, rng: np.random.Generator) -> Sound:
    """Add pink noise (power as 1/f) at a signal-to-noise ratio."""
    return _added(sound, _pink(sound.samples.shape, rng), decibels)


def pink_level(sound: Sound, deviation: float, rng: np.random.Generator) -> Sound:
    """Add pink noise of a standard deviation, of full scale."""
    return _sum(sound, deviation * _pink(sound.samples.shape, rng))


def bed(sound: Sound, decibels: float, rng: np.random.Generator, other: Sound) -> Sound:
    """Add another sound, from a random place on, looped if need be, at a ratio of powers."""
    fitted = at_rate(other, sound.rate).samples
    if sound.samples.shape[1] == 1:
        fitted = fitted.mean(axis=1, keepdims=True)
    start = int(rng.integers(len(fitted)))
    where = (start + np.arange(len(sound.samples))) % len(fitted)
    return _added(sound, fitted[where], decibels)


def echo(sound: Sound, seconds: float, volume: float) -> Sound:
    """Add the sound itself, later and at a volume."""
    delay = round(seconds * sound.rate)
    later = np.zeros_like(sound.samples)
    later[delay:] = sound.samples[: max(0, len(later) - delay)]
    return _sum(sound, volume * later)


def reverb(sound: Sound, seconds: float, decibels: float, rng: np.random.Generator) -> Sound:
    """Put into a synthetic room: exponentially decaying noise after the direct sound.

    Parameters
    ----------
    sound : Sound
        Not changed.
    seconds : float
        Until the tail has fallen by 60 dB.
    decibels : float
        Energy of the direct sound over that of the tail.
    rng : Generator
        Draws the tail, another one for each channel.

    Returns
    -------
    Sound
        Of the same length: the tail after the end is cut.
    """
    length = round(seconds * sound.rate)
    time = np.arange(length) / sound.rate
    tail = rng.normal(0, 1, (length, sound.samples.shape[1])) * 10 ** (-3 * time[:, None] / seconds)
    tail[: max(1, round(_PREDELAY_SECONDS * sound.rate))] = 0
    tail *= 10 ** (-decibels / 20) / np.sqrt((tail**2).sum(axis=0))
    wet = signal.oaconvolve(sound.samples, tail, axes=0)[: len(sound.samples)]
    return _sum(sound, wet)


def _pink(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.normal(0, 1, shape), axis=0)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))[:, None]
    samples = np.fft.irfft(spectrum, shape[0], axis=0)
    return np.asarray(samples / samples.std())


def _added(sound: Sound, other: NDArray[np.floating], decibels: float) -> Sound:
    wanted = np.sqrt((sound.samples.astype(np.float64) ** 2).mean()) * 10 ** (-decibels / 20)
    has = np.sqrt((other.astype(np.float64) ** 2).mean())
    return _sum(sound, other * (wanted / max(has, 1e-12)))


def _sum(sound: Sound, other: NDArray[np.floating] | Samples) -> Sound:
    return Sound(np.ascontiguousarray(sound.samples + other, np.float32), sound.rate)
