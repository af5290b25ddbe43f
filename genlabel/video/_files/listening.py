"""A film's sound, decoded in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from genlabel._errors import MediaError
from genlabel.audio._files.sound import Block
from genlabel.video._files.sound import Timeline

#: Sound is listened to in pieces of so many seconds that overlap; in a long film only to so many of
#: them, unless everything is asked for.
PIECE_SECONDS = 30
_OVERLAP_SECONDS = 10
_PIECES = 4


def decoded(film: Any, stream: Any, timeline: Timeline) -> Iterator[Block]:
    """Give a track's samples, as far as they can be decoded, with silence in its gaps.

    Parameters
    ----------
    film : av.container.InputContainer
        The film.
    stream : av.AudioStream
        The track.
    timeline : Timeline
        A new one.
    """
    for packet in film.demux(stream):
        try:
            frames = stream.codec_context.decode(packet if packet.size else None)
        except av.InvalidDataError:
            continue
        for frame in frames:
            yield from timeline.push(frame)


def places(seconds: float | None) -> list[float]:
    """Say from where on a sound is listened to: its beginning, for all of it, or several places.

    Parameters
    ----------
    seconds : float or None
        How long the film is, if that is known.
    """
    if seconds is None or seconds <= _PIECES * PIECE_SECONDS:
        return [0.0]
    room = seconds - PIECE_SECONDS
    return [room * number / (_PIECES - 1) for number in range(_PIECES)]


def pieces(
    film: Any, stream: Any, start: float, *, everything: bool
) -> Iterator[tuple[float, Block]]:
    """Give a track's samples in pieces that overlap, from a place on; else only the first.

    Parameters
    ----------
    film : av.container.InputContainer
        The film, opened for this.
    stream : av.AudioStream
        The track.
    start : float
        In seconds.
    everything : bool
        Whether it goes on to the end.

    Yields
    ------
    (float, ndarray)
        When a piece begins, in seconds, and its samples.

    Raises
    ------
    MediaError
        The rate of the sound is not known.
    """
    if start > 0:
        film.seek(int(start * av.time_base))
    rate = stream.codec_context.sample_rate
    if not rate:
        raise MediaError("does not tell the rate of its sound")
    timeline = Timeline(rate)
    held: list[Block] = []
    length = 0
    at = 0
    for block in decoded(film, stream, timeline):
        held.append(block)
        length += len(block)
        while length >= PIECE_SECONDS * rate:
            piece = np.concatenate(held)
            size, step = PIECE_SECONDS * rate, (PIECE_SECONDS - _OVERLAP_SECONDS) * rate
            yield ((timeline.start or 0) + at) / rate, piece[:size]
            if not everything:
                return
            held, at = [piece[step:].copy()], at + step
            length = len(held[0])
    if length and (not at or length > _OVERLAP_SECONDS * rate):
        yield ((timeline.start or 0) + at) / rate, np.concatenate(held)
