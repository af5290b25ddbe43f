"""Edits that cut, move or mute pieces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.audio import Samples, Sound

_DROPPED_SECONDS = 0.02
_CUT_SECONDS = (0.05, 0.4)


class TooShortError(ValueError):
    """The sound does not have the length that an attack keeps."""


def crop(sound: Sound, seconds: float, rng: np.random.Generator) -> Sound:
    """Keep so many seconds from a random sample on.

    Raises
    ------
    TooShortError
        There are not so many.
    """
    length = round(seconds * sound.rate)
    free = len(sound.samples) - length
    if free < 0:
        raise TooShortError(f"{sound.seconds:.2f} s, {seconds:g} s wanted")
    start = int(rng.integers(free + 1))
    return _sound(sound.samples[start : start + length], sound.rate)


def shift(sound: Sound, seconds: float) -> Sound:
    """Begin later by so many seconds of silence; if negative, cut so many from the start."""
    count = round(abs(seconds) * sound.rate)
    if seconds < 0:
        return _sound(sound.samples[count:], sound.rate)
    return _sound(np.pad(sound.samples, ((count, 0), (0, 0))), sound.rate)


def delay(sound: Sound, samples: float) -> Sound:
    """Begin later by a number of samples that need not be whole (cubic interpolation)."""
    return _at(sound, np.arange(len(sound.samples), dtype=np.float64) - samples)


def jitter(sound: Sound, deviation: float, rng: np.random.Generator) -> Sound:
    """Move each sample by a Gaussian deviation, in samples (cubic interpolation)."""
    places = np.arange(len(sound.samples)) + rng.normal(0, deviation, len(sound.samples))
    return _at(sound, places)


def drop(sound: Sound, every: float, rng: np.random.Generator) -> Sound:
    """Cut 20 ms out of each so many seconds, at random places, butted together."""
    return _without(sound, every, (_DROPPED_SECONDS, _DROPPED_SECONDS), rng)


def cut(sound: Sound, every: float, rng: np.random.Generator) -> Sound:
    """Cut .05 to .4 s out of each so many seconds, at random places, butted together."""
    return _without(sound, every, _CUT_SECONDS, rng)


def delete(sound: Sound, share: float, rng: np.random.Generator) -> Sound:
    """Cut one run of a share of the sound out, at a random place."""
    length = round(share * len(sound.samples))
    start = int(rng.integers(len(sound.samples) - length + 1))
    rest = np.concatenate([sound.samples[:start], sound.samples[start + length :]])
    return _sound(rest, sound.rate)


def shuffle(sound: Sound, seconds: float, rng: np.random.Generator) -> Sound:
    """Cut into pieces of so many seconds and put them in random order."""
    length = round(seconds * sound.rate)
    pieces = [sound.samples[at : at + length] for at in range(0, len(sound.samples), length)]
    order = rng.permutation(len(pieces))
    return _sound(np.concatenate([pieces[number] for number in order]), sound.rate)


def mask(sound: Sound, share: float, rng: np.random.Generator) -> Sound:
    """Zero a share of the sound: pieces of 50 ms, at random places."""
    length = max(1, round(0.05 * sound.rate))
    count = -(-len(sound.samples) // length)
    muted = np.zeros(count, np.bool_)
    muted[rng.permutation(count)[: round(share * count)]] = True
    kept = ~np.repeat(muted, length)[: len(sound.samples), None]
    return _sound(sound.samples * kept, sound.rate)


def shush(sound: Sound, share: float) -> Sound:
    """Zero a share of the sound, from its start on."""
    samples = sound.samples.copy()
    samples[: round(share * len(samples))] = 0
    return _sound(samples, sound.rate)


def _without(
    sound: Sound, every: float, lengths: tuple[float, float], rng: np.random.Generator
) -> Sound:
    period = round(every * sound.rate)
    kept = np.ones(len(sound.samples), np.bool_)
    for start in range(0, len(kept), period):
        length = round(rng.uniform(*lengths) * sound.rate)
        first = start + int(rng.integers(max(1, period - length + 1)))
        kept[first : first + length] = False
    return _sound(sound.samples[kept], sound.rate)


def _at(sound: Sound, places: NDArray[np.float64]) -> Sound:
    channels = [
        ndimage.map_coordinates(channel.astype(np.float64), places[None], order=3, mode="constant")
        for channel in sound.samples.T
    ]
    return _sound(np.stack(channels, axis=1), sound.rate)


def _sound(samples: NDArray[np.floating] | Samples, rate: int) -> Sound:
    return Sound(np.array(samples, np.float32, order="C"), rate)
