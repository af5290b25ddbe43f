"""The picture of a film, as its first frame shows it: what an encoder must be told to keep."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type
from numpy.typing import NDArray

from genlabel._errors import MediaError, UnsupportedError
from genlabel.video._files.encoding import told_quality
from genlabel.video._files.hdr import StaticHdr, read

#: Larger frames are refused.
MAX_PIXELS = 1 << 26
# The decoders that FFmpeg takes by itself leave transparency out.
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_PLANAR = {"yuyv422": "yuv422p", "uyvy422": "yuv422p", "yvyu422": "yuv422p"}
_USUAL_RATE = Fraction(25)
_FULL_RANGE = 2
_UNSPECIFIED = 2
# Threads of a decoder, at most.
_THREADS = 4
# Packets read in search of a first frame.
_MAX_PROBED = 500


@dataclass(frozen=True, slots=True)
class Picture:
    """A film's main picture track.

    Parameters
    ----------
    index : int
        Of its stream.
    codec : str
        FFmpeg's name of its codec.
    decoder : str or None
        Which decoder reads it; None for the usual one.
    width, height : int
        In pixels.
    format : str
        FFmpeg's name of the pixel format.
    bits : int
        Of a sample of luma.
    full_range : bool
        Whether luma uses all values.
    time_base : Fraction
        Seconds of one unit of its times.
    rate : Fraction
        Mean frames per second.
    colours : tuple of int
        Primaries, transfer, matrix and range.
    aspect : Fraction or None
        Of a sample.
    matrix : tuple of int or None
        How it is turned when shown.
    interlaced : bool
        Whether frames are of two fields.
    hdr : StaticHdr or None
        Static HDR metadata.
    told : float or None
        The constant quality that its encoder noted.
    bit_rate : float or None
        Mean bits a second.
    """

    index: int
    codec: str
    decoder: str | None
    width: int
    height: int
    format: str
    bits: int
    full_range: bool
    time_base: Fraction
    rate: Fraction
    colours: tuple[int, int, int, int]
    aspect: Fraction | None
    matrix: tuple[int, ...] | None
    interlaced: bool
    hdr: StaticHdr | None
    told: float | None
    bit_rate: float | None

    @property
    def planar(self) -> str:
        """The pixel format in which luma lies by itself."""
        return _PLANAR.get(self.format, self.format)


def main_stream(container: Any, name: str) -> Any:
    """Find the picture track to mark.

    Parameters
    ----------
    container : av.container.InputContainer
        The film.
    name : str
        For messages.

    Raises
    ------
    MediaError
        There is none.
    UnsupportedError
        Nothing is known that could decode it.
    """
    tracks = [stream for stream in container.streams.video if not is_cover(stream)]
    if not tracks:
        raise MediaError("holds no moving pictures", path=name)
    main = next((stream for stream in tracks if stream.disposition & 1), tracks[0])
    if main.codec_context is None:
        raise UnsupportedError("holds pictures of an unknown coding", path=name)
    return main


def is_cover(stream: Any) -> bool:
    """Tell a still picture that only stands for the film."""
    covers = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    return bool(stream.disposition & covers)


def decoder_of(stream: Any) -> Any:
    """Give a decoder for a picture track, one that keeps transparency."""
    name = _decoder_name(stream)
    if name is None:
        context = stream.codec_context
    else:
        context = av.CodecContext.create(name, "r")
        context.extradata = stream.codec_context.extradata
    context.thread_type = "AUTO"
    # Every thread holds frames of its own.
    context.thread_count = min(os.cpu_count() or 1, _THREADS)
    return context


def probe(container: Any, name: str) -> Picture:
    """Decode a film's first frame and tell what it is.

    Parameters
    ----------
    container : av.container.InputContainer
        The film, opened for this.
    name : str
        For messages.

    Raises
    ------
    MediaError
        No frame can be decoded, or it is too large.
    UnsupportedError
        Its pixels are of a kind that is not marked.
    """
    stream = main_stream(container, name)
    told: float | None = None
    for packet, frame in _first_frames(container, stream):
        told = told if packet is None else told_quality(packet)
        if frame is not None:
            return _described(stream, frame, told, name)
    raise MediaError("no picture can be decoded", path=name)


def luma_of(frame: Any) -> NDArray[Any]:
    """View a frame's luma as it lies there; the frame must be one's own to write in.

    Parameters
    ----------
    frame : av.VideoFrame
        Of a planar format.
    """
    return planes_of(frame)[0]


def planes_of(frame: Any) -> list[NDArray[Any]]:
    """View all planes of a frame; one that holds two components is twice as wide.

    Parameters
    ----------
    frame : av.VideoFrame
        Of a planar format.
    """
    kind = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
    views = []
    components = frame.format.components
    for index, plane in enumerate(frame.planes):
        rows = np.frombuffer(plane, kind)
        rows = rows[: plane.height * (plane.line_size // kind().itemsize)]
        # Chroma may lie interleaved in one plane.
        count = sum(component.plane == index for component in components)
        views.append(rows.reshape(plane.height, -1)[:, : plane.width * count])
    return views


def _first_frames(container: Any, stream: Any) -> Iterator[tuple[bytes | None, Any]]:
    context = decoder_of(stream)
    for count, packet in enumerate(container.demux(stream)):
        yield (bytes(packet) if not count else None), None
        try:
            frames = context.decode(packet if packet.size else None)
        except av.InvalidDataError:
            continue
        for frame in frames:
            yield None, frame
        if count > _MAX_PROBED:
            return


def _decoder_name(stream: Any) -> str | None:
    if stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) != "1":
        return None
    return _ALPHA_DECODERS.get(stream.codec_context.name)


def _described(stream: Any, frame: Any, told: float | None, name: str) -> Picture:
    if frame.width * frame.height > MAX_PIXELS:
        raise MediaError(f"has frames of {frame.width} x {frame.height} pixels", path=name)
    side = {entry.type: bytes(entry) for entry in frame.side_data}
    form = av.VideoFormat(_PLANAR.get(frame.format.name, frame.format.name))
    bits = form.components[0].bits
    yuv = form.is_planar and not form.is_rgb and not form.is_bit_stream and not form.has_palette
    if not yuv or bits not in range(8, 17) or form.is_big_endian:
        raise UnsupportedError(
            f"has pixels of the format {frame.format.name}, which this version does not mark",
            path=name,
        )
    _check_dynamic(frame, side, name)
    context = stream.codec_context
    full = frame.color_range == _FULL_RANGE or frame.format.name.startswith(("yuvj", "gray"))
    matrix = side.get(Type.DISPLAYMATRIX)
    aspect = context.sample_aspect_ratio
    colours = (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range)
    return Picture(
        index=stream.index,
        codec=context.codec.canonical_name,
        decoder=_decoder_name(stream),
        width=frame.width,
        height=frame.height,
        format=frame.format.name,
        bits=bits,
        full_range=full,
        time_base=stream.time_base,
        rate=stream.average_rate or stream.guessed_rate or _USUAL_RATE,
        colours=tuple(int(value) for value in colours),  # type: ignore[arg-type]
        aspect=aspect if aspect and aspect != 1 else None,
        matrix=struct.unpack("<9i", matrix[:36]) if matrix is not None else None,
        interlaced=bool(frame.interlaced_frame),
        hdr=read(side.get(Type.MASTERING_DISPLAY_METADATA), side.get(Type.CONTENT_LIGHT_LEVEL)),
        told=told,
        bit_rate=_bit_rate(stream),
    )


def _check_dynamic(frame: Any, side: dict[Any, bytes], name: str) -> None:
    """Refuse what would be shown in false colours without its dynamic metadata."""
    dolby = Type.DOVI_METADATA in side or Type.DOVI_RPU_BUFFER in side
    if dolby and frame.color_trc in (0, _UNSPECIFIED):
        raise UnsupportedError(
            "is Dolby Vision without a base that can be shown by itself (profile 5), and its "
            "metadata cannot be kept",
            path=name,
        )


def _bit_rate(stream: Any) -> float | None:
    """Give a track's mean rate, at worst that of the whole file."""
    told = stream.codec_context.bit_rate
    if told:
        return float(told)
    container = stream.container
    if not container.duration or container.size <= 0:
        return None
    contexts = (other.codec_context for other in container.streams.audio)
    rest = sum(context.bit_rate or 0 for context in contexts if context is not None)
    whole = float(container.size * 8 * av.time_base / container.duration)
    return max(whole - rest, whole / 2)
