"""A film's sound, heard before it is marked: whether it can be, and where."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from genlabel import audio
from genlabel._errors import CapacityError, GenlabelError, MediaError
from genlabel._key import Key
from genlabel.audio._files.sound import Block
from genlabel.video._files.sound_coding import (
    DEEP,
    DOLBY,
    WIDTHS,
    Cue,
    Piece,
    SoundPlan,
    check_unchanged,
    is_encoded,
    settle,
)

#: A sound no longer than this is marked as one; of a longer one so much tells its rate.
LOOK_SECONDS = 60
#: Of a longer one so much is looked at together in search of room for a mark: what that takes of
#: memory, four times the samples, is hardly given back.
ROOM_SECONDS = 15
# Times that differ by less are rounded differently, not apart.
_TOLERANCE_SECONDS = 0.04
# A larger gap is no silence but damage.
_MAX_GAP_SECONDS = 600
_BLOCK = 1 << 16


class Timeline:
    """A track's samples without gaps: silence where no packet tells what is heard.

    Parameters
    ----------
    rate : int
        Frames a second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        #: Time of the first sample, in samples.
        self.start: int | None = None
        self._done = 0

    def push(self, frame: Any) -> Iterator[Block]:
        """Take a decoded frame, give what follows on the last samples.

        Parameters
        ----------
        frame : av.AudioFrame
            The next one.

        Yields
        ------
        ndarray, shape (frames, channels), float32 or float64
            Silence for a gap, then the frame's samples.

        Raises
        ------
        MediaError
            So long a gap that it must be damage.
        """
        block = samples_of(frame)
        if frame.pts is not None:
            at = round(frame.pts * frame.time_base * self._rate)
            if self.start is None:
                self.start = at
            gap = at - self.start - self._done
            if abs(gap) > _TOLERANCE_SECONDS * self._rate:
                block = block[min(max(-gap, 0), len(block)) :]
                yield from self._silence(gap, block)
        if self.start is None:
            self.start = 0
        self._done += len(block)
        yield block

    def _silence(self, gap: int, like: Block) -> Iterator[Block]:
        if gap > _MAX_GAP_SECONDS * self._rate:
            raise MediaError(f"has a gap of {gap / self._rate:.0f} s in its sound")
        self._done += max(gap, 0)
        while gap > 0:
            yield np.zeros((min(gap, _BLOCK), like.shape[1]), like.dtype)
            gap -= _BLOCK


def sound_decoder(stream: Any) -> Any:
    """Give a sound track's decoder, one that leaves loud and soft as they are.

    Parameters
    ----------
    stream : av.AudioStream
        The track; nothing of it was decoded yet.
    """
    context = stream.codec_context
    if context.codec.canonical_name in DOLBY:
        # Else it does what a receiver may do to what is played, and is not told to do any more.
        context.options = {"drc_scale": "0"}
    return context


def sound_name(number: int, count: int) -> str:
    """Name one of a film's sounds, as reports do.

    Parameters
    ----------
    number, count : int
        Which, from 1, and how many there are.
    """
    return "sound" if count == 1 else f"sound {number}"


def samples_of(frame: Any) -> Block:
    """Give a decoded frame's samples as (frames, channels), full scale at 1.

    Parameters
    ----------
    frame : av.AudioFrame
        As decoded.
    """
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    width = WIDTHS.get(frame.format.name.removesuffix("p"))
    if width is not None:
        wide = np.float64 if width > DEEP else np.float32
        shift = 128 if width == 8 else 0
        samples = (samples.astype(wide) - shift) * wide(2.0 ** (1 - width))
    return np.ascontiguousarray(samples.T)


def plan_sound(
    container: Any,
    stream: Any,
    payload: bytes,
    key: Key,
    strength: float,
    *,
    bit_rate: int | None = None,
    cue: Cue | None = None,
) -> SoundPlan | str:
    """Listen to a sound track, and settle how it is marked.

    Parameters
    ----------
    container : av.container.InputContainer
        The film, opened for this.
    stream : av.AudioStream
        The track.
    payload : bytes
        What the mark carries.
    key : Key
        Its key.
    strength : float
        Its amplitude.
    bit_rate : int or None
        Of lossy sound; None keeps the track's.
    cue : callable or None
        Lays a label that is heard into it.

    Returns
    -------
    SoundPlan or str
        Why it is left as it is, where it is.

    Raises
    ------
    SoundChangesError
        It changes its channels or its rate.
    """
    context = stream.codec_context
    if context is None or not context.sample_rate:
        return "its coding is not known"
    codec = context.codec.canonical_name
    if not is_encoded(codec, container.format.name):
        return f"{codec} is copied as it is"
    if "Atmos" in (context.profile or ""):
        return f"{context.profile} would lose its objects"
    piece: Piece | None = None
    reason = "it is empty"
    marked: Block | None = None
    carries = False
    for piece in _pieces(container, stream, cue):
        try:
            found = audio.embed(piece.block, context.sample_rate, payload, key, strength)
        except CapacityError as error:
            reason = error.reason
            continue
        except GenlabelError as error:
            return error.reason
        if not piece.whole and codec != "vorbis":
            piece = _weighed(container, stream, piece)
        carries, marked = True, found if piece.whole else None
        # A mark costs bits of its own: what is measured is what will be encoded.
        piece = piece._replace(block=found)
        break
    if piece is None or (not carries and cue is None):
        return reason
    settled = settle(stream, piece, bit_rate)
    if isinstance(settled, str):
        return settled
    warnings = settled.warnings if carries else (*settled.warnings, f"no watermark: {reason}")
    return dataclasses.replace(settled, marked=marked, cue=cue, carries=carries, warnings=warnings)


def _told(container: Any, stream: Any) -> float:
    """Say how many seconds a track lasts, as far as the film tells; 0 where it does not."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _weighed(container: Any, stream: Any, piece: Piece) -> Piece:
    """Read on until a minute tells how many bytes a track takes; Vorbis is matched by itself."""
    size, seconds = piece.size, piece.seconds
    packets = container.demux(stream)
    while seconds < LOOK_SECONDS and (packet := next(packets, None)) is not None:
        if not packet.size or not packet.duration:
            break
        size += packet.size
        seconds += float(packet.duration * packet.time_base)
    return piece._replace(size=size, seconds=seconds)


def _pieces(container: Any, stream: Any, cue: Cue | None) -> Iterator[Piece]:
    labeller = None if cue is None else cue()
    rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    decoder = sound_decoder(stream)
    timeline = Timeline(rate)
    look = (LOOK_SECONDS if _told(container, stream) <= LOOK_SECONDS else ROOM_SECONDS) * rate
    held: list[Block] = []
    length = total = size = 0
    head = b""
    first = True
    for packet in container.demux(stream):
        head = head or bytes(packet)
        size += packet.size
        try:
            frames = decoder.decode(packet if packet.size else None)
        except av.InvalidDataError:
            continue
        for frame in frames:
            check_unchanged(frame, rate, channels, stream.index)
            for block in timeline.push(frame):
                held.append(block if labeller is None else labeller.push(block))
                length, total = length + len(block), total + len(block)
        if length >= look:
            yield Piece(np.concatenate(held), False, head, size, total / rate)
            held, length, first = [], 0, False
    if total and held:
        yield Piece(np.concatenate(held), first, head, size, total / rate)
