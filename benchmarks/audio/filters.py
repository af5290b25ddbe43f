"""Edits that weigh frequencies or average samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.audio import Sound
from benchmarks.audio.scaling import resample

#: Zero crossings of the sinc to either side, as in the filters that neural marks are tested with.
_ZEROS = 8
_TELEPHONE_HZ = (300.0, 3400.0)
_TELEPHONE_RATE = 8000
_EQ_CENTRES = (100.0, 316.0, 1000.0, 3160.0, 7000.0)
_EQ_OCTAVES = 1.67
_BARK_BANDS = 24


def lowpass(sound: Sound, hertz: float) -> Sound:
    """Take out what is above: a Hann-windowed sinc of 8 zero crossings to either side."""
    if hertz >= sound.rate / 2:
        return _sound(sound.samples.copy(), sound.rate)
    return _convolved(sound, _low(hertz / sound.rate))


def highpass(sound: Sound, hertz: float) -> Sound:
    """Take out what is below: the complement of `lowpass`."""
    return _less(sound, lowpass(sound, hertz))


def lowpass_share(sound: Sound, share: float) -> Sound:
    """As `lowpass`, the edge a share of the rate."""
    return lowpass(sound, share * sound.rate)


def highpass_share(sound: Sound, share: float) -> Sound:
    """As `highpass`, the edge a share of the rate."""
    return highpass(sound, share * sound.rate)


def bandpass(sound: Sound, low: float, high: float) -> Sound:
    """Keep what is between: the difference of two `lowpass`."""
    return _less(lowpass(sound, high), lowpass(sound, low))


def telephone(sound: Sound) -> Sound:
    """Go through 8 kHz, and there through a Butterworth band of order 4, 300 to 3400 Hz."""
    narrow = resample(sound, _TELEPHONE_RATE)
    sections = signal.butter(4, _TELEPHONE_HZ, "bandpass", fs=sound.rate, output="sos")
    return _sound(signal.sosfilt(sections, narrow.samples, axis=0), sound.rate)


def equalise(sound: Sound, decibels: float, rng: np.random.Generator) -> Sound:
    """Turn five bands (100, 316, 1000, 3160, 7000 Hz; 1.67 octaves) up or down by chance."""
    samples = sound.samples.astype(np.float64)
    for centre in _EQ_CENTRES:
        gain = decibels * rng.choice((-1, 1))
        if centre < 0.45 * sound.rate:
            samples = signal.sosfilt(_peaking(centre, gain, sound.rate), samples, axis=0)
    return _sound(samples, sound.rate)


def equalise_bark(sound: Sound, least: float, most: float, rng: np.random.Generator) -> Sound:
    """Turn 24 Bark bands up or down by chance, by so many dB (linear phase, straight between)."""
    gains = rng.choice((-1, 1), _BARK_BANDS) * rng.uniform(least, most, _BARK_BANDS)
    spectrum = np.fft.rfft(sound.samples, axis=0)
    hertz = np.arange(len(spectrum)) * sound.rate / len(sound.samples)
    bark = 7 * np.arcsinh(hertz / 650)
    curve = 10 ** (np.interp(bark, np.arange(_BARK_BANDS) + 0.5, gains) / 20)
    samples = np.fft.irfft(spectrum * curve[:, None], len(sound.samples), axis=0)
    return _sound(samples, sound.rate)


def lowpass_biquad(sound: Sound, hertz: float) -> Sound:
    """As `lowpass`, by a Butterworth filter of order 2."""
    return _butterworth(sound, hertz, "lowpass")


def highpass_biquad(sound: Sound, hertz: float) -> Sound:
    """As `highpass`, by a Butterworth filter of order 2."""
    return _butterworth(sound, hertz, "highpass")


def smooth(sound: Sound, taps: float) -> Sound:
    """Average over so many samples."""
    return _convolved(sound, np.full(int(taps), 1 / int(taps)))


def _butterworth(sound: Sound, hertz: float, kind: str) -> Sound:
    if hertz >= sound.rate / 2:
        return _sound(sound.samples.copy() if kind == "lowpass" else 0 * sound.samples, sound.rate)
    sections = signal.butter(2, hertz, kind, fs=sound.rate, output="sos")
    return _sound(signal.sosfilt(sections, sound.samples, axis=0), sound.rate)


def _low(edge: float) -> NDArray[np.float64]:
    half = int(_ZEROS / edge / 2)
    time = np.arange(-half, half + 1)
    taps = np.sinc(2 * edge * time) * np.hanning(2 * half + 3)[1:-1]
    return np.asarray(taps / taps.sum())


def _peaking(centre: float, decibels: float, rate: int) -> NDArray[np.float64]:
    """Give a peaking equaliser (R. Bristow-Johnson's audio EQ cookbook)."""
    turn = 2 * np.pi * centre / rate
    gain = 10 ** (decibels / 40)
    alpha = np.sin(turn) * np.sinh(np.log(2) / 2 * _EQ_OCTAVES * turn / np.sin(turn))
    b = np.array([1 + alpha * gain, -2 * np.cos(turn), 1 - alpha * gain])
    a = np.array([1 + alpha / gain, -2 * np.cos(turn), 1 - alpha / gain])
    return np.asarray(np.concatenate([b, a])[None] / a[0])


def _convolved(sound: Sound, taps: NDArray[np.float64]) -> Sound:
    return _sound(signal.oaconvolve(sound.samples, taps[:, None], mode="same", axes=0), sound.rate)


def _less(sound: Sound, other: Sound) -> Sound:
    return _sound(sound.samples - other.samples, sound.rate)


def _sound(samples: NDArray[np.floating], rate: int) -> Sound:
    return Sound(np.ascontiguousarray(samples, np.float32), rate)
