"""Hearing the spoken labels that come with genlabel: the clips themselves, not what they say.

Each clip is correlated with the sound at every place, within a band that voices fill and all codecs
keep. Another voice that says the same is not found.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile

from genlabel.audio._audible.pieces import pieces
from genlabel.audio._audible.rhythm import check_label_rate
from genlabel.audio._audible.spoken import SPOKEN, clip_path
from genlabel.audio._files.sound import Block

#: Correlation, at most 1, from which on a clip is found: about that of one 5 dB below what else is
#: heard. A quarter of an hour of speech and music reached .26, none of it but eSpeak's own .15.
LEAST_LIKENESS = 0.5
# Hertz.
_BAND = (300.0, 1200.0)
_LOWERED_RATE = 4000
# So much is searched at once, and so much again with what follows: the longest clip and a little.
_PIECE_SECONDS, _OVERLAP_SECONDS = 32.0, 4.6
# Mean square below which nothing is heard.
_SILENCE = 1e-9


@dataclass(frozen=True, slots=True)
class FoundSpoken:
    """A spoken label that was heard.

    Parameters
    ----------
    start, end : float
        Seconds.
    language : str
        Of `SPOKEN`.
    likeness : float
        Correlation with the clip, at most 1.
    """

    start: float
    end: float
    language: str
    likeness: float


def find_spoken(blocks: Iterable[Block], rate: int) -> tuple[FoundSpoken, ...]:
    """Find genlabel's own spoken labels in a sound.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (frames, channels)
        The sound, in blocks of any size.
    rate : int
        Frames a second, 8,000 or more.

    Returns
    -------
    tuple of FoundSpoken
        In order; none overlap.

    Raises
    ------
    UnsupportedError
        The rate is below 8 kHz.
    """
    check_label_rate(rate)
    factor = rate // _LOWERED_RATE
    found: list[FoundSpoken] = []
    for start, sound in pieces(blocks, rate, factor, _PIECE_SECONDS, _OVERLAP_SECONDS):
        found += _search(sound, rate / factor, start)
    kept: list[FoundSpoken] = []
    for one in sorted(found, key=lambda one: -one.likeness):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start))


def _search(sound: npt.NDArray[np.float32], rate: float, start: float) -> list[FoundSpoken]:
    size = 1 << max(len(sound) - 1, 1).bit_length()
    band = _in_band(size, rate)
    spectrum = np.fft.rfft(sound, size) * band
    heard = np.fft.irfft(spectrum, size)[: len(sound)]
    energies = np.pad(np.cumsum(np.square(heard, dtype=np.float64)), (1, 0))
    found = []
    for language in SPOKEN:
        clip = _clip(language, rate)
        places = len(sound) - len(clip) + 1
        if places < 1:
            continue
        products = np.fft.irfft(spectrum * np.conj(np.fft.rfft(clip, size)), size)[:places]
        energy = energies[len(clip) :] - energies[:places]
        # Either polarity sounds alike.
        likeness = np.abs(products) / np.sqrt(np.maximum(energy, _SILENCE * len(clip)))
        for place in _peaks(likeness, len(clip)):
            begin = start + place / rate
            end = begin + len(clip) / rate
            like = round(float(likeness[place]), 3)
            found.append(FoundSpoken(round(begin, 3), round(end, 3), language, like))
    return found


def _peaks(likeness: npt.NDArray[np.float64], length: int) -> list[int]:
    """List the places of the greatest values, a clip's length apart."""
    left = likeness.copy()
    places = []
    while (place := int(np.argmax(left))) >= 0 and left[place] >= LEAST_LIKENESS:
        places.append(place)
        left[max(place - length, 0) : place + length] = 0.0
    return places


@functools.lru_cache(maxsize=64)
def _clip(language: str, rate: float) -> npt.NDArray[np.float32]:
    """Bring a clip to a rate and into the band; of unit norm."""
    samples, own = soundfile.read(clip_path(language), dtype="float32")
    limited = np.fft.irfft(np.fft.rfft(samples) * _in_band(len(samples), own), len(samples))
    # At many times the band's rate a straight line between samples is near enough.
    times = np.arange(int(len(samples) * rate / own)) * (own / rate)
    clip = np.interp(times, np.arange(len(samples)), limited)
    return np.asarray(clip / np.linalg.norm(clip), np.float32)


def _in_band(size: int, rate: float) -> npt.NDArray[np.bool_]:
    hertz = np.fft.rfftfreq(size, 1 / rate)
    return (hertz >= _BAND[0]) & (hertz <= _BAND[1])
