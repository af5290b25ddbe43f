"""Hearing the rhythm label: one pitch that sounds short, long, short, short, and rests between.

Every pitch, place and tempo is tried on one spectrogram. What makes it safe is that all parts must
fit at once: four sounds of one pitch and one level, pure among their neighbours, the long one
steady, and silence of that pitch before, behind and in each of the three pauses.

References
----------
GB 45438-2025, 5.3. Nothing is fixed there but the order of short and long, so pitch and tempo are
searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genlabel.audio._audible.pieces import pieces
from genlabel.audio._audible.rhythm import check_label_rate
from genlabel.audio._files.sound import Block

#: Where a rhythm is looked for: hertz, and seconds that a short sound lasts.
PITCHES = (500.0, 2500.0)
UNITS = (0.08, 0.16)
_TEMPI = 13

_LOWERED_RATE = 11025
_HOPS_A_SECOND = 100
_WINDOW_SECONDS = 0.04
# Hops at the edge of each part that the window smears into the next.
_EDGE = 2
# Decibels: how much louder the sounds are than each pause and than the pitches beside, how far
# apart they may be among themselves, and how unsteady the long one. Strings fade, voices glide.
# A quarter of an hour of speech and music reached a contrast of 4.2.
_CONTRAST, _PURITY, _SPREAD, _UNSTEADY = 8.0, 10.0, 3.0, 2.0
# Bins beside a pitch that are compared with it: nearer ones belong to it.
_NEAR, _FAR = 3, 8
# So much is searched at once, and so much again with what follows.
_CHUNK_SECONDS, _LONGEST_SECONDS = 20.0, 1.6
# In units from the first sound's beginning; a rest before and behind belongs to it.
_SOUNDS = ((0, 1), (2, 5), (6, 7), (8, 9))
_RESTS = ((-1, 0), (1, 2), (5, 6), (7, 8), (9, 10))
_UNITS = 9

Powers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FoundRhythm:
    """A rhythm label that was heard.

    Parameters
    ----------
    start, end : float
        Seconds.
    pitch : float
        Hertz, within 15.
    unit : float
        Seconds that a short sound lasts.
    contrast : float
        Decibels between its faintest sound and its loudest pause.
    """

    start: float
    end: float
    pitch: float
    unit: float
    contrast: float


def find_rhythms(blocks: Iterable[Block], rate: int) -> tuple[FoundRhythm, ...]:
    """Find all rhythm labels in a sound.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (frames, channels)
        The sound, in blocks of any size.
    rate : int
        Frames a second, 8,000 or more.

    Returns
    -------
    tuple of FoundRhythm
        In order; none overlap.

    Raises
    ------
    UnsupportedError
        The rate is below 8 kHz.
    """
    check_label_rate(rate)
    found: list[FoundRhythm] = []
    # Nothing above the highest pitch matters, and what a plain mean folds down is 12 dB fainter.
    factor = max(rate // _LOWERED_RATE, 1)
    for start, sound in pieces(blocks, rate, factor, _CHUNK_SECONDS, _LONGEST_SECONDS):
        # Of a sound shorter than what is averaged nothing is left.
        for one in _search(_spectrogram(sound, rate / factor), start) if len(sound) else ():
            if found and one.start < found[-1].end:
                if one.contrast > found[-1].contrast:
                    found[-1] = one
            else:
                found.append(one)
    return tuple(found)


def _spectrogram(sound: npt.NDArray[np.float32], rate: float) -> tuple[Powers, float, float]:
    """Give power in dB by pitch and hop, the hertz between two pitches, and the hops a second."""
    hop = round(rate / _HOPS_A_SECOND)
    window = round(_WINDOW_SECONDS * rate)
    margin = _FAR + 1
    spacing = rate / window
    low = max(round(PITCHES[0] / spacing) - margin, 0)
    high = min(round(PITCHES[1] / spacing) + margin, window // 2)
    padded = np.pad(sound, window // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    spectra = np.fft.rfft(frames * shape, axis=1)[:, low : high + 1]
    # Noise floor 100 dB below a full-scale tone: digital silence is no infinite contrast.
    powers = 10 * np.log10(np.square(np.abs(spectra)) * (16 / window**2) / 4 + 1e-10)
    return np.ascontiguousarray(powers.T, np.float32), spacing, rate / hop


def _purity(powers: Powers) -> Powers:
    """Give how far each bin stands out from those beside it; edges are left out."""
    count = len(powers) - 2 * (_FAR + 1)
    sums = np.pad(np.cumsum(powers, axis=0, dtype=np.float64), ((1, 0), (0, 0)))
    middle = _FAR + 1

    def total(first: int, last: int) -> npt.NDArray[Any]:
        """Sum the bins from ``first`` to ``last`` away from each, both included."""
        return sums[middle + last + 1 :][:count] - sums[middle + first :][:count]

    beside = total(-_FAR, -_NEAR) + total(_NEAR, _FAR)
    mean = beside / (2 * (_FAR - _NEAR + 1))
    return np.asarray(powers[middle : middle + count] - mean, np.float32)


def _search(spectrogram: tuple[Powers, float, float], start: float) -> list[FoundRhythm]:
    powers, spacing, pace = spectrogram
    if len(powers) < 2 * _FAR + 3:
        return []
    pure = _purity(powers)
    powers = powers[_FAR + 1 : len(powers) - _FAR - 1]
    lowest = max(round(PITCHES[0] / spacing) - _FAR - 1, 0) + _FAR + 1
    # What lies beyond the ends is silence, so that a label may begin and end with the sound.
    margin = round(UNITS[1] * pace) + 1
    # Few pitches are ever as pure as that, for as long as the shortest of long sounds.
    long = round(3 * UNITS[0] * pace) - 2 * _EDGE
    held = _running(pure, 0, 0.0)
    rows = np.flatnonzero(
        (held[:, long:] - held[:, :-long]).max(axis=1, initial=0) >= _PURITY * long
    )
    if not len(rows):
        return []
    sums = _Sums(powers[rows], pure[rows], margin)
    candidates: list[tuple[float, FoundRhythm]] = []
    for unit in np.geomspace(*UNITS, _TEMPI):
        for pitch, hop, contrast, level in sums.fits(unit * pace):
            begin = start + hop / pace
            one = FoundRhythm(
                round(begin, 3),
                round(begin + _UNITS * float(unit), 3),
                round(float(lowest + rows[pitch]) * spacing, 1),
                round(float(unit), 4),
                round(contrast, 1),
            )
            # Beside its pitch a label has as much contrast, but less power.
            candidates.append((contrast + level, one))
    return _best(candidates)


class _Sums:
    """Running sums of a spectrogram, for means over stretches of any length."""

    def __init__(self, powers: Powers, pure: Powers, margin: int) -> None:
        self._margin = margin
        self._powers = _running(powers, margin, float(powers.min(initial=0.0)))
        self._squares = _running(np.square(powers), margin, 0.0)
        self._pure = _running(pure, margin, 0.0)
        self._hops = powers.shape[1]

    def fits(self, unit: float) -> Iterator[tuple[int, int, float, float]]:
        """Give every rhythm of one tempo that fits: pitch, hop, contrast and level.

        Parameters
        ----------
        unit : float
            Hops that a short sound lasts.
        """
        count = self._hops + 1 - round(_UNITS * unit)
        if count < 1:
            return
        # The long sound first: hardly anything else is as pure for as long.
        long = self._mean(self._pure, _SOUNDS[1], unit, (slice(None), slice(count)))
        places = np.nonzero(long >= _PURITY)
        level = self._mean(self._powers, _SOUNDS[1], unit, places)
        squares = self._mean(self._squares, _SOUNDS[1], unit, places)
        steady = np.flatnonzero(squares - np.square(level) <= _UNSTEADY**2)
        places = (places[0][steady], places[1][steady])
        sounds = [self._mean(self._powers, part, unit, places) for part in _SOUNDS]
        rests = [self._mean(self._powers, part, unit, places) for part in _RESTS]
        pure = [self._mean(self._pure, part, unit, places) for part in _SOUNDS]
        faintest = np.minimum.reduce(sounds)
        contrast = faintest - np.maximum.reduce(rests)
        fits = np.maximum.reduce(sounds) - faintest <= _SPREAD
        fits &= np.minimum.reduce(pure) >= _PURITY
        fits &= contrast >= _CONTRAST
        for index in np.flatnonzero(fits):
            pitch, hop = int(places[0][index]), int(places[1][index])
            yield pitch, hop, float(contrast[index]), float(faintest[index])

    def _mean(
        self, sums: npt.NDArray[Any], part: tuple[int, int], unit: float, places: Any
    ) -> npt.NDArray[Any]:
        left = self._margin + round(part[0] * unit) + _EDGE
        right = self._margin + round(part[1] * unit) - _EDGE
        total = sums[:, right:][places] - sums[:, left:][places]
        return np.asarray(total / (right - left))


def _running(values: Powers, margin: int, beyond: float) -> npt.NDArray[Any]:
    padded = np.pad(values, ((0, 0), (margin, margin)), constant_values=beyond)
    return np.pad(np.cumsum(padded, axis=1, dtype=np.float64), ((0, 0), (1, 0)))


def _best(candidates: list[tuple[float, FoundRhythm]]) -> list[FoundRhythm]:
    """Keep the clearest of those that overlap."""
    kept: list[FoundRhythm] = []
    for _, one in sorted(candidates, key=lambda found: -found[0]):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda found: found.start)
