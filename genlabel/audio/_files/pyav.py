"""Decoding and encoding through PyAV: AAC and ALAC in M4A, which libsndfile lacks."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from genlabel._errors import GenlabelError, MediaError, UnsupportedError
from genlabel.audio._files.pcm import quantised
from genlabel.audio._files.sound import Block, Material, opened

if TYPE_CHECKING:
    import av

_INTEGERS = {"s16": 16, "s32": 32}


class Heard(NamedTuple):
    """What PyAV says of a file's sound: its profile tells AAC's dialects apart."""

    rate: int
    channels: int
    layout: str
    codec: str
    profile: str


class Form(NamedTuple):
    """What to encode.

    Parameters
    ----------
    codec : {"aac", "alac"}
        The encoder.
    rate : int
        Frames a second.
    layout : str
        Which channels, in FFmpeg's words.
    bits : int
        ALAC: 16 or 24.
    bitrate : int
        AAC: mean bits a second.
    """

    codec: str
    rate: int
    layout: str
    bits: int = 0
    bitrate: int = 0


def heard(material: Material, name: str) -> Heard:
    """Ask PyAV what a file holds.

    Raises
    ------
    MediaError
        It cannot read the file.
    UnsupportedError
        PyAV is not installed.
    """
    av = _library(name)
    try:
        with opened(material) as stream, av.open(stream, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise MediaError("holds no sound that can be decoded", path=name)
            context = container.streams.audio[0].codec_context
            if context is None:
                raise UnsupportedError("is an MP4 file of an unknown coding", path=name)
            return Heard(
                context.sample_rate,
                context.channels,
                context.layout.name,
                context.name,
                context.profile or "",
            )
    except _errors(av) as error:
        raise _damaged(error, name) from error


def decode(material: Material, name: str) -> Iterator[Block]:
    """Give a file's samples, block by block, without what its edit list skips at the start.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    av = _library(name)
    try:
        with opened(material) as stream, av.open(stream, metadata_errors="replace") as container:
            for frame in container.decode(audio=0):
                samples = frame.to_ndarray()
                if not frame.format.is_planar:
                    samples = samples.reshape(-1, frame.layout.nb_channels).T
                depth = _INTEGERS.get(frame.format.name.removesuffix("p"))
                if depth is not None:
                    samples = samples.astype(np.float32) * np.float32(2.0 ** (1 - depth))
                yield np.ascontiguousarray(samples.T, np.float32)
    except _errors(av) as error:
        raise _damaged(error, name) from error


def encode(target: BinaryIO, new: Iterable[Block], form: Form, name: str) -> None:
    """Encode samples into an M4A file.

    Raises
    ------
    UnsupportedError
        The encoder does not take such samples.
    """
    av = _library(name)
    # Else the file's length would be told in milliseconds, and not be exact.
    options = {"movie_timescale": str(form.rate)}
    try:
        with av.open(target, "w", format="ipod", options=options) as container:
            track = container.add_stream(form.codec, rate=form.rate)
            _prepare(track.codec_context, form)
            for frame in _frames(av, new, form, track.codec_context):
                container.mux(track.encode(frame))
            container.mux(track.encode(None))
    except _errors(av) as error:
        raise UnsupportedError(
            f"{form.codec.upper()} does not take it: {error}", path=name
        ) from error


def weigh(new: Iterable[Block], form: Form, name: str) -> float:
    """Count the bytes that samples take, without a container."""
    av = _library(name)
    try:
        context = av.CodecContext.create(form.codec, "w")
        context.sample_rate = form.rate
        _prepare(context, form)
        size = 0
        for frame in itertools.chain(_frames(av, new, form, context), [None]):
            size += sum(packet.size for packet in context.encode(frame))
        return size
    except _errors(av) as error:
        raise UnsupportedError(
            f"{form.codec.upper()} does not take it: {error}", path=name
        ) from error


def _prepare(context: Any, form: Form) -> None:
    context.layout = form.layout
    if form.codec == "alac":
        context.format = "s16p" if form.bits == 16 else "s32p"
    else:
        context.format = "fltp"
        context.bit_rate = form.bitrate


def _frames(av: Any, new: Iterable[Block], form: Form, context: Any) -> Iterator[av.AudioFrame]:
    done = 0
    for block in new:
        if form.codec == "alac":
            depth = 16 if form.bits == 16 else 32
            steps = quantised(block, form.bits) << (depth - form.bits)
            planes = steps.T.astype(np.int16 if depth == 16 else np.int32)
        else:
            planes = block.T.astype(np.float32)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(planes), format=context.format.name, layout=form.layout
        )
        frame.sample_rate = form.rate
        frame.pts = done
        done += len(block)
        yield frame


def _library(name: str) -> Any:
    try:
        import av
    except ImportError as error:
        raise UnsupportedError("M4A needs PyAV (pip install av)", path=name) from error
    return av


def _errors(av: Any) -> tuple[type[Exception], ...]:
    return (av.error.FFmpegError, OSError, ValueError, OverflowError)


def _damaged(error: Exception, name: str) -> Exception:
    if isinstance(error, GenlabelError):
        return error
    reason = getattr(error, "strerror", None) or error
    return MediaError(f"cannot be decoded: {reason}", path=name)
