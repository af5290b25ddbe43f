"""One picture track on its way: decoded, changed where it lies, and encoded with its own times."""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import av
from av.sidedata.sidedata import Type
from av.video.frame import PictureType
from numpy.typing import NDArray

from genlabel._errors import MediaError, UnsupportedError
from genlabel._message import Message
from genlabel.video._files.encoding import COUNTING, Encoding, encoder_for, rate_options
from genlabel.video._files.opening import KEEP_GOING
from genlabel.video._files.picture import Picture, decoder_of, planes_of

#: Marks a plane of luma where it lies; gives whether its frame is best a keyframe.
Brush: TypeAlias = Callable[[NDArray[Any]], bool]
#: Draws on a frame's planes where they lie, at a time in seconds.
Overlay: TypeAlias = Callable[[Sequence[NDArray[Any]], float], object]

# More threads hold more frames; and an encoder takes several times as long as a decoder.
_THREADS, _ENCODING_SHARE = 8, 4
# Side data are looked at in one of so many frames.
_LOOKED_AT = 100
# x264 holds some 6 MB for each frame that it looks ahead, and 11 for one more that others refer to,
# at 1080p. From there on: fewer of them, for some 2 % more bits at equal PSNR.
_LARGE = 1920 * 1080
_FEWER_FRAMES = {"rc-lookahead": "3", "b-pyramid": "none"}
_BY_FRAME_NUMBER = ("avi",)
# ProRes 4444 is decoded to 12 bits, and FFmpeg's encoder of it takes 10.
_SHALLOWER = {"yuv444p12le": ("yuv444p10le",), "yuva444p12le": ("yuva444p10le",)}
_INTERLACING = ("libx264", "mpeg2video", "mpeg4", "prores_ks")
_CAPTIONING = ("libx264", "libx265", "mpeg2video", "h264_nvenc", "hevc_nvenc", "h264_qsv")
# What says what is seen besides the picture, and is not given to encoders.
_LOST = {
    Type.DYNAMIC_HDR_PLUS: "HDR10+ metadata",
    Type.DOVI_METADATA: "Dolby Vision metadata",
    Type.DOVI_RPU_BUFFER: "Dolby Vision metadata",
    Type.DYNAMIC_HDR_VIVID: "HDR Vivid metadata",
    Type.STEREO3D: "the note of how two views are packed into one picture",
    Type.S12M_TIMECODE: "time codes within the picture's stream",
    Type.AFD: "the active format description",
    Type.PANSCAN: "pan and scan windows",
    Type.AMBIENT_VIEWING_ENVIRONMENT: "the note of the viewing environment",
    Type.ICC_PROFILE: "the colour profile within the picture's stream",
}
# Where in FFmpeg's AVPanScan it says how far windows are from the middle.
_PANNED = slice(12, 24)
# What x264 and x265 say of themselves is theirs to say again.
_ENCODER_NOTES = (
    bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef"),
    bytes.fromhex("2ca2de09b51747dbbb55a4fe7fc2fc4e"),
)


@dataclass(slots=True)
class Counts:
    """What came of a track's frames.

    Parameters
    ----------
    decoded, encoded, damaged : int
        How many; damaged ones were left out.
    end : float
        When the last one ends, in seconds.
    """

    decoded: int = 0
    encoded: int = 0
    damaged: int = 0
    end: float = 0.0


@dataclass(slots=True)
class Changes:
    """What is done to a track's frames.

    Parameters
    ----------
    brush : callable
        Marks luma.
    overlay : callable or None
        Draws on a frame before it is marked.
    keep_going : bool
        Whether frames that cannot be decoded are left out.
    """

    brush: Brush
    overlay: Overlay | None = None
    keep_going: bool = False


class PictureTrack:
    """Encodes a picture track anew.

    Parameters
    ----------
    source : av.VideoStream
        Where its packets come from.
    picture : Picture
        What it is.
    target : av.container.OutputContainer
        Where the new track is added.
    encoding : Encoding
        What was asked for.
    changes : Changes
        What is done to its frames.
    name : str
        For messages.

    Raises
    ------
    UnsupportedError
        The encoder is not there, or does not take such pictures.
    """

    def __init__(
        self,
        source: Any,
        picture: Picture,
        target: Any,
        encoding: Encoding,
        changes: Changes,
        name: str,
    ) -> None:
        self.counts = Counts()
        self._picture, self._changes, self._name = picture, changes, name
        self._decoder = decoder_of(source)
        self._decoder.thread_count = max(_threads() // _ENCODING_SHARE, 1)
        self._encoder = encoder_for(encoding, picture.codec)
        self._counting = self._encoder in COUNTING
        self._stream = _new_stream(target, source, self._encoder, picture, name)
        self._context = self._stream.codec_context
        self._lost: set[str] = set()
        self._set_up(encoding, target.format.name)
        self._last: int | None = None
        self._times: deque[int] = deque()
        self._durations: dict[int, int] = {}

    @property
    def warnings(self) -> list[str]:
        """What could not be kept."""
        return [f"{what} cannot be kept when the picture is encoded" for what in sorted(self._lost)]

    def push(self, packet: Any) -> Iterator[Any]:
        """Take a packet of the old track, give those of the new one.

        Parameters
        ----------
        packet : av.Packet or None
            None behind the last one.

        Yields
        ------
        av.Packet
            To be muxed.

        Raises
        ------
        MediaError
            A frame is damaged, and there is no going on.
        """
        for frame in self._decoded(packet):
            yield from self._encoded(self._changed(frame))
        if packet is None:
            yield from self._encoded(None)

    def _decoded(self, packet: Any) -> Iterator[Any]:
        counts = self.counts
        try:
            frames = self._decoder.decode(packet)
        except av.FFmpegError as error:
            counts.damaged += 1
            if not self._changes.keep_going:
                raise self._damage(error.strerror or str(error)) from error
            return
        for frame in frames:
            if frame.is_corrupt:
                counts.damaged += 1
                if not self._changes.keep_going:
                    raise self._damage("a frame is not whole")
            if (frame.width, frame.height) != (self._picture.width, self._picture.height):
                raise UnsupportedError(
                    f"changes its size to {frame.width} x {frame.height} on the way",
                    path=self._name,
                )
            yield frame

    def _changed(self, frame: Any) -> Any:
        picture = self._picture
        looked_at = self.counts.decoded % _LOOKED_AT
        if looked_at == 0:
            self._note_side_data(frame)
        elif looked_at == 1:
            # PyAV's side data and the last frame hold each other, and megabytes.
            gc.collect(1)
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is None or (self._last is not None and pts <= self._last):
            pts = 0 if self._last is None else self._last + self._usual_duration()
        duration = frame.duration or self._usual_duration()
        self._last = pts
        self.counts.decoded += 1
        self.counts.end = float((pts + duration) * picture.time_base)
        old = frame
        if frame.format.name != picture.planar:
            frame = frame.reformat(format=picture.planar)
        frame.make_writable()
        planes = planes_of(frame)
        if self._changes.overlay is not None:
            self._changes.overlay(planes, float(pts * picture.time_base))
        key = self._changes.brush(planes[0])
        if frame.format.name != self._context.pix_fmt:
            frame = frame.reformat(format=self._context.pix_fmt)
        # The old frame's type would bind the encoder.
        frame.pict_type = PictureType.I if key or old.key_frame else PictureType.NONE
        self._time(frame, pts, duration)
        return frame

    def _time(self, frame: Any, pts: int, duration: int) -> None:
        if self._counting:
            frame.pts, frame.time_base = self.counts.decoded - 1, 1 / self._picture.rate
            self._times.append(pts)
        else:
            frame.pts, frame.time_base = pts, self._picture.time_base
        self._durations[pts] = duration

    def _encoded(self, frame: Any) -> Iterator[Any]:
        try:
            packets = self._context.encode(frame)
        except av.FFmpegError as error:
            raise UnsupportedError(
                f"{self._encoder} does not take its pictures: {error.strerror}", path=self._name
            ) from error
        for packet in packets:
            packet.stream = self._stream
            if self._counting:
                packet.pts = packet.dts = self._times.popleft()
                packet.time_base = self._picture.time_base
            # Encoders don't know how long the last frame of a varying rate lasts.
            packet.duration = self._durations.pop(packet.pts, packet.duration)
            self.counts.encoded += 1
            yield packet

    def _usual_duration(self) -> int:
        return max(1, round(1 / (self._picture.rate * self._picture.time_base)))

    def _note_side_data(self, frame: Any) -> None:
        for entry in frame.side_data:
            kind = entry.type
            if kind in _LOST:
                if kind != Type.PANSCAN or any(bytes(entry)[_PANNED]):
                    self._lost.add(_LOST[kind])
            elif kind == Type.A53_CC and self._encoder not in _CAPTIONING:
                self._lost.add("closed captions within the picture's stream")
            elif kind == Type.SEI_UNREGISTERED and _says_something(bytes(entry)):
                self._lost.add("user data within the picture's stream")
        if frame.interlaced_frame and self._encoder not in _INTERLACING:
            self._lost.add("the note of fields (interlacing)")

    def _set_up(self, encoding: Encoding, container: str) -> None:
        picture, context = self._picture, self._context
        context.width, context.height = picture.width, picture.height
        context.pix_fmt = _pixel_format(context.codec, picture, self._name)
        if context.pix_fmt in _SHALLOWER.get(picture.planar, ()):
            self._lost.add("the last two of 12 bits")
        context.framerate = picture.rate
        context.time_base = 1 / picture.rate if self._counting else picture.time_base
        self._stream.time_base = picture.time_base
        primaries, transfer, matrix, span = picture.colours
        context.color_primaries, context.color_trc = primaries, transfer
        context.colorspace, context.color_range = matrix, span
        if picture.aspect is not None:
            context.sample_aspect_ratio = picture.aspect
        if picture.matrix is not None:
            self._stream.set_display_matrix(picture.matrix)
        if self._counting or container in _BY_FRAME_NUMBER:
            context.max_b_frames = 0
        told = picture.told if encoder_for(Encoding(), picture.codec) == self._encoder else None
        options, mean = rate_options(
            encoding,
            self._encoder,
            told=told,
            rate=picture.bit_rate,
            pixels=float(picture.width * picture.height * picture.rate),
        )
        if mean is not None:
            context.bit_rate = mean
        context.thread_count = _threads()
        context.options = _with_picture(options, self._encoder, picture)

    def _damage(self, why: str) -> MediaError:
        return MediaError(
            Message(f"is damaged at about {self.counts.end:.1f} s: {why}", KEEP_GOING),
            path=self._name,
        )


def hdr_is_kept(picture: Picture, encoder: str) -> bool:
    """Tell whether an encoder can be told a picture's static HDR metadata."""
    return picture.hdr is None or picture.hdr.options(encoder) is not None


def _says_something(user_data: bytes) -> bool:
    return len(user_data) > 17 and user_data[:16] not in _ENCODER_NOTES


def _threads() -> int:
    return min(os.cpu_count() or 1, _THREADS)


def _new_stream(target: Any, source: Any, encoder: str, picture: Picture, name: str) -> Any:
    try:
        stream = target.add_stream(encoder, rate=picture.rate)
    except (av.FFmpegError, ValueError) as error:
        raise UnsupportedError(
            f"cannot be encoded by {encoder}: {error}; choose another encoder", path=name
        ) from error
    if source.codec_context.codec.canonical_name == stream.codec_context.codec.canonical_name:
        tag = source.codec_context.codec_tag
        if target.format.name in ("mp4", "mov") and tag.strip("\0 "):
            stream.codec_context.codec_tag = tag
    return stream


def _pixel_format(codec: Any, picture: Picture, name: str) -> str:
    """Keep the pixel format, or one that holds the same samples."""
    taken = [form.name for form in codec.video_formats or ()]
    same = {
        "yuv420p": ("yuvj420p", "nv12"),
        "yuvj420p": ("yuv420p", "nv12"),
        "yuvj422p": ("yuv422p",),
        "yuvj444p": ("yuv444p",),
        "yuv420p10le": ("p010le",),
        **_SHALLOWER,
    }
    for form in (picture.format, picture.planar, *same.get(picture.planar, ())):
        if not taken or form in taken:
            return form
    raise UnsupportedError(
        f"has pixels of the format {picture.format}, which {codec.name} does not take; "
        "choose another encoder",
        path=name,
    )


def _with_picture(options: dict[str, str], encoder: str, picture: Picture) -> dict[str, str]:
    """Tell the encoder what else is true of the picture; what the user said goes before."""
    private = {"libx264": "x264-params", "libx265": "x265-params", "libsvtav1": "svtav1-params"}
    told = {} if picture.hdr is None else picture.hdr.options(encoder) or {}
    if encoder == "libx265":
        told = {"log-level": "error"} | told
    if told and encoder in private:
        own = ":".join(f"{key}={value}" for key, value in told.items())
        both = [own, options[private[encoder]]] if private[encoder] in options else [own]
        options = {**options, private[encoder]: ":".join(both)}
    if encoder in ("libx264", "libx265", "h264_nvenc", "hevc_nvenc"):
        options.setdefault("forced-idr", "1")
    if encoder == "libx264" and picture.width * picture.height >= _LARGE:
        options = _FEWER_FRAMES | options
    if picture.interlaced and encoder in _INTERLACING:
        options.setdefault("flags", "+ildct+ilme")
    return options
