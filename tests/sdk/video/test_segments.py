"""Segments of a stream: each is read by itself, as a player's cache or a screenshot bot has it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from genlabel import Key, verify
from genlabel.video import detect
from tests.sdk.video.films import PAYLOAD, encoded, marked, planes_of

_FPS, _SECONDS = 30, 6


@pytest.fixture(scope="module")
def film(media: Callable[[str], Path], key: Key) -> bytes:
    planes = planes_of(media("video/handheld_crystal_480p30.mp4"), _SECONDS * _FPS)
    return encoded(marked(planes, _FPS, key), _FPS, 23, keyframes=2 * _FPS)


def segments(film: bytes, folder: Path, kind: str, seconds: int) -> list[bytes]:
    """Cut a film as HLS and DASH do, and put the beginning of fMP4 before each of its parts."""
    options = {
        "hls_time": str(seconds),
        "hls_list_size": "0",
        "hls_segment_type": kind,
        "hls_fmp4_init_filename": "init.mp4",
    }
    listed = folder / "list.m3u8"
    with (
        av.open(io.BytesIO(film)) as old,
        av.open(str(listed), "w", format="hls", options=options) as new,
    ):
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    begin = (folder / "init.mp4").read_bytes() if kind == "fmp4" else b""
    return [begin + path.read_bytes() for path in sorted(folder.glob("list*.[mt]*[s4]"))]


@pytest.mark.parametrize(("kind", "seconds"), [("fmp4", 2), ("mpegts", 2), ("mpegts", 10)])
def test_each_segment_is_found_by_itself(
    film: bytes, tmp_path: Path, kind: str, seconds: int, key: Key
) -> None:
    found = segments(film, tmp_path, kind, seconds)
    assert len(found) == max(_SECONDS // seconds, 1)
    for segment in found:
        detection = detect(segment, key)
        assert detection.payload == PAYLOAD
        (span,) = detection.spans
        length = min(seconds, _SECONDS)
        assert (span.start, span.end) == pytest.approx((0, length), abs=0.5)


def test_a_segment_is_verified_as_a_film_is(film: bytes, tmp_path: Path, key: Key) -> None:
    last = segments(film, tmp_path, "fmp4", 2)[-1]
    report = verify(last, keys=[key])
    assert report.media_type == "video/mp4" and report.verdict == "suspected"
    assert report.layers["watermark"].details["payload"] == PAYLOAD.hex()
