"""Films to be read: pictures that stand for a stretch of time, from a file or from planes."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._errors import MediaError, UnsupportedError
from genlabel._plane.measure import Plane, resize
from genlabel._ranges import is_positive
from genlabel_kernels.plane.layout import frame_size

#: Long side to which pictures are scaled down.
LONG_SIDE = 640
#: Seconds that one picture stands for, where all frames are read.
STEP = 1.0
#: Samples of luma that make a film large: ten seconds of 1280 x 720 at 30 frames a second.
LARGE = 276_480_000.0
#: Larger frames are refused.
MAX_PIXELS = 1 << 26
# Frames per second of files that do not say.
_USUAL_RATE = 25.0
# Formats whose first plane is luma, a sample a number; but not those that only begin alike.
_PLAIN = ("yuv4", "yuvj4", "yuva4", "gray", "nv12", "nv21")
_ODD = ("be", "f32le", "f16le")
# Seconds between keyframes of films that are read from place to place, at least; and for how long
# one stands at the end of a film that does not say how long it is.
_APART = 5.0
_INSTANT = 0.1
# Without an index FFmpeg seeks by decoding times, and arrives behind what is shown there: so many
# seconds before it there is a keyframe.
_LEAD = {"mpegts": 3.0, "mpeg": 3.0}
# Threads of its decoder, at most.
_THREADS = 4
# Damaged packets that are skipped before a file is given up.
_MAX_DAMAGED = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """The mean picture of a stretch of time.

    Parameters
    ----------
    start, end : float
        In seconds.
    plane : (H, W) float32 array
        Luma, 0..255; the long side is `LONG_SIDE` at most.
    shape : (int, int)
        Height and width of the film's pictures.
    key : bool
        Whether it is a single picture that was coded on its own.
    """

    start: float
    end: float
    plane: Plane
    shape: tuple[int, int]
    key: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame of a film.

    Parameters
    ----------
    time : float
        In seconds.
    luma : (H, W) uint8 or uint16 array
        As it lies there.
    peak : float
        The greatest value of a sample.
    key : bool
        Whether it was coded on its own.
    """

    time: float
    luma: NDArray[Any]
    peak: float
    key: bool = False

    def moment(self, end: float) -> Moment:
        """Take it as the picture of a stretch."""
        plane = _scaled(self.luma) * np.float32(255.0 / self.peak)
        height, width = self.luma.shape
        return Moment(self.time, end, plane, (height, width), self.key)


class _Mean:
    """Frames of one stretch, added up."""

    def __init__(self, luma: NDArray[Any], start: float) -> None:
        self.start = start
        self._count = 0
        self._sum: Plane = np.zeros(luma.shape, np.float32)

    def fits(self, luma: NDArray[Any]) -> bool:
        """Tell whether a plane is of the same size."""
        return luma.shape == self._sum.shape

    def add(self, luma: NDArray[Any]) -> None:
        """Add a plane to the mean."""
        cv2.accumulate(luma, self._sum)
        self._count += 1

    def moment(self, end: float, peak: float) -> Moment:
        """Give the mean as a moment that ends then; ``peak`` is the samples' white."""
        height, width = self._sum.shape
        plane = _scaled(self._sum) * np.float32(255.0 / (peak * self._count))
        return Moment(self.start, end, plane, (height, width))


def _scaled(plane: NDArray[Any]) -> Plane:
    height, width = plane.shape
    rows, columns = frame_size(height, width, min(LONG_SIDE, max(height, width)))
    return np.asarray(resize(plane, rows, columns), np.float32)


def moments_of(frames: Iterable[Shown]) -> Iterator[Moment]:
    """Average frames over stretches of time, and give those coded on their own by themselves too.

    Parameters
    ----------
    frames : iterable of Shown
        In order.
    """
    mean: _Mean | None = None
    last, gap, peak = 0.0, 0.0, 255.0
    for shown in frames:
        time, peak = shown.time, shown.peak
        if mean is not None:
            gap = min(max(time - last, 0.0), STEP) or gap
            if time >= mean.start + STEP or time < last or not mean.fits(shown.luma):
                yield mean.moment(last + gap, peak)
                mean = None
        if shown.key:
            yield shown.moment(time)
        mean = mean or _Mean(shown.luma, time)
        mean.add(shown.luma)
        last = time
    if mean is not None:
        yield mean.moment(last + gap, peak)


def plane_moments(planes: Iterable[NDArray[Any]], fps: float | None) -> Iterator[Moment]:
    """Average planes of luma over stretches of time.

    Raises
    ------
    UnsupportedError
        No `fps`, or a plane is not an array of samples.
    """
    if not is_positive(fps):
        raise UnsupportedError("planes of luma need their frames per second: fps=25, say")
    rate = float(fps)

    def timed() -> Iterator[Shown]:
        """Give the planes with their times in seconds and their white."""
        # Planes do not say how many bits they have: as many as their values need.
        peak = 1023
        for number, luma in enumerate(planes):
            if not isinstance(luma, np.ndarray) or luma.ndim != 2 or not luma.size:
                raise UnsupportedError("a plane of luma is an array of shape (H, W)")
            if luma.dtype not in (np.uint8, np.uint16):
                raise UnsupportedError(f"samples are uint8 or uint16, not {luma.dtype}")
            if luma.dtype == np.uint8:
                peak = 255
            elif luma.max() > peak:
                peak = (1 << int(luma.max()).bit_length()) - 1
            yield Shown(number / rate, luma, float(peak))

    return moments_of(timed())


class Film:
    """A film file that is read as often as need be.

    Parameters
    ----------
    src : str, path-like, bytes-like or binary file object
        Seekable, if it is an object.
    thorough : bool
        Whether frames are decoded that no other one refers to. They are about half of a usual film
        and hold nothing of a mark that those around them do not.

    Raises
    ------
    MediaError
        It cannot be read, or has no pictures.
    """

    def __init__(
        self, src: str | os.PathLike[str] | bytes | BinaryIO, *, thorough: bool = False
    ) -> None:
        self._name = "<bytes>"
        self._skipped = "DEFAULT" if thorough else "NONREF"
        if isinstance(src, (bytes, bytearray, memoryview)):
            source: Any = io.BytesIO(src)
        elif isinstance(src, (str, os.PathLike)):
            source = self._name = os.fspath(src)
        else:
            source, self._name = src, "<stream>"
        with self._errors():
            self._container = av.open(source, metadata_errors="replace")
        known = [track for track in self._container.streams.video if track.codec_context]
        if not known:
            self.close()
            raise MediaError("holds no pictures that can be decoded", path=self._name)
        self._stream = known[0]
        self._stream.thread_type = "AUTO"
        # Every thread holds frames of its own.
        self._stream.thread_count = min(os.cpu_count() or 1, _THREADS)
        self._stream.codec_context.skip_frame = self._skipped

    def __enter__(self) -> Film:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    @property
    def seconds(self) -> float | None:
        """How long the film is, as far as the file says."""
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            # Of fragments that stand alone FFmpeg counts from the beginning of the film.
            alone = not stream.frames and "mp4" in self._container.format.name
            before = stream.start_time or 0 if alone else 0
            return float(max(stream.duration - before, 0) * stream.time_base)
        return None if self._container.duration is None else self._container.duration / 1e6

    @property
    def samples(self) -> float:
        """How many samples of luma all its frames have together, as far as the file says."""
        context = self._stream.codec_context
        rate = float(self._stream.average_rate or _USUAL_RATE)
        return (self.seconds or 0.0) * rate * float(context.width * context.height)

    def moments(self, start: float = 0.0, end: float = float("inf")) -> Iterator[Moment]:
        """Average all frames from `start` to `end`, in seconds, over stretches of time."""
        return moments_of(self._between(start, end))

    def stretch(self, start: float, seconds: float) -> Iterator[Moment]:
        """Average so many seconds of frames, from the keyframe on that comes before `start`."""
        return moments_of(self._following(start, seconds))

    def beginnings(self, keyframes: Sequence[Moment], share: float) -> Iterator[Moment]:
        """Average the first frames after each keyframe, where codecs spend most.

        Parameters
        ----------
        keyframes : sequence of Moment
            All there are, as `keyframes` gives them.
        share : float
            How much of the time until the next one.
        """
        parts = ((one.start, one.start + share * (one.end - one.start)) for one in keyframes)
        return moments_of(itertools.chain.from_iterable(self._between(*part) for part in parts))

    def keyframes(self, most: int) -> list[Moment]:
        """Give pictures that are coded on their own, all over the film; each lasts until the next.

        Parameters
        ----------
        most : int
            How many, at most. A long film is sought in as many places.
        """
        seconds = self.seconds or 0.0
        context = self._stream.codec_context
        context.skip_frame = "NONKEY"
        try:
            if seconds > most * _APART:
                places = [number * seconds / most for number in range(most)]
                chosen = [one for place in places for one in itertools.islice(self._from(place), 1)]
            else:
                chosen = list(itertools.islice(self._from(0.0), most))
        finally:
            context.skip_frame = self._skipped
        # Two places may have the same keyframe before them.
        apart = list({moment.start: moment for moment in chosen}.values())
        ends = [*(moment.start for moment in apart), seconds][1:]
        return [
            replace(moment, end=max(moment.start + _INSTANT, end))
            for moment, end in zip(apart, ends, strict=True)
        ]

    def _from(self, start: float) -> Iterator[Moment]:
        self._seek(start)
        for shown in self._frames():
            yield shown.moment(shown.time)

    def _following(self, start: float, seconds: float) -> Iterator[Shown]:
        self._seek(start)
        first: float | None = None
        for shown in self._frames():
            first = shown.time if first is None else first
            if shown.time >= first + seconds:
                return
            yield shown

    def _between(self, start: float, end: float) -> Iterator[Shown]:
        self._seek(start)
        for shown in self._frames():
            if shown.time >= end:
                return
            if shown.time >= start:
                yield shown

    def _seek(self, start: float) -> None:
        base = self._stream.time_base
        # What cannot be sought is read from where it stands.
        with contextlib.suppress(av.FFmpegError):
            first = self._stream.start_time or 0
            start -= _LEAD.get(self._container.format.name, 0.0)
            offset = first + (0 if base is None else round(start / base))
            self._container.seek(offset, stream=self._stream)

    def _frames(self) -> Iterator[Shown]:
        rate = float(self._stream.average_rate or _USUAL_RATE)
        base, first = self._stream.time_base, self._stream.start_time or 0
        damaged, after = 0, 0.0
        with self._errors():
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.InvalidDataError:
                    damaged += 1
                    if damaged > _MAX_DAMAGED:
                        raise
                    continue
                for frame in frames:
                    time = after
                    if frame.pts is not None and base is not None:
                        time = float((frame.pts - first) * base)
                    after = time + 1.0 / rate
                    yield Shown(time, *luma_of(frame, self._name), bool(frame.key_frame))

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise MediaError(f"cannot be read: {why}", path=self._name) from error


def luma_of(frame: av.VideoFrame, name: str) -> tuple[NDArray[Any], float]:
    """Take a frame's luma as it lies there, and give the greatest value of its samples.

    Raises
    ------
    MediaError
        The frame is larger than any that is read.
    """
    if frame.width * frame.height > MAX_PIXELS:
        raise MediaError(f"has frames of {frame.width} x {frame.height} pixels", path=name)
    if not frame.format.name.startswith(_PLAIN) or frame.format.name.endswith(_ODD):
        frame = frame.reformat(format="gray")
    component, plane = frame.format.components[0], frame.planes[0]
    kind = np.uint8 if component.bits == 8 else np.uint16
    rows = np.frombuffer(memoryview(plane), kind).reshape(frame.height, -1)
    return rows[:, : frame.width], float((1 << component.bits) - 1)
