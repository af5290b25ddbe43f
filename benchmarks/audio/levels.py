"""Edits of each sample by itself, or of the level over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.audio import Sound

_ATTACK_SECONDS, _RELEASE_SECONDS = 0.005, 0.1
_RATIO = 4.0


def gain(sound: Sound, factor: float) -> Sound:
    """Multiply, and clip to full scale."""
    return _sound(np.clip(sound.samples * np.float32(factor), -1, 1), sound.rate)


def clip(sound: Sound, decibels: float) -> Sound:
    """Raise so that the peak is so many dB over full scale, clip, and turn down again."""
    peak = max(float(np.abs(sound.samples).max()), 1e-9)
    most = peak / 10 ** (decibels / 20)
    return _sound(np.clip(sound.samples, -most, most), sound.rate)


def polarity(sound: Sound) -> Sound:
    """Turn the sign."""
    return _sound(-sound.samples, sound.rate)


def mono(sound: Sound) -> Sound:
    """Mix all channels into one."""
    return _sound(sound.samples.mean(axis=1, keepdims=True), sound.rate)


def bits(sound: Sound, count: float) -> Sound:
    """Round to so many bits, full scale, no dither."""
    steps = 2 ** (int(count) - 1)
    return _sound(np.clip(np.round(sound.samples * steps), -steps, steps - 1) / steps, sound.rate)


def levels(sound: Sound, count: float) -> Sound:
    """Round to so many levels between the least and the greatest sample."""
    least, most = float(sound.samples.min()), float(sound.samples.max())
    step = max(most - least, 1e-9) / (count - 1)
    return _sound(least + step * np.round((sound.samples - least) / step), sound.rate)


def compress(sound: Sound, threshold: float) -> Sound:
    """Compress 4:1 above a threshold (dB of full scale), 5 ms attack, 100 ms release."""
    over = np.maximum(_level(sound) - threshold, 0)
    return _turned(sound, -over * (1 - 1 / _RATIO))


def expand(sound: Sound, threshold: float) -> Sound:
    """Expand 4:1 below a threshold (dB of full scale), never by more than 60 dB."""
    under = np.maximum(threshold - _level(sound), 0)
    return _turned(sound, -np.minimum(under * (_RATIO - 1), 60))


def limit(sound: Sound, threshold: float) -> Sound:
    """Let no level above a threshold (dB of full scale), 5 ms attack, 100 ms release."""
    return _turned(sound, -np.maximum(_level(sound) - threshold, 0))


def fade(sound: Sound, seconds: float) -> Sound:
    """Fade in and out, straight lines of so many seconds."""
    time = (np.arange(len(sound.samples)) + 0.5) / sound.rate
    ramp = np.clip(np.minimum(time, time[::-1]) / seconds, 0, 1)
    return _sound(sound.samples * ramp[:, None], sound.rate)


def _level(sound: Sound) -> NDArray[np.float64]:
    """Follow the level in dB, all channels together: rising and falling at their own speeds."""
    # A hundred values a millisecond are not needed: the follower runs every half millisecond.
    block = max(1, sound.rate // 2000)
    peak = np.abs(sound.samples).max(axis=1)
    padded = np.pad(peak, (0, -len(peak) % block)).reshape(-1, block).max(axis=1)
    rise, fall = (
        float(np.exp(-block / (seconds * sound.rate)))
        for seconds in (_ATTACK_SECONDS, _RELEASE_SECONDS)
    )
    state, followed = 0.0, []
    for value in padded.tolist():
        keep = rise if value > state else fall
        state = keep * state + (1 - keep) * value
        followed.append(state)
    smooth = np.repeat(np.asarray(followed), block)[: len(peak)]
    return np.asarray(20 * np.log10(np.maximum(smooth, 1e-6)))


def _turned(sound: Sound, decibels: NDArray[np.float64]) -> Sound:
    # Steps of half a millisecond would click.
    taps = np.hanning(max(3, sound.rate // 500 | 1))
    smooth = signal.oaconvolve(
        np.pad(decibels, len(taps) // 2, mode="edge"), taps / taps.sum(), mode="valid"
    )
    return _sound(sound.samples * 10 ** (smooth[: len(decibels), None] / 20), sound.rate)


def _sound(samples: NDArray[np.floating], rate: int) -> Sound:
    return Sound(np.ascontiguousarray(samples, np.float32), rate)
