"""A film's sound, heard before it is marked: whether it can be, and how it is then encoded."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import av
import numpy as np

from genlabel import audio
from genlabel._errors import CapacityError, GenlabelError, MediaError, UnsupportedError
from genlabel._key import Key
from genlabel.audio._audible.label import Labeller
from genlabel.audio._files.pcm import quantised
from genlabel.audio._files.sound import Block
from genlabel.video._files.dolby import read_told

# Encoders of codecs that lose no facts by being encoded anew; others are copied.
_ENCODERS = {
    "aac": "aac",
    "mp3": "libmp3lame",
    "opus": "libopus",
    "mp2": "mp2",
    "flac": "flac",
    "alac": "alac",
    "wavpack": "wavpack",
    "tta": "tta",
    "ac3": "ac3",
    "eac3": "eac3",
}
_LOSSLESS = ("flac", "alac", "wavpack", "tta")
_DOLBY = ("ac3", "eac3")
_WIDTHS = {"u8": 8, "s16": 16, "s32": 32}
_DEEP = 24
#: So much is looked at together in search of room for a mark; a sound no longer is marked as one.
LOOK_SECONDS = 60
# Times that differ by less are rounded differently, not apart.
_TOLERANCE_SECONDS = 0.04
# A larger gap is no silence but damage.
_MAX_GAP_SECONDS = 600
_BLOCK = 1 << 16

#: Makes what lays a label that is heard into a track.
Cue: TypeAlias = Callable[[], Labeller]


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """How a sound track is marked and encoded.

    Parameters
    ----------
    encoder, format, layout : str
        FFmpeg's names of encoder, sample format and channels.
    rate, channels : int
        Frames a second, and samples of each.
    bits : int
        Of integers, those that count.
    bit_rate : int or None
        Of lossy encoders.
    delay : int
        Frames that the encoder puts before the first.
    marked : ndarray or None
        The whole sound, labelled and marked, where it is short enough.
    cue : callable or None
        Lays a label that is heard into it before it is marked.
    carries : bool
        Whether it is marked.
    options : mapping of str to str
        What else the encoder is told.
    warnings : tuple of str
        What is not kept.
    """

    encoder: str
    format: str
    layout: str
    rate: int
    channels: int
    bits: int
    bit_rate: int | None
    delay: int = 0
    marked: Block | None = field(default=None, repr=False)
    cue: Cue | None = None
    carries: bool = True
    options: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def context(self) -> Any:
        """Open an encoder, apart from any container."""
        context = av.CodecContext.create(self.encoder, "w")
        self.set_up(context)
        return context

    def set_up(self, context: Any) -> None:
        """Tell an encoder what to do."""
        context.sample_rate, context.layout, context.format = self.rate, self.layout, self.format
        if self.bit_rate is not None:
            context.bit_rate = self.bit_rate
        context.options = dict(self.options)

    def frame(self, block: Block, pts: int) -> Any:
        """Make a frame of samples."""
        kind = self.format.removesuffix("p")
        if kind in _WIDTHS:
            width = _WIDTHS[kind]
            steps = quantised(block, min(self.bits, width)) << (width - min(self.bits, width))
            samples = (
                (steps + 128).astype(np.uint8) if width == 8 else steps.astype(f"i{width // 8}")
            )
        else:
            samples = block.astype(np.float64 if kind == "dbl" else np.float32)
        planar = self.format != kind
        shaped = samples.T if planar else samples.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(shaped), format=self.format, layout=self.layout
        )
        frame.sample_rate, frame.pts = self.rate, pts
        return frame


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
    if context.codec.canonical_name in _DOLBY:
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
    width = _WIDTHS.get(frame.format.name.removesuffix("p"))
    if width is not None:
        wide = np.float64 if width > _DEEP else np.float32
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
    """
    context = stream.codec_context
    if context is None or not context.sample_rate:
        return "its coding is not known"
    codec = context.codec.canonical_name
    if codec not in _ENCODERS and not codec.startswith("pcm_"):
        return f"{codec} is copied as it is"
    if "Atmos" in (context.profile or ""):
        return f"{context.profile} would lose its objects"
    piece: _Piece | None = None
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
        carries, marked = True, found if piece.whole else None
        break
    if piece is None or (not carries and cue is None):
        return reason
    measured = round(piece.size * 8 / piece.seconds)
    coded = bit_rate or context.bit_rate or measured
    settled = _settled(stream, codec, coded, marked, piece.head)
    if isinstance(settled, str):
        return settled
    warnings = settled.warnings if carries else (*settled.warnings, f"no watermark: {reason}")
    return dataclasses.replace(settled, cue=cue, carries=carries, warnings=warnings)


class _Piece(NamedTuple):
    """A part of a track, whether it is all, the first packet, and bytes and seconds up to here."""

    block: Block
    whole: bool
    head: bytes
    size: int
    seconds: float


def _pieces(container: Any, stream: Any, cue: Cue | None) -> Iterator[_Piece]:
    labeller = None if cue is None else cue()
    rate = stream.codec_context.sample_rate
    decoder = sound_decoder(stream)
    timeline = Timeline(rate)
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
            for block in timeline.push(frame):
                held.append(block if labeller is None else labeller.push(block))
                length, total = length + len(block), total + len(block)
        if length >= LOOK_SECONDS * rate:
            yield _Piece(np.concatenate(held), False, head, size, total / rate)
            held, length, first = [], 0, False
    if total and held:
        yield _Piece(np.concatenate(held), first, head, size, total / rate)


def _settled(
    stream: Any, codec: str, bit_rate: int, marked: Block | None, head: bytes
) -> SoundPlan | str:
    context = stream.codec_context
    encoder = _ENCODERS.get(codec, codec)
    lossless = codec in _LOSSLESS or codec.startswith("pcm_")
    old = context.format.name
    kind = old.removesuffix("p")
    bits = (
        _DEEP if (codec in _LOSSLESS and kind == "s32") or "24" in codec else _WIDTHS.get(kind, 0)
    )
    taken = [form.name for form in av.codec.Codec(encoder, "w").audio_formats or ()]
    choices = (old, f"{kind}p", kind) if lossless else (old, "fltp", "flt", "s16p", "s16")
    form = next((name for name in choices if name in taken), None)
    if form is None:
        return f"{codec} of {old} is copied as it is"
    warnings: tuple[str, ...] = ()
    if "HE" in (context.profile or ""):
        warnings = (f"{context.profile} is written again as AAC-LC, at the same bitrate",)
    options: Mapping[str, str] = {}
    if codec in _DOLBY:
        told = read_told(head)
        if told is None or told.dual:
            return f"{codec} of two programmes, or of an unknown kind, is copied as it is"
        options = told.options
        warnings = tuple(f"its {what} cannot be kept" for what in told.lost)
    plan = SoundPlan(
        encoder,
        form,
        context.layout.name,
        context.sample_rate,
        context.channels,
        bits or 16,
        None if lossless else bit_rate,
        marked=marked,
        options=options,
        warnings=warnings,
    )
    try:
        return _with_delay(plan)
    except (av.FFmpegError, ValueError, UnsupportedError) as error:
        return f"the encoder {encoder} does not take it: {error}"


def _with_delay(plan: SoundPlan) -> SoundPlan:
    """Try the encoder, and see how far before the first sample its first packet begins."""
    context = plan.context()
    silence = np.zeros((plan.rate // 4, plan.channels), np.float32)
    packets = [*context.encode(plan.frame(silence, 0)), *context.encode(None)]
    if not packets:
        raise UnsupportedError("it gives nothing")
    return dataclasses.replace(plan, delay=max(0, -(packets[0].pts or 0)))
