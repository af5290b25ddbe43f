"""How a film's sound is encoded anew: by its own codec, at its own rate."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import av
import numpy as np

from genlabel._errors import UnsupportedError
from genlabel.audio._audible.label import Labeller
from genlabel.audio._files.pcm import quantised
from genlabel.audio._files.sound import Block
from genlabel.video._files.dolby import read_told
from genlabel.video._files.vorbis import MAX_CHANNELS, VORBIS, level_of

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
    "vorbis": VORBIS,
}
_LOSSLESS = ("flac", "alac", "wavpack", "tta")
#: Codecs of one family.
DOLBY = ("ac3", "eac3")
#: Bits of sample formats.
WIDTHS = {"u8": 8, "s16": 16, "s32": 32}
#: Bits of a deep sample.
DEEP = 24

#: Makes what lays a label that is heard into a track.
Cue: TypeAlias = Callable[[], Labeller]


class Piece(NamedTuple):
    """A part of a track, whether it is all, the first packet, and bytes and seconds up to here."""

    block: Block
    whole: bool
    head: bytes
    size: int
    seconds: float


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
    level : float or None
        Vorbis: libsndfile's, of its encoder.
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
    level: float | None = None
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
        if kind in WIDTHS:
            width = WIDTHS[kind]
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


class SoundChangesError(Exception):
    """A track changes its channels or its rate on the way, as no encoder does.

    Parameters
    ----------
    index : int
        Of its stream.
    """

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def check_unchanged(frame: Any, rate: int, channels: int, index: int) -> None:
    """See that a decoded frame is like those that a track was planned for.

    Parameters
    ----------
    frame : av.AudioFrame
        The frame.
    rate, channels : int
        Frames a second, and samples of each.
    index : int
        Of the track's stream.

    Raises
    ------
    SoundChangesError
        It is not.
    """
    if (frame.sample_rate, frame.layout.nb_channels) != (rate, channels):
        raise SoundChangesError(index)


def is_encoded(codec: str, container: str) -> bool:
    """Tell whether a codec is one that sound is encoded anew by.

    Parameters
    ----------
    codec, container : str
        FFmpeg's names of both.
    """
    if _ENCODERS.get(codec) == VORBIS:
        return "matroska" in container
    return codec in _ENCODERS or codec.startswith("pcm_")


def settle(stream: Any, piece: Piece, bit_rate: int | None) -> SoundPlan | str:
    """Settle how a track is encoded.

    Parameters
    ----------
    stream : av.AudioStream
        The track.
    piece : Piece
        What was heard of it.
    bit_rate : int or None
        Of lossy sound; None keeps the track's.

    Returns
    -------
    SoundPlan or str
        Why it is left as it is, where it is.
    """
    context = stream.codec_context
    codec = context.codec.canonical_name
    measured = piece.size * 8 / piece.seconds
    if _ENCODERS.get(codec) == VORBIS:
        return _vorbis(context, piece, bit_rate or measured)
    encoder = _ENCODERS.get(codec, codec)
    lossless = codec in _LOSSLESS or codec.startswith("pcm_")
    old = context.format.name
    kind = old.removesuffix("p")
    bits = DEEP if (codec in _LOSSLESS and kind == "s32") or "24" in codec else WIDTHS.get(kind, 0)
    taken = [form.name for form in av.codec.Codec(encoder, "w").audio_formats or ()]
    choices = (old, f"{kind}p", kind) if lossless else (old, "fltp", "flt", "s16p", "s16")
    form = next((name for name in choices if name in taken), None)
    if form is None:
        return f"{codec} of {old} is copied as it is"
    warnings: tuple[str, ...] = ()
    if "HE" in (context.profile or ""):
        warnings = (f"{context.profile} is written again as AAC-LC, at the same bitrate",)
    options: Mapping[str, str] = {}
    if codec in DOLBY:
        told = read_told(piece.head)
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
        None if lossless else bit_rate or context.bit_rate or round(measured),
        options=options,
        warnings=warnings,
    )
    try:
        return _with_delay(plan)
    except (av.FFmpegError, ValueError, UnsupportedError) as error:
        return f"the encoder {encoder} does not take it: {error}"


def _vorbis(context: Any, piece: Piece, bit_rate: float) -> SoundPlan | str:
    rate, channels = context.sample_rate, context.channels
    if channels > MAX_CHANNELS:
        return f"vorbis of {channels} channels is copied as it is"
    try:
        level = level_of(piece.block, rate, bit_rate)
    except UnsupportedError as error:
        return error.reason
    return SoundPlan(VORBIS, "fltp", context.layout.name, rate, channels, 16, None, level=level)


def _with_delay(plan: SoundPlan) -> SoundPlan:
    """Try the encoder, and see how far before the first sample its first packet begins."""
    context = plan.context()
    silence = np.zeros((plan.rate // 4, plan.channels), np.float32)
    packets = [*context.encode(plan.frame(silence, 0)), *context.encode(None)]
    if not packets:
        raise UnsupportedError("it gives nothing")
    return dataclasses.replace(plan, delay=max(0, -(packets[0].pts or 0)))
