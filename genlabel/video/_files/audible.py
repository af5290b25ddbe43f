"""The label that people hear, in a film's sound: laid over it, so that it stays in step."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av

from genlabel._errors import GenlabelError
from genlabel.audio._audible.find_rhythm import FoundRhythm, find_rhythms
from genlabel.audio._audible.find_spoken import FoundSpoken, find_spoken
from genlabel.audio._audible.label import AudibleLabel, Labeller
from genlabel.audio._audible.loudness import Loudness
from genlabel.audio._audible.rhythm import LEAST_RATE
from genlabel.video._files.container import Container
from genlabel.video._files.listening import decoded, pieces, places
from genlabel.video._files.opening import opened
from genlabel.video._files.sound import Timeline
from genlabel.video._files.sound_coding import Cue

_KINDS = (("rhythm", find_rhythms), ("clip", find_spoken))


def cue_of(film: Any, stream: Any, label: AudibleLabel) -> Cue | None:
    """Listen to a whole track, and settle how a label is laid into it.

    Parameters
    ----------
    film : av.container.InputContainer
        The film, opened for this.
    stream : av.AudioStream
        The track.
    label : AudibleLabel
        Which label.

    Returns
    -------
    callable or None
        None where it would not be heard to its end.
    """
    context = stream.codec_context
    if context is None or (context.sample_rate or 0) < LEAST_RATE:
        return None
    rate, channels = context.sample_rate, context.channels
    meter = Loudness(rate, channels)
    frames = 0
    for block in decoded(film, stream, Timeline(rate)):
        if block.shape[1] != channels:
            return None
        meter.push(block)
        frames += len(block)
    # Of silence it is not known how loud anything in it should be.
    loudness = None if meter.integrated == -math.inf else meter.integrated

    def cue() -> Labeller:
        """Give a new labeller, at the start of its label."""
        return Labeller(rate, channels, label, frames=frames, loudness=loudness, over=True)

    return cue if cue().frames <= frames else None


def hear_label(path: Path, kind: Container) -> dict[str, Any] | None:
    """Look for rhythm labels and genlabel's spoken ones in every sound track.

    Of a long film it listens where marks are searched for.

    Parameters
    ----------
    path : Path
        The film.
    kind : Container
        What it is.

    Returns
    -------
    dict or None
        In plain JSON types: which kind, how many in that track, and the first one's facts.
    """
    with opened(path, kind) as film:
        sounds = [stream.index for stream in film.streams.audio if stream.codec_context]
        seconds = film.duration / av.time_base if film.duration else None
    for index in sounds:
        # A sound that cannot be decoded was named where marks were searched for.
        with contextlib.suppress(GenlabelError, av.FFmpegError):
            for name, found in _heard(path, kind, index, seconds).items():
                if found:
                    return {"kind": name, "count": len(found), **dataclasses.asdict(found[0])}
    return None


def _heard(
    path: Path, kind: Container, index: int, seconds: float | None
) -> dict[str, list[FoundRhythm | FoundSpoken]]:
    found: dict[str, list[FoundRhythm | FoundSpoken]] = {name: [] for name, _ in _KINDS}
    starts = places(seconds)
    for start in starts:
        with opened(path, kind) as film:
            stream = film.streams[index]
            rate = stream.codec_context.sample_rate
            if (rate or 0) < LEAST_RATE:
                return {}
            for at, piece in pieces(film, stream, start, everything=len(starts) == 1):
                for name, find in _KINDS:
                    _add(found[name], find([piece], rate), at)
    return found


def _add(
    found: list[FoundRhythm | FoundSpoken], more: Sequence[FoundRhythm | FoundSpoken], at: float
) -> None:
    for one in more:
        begin, end = round(one.start + at, 3), round(one.end + at, 3)
        # Pieces overlap.
        if not found or begin >= found[-1].end:
            found.append(dataclasses.replace(one, start=begin, end=end))
