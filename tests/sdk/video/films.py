"""Films for the watermark's tests: real ones, decoded, marked and coded again."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np

from genlabel import Key
from genlabel.video import Embedder

Planes = np.ndarray
PAYLOAD = bytes.fromhex("8899aabbccddeeff")


def planes_of(source: Path | bytes, count: int, first: int = 0) -> Planes:
    """Decode so many planes of luma: (n, H, W) uint8."""
    planes = []
    with av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number >= first + count:
                break
            if number >= first:
                rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
                planes.append(rows.reshape(frame.height, -1)[:, : frame.width])
    return np.stack(planes)


def marked(planes: Planes, fps: float, key: Key, payload: bytes = PAYLOAD) -> Planes:
    """Mark a copy."""
    out = planes.copy()
    embedder = Embedder(planes.shape[2], planes.shape[1], fps, payload, key)
    for luma in out:
        embedder.push(luma)
    return out


def encoded(planes: Planes, fps: int, crf: int, *, keyframes: int = 250) -> bytes:
    """Encode as H.264 in Matroska, grey."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = planes.shape[2], planes.shape[1], "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast", "g": str(keyframes)}
        for number, luma in enumerate(planes):
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(
                format="yuv420p", src_color_range="MPEG", dst_color_range="MPEG"
            )
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()
