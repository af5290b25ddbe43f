"""Encoding and decoding with the encoders of PyAV's wheel."""

from __future__ import annotations

import io
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import av
import numpy as np

from benchmarks.video import Film, Planes

#: Encoder and options by name; each ends in what the number of an attack's name stands for.
ENCODERS: dict[str, tuple[str, Mapping[str, str], str]] = {
    "x264": ("libx264", {"preset": "veryfast"}, "crf"),
    "x264-medium": ("libx264", {"preset": "medium"}, "crf"),
    "x265": ("libx265", {"preset": "veryfast", "x265-params": "log-level=error"}, "crf"),
    "svtav1": ("libsvtav1", {"preset": "10"}, "crf"),
    "vp9": ("libvpx-vp9", {"b": "0", "cpu-used": "7", "deadline": "realtime"}, "crf"),
    "x264-kbits": ("libx264", {"preset": "veryfast"}, "b"),
}
# One thread: encoders decide alike however many cores there are.
_THREADS = {"threads": "1"}


def encode(planes: Planes, fps: Fraction, name: str, value: float) -> bytes:
    """Encode grey planes into Matroska; odd sides lose their last row or column.

    Parameters
    ----------
    planes : (n, H, W) uint8 array
        Luma of limited range.
    fps : Fraction
        Frames per second.
    name : str
        Of `ENCODERS`.
    value : float
        CRF, or kbit/s.

    Returns
    -------
    bytes
        The file.
    """
    encoder, options, last = ENCODERS[name]
    _, height, width = planes.shape
    height, width = height // 2 * 2, width // 2 * 2
    setting = f"{value:g}k" if last == "b" else f"{value:g}"
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream: Any = container.add_stream(encoder, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {**options, **_THREADS, last: setting}
        for number, luma in enumerate(planes):
            container.mux(stream.encode(_frame(luma[:height, :width], number)))
        container.mux(stream.encode())
    return file.getvalue()


def decode(data: bytes) -> Planes:
    """Decode all planes of luma: (n, H, W) uint8."""
    planes = []
    with av.open(io.BytesIO(data), "r") as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
            planes.append(rows.reshape(frame.height, -1)[:, : frame.width])
    return np.stack(planes)


def coded(film: Film, name: str, value: float) -> Film:
    """Give a film after coding."""
    data = encode(film.planes, film.fps, name, value)
    return Film(decode(data), film.fps, data)


def _frame(luma: Planes, number: int) -> av.VideoFrame:
    height, width = luma.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for index, plane in enumerate(frame.planes):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
        rows[:, : plane.width] = luma if index == 0 else 128
    frame.pts = number
    return frame
