"""What a film carries besides picture and sound: kept, or lost and said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from av.sidedata.sidedata import Type

from genlabel.video._files.encoding import Encoding
from tests.sdk.video.reels import Reel, packets, remade

# ATSC A/53 part 4, 6.2.3: user data that ITU-T T.35 registers, with one pair of caption bytes.
CAPTIONS = bytes.fromhex("b50031 47413934 03 c1ff fc942c ff")
NOTE = bytes(range(1, 17)) + b"shot by nobody in particular"
REGISTERED, UNREGISTERED = 4, 5


def with_notes(source: Path, target: Path, kind: int, note: bytes) -> Path:
    """Put a note before every picture of an H.264 film, as supplemental information (SEI)."""
    unit = bytes([6, kind, len(note)]) + note + b"\x80"
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux():
            if packet.size:
                noted = av.Packet(len(unit).to_bytes(4, "big") + unit + bytes(packet))
                noted.pts, noted.dts, noted.time_base = packet.pts, packet.dts, packet.time_base
                noted.is_keyframe, noted.stream = packet.is_keyframe, stream
                new.mux(noted)
    return target


def side_data(path: Path) -> list[set[Any]]:
    with av.open(str(path)) as film:
        return [{entry.type for entry in frame.side_data} for frame in film.decode(video=0)]


def test_closed_captions_stay_where_the_encoder_takes_them(tmp_path: Path) -> None:
    plain = Reel().write(tmp_path / "a.mkv")
    source = with_notes(plain, tmp_path / "b.mkv", REGISTERED, CAPTIONS)
    assert all(Type.A53_CC in told for told in side_data(source))
    new, made = remade(source)
    assert made.warnings == ()
    assert all(Type.A53_CC in told for told in side_data(new))
    _, other = remade(source, encoding=Encoding(encoder="mpeg4", bitrate=4000))
    assert any("closed captions" in text for text in other.warnings)


def test_other_notes_in_the_stream_are_lost_and_said(tmp_path: Path) -> None:
    plain = Reel().write(tmp_path / "a.mkv")
    source = with_notes(plain, tmp_path / "b.mkv", UNREGISTERED, NOTE)
    _, made = remade(source)
    assert any("user data within the picture's stream" in text for text in made.warnings)
    assert remade(plain)[1].warnings == ()


def test_a_second_moving_picture_is_copied_and_said(tmp_path: Path) -> None:
    one, other = Reel().write(tmp_path / "a.mp4"), Reel(times=range(9)).write(tmp_path / "b.mp4")
    source = tmp_path / "c.mkv"
    with (
        av.open(str(one)) as first,
        av.open(str(other)) as second,
        av.open(str(source), "w") as both,
    ):
        tracks = [
            (film, both.add_stream_from_template(film.streams.video[0])) for film in (first, second)
        ]
        tracks[0][1].disposition = av.stream.Disposition.default
        for film, track in tracks:
            for packet in film.demux():
                if packet.size:
                    packet.stream = track
                    both.mux(packet)
    new, made = remade(source)
    assert any("the second picture, track 1, carries no watermark" in w for w in made.warnings)
    assert packets(new, "video", 1) == packets(source, "video", 1)
    assert packets(new, "video", 0) != packets(source, "video", 0)


@pytest.mark.parametrize("name", ["a.mov", "a.mp4"])
def test_a_time_code_is_written_anew(tmp_path: Path, name: str) -> None:
    reel = Reel(times=range(25), base=Fraction(1, 25), rate=25).write(tmp_path / "plain.mp4")
    source = tmp_path / name
    with av.open(str(reel)) as old, av.open(str(source), "w") as film:
        track = film.add_stream_from_template(old.streams.video[0])
        track.metadata["timecode"] = "10:20:30:05"
        for packet in old.demux():
            if packet.size:
                packet.stream = track
                film.mux(packet)
    new, made = remade(source)
    assert made.warnings == ()
    for path in (source, new):
        with av.open(str(path)) as film:
            assert film.streams.video[0].metadata["timecode"] == "10:20:30:05"
            assert [stream.type for stream in film.streams] == ["video", "data"]


def test_data_of_a_transport_stream_stays(tmp_path: Path) -> None:
    reel = Reel().write(tmp_path / "a.mp4")
    source = tmp_path / "b.ts"
    with av.open(str(reel)) as old, av.open(str(source), "w") as film:
        track = film.add_stream_from_template(old.streams.video[0])
        data = film.add_data_stream("klv")
        for number, packet in enumerate(old.demux()):
            if packet.size:
                packet.stream = track
                told = av.Packet(b"\x06\x0e\x2b\x34 sensor %d" % number)
                told.pts, told.dts, told.time_base = packet.pts, packet.dts, packet.time_base
                told.stream = data
                film.mux(packet)
                film.mux(told)
    new, made = remade(source)
    assert made.warnings == ()
    assert packets(new, "data") == packets(source, "data") != []
