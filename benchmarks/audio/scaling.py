"""Edits that change rate, speed, tempo or pitch.

A factor above 1 is faster or higher. *Speed* changes both, as a tape does; *tempo* keeps the pitch;
*pitch* keeps the length. Tempo comes twice: by overlapping pieces in the time domain (ffmpeg's
``atempo``, a WSOLA), which keeps transients and their spectra, and by a phase vocoder, which keeps
tones and smears the rest.
"""

from __future__ import annotations

import av
import numpy as np
import soxr
from av.audio.frame import AudioFrame
from av.filter import Graph
from numpy.typing import NDArray

from benchmarks.audio import Sound

_VOCODER_SECONDS = 0.064
_OVERLAP = 4


def at_rate(sound: Sound, rate: int) -> Sound:
    """Resample to another rate (soxr, high quality), and leave it there."""
    if rate == sound.rate:
        return Sound(sound.samples.copy(), rate)
    return Sound(np.asarray(soxr.resample(sound.samples, sound.rate, rate), np.float32), rate)


def rate(sound: Sound, value: float) -> Sound:
    """Resample to another rate."""
    return at_rate(sound, int(value))


def resample(sound: Sound, value: float) -> Sound:
    """Resample to another rate and back, at the old length."""
    return _fitted(at_rate(at_rate(sound, int(value)), sound.rate), len(sound.samples))


def speed(sound: Sound, factor: float) -> Sound:
    """Play faster: shorter by `factor` and higher by it."""
    # soxr takes rates that are no integers.
    return Sound(
        np.asarray(soxr.resample(sound.samples, sound.rate * factor, sound.rate), np.float32),
        sound.rate,
    )


def tempo(sound: Sound, factor: float) -> Sound:
    """Shorten by `factor` at the same pitch, in the time domain (ffmpeg's atempo)."""
    graph = Graph()
    layout = "mono" if sound.samples.shape[1] == 1 else "stereo"
    source = graph.add_abuffer(
        sample_rate=sound.rate, format="flt", layout=layout, name="in", time_base=None
    )
    changed, sink = graph.add("atempo", f"{factor:.6f}"), graph.add("abuffersink")
    source.link_to(changed)
    changed.link_to(sink)
    graph.configure()
    frame = AudioFrame.from_ndarray(
        np.ascontiguousarray(sound.samples).reshape(1, -1), format="flt", layout=layout
    )
    frame.sample_rate = sound.rate
    graph.push(frame)
    graph.push(None)
    blocks = []
    while True:
        try:
            block = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            break
        blocks.append(block.to_ndarray().reshape(-1, sound.samples.shape[1]))
    return Sound(np.ascontiguousarray(np.concatenate(blocks), np.float32), sound.rate)


def stretch(sound: Sound, factor: float) -> Sound:
    """Shorten by `factor` at the same pitch, by a phase vocoder of 64-ms frames, 4-fold overlap."""
    length = round(len(sound.samples) / factor)
    channels = [_vocoded(channel, factor, sound.rate) for channel in sound.samples.T]
    return _fitted(Sound(np.stack(channels, axis=1), sound.rate), length)


def pitch(sound: Sound, semitones: float) -> Sound:
    """Raise by semitones at the same length: `tempo`, then `speed`."""
    factor = 2 ** (semitones / 12)
    return _fitted(speed(tempo(sound, 1 / factor), factor), len(sound.samples))


def pitch_vocoder(sound: Sound, semitones: float) -> Sound:
    """Raise by semitones at the same length: `stretch`, then `speed`."""
    factor = 2 ** (semitones / 12)
    return _fitted(speed(stretch(sound, 1 / factor), factor), len(sound.samples))


def _vocoded(channel: NDArray[np.float32], factor: float, rate: int) -> NDArray[np.float32]:
    """Lay analysis frames `factor` times as far apart down at one hop, phases continued.

    References: Laroche and Dolson, "Improved phase vocoder time-scale modification of audio",
    1999: identity phase locking, every bin turned as the nearest spectral peak is.
    """
    size = 2 ** round(np.log2(_VOCODER_SECONDS * rate))
    hop = size // _OVERLAP
    window = np.hanning(size + 1)[:-1]
    padded = np.pad(channel.astype(np.float64), (size + hop, 0))
    # The first frame ends where the sound begins; one hop earlier gives each bin's frequency.
    places = np.arange(0, len(channel) + size, hop * factor).astype(int)
    out = np.zeros(len(places) * hop + size)
    expected = 2 * np.pi * hop * np.arange(size // 2 + 1) / size
    turned = np.zeros(size // 2 + 1)
    for number, place in enumerate(places):
        earlier, now = (
            np.fft.rfft(window * _piece(padded, start, size)) for start in (place, place + hop)
        )
        advance = np.angle(now) - np.angle(earlier) - expected
        advance -= 2 * np.pi * np.round(advance / (2 * np.pi))
        change = turned + expected + advance - np.angle(now)
        turned = np.angle(now) + change[_nearest_peak(np.abs(now))]
        frame = np.fft.irfft(np.abs(now) * np.exp(1j * turned), size)
        out[number * hop : number * hop + size] += window * frame
    # Frames are moved about their middles; squared Hann windows, 4-fold, add up to 1.5.
    start = round(size / 2 * (1 / factor + 1))
    return np.asarray(out[start:] / 1.5, np.float32)


def _piece(samples: NDArray[np.float64], start: int, size: int) -> NDArray[np.float64]:
    piece = samples[start : start + size]
    return np.pad(piece, (0, size - len(piece)))


def _nearest_peak(magnitudes: NDArray[np.float64]) -> NDArray[np.int64]:
    around = np.pad(magnitudes, 2, constant_values=-1.0)
    others = [around[shift : shift + len(magnitudes)] for shift in (0, 1, 3, 4)]
    peaks = np.flatnonzero(np.all([magnitudes >= other for other in others], axis=0))
    middles = (peaks[1:] + peaks[:-1]) / 2
    return np.asarray(peaks[np.searchsorted(middles, np.arange(len(magnitudes)))])


def _fitted(sound: Sound, length: int) -> Sound:
    missing = max(0, length - len(sound.samples))
    samples = np.pad(sound.samples, ((0, missing), (0, 0)))[:length]
    return Sound(np.ascontiguousarray(samples, np.float32), sound.rate)
