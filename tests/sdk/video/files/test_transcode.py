"""Film files: the picture changed, and everything else as it was."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.sidedata.sidedata import Type
from PIL import Image

from genlabel import MediaError, UnsupportedError
from genlabel.video._files.encoding import Encoding
from tests.sdk.video.reels import (
    Reel,
    brighter,
    facts,
    first_frame,
    lumas,
    packets,
    planes,
    regrafted,
    remade,
    shown_times,
    top_boxes,
    untouched,
)

RICH = {
    "sounds": [("aac", "eng"), ("aac", "fra")],
    "chapters": True,
    "tags": {"title": "Ein Film ü", "artist": "nobody", "comment": "kept"},
}


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.flv", "a.ts", "a.avi"])
def test_other_tracks_are_copied_bit_for_bit(tmp_path: Path, name: str) -> None:
    rich: dict[str, Any] = dict(RICH)
    if name in ("a.mp4", "a.mov", "a.mkv"):
        rich["text"] = "subrip" if name == "a.mkv" else "mov_text"
    if name in ("a.flv", "a.avi", "a.ts"):
        rich = {"sounds": [("libmp3lame" if name == "a.avi" else "aac", "eng")]}
    if name == "a.avi":
        rich |= {"picture": "mpeg4"}
    source = Reel(**rich).write(tmp_path / name)
    new, made = remade(source)
    assert made.warnings == () and made.frames == 12
    assert facts(new) == facts(source)
    for number in range(len(rich["sounds"])):
        assert packets(new, "audio", number) == packets(source, "audio", number)
    if "text" in rich:
        assert packets(new, "subtitle") == packets(source, "subtitle")
    assert shown_times(new) == shown_times(source)
    difference = np.mean(lumas(new), dtype=float) - np.mean(lumas(source), dtype=float)
    assert difference == pytest.approx(4, abs=0.5)
    with av.open(str(source)) as old, av.open(str(new)) as film:
        titles = [chapter["metadata"] for chapter in film.chapters()]
        assert titles == [chapter["metadata"] for chapter in old.chapters()]
        kept = {key: value for key, value in old.metadata.items() if key.lower() != "encoder"}
        assert kept.items() <= dict(film.metadata).items()
        assert not rich.get("tags") or len(kept) > 2


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
def test_varying_frame_times_stay(tmp_path: Path, name: str) -> None:
    times = [0, 90, 100, 350, 351, 700, 1500, 1533]
    picture = "libvpx-vp9" if name == "a.webm" else "libx264"
    reel = Reel(picture=picture, times=times, base=Fraction(1, 1000))
    source = reel.write(tmp_path / name)
    new, _ = remade(source)
    assert shown_times(new) == [Fraction(time, 1000) for time in times] == shown_times(source)


@pytest.mark.parametrize("turned", [(90, False), (180, False), (-90, True)])
@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_turning_and_mirroring_stay(tmp_path: Path, name: str, turned: tuple[int, bool]) -> None:
    source = Reel(turned=turned, times=range(3)).write(tmp_path / name)
    new, _ = remade(source)

    def matrix(path: Path) -> tuple[int, ...]:
        side = {entry.type: bytes(entry) for entry in first_frame(path).side_data}
        return struct.unpack("<9i", side[Type.DISPLAYMATRIX][:36])

    assert matrix(new) == matrix(source)


def test_colours_range_and_aspect_stay(tmp_path: Path) -> None:
    settings = {
        "color_primaries": 9,
        "color_trc": 18,
        "colorspace": 9,
        "color_range": 2,
        "sample_aspect_ratio": Fraction(4, 3),
    }
    source = Reel(settings=settings, times=range(3)).write(tmp_path / "a.mp4")
    new, made = remade(source)
    assert made.picture.full_range
    for path in (source, new):
        frame = first_frame(path)
        tags = (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range)
        assert tuple(map(int, tags)) == (9, 18, 9, 2)
        with av.open(str(path)) as film:
            assert film.streams.video[0].codec_context.sample_aspect_ratio == Fraction(4, 3)


@pytest.mark.parametrize("codec", ["libx265", "libsvtav1", "libx264"])
def test_static_hdr_and_ten_bits_stay(tmp_path: Path, codec: str) -> None:
    name = {"libx265": "x265-params", "libsvtav1": "svtav1-params", "libx264": "x264-params"}
    mastering = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
    own = {
        "libx265": f"log-level=error:master-display={mastering}:max-cll=1000,400",
        "libx264": f"mastering-display={mastering}:cll=1000,400",
        "libsvtav1": "mastering-display=G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)"
        "L(1000.0,0.0001):content-light=1000,400",
    }
    settings = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1}
    reel = Reel(
        picture=codec,
        form="yuv420p10le",
        options={name[codec]: own[codec]},
        settings=settings,
        times=range(3),
    )
    source = reel.write(tmp_path / "a.mkv")
    new, made = remade(source)
    assert made.picture.bits == 10
    for path in (source, new):
        frame = first_frame(path)
        side = {entry.type: bytes(entry) for entry in frame.side_data}
        values = struct.unpack("<22i", side[Type.MASTERING_DISPLAY_METADATA])
        fractions = [Fraction(a, b) for a, b in zip(values[:20:2], values[1:20:2], strict=True)]
        assert [round(float(f), 3) for f in fractions[:8]] == [
            *(0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.313, 0.329)
        ]
        assert float(fractions[9]) == 1000
        assert struct.unpack("<2I", side[Type.CONTENT_LIGHT_LEVEL]) == (1000, 400)
        assert frame.format.name == "yuv420p10le"
    difference = np.mean(lumas(new), dtype=float) - np.mean(lumas(source), dtype=float)
    assert difference == pytest.approx(16, abs=2)


def test_transparency_of_vp9_stays(tmp_path: Path) -> None:
    reel = Reel(picture="libvpx-vp9", form="yuva420p", times=range(4))
    source = reel.write(tmp_path / "a.webm")
    new, _ = remade(source)
    before, after = planes(source, "libvpx-vp9"), planes(new, "libvpx-vp9")
    assert len(before[0]) == len(after[0]) == 4
    assert np.abs(before[0][3].astype(int) - after[0][3]).mean() < 3


def test_prores_4444_keeps_transparency_and_loses_two_bits(tmp_path: Path) -> None:
    reel = Reel(picture="prores_ks", form="yuva444p10le", options={"profile": "4"}, times=range(4))
    source = reel.write(tmp_path / "a.mov")
    new, made = remade(source)
    assert made.picture.format == "yuva444p12le"
    assert made.warnings == ("the last two of 12 bits cannot be kept when the picture is encoded",)
    before, after = planes(source), planes(new)
    assert len(before[0]) == len(after[0]) == 4
    # Of twelve bits.
    assert np.abs(before[0][3].astype(int) - after[0][3]).mean() < 20
    assert np.mean(after[0][0] - before[0][0].astype(int)) == pytest.approx(64, abs=8)


@pytest.mark.parametrize(
    ("codec", "form", "name"),
    [
        ("libvpx", "yuv420p", "a.webm"),
        ("libvpx-vp9", "yuv444p", "a.webm"),
        ("libx264", "yuv444p", "a.mp4"),
        ("libx265", "yuv444p", "a.mkv"),
        ("ffv1", "yuv444p10le", "a.mkv"),
        ("mpeg4", "yuv420p", "a.avi"),
        ("mpeg2video", "yuv420p", "a.ts"),
        ("prores_ks", "yuv422p10le", "a.mov"),
    ],
)
def test_odd_sizes_of_other_codecs_stay(tmp_path: Path, codec: str, form: str, name: str) -> None:
    reel = Reel(picture=codec, form=form, size=(161, 131), times=range(3))
    source = reel.write(tmp_path / name)
    new, made = remade(source)
    assert made.picture.format == form
    assert [luma.shape for luma in lumas(new)] == 3 * [(131, 161)]
    assert first_frame(new).format.name == form


@pytest.mark.parametrize("codec", ["libvpx-vp9", "libsvtav1"])
def test_odd_sizes_stay(tmp_path: Path, codec: str) -> None:
    source = Reel(picture=codec, size=(161, 131), times=range(3)).write(tmp_path / "a.webm")
    new, _ = remade(source)
    assert lumas(new)[0].shape == (131, 161)
    with pytest.raises(UnsupportedError, match="libx264"):
        remade(source, encoding=Encoding(encoder="libx264"))


def test_no_frame_leaks_into_the_next(tmp_path: Path) -> None:
    source = Reel(times=range(24), options={"bf": "3"}).write(tmp_path / "a.mkv")
    lossless = Encoding(crf=0)
    new, _ = remade(source, brush=untouched, encoding=lossless)
    for before, after in zip(planes(source), planes(new), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    again, _ = remade(source, encoding=lossless)
    for before, after in zip(lumas(source), lumas(again), strict=True):
        assert np.array_equal(before + 4, after)


@pytest.mark.parametrize("fast", [True, False])
def test_an_index_in_front_stays_in_front(tmp_path: Path, fast: bool) -> None:
    muxer = {"movflags": "faststart"} if fast else {}
    source = Reel(muxer=muxer, times=range(3)).write(tmp_path / "a.mp4")
    new, _ = remade(source)
    order = [kind for kind in top_boxes(new) if kind in (b"moov", b"mdat")]
    assert order == ([b"moov", b"mdat"] if fast else [b"mdat", b"moov"])


def test_fragments_stay_fragments(tmp_path: Path) -> None:
    muxer = {"movflags": "frag_keyframe+empty_moov"}
    source = Reel(muxer=muxer, sounds=[("aac", "eng")]).write(tmp_path / "a.mp4")
    new, _ = remade(source)
    assert b"moof" in top_boxes(new)
    assert packets(new, "audio") == packets(source, "audio")


def test_attachments_and_styled_text_stay(tmp_path: Path) -> None:
    reel = Reel(attachment=b"a font", chapters=True, text="subrip")
    source = reel.write(tmp_path / "a.mkv")
    new, made = remade(source)
    assert made.warnings == ()
    with av.open(str(new)) as film:
        (font,) = (stream for stream in film.streams if stream.type == "attachment")
        assert font.metadata == {"filename": "font.ttf", "mimetype": "font/ttf"}
        assert b"a font" in new.read_bytes()


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_cover_stays_a_cover(tmp_path: Path, name: str) -> None:
    image = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 30, 30)).save(image, "JPEG")
    plain = Reel(times=range(3)).write(tmp_path / f"plain{Path(name).suffix}")
    source = tmp_path / name
    with av.open(str(plain)) as old, av.open(str(source), "w") as film:
        stream = film.add_stream_from_template(old.streams.video[0])
        if name == "a.mkv":
            film.add_attachment("cover.jpg", "image/jpeg", image.getvalue())
        else:
            cover: Any = film.add_stream("mjpeg")
            cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
            cover.disposition = av.stream.Disposition.attached_pic
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = stream
                film.mux(packet)
        if name == "a.mp4":
            picture = av.Packet(image.getvalue())
            picture.stream, picture.pts, picture.dts = cover, 0, 0
            film.mux(picture)
    new, made = remade(source)
    assert made.warnings == () and made.frames == 3
    if name == "a.mp4":
        regrafted(source, new)
    assert facts(new) == facts(source)
    assert packets(new, "video", 1)[0][3] == packets(source, "video", 1)[0][3]


def test_fields_stay_fields(tmp_path: Path) -> None:
    reel = Reel(options={"flags": "+ildct+ilme", "x264-params": "tff=1"}, size=(160, 160))
    source = reel.write(tmp_path / "a.ts")
    new, made = remade(source)
    assert made.picture.interlaced and first_frame(new).interlaced_frame
    assert made.warnings == ()
    _, made = remade(source, encoding=Encoding(encoder="libx265"))
    assert any("interlacing" in text for text in made.warnings)


def test_keyframes_stay_and_new_ones_come_where_asked(tmp_path: Path) -> None:
    source = Reel(times=range(24), options={"g": "10", "sc_threshold": "0"}).write(
        tmp_path / "a.mp4"
    )

    def brush(picture: Any) -> Any:
        seen = []

        def mark(luma: Any) -> bool:
            seen.append(0)
            return len(seen) == 6

        return mark

    new, _ = remade(source, brush=brush)
    with av.open(str(new)) as film:
        keys = [index for index, frame in enumerate(film.decode(video=0)) if frame.key_frame]
    assert keys == [0, 5, 10, 20]


def test_what_is_drawn_is_drawn_before_the_mark_at_its_time(tmp_path: Path) -> None:
    source = Reel().write(tmp_path / "a.mp4")
    times = []

    def overlay(shown: Any, seconds: float) -> None:
        times.append(seconds)
        if seconds < 0.5:
            shown[0][:16] = 235
            shown[1][:8] = 128

    new, _ = remade(source, overlay=overlay, encoding=Encoding(crf=5))
    assert times == pytest.approx([number / 12 for number in range(12)])
    top = [luma[:12].mean() for luma in lumas(new)]
    assert min(top[:6]) > 225 > 160 > max(top[6:])


def test_the_encoder_is_chosen(tmp_path: Path) -> None:
    source = Reel(times=range(3)).write(tmp_path / "a.mkv")
    new, _ = remade(source, encoding=Encoding(encoder="libvpx-vp9", preset="8", crf=30))
    assert facts(new)[0]["codec"] == "vp9"
    with pytest.raises(UnsupportedError, match="choose another encoder"):
        remade(source, encoding=Encoding(encoder="nothing"))
    for wrong in ({"crf": 101.0}, {"bitrate": 0.0}, {"crf": 1.0, "bitrate": 1.0}):
        with pytest.raises(UnsupportedError):
            Encoding(**wrong)


def test_a_coarse_source_becomes_no_large_file(tmp_path: Path) -> None:
    coarse = Reel(times=range(192), size=(320, 256), options={"crf": "40"})
    source = coarse.write(tmp_path / "a.mp4")
    held, _ = remade(source)
    size = held.stat().st_size
    held.unlink()
    free, _ = remade(source, encoding=Encoding(crf=20))
    assert size < 0.7 * free.stat().st_size


def test_a_simple_film_is_not_spoilt(tmp_path: Path) -> None:
    """What scrolls costs nothing by itself, and much with a mark that stands still over it."""
    rng = np.random.default_rng(5)
    page = (rng.random((300, 48)) < 0.5).repeat(2, axis=0).repeat(8, axis=1) * np.uint8(200) + 25
    source = tmp_path / "a.mp4"
    with av.open(str(source), "w") as sink:
        stream: Any = sink.add_stream("libx264", rate=12, options={"crf": "23"})
        stream.width, stream.height, stream.pix_fmt = 384, 256, "gray"
        for number in range(48):
            shown = np.ascontiguousarray(page[2 * number : 2 * number + 256])
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(shown, "gray")))
        sink.mux(stream.encode(None))
    mark = rng.normal(0, 2.5, (64, 96)).repeat(4, axis=0).repeat(4, axis=1).round()

    def brush(luma: Any) -> bool:
        luma[:] = (luma + mark).clip(0, 255).astype(np.uint8)
        return False

    new, _ = remade(source, brush=lambda _: brush)
    before, after = np.array(lumas(source), float), np.array(lumas(new), float)
    errors = np.mean((before + mark - after) ** 2, axis=(1, 2))
    assert np.all(10 * np.log10(255**2 / errors) > 38)


def test_pixels_of_other_kinds_are_refused(tmp_path: Path) -> None:
    source = Reel(picture="ffv1", form="bgr0", times=range(2))
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as sink:
        stream: Any = sink.add_stream("ffv1", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "bgr0"
        sink.mux(stream.encode(av.VideoFrame(64, 64, "bgr0")))
        sink.mux(stream.encode(None))
    with pytest.raises(UnsupportedError, match="bgr0"):
        remade(path)
    assert source.picture == "ffv1"


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_film_cut_short_is_refused_or_marked_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    muxer = {"movflags": "faststart"} if name == "a.mp4" else {}
    source = Reel(times=range(120), sounds=[("aac", "eng")], seconds=10, muxer=muxer).write(
        tmp_path / name
    )
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(MediaError, match="cut short|damaged"):
        remade(source)
    (tmp_path / f"new{source.suffix}").unlink(missing_ok=True)
    new, made = remade(source, keep_going=True)
    assert any("cut short" in text or "damaged" in text for text in made.warnings)
    assert 20 < len(lumas(new)) == made.frames < 110


def test_damage_on_the_way_is_told(tmp_path: Path) -> None:
    source = Reel(times=range(48)).write(tmp_path / "a.mp4")
    with av.open(str(source)) as film:
        found = [packet for packet in film.demux(video=0) if packet.size][10:40]
        coded = bytes(max(found, key=lambda packet: packet.size))
    data = bytearray(source.read_bytes())
    place = data.index(coded)
    start, end = place + len(coded) // 3, place + len(coded) - 8
    data[start:end] = bytes(end - start)
    source.write_bytes(data)
    with pytest.raises(MediaError, match="damaged"):
        remade(source)
    (tmp_path / "new.mp4").unlink(missing_ok=True)
    _, made = remade(source, keep_going=True)
    assert made.frames > 30
    assert any("damaged" in text for text in made.warnings)


def test_progress_is_told(tmp_path: Path) -> None:
    source = Reel().write(tmp_path / "a.mp4")
    told: list[float] = []
    remade(source, progress=told.append, brush=brighter)
    assert told == sorted(told) and told[-1] == pytest.approx(1.0)
