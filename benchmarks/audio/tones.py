"""Steady sounds by formula, as generated music has them: what a mark is heard in first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio import Sound

_SECONDS = 20.0
_PEAK = 0.5
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
#: Partials beyond this share of the rate are left out.
_HIGHEST = 0.45

Samples = NDArray[np.float64]


def tones() -> Iterator[tuple[str, Sound]]:
    """Give every sound with its name: held chords, choirs, melodies, struck and filtered tones."""
    organ = (1.0, 0.6, 0.4, 0.5, 0.1, 0.3, 0.05, 0.3)
    yield _named("organ", 44_100, _chord(44_100, (146.8, 185.0, 220.0, 293.7), organ))
    yield _named("organ, telephone", 8000, _chord(8000, (130.8, 196.0, 261.6), organ))
    yield _named("organ, chords", 24_000, _progression(24_000, organ, attack=0.03))
    chord = _chord(24_000, (207.7, 261.6, 311.1), _saw(18))
    yield _named("chord of unmoved partials", 24_000, chord)
    choir = [_chord(44_100, (233.1, 293.7, 349.2) * 2, _saw(12), 0.006, side) for side in (1, 2)]
    yield _named("choir, stereo", 44_100, *choir)
    yield _named("choir", 24_000, _chord(24_000, (196.0, 246.9, 293.7), _saw(10), 0.01))
    pad = [_progression(48_000, _saw(24), attack=0.4, seed=side) for side in (3, 4)]
    yield _named("pad, stereo", 48_000, *pad)
    flute = _melody(44_100, (1.0, 0.3, 0.1, 0.03), 0.5, vibrato=0.004, lowest=415.3)
    yield _named("flute", 44_100, flute + 0.002 * np.random.default_rng(5).normal(size=flute.size))
    yield _named("notes", 24_000, _melody(24_000, _saw(10), 0.4, lowest=207.7))
    yield _named("lead of square waves", 48_000, _melody(48_000, _saw(25, step=2), 0.3))
    yield _named("piano", 44_100, _melody(44_100, _saw(14), 0.4, decay=2.5, lowest=174.6))
    struck = _melody(24_000, (1.0, 0.0, 0.0, 0.3, 0.0, 0.1), 0.25, decay=6.0)
    yield _named("marimba", 24_000, struck)


def _named(name: str, rate: int, *channels: Samples) -> tuple[str, Sound]:
    samples = np.stack(channels, axis=1)
    samples *= _PEAK / np.abs(samples).max()
    return f"tones: {name}", Sound(samples.astype(np.float32), rate)


def _saw(partials: int, *, step: int = 1) -> tuple[float, ...]:
    return tuple((n % step == 0) / (n + 1) for n in range(partials))


def _partials(
    rate: int, seconds: float, hertz: float, amplitudes: Sequence[float], vibrato: float = 0.0,
    phase: float = 0.0,
) -> Samples:  # fmt: skip
    """Add sines at multiples of a frequency, which `vibrato` moves by this share."""
    time = np.arange(round(rate * seconds)) / rate
    turns = np.cumsum(hertz * (1 + vibrato * np.sin(2 * np.pi * 5.3 * time + phase))) / rate
    out = np.zeros(time.size)
    for number, amplitude in enumerate(amplitudes, 1):
        if number * hertz < _HIGHEST * rate:
            out += amplitude * np.sin(2 * np.pi * number * turns + phase * number**2)
    return out


def _chord(
    rate: int, pitches: Sequence[float], amplitudes: Sequence[float], vibrato: float = 0.0,
    seed: int = 0, seconds: float = _SECONDS, detuned: float = 0.0,
) -> Samples:  # fmt: skip
    rng = np.random.default_rng(seed)
    out = np.zeros(round(rate * seconds))
    for hertz in pitches:
        pitch = hertz * (1 + detuned * rng.uniform(-1, 1))
        out += _partials(rate, seconds, pitch, amplitudes, vibrato, rng.uniform(0, 6))
    return out


def _progression(
    rate: int, amplitudes: Sequence[float], *, attack: float, seed: int | None = None
) -> Samples:
    """Give four chords of two seconds, again and again; detuned with a seed."""
    bars = []
    for number, root in enumerate((138.6, 116.5, 185.0, 207.7)):
        pitches = [root * ratio for ratio in (1.0, 1.26, 1.498, 2.0)]
        detuned, start = (0.0, 0) if seed is None else (0.004, 10 * seed + number)
        bar = _chord(rate, pitches, amplitudes, 0.0, start, 2.0, detuned)
        bars.append(bar * _envelope(rate, bar.size, attack, attack))
    whole = np.concatenate(bars)
    return np.resize(whole, round(rate * _SECONDS))


def _melody(
    rate: int, amplitudes: Sequence[float], step: float, *, vibrato: float = 0.0,
    decay: float = 0.0, lowest: float = 261.6,
) -> Samples:  # fmt: skip
    """Play random notes of a scale, one each `step` seconds; those that decay ring for longer."""
    rng = np.random.default_rng(7)
    out = np.zeros(round(rate * _SECONDS))
    length = step if decay == 0.0 else 4 * step
    for start in np.arange(0, _SECONDS, step):
        degree = int(rng.integers(14))
        hertz = lowest * 2 ** ((_MAJOR[degree % 7] + 12 * (degree // 7)) / 12)
        note = _partials(rate, length, hertz, amplitudes, vibrato, start)
        note *= np.exp(-decay * np.arange(note.size) / rate)
        note *= _envelope(rate, note.size, 0.004 if decay else 0.03, 0.05)
        first = round(start * rate)
        part = out[first : first + note.size]
        part += note[: part.size]
    return out


def _envelope(rate: int, size: int, attack: float, release: float) -> Samples:
    time = np.arange(size) / rate
    return np.clip(np.minimum(time / attack, (size / rate - time) / release), 0, 1)
