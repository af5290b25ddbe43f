"""The label people hear: a rhythm or a spoken clip, at start, end or middle, or now and then.

It is laid in block by block, so that streamed sound can carry it as well as files.

References
----------
GB 45438-2025, 5.3 (audio: voice or rhythm label, at the start, the end or a suitable place between;
in conversations those of each turn); Regulation (EU) 2024/1689, Article 50(5): at the latest at the
first exposure.
"""

from __future__ import annotations

import heapq
import itertools
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from genlabel._errors import UnsupportedError
from genlabel._message import Message, Option
from genlabel.audio._audible.clip import read_clip
from genlabel.audio._audible.find_rhythm import PITCHES, UNITS
from genlabel.audio._audible.loudness import TARGET_LUFS, Loudness
from genlabel.audio._audible.rhythm import Rhythm, check_label_rate
from genlabel.audio._audible.spoken import SPOKEN
from genlabel.audio._files.sound import Block

Place = Literal["start", "middle", "end"]
PLACES: tuple[Place, ...] = ("start", "middle", "end")

# A full-scale sine in one channel [ITU-R BS.1770-5, annex 1].
_SINE_LUFS = -3.01
_PEAK = 0.9
_RAMP_SECONDS = 0.02
# Loudness units over the programme beneath it, from which on a spoken label is surely found.
_CLEAR = 6.0
_ALLOWED = {"level": (-12.0, 12.0), "duck": (0.0, 40.0), "pause": (0.0, 5.0)}


@dataclass(frozen=True, slots=True)
class AudibleLabel:
    """Which label is heard, where, and how loud.

    At the start and the end it stands by itself, before and behind the programme, which it makes
    longer; elsewhere it is laid over the programme, which goes on more quietly. In films it is laid
    over the programme everywhere: sound stays in step with the picture.

    Parameters
    ----------
    cue : Rhythm, str or path-like
        What is heard: the rhythm; a sentence that a synthetic voice says, by language (``"zh"``,
        ``"en"``: those of `SPOKEN`); or the path of a clip that says so.
    at : tuple of {"start", "middle", "end"}
        Where.
    every : float or None
        Minutes after which it comes again.
    level : float
        How much louder than the programme, in LU: at 0 it is as loud as the programme is on the
        whole, which nobody fails to hear.
    duck : float
        Decibels by which the programme is lowered beneath it.
    pause : float
        Seconds of silence between it and the programme.

    Raises
    ------
    UnsupportedError
        A value is out of its range, or there is no place.
    """

    cue: Rhythm | str | os.PathLike[str] = field(default_factory=Rhythm)
    at: tuple[Place, ...] = ("start",)
    every: float | None = None
    level: float = 0.0
    duck: float = 9.0
    pause: float = 0.25

    def to_dict(self) -> dict[str, Any]:
        """Tell what is heard: ``kind``, and the ``language`` of a spoken cue that comes along."""
        kind = "rhythm" if isinstance(self.cue, Rhythm) else "clip"
        return {"kind": kind, "language": self.cue} if self.cue in SPOKEN else {"kind": kind}

    @property
    def searchable(self) -> bool:
        """Whether `find_rhythms` or `find_spoken` can hear it."""
        cue = self.cue
        if not isinstance(cue, Rhythm):
            # Well above a programme that is as loud beneath it as anywhere.
            return cue in SPOKEN and self.level + self.duck >= _CLEAR
        return (
            (cue.long, cue.gap) == (3.0, 1.0)
            and PITCHES[0] < cue.pitch < PITCHES[1]
            and UNITS[0] < cue.unit < UNITS[1]
        )

    def __post_init__(self) -> None:
        at = Option("AudibleLabel.at")
        if not isinstance(self.at, tuple):
            raise UnsupportedError(Message(at, f" is a tuple of places, not {self.at!r}"))
        if not set(self.at) <= set(PLACES):
            raise UnsupportedError(Message(at, f" is of {', '.join(PLACES)}, not {self.at!r}"))
        if not self.at and self.every is None:
            raise UnsupportedError(
                Message(
                    "an audible label needs a place: ",
                    *(Option("AudibleLabel.at"), " or ", Option("AudibleLabel.every")),
                )
            )
        if self.every is not None and not 0.05 <= self.every < math.inf:
            every = Option("AudibleLabel.every")
            raise UnsupportedError(Message(every, f" is 0.05 minutes or more, not {self.every!r}"))
        for name, (least, most) in _ALLOWED.items():
            if not least <= getattr(self, name) <= most:
                told = f" is {least} to {most}, not {getattr(self, name)!r}"
                raise UnsupportedError(Message(Option(f"AudibleLabel.{name}"), told))


class Labeller:
    """Lays an audible label into sound that passes by.

    Parameters
    ----------
    rate : int
        Frames a second.
    channels : int
        Samples a frame. The label is in the first two.
    label : AudibleLabel
        What is heard, where, and how loud.
    frames : int or None
        The programme's length; needed for ``"middle"``, and for an ``"end"`` laid over it.
    loudness : float or None
        The programme's, in LUFS. None measures what has passed by so far; before anything has, it
        is taken to be -23.
    over : bool
        Whether it is laid over the programme at the start and the end, too.

    Raises
    ------
    UnsupportedError
        A place is asked for that only the length tells, and that is not known; or the rate is
        below 8 kHz.
    MediaError
        The clip cannot be used.
    """

    def __init__(
        self,
        rate: int,
        channels: int,
        label: AudibleLabel,
        *,
        frames: int | None = None,
        loudness: float | None = None,
        over: bool = False,
    ) -> None:
        check_label_rate(rate)
        if frames is None and set(label.at) & ({"middle", "end"} if over else {"middle"}):
            raise UnsupportedError("the middle of a stream is not known before its end")
        self._alone_at = () if over else tuple(p for p in ("start", "end") if p in label.at)
        self._label, self._rate, self._channels = label, rate, channels
        self._front = min(channels, 2)
        if isinstance(label.cue, Rhythm):
            self._cue, self._cue_loudness = label.cue.samples(rate), _SINE_LUFS
        else:
            self._cue, self._cue_loudness = read_clip(label.cue, rate)
        self._loudness = loudness
        self._meter = Loudness(rate, channels)
        self._places = _places(label, rate, frames, len(self._cue), over=over)
        self._next = next(self._places, None)
        self._position = self._given = 0
        self._left = np.empty(0, np.float32)
        self._begun: list[int] = []

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """Beginning and end of each label that has been laid, in seconds of what was given."""
        length = len(self._cue)
        ends = [min(start + length, self._given) for start in self._begun]
        return tuple(
            (round(start / self._rate, 3), round(end / self._rate, 3))
            for start, end in zip(self._begun, ends, strict=True)
        )

    @property
    def frames(self) -> int:
        """How long the label itself is."""
        return len(self._cue)

    @property
    def added_frames(self) -> int:
        """How much longer the sound becomes."""
        return sum(len(self._alone(place)) for place in self._alone_at)

    def push(self, block: Block) -> Block:
        """Take some of the programme, and give it with what is heard there.

        Parameters
        ----------
        block : ndarray, shape (frames, channels)
            Of any length; not changed.

        Returns
        -------
        ndarray
            As long, or longer by the label that stands before it.
        """
        if self._loudness is None:
            self._meter.push(block)
        out = []
        if self._begins(block):
            out.append(self._alone("start").astype(block.dtype))
            self._begun.append(0)
            self._given += len(out[0])
        done = 0
        while done < len(block):
            if self._next == self._position:
                self._left = self._cue * self._gain()
                self._begun.append(self._given)
                self._next = next(self._places, None)
            stop = len(block) - done
            if self._next is not None:
                stop = min(stop, self._next - self._position)
            out.append(self._over(block[done : done + stop]))
            done += stop
            self._position += stop
            self._given += stop
        return np.concatenate(out) if out else block

    def flush(self) -> Block:
        """Give what stands behind the programme.

        Returns
        -------
        ndarray, shape (frames, channels), float32
            Empty where nothing does.
        """
        if "end" in self._alone_at:
            behind = self._alone("end")
            self._given += len(behind)
            self._begun.append(self._given - len(self._cue))
            return behind
        return np.empty((0, self._channels), np.float32)

    def _begins(self, block: Block) -> bool:
        return not self._position and bool(len(block)) and "start" in self._alone_at

    def _gain(self) -> float:
        heard = self._meter.integrated if self._loudness is None else self._loudness
        target = (TARGET_LUFS if heard == -math.inf else heard) + self._label.level
        gain = 10 ** ((target - self._cue_loudness - 10 * math.log10(self._front)) / 20)
        return float(min(gain, _PEAK / float(np.abs(self._cue).max())))

    def _alone(self, place: str) -> Block:
        """Give the label with its pause."""
        pause = round(self._label.pause * self._rate)
        before = pause if place == "end" else 0
        out = np.zeros((len(self._cue) + pause, self._channels), np.float32)
        out[before : before + len(self._cue), : self._front] = (self._cue * self._gain())[:, None]
        return out

    def _over(self, block: Block) -> Block:
        """Lay over a stretch what is left of the label that has begun."""
        if not len(self._left):
            return block
        count = min(len(block), len(self._left))
        begun = len(self._cue) - len(self._left)
        place = np.arange(begun, begun + count)
        near = np.minimum(place, len(self._cue) - place) / (_RAMP_SECONDS * self._rate)
        depth = 1 - 10 ** (-self._label.duck / 20)
        out = block.copy()
        out[:count] *= (1 - depth * np.clip(near, 0, 1))[:, None].astype(block.dtype)
        out[:count, : self._front] += self._left[:count, None].astype(block.dtype)
        self._left = self._left[count:]
        return out


def labelled(
    blocks: Iterable[Block],
    rate: int,
    channels: int,
    label: AudibleLabel,
    *,
    frames: int | None = None,
    loudness: float | None = None,
) -> Iterator[Block]:
    """Lay an audible label into a sound, block by block.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (frames, channels)
        The programme.
    rate, channels, label, frames, loudness
        As for `Labeller`.

    Yields
    ------
    ndarray
        The labelled sound.
    """
    labeller = Labeller(rate, channels, label, frames=frames, loudness=loudness)
    for block in blocks:
        yield labeller.push(block)
    yield labeller.flush()


def _places(
    label: AudibleLabel, rate: int, frames: int | None, cue: int, *, over: bool
) -> Iterator[int]:
    """Give the frames at which a label begins over the programme, in order, without overlap."""
    wanted = [0] if over and "start" in label.at else []
    if frames is not None:
        wanted += [max((frames - cue) // 2, 0)] if "middle" in label.at else []
        wanted += [max(frames - cue, 0)] if over and "end" in label.at else []
    fixed: list[int] = []
    for place in wanted:
        if not fixed or place >= fixed[-1] + cue:
            fixed.append(place)
    if label.every is None:
        yield from fixed
        return
    step = max(round(label.every * 60 * rate), cue + 1)
    # What would not be heard to its end is left out, where the end is known.
    again = itertools.count(step, step) if frames is None else range(step, frames - cue + 1, step)
    apart = (place for place in again if all(abs(place - other) >= cue for other in fixed))
    yield from heapq.merge(fixed, apart)
