"""Small films of every container, and what other programs say of them."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.sdk.labels.sounds import RATE, TAGS, tone

WIDTH, HEIGHT, FRAMES, FPS = 64, 48, 12, 10


def film(
    form: str,
    video: str = "mpeg4",
    audio: str | None = "aac",
    options: Mapping[str, str] | None = None,
    **tags: str,
) -> bytes:
    """A film of a moving square and a chord, as FFmpeg's libraries write it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        with av.open(str(path), "w", format=form, options=dict(options or {})) as sink:
            sink.metadata.update(tags)
            pictures: Any = sink.add_stream(video, rate=FPS)
            pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            pictures.gop_size = 4
            sound: Any = None if audio is None else sink.add_stream(audio, rate=RATE)
            for number in range(FRAMES):
                sink.mux(pictures.encode(_picture(number)))
                if sound is not None:
                    sink.mux(_sound(sound, number))
            for stream in filter(None, (pictures, sound)):
                sink.mux(stream.encode(None))
        return path.read_bytes()


def _picture(number: int) -> av.VideoFrame:
    pixels = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    pixels[10:30, 2 * number : 2 * number + 20] = (220, 40, 90)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    frame.pts = number
    return frame


def _sound(stream: Any, number: int) -> list[Any]:
    step = RATE // FPS
    planes = np.tile(tone(RATE).T, 2 + FRAMES // 4)[:, number * step : (number + 1) * step]
    block = np.ascontiguousarray(planes)
    frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = RATE, number * step
    packets: list[Any] = stream.encode(frame)
    return packets


def _fragmented(options: str) -> Callable[[], bytes]:
    flags = {"movflags": f"frag_keyframe+empty_moov+{options}"}
    return lambda: film("mp4", options=flags, **TAGS)


MAKERS: dict[str, Callable[[], bytes]] = {
    "late.mp4": lambda: film("mp4", **TAGS),
    "early.mp4": lambda: film("mp4", options={"movflags": "faststart"}, **TAGS),
    "keys.mp4": lambda: film("mp4", options={"movflags": "faststart+use_metadata_tags"}, **TAGS),
    "plain.mp4": lambda: film("mp4", audio=None),
    "fragments.mp4": _fragmented("separate_moof"),
    "cmaf.mp4": _fragmented("cmaf+dash+global_sidx"),
    "plain.avi": lambda: film("avi", audio="libmp3lame"),
    "tagged.avi": lambda: film("avi", audio="libmp3lame", **TAGS),
    "plain.flv": lambda: film("flv", "flv1", "libmp3lame"),
    "keyframes.flv": lambda: film(
        "flv", "libx264", options={"flvflags": "add_keyframe_index"}, **TAGS
    ),
    "plain.mkv": lambda: film("matroska", **TAGS),
    "h264.mkv": lambda: film("matroska", "libx264", "flac", mood="calm"),
    "early.mkv": lambda: film("matroska", options={"reserve_index_space": "4096"}, **TAGS),
    "live.mkv": lambda: film("matroska", options={"live": "1"}, **TAGS),
    "clusters.mkv": lambda: film("matroska", options={"cluster_time_limit": "200"}),
    "cues.mkv": lambda: film("matroska", options={"cues_to_front": "1"}, **TAGS),
    "plain.webm": lambda: film("webm", "libvpx", "libopus", **TAGS),
    "live.webm": lambda: film("webm", "libvpx", "libopus", {"live": "1"}),
    "late.mov": lambda: film("mov", **TAGS),
    "early.mov": lambda: film("mov", options={"movflags": "faststart"}, **TAGS),
}

#: Those without a place for labels.
BARE: dict[str, Callable[[], bytes]] = {"plain.ts": lambda: film("mpegts", "libx264", "aac")}

TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/matroska",
    ".flv": "video/x-flv",
    ".avi": "video/x-msvideo",
    ".webm": "video/webm",
}


@cache
def made(name: str) -> bytes:
    """One of the films above."""
    return {**MAKERS, **BARE}[name]()


def coded(data: bytes) -> list[tuple[str, str]]:
    """Every stream's coding and a digest of its packets and their times."""
    with av.open(io.BytesIO(data)) as source:
        digests = [hashlib.sha256() for _ in source.streams]
        kinds = [f"{stream.type} {stream.codec_context.name}" for stream in source.streams]
        for packet in source.demux():
            told = f"{packet.pts} {packet.dts} {packet.duration} {packet.is_keyframe}"
            digests[packet.stream.index].update(told.encode() + bytes(packet))
    return [(kind, digest.hexdigest()) for kind, digest in zip(kinds, digests, strict=True)]


def decoded(data: bytes) -> str:
    """A digest of a film's frames, as FFmpeg decodes them, and of their times."""
    out = hashlib.sha256()
    with av.open(io.BytesIO(data)) as source:
        for frame in source.decode(video=0):
            out.update(f"{frame.pts}".encode())
            out.update(frame.to_ndarray().tobytes())
    return out.hexdigest()


def sought(data: bytes) -> list[int | None]:
    """Where a player lands that seeks through the film by its index."""
    places: list[int | None] = []
    with av.open(io.BytesIO(data)) as source:
        stream = source.streams.video[0]
        for number in range(0, FRAMES, 2):
            at = number / FPS / float(stream.time_base or 1)
            try:
                source.seek(int(at), stream=stream)
            except av.error.PermissionError:
                # There is no index to seek by.
                return []
            places.append(next(source.decode(stream)).pts)
    return places


def tags_of(data: bytes) -> dict[str, str]:
    """A film's tags, as FFmpeg reads them."""
    with av.open(io.BytesIO(data)) as source:
        return dict(source.metadata)
