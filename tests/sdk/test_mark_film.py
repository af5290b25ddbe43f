"""`mark` and `verify` on films: every container, picture and sound, what is refused."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

import genlabel
from genlabel import CapacityError, Key, Label, MediaError, Signer, UnsupportedError
from genlabel.certs import CertFiles
from genlabel.video import Encoding
from tests.sdk.video.films import encoded
from tests.sdk.video.reels import Reel, packets, remade

Media = Callable[[str], Path]
CLIP = "video/handheld_crystal_480p30.mp4"
SECONDS = 2.0
FAST = Encoding(preset="ultrafast")


@pytest.fixture(scope="session")
def clip(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a real film with sound, cut out packet by packet."""
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    cut(media(CLIP), path)
    return path


def cut(source: Path, target: Path, **options: str) -> Path:
    """Copy the first seconds of a film into any container."""
    with av.open(str(source)) as old, av.open(str(target), "w", options=options) as new:
        streams = {s.index: new.add_stream_from_template(s) for s in old.streams}
        for packet in old.demux():
            if packet.size and packet.dts * packet.time_base < SECONDS:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
    return target


@pytest.fixture(scope="session")
def marked(
    clip: Path, key: Key, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, genlabel.Receipt]:
    """The clip, marked and signed."""
    target = tmp_path_factory.mktemp("marked") / "a.mp4"
    label = Label("acme", system="Painter", system_version="3.1")
    return target, genlabel.mark(clip, target, label=label, key=key, signer=signer, encoding=FAST)


def test_a_film_carries_every_layer_and_says_so(
    marked: tuple[Path, genlabel.Receipt],
    key: Key,
    authority: CertFiles,
    check_schema: Callable[[Any], None],
) -> None:
    path, receipt = marked
    check_schema(receipt)
    assert receipt.media_type == "video/mp4"
    assert receipt.layers == ("watermark", "aigc", "xmp", "c2pa")
    assert receipt.psnr is not None and 35 < receipt.psnr < 60
    assert not any("watermark" in text or "kept" in text for text in receipt.warnings)
    report = genlabel.verify(path, keys=[key], trust=authority.root)
    check_schema(report)
    assert {name: layer.state for name, layer in report.layers.items()} == {
        "aigc": "valid",
        "xmp": "valid",
        "c2pa": "trusted",
        "watermark": "valid",
        "visible": "absent",
    }
    assert (report.verdict, report.conflicts) == ("generated", ())
    parts = report.layers["watermark"].details["parts"]
    assert [part["part"] for part in parts] == ["picture", "sound"]
    for part in parts:
        assert part["payload"] == receipt.label.mark_id.hex()
        assert part["spans"][0]["start"] < 0.5 and part["spans"][0]["end"] > 1.7


@pytest.mark.parametrize("name", ["a.mov", "a.mkv"])
def test_other_containers_are_marked_too(clip: Path, tmp_path: Path, name: str, key: Key) -> None:
    source, target = cut(clip, tmp_path / name), tmp_path / f"marked-{name}"
    receipt = genlabel.mark(source, target, label=Label("acme"), key=key, encoding=FAST)
    report = genlabel.verify(target, keys=[key])
    assert report.media_type == receipt.media_type
    assert (report.verdict, report.conflicts) == ("generated", ())
    assert all(part["found"] for part in report.layers["watermark"].details["parts"])
    assert len(os.listdir(tmp_path)) == 2


def test_bytes_and_streams_are_films_as_well(clip: Path, key: Key) -> None:
    silent = Encoding(preset="ultrafast", sound=False)
    one, two = io.BytesIO(), io.BytesIO()
    genlabel.mark(clip.read_bytes(), one, label=Label("acme"), key=key, encoding=silent)
    with open(clip, "rb") as stream:
        genlabel.mark(stream, two, label=Label("acme"), key=key, encoding=silent)
    for medium in (one.getvalue(), io.BytesIO(two.getvalue())):
        report = genlabel.verify(medium, keys=[key])
        parts = report.layers["watermark"].details["parts"]
        assert [part["found"] for part in parts] == [True, False]


def test_a_stripped_copy_is_suspected_by_picture_and_sound(
    marked: tuple[Path, genlabel.Receipt], tmp_path: Path, key: Key
) -> None:
    path, receipt = marked
    stripped = tmp_path / "a.mkv"
    with av.open(str(path)) as old, av.open(str(stripped), "w") as new:
        streams = {s.index: new.add_stream_from_template(s) for s in old.streams}
        for packet in old.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
    report = genlabel.verify(stripped, keys=[key])
    assert report.verdict == "suspected" and report.label is None
    assert report.detection is not None and report.detection.payload == receipt.payload


def test_picture_and_sound_of_different_films_are_told_apart(
    marked: tuple[Path, genlabel.Receipt], clip: Path, tmp_path: Path, key: Key
) -> None:
    other = tmp_path / "other.mp4"
    genlabel.mark(clip, other, label=Label("acme"), key=key, encoding=FAST)
    mixed = tmp_path / "mixed.mp4"
    with (
        av.open(str(marked[0])) as one,
        av.open(str(other)) as two,
        av.open(str(mixed), "w") as new,
    ):
        picture = new.add_stream_from_template(one.streams.video[0])
        sound = new.add_stream_from_template(two.streams.audio[0])
        for film, stream, made in (
            (one, one.streams.video[0], picture),
            (two, two.streams.audio[0], sound),
        ):
            for packet in film.demux(stream):
                if packet.size:
                    packet.stream = made
                    new.mux(packet)
    layer = genlabel.verify(mixed, keys=[key]).layers["watermark"]
    assert any("comes from another film" in text for text in layer.problems)


def test_a_label_alone_touches_no_packet(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "labelled.mp4"
    genlabel.label(clip, target, label=Label("acme"))
    for kind in ("video", "audio"):
        assert packets(target, kind) == packets(clip, kind)
    assert genlabel.read(target) is not None


def test_sound_that_carries_no_mark_is_copied_and_said(tmp_path: Path) -> None:
    source = Reel(sounds=[("aac", "eng")], loud=0.0).write(tmp_path / "a.mp4")
    from tests.sdk.video.reels import MARK

    new, made = remade(source, sound=MARK)
    assert made.sounds == ()
    assert any("the sound carries no watermark and stays as it was" in w for w in made.warnings)
    assert packets(new, "audio") == packets(source, "audio")


def test_sound_that_was_not_to_be_marked_is_not_missed(
    clip: Path, tmp_path: Path, key: Key
) -> None:
    target = tmp_path / "b.mp4"
    encoding = dataclasses.replace(FAST, sound=False)
    receipt = genlabel.mark(clip, target, label=Label("acme"), key=key, encoding=encoding)
    assert not any("sound" in text for text in receipt.warnings)
    assert packets(target, "audio") == packets(clip, "audio")


def test_a_film_too_small_is_refused(tmp_path: Path, key: Key) -> None:
    source = Reel(size=(96, 96)).write(tmp_path / "a.mp4")
    with pytest.raises(CapacityError) as caught:
        genlabel.mark(source, tmp_path / "b.mp4", label=Label("acme"), key=key)
    assert caught.value.path == str(source) and caught.value.required
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_a_film_whose_texture_hides_the_mark_is_refused(tmp_path: Path, key: Key) -> None:
    noise = np.random.default_rng(5).normal(0, 1, (216, 384)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 1.5)
    plane = np.clip(128 + 45 * smooth / smooth.std(), 16, 235).astype(np.uint8)
    source, target = tmp_path / "a.mkv", tmp_path / "b.mkv"
    source.write_bytes(encoded(np.repeat(plane[None], 20, axis=0), 10, 18))
    with pytest.raises(CapacityError, match="texture") as refused:
        genlabel.mark(source, target, label=Label("acme"), key=key)
    assert refused.value.required == "pictures that move, or less texture in them"
    assert not target.exists()


def test_a_still_photograph_that_is_doubted_is_marked_where_it_is_read(
    media: Media, tmp_path: Path, key: Key
) -> None:
    plane = cv2.imread(str(media("images/kodim13.png")), cv2.IMREAD_GRAYSCALE)
    wide = cv2.resize(plane, (1280, 852), interpolation=cv2.INTER_LANCZOS4)[:720]
    still = (16 + wide * (219 / 255)).astype(np.uint8)
    source, target = tmp_path / "a.mkv", tmp_path / "b.mkv"
    source.write_bytes(encoded(np.repeat(still[None], 24, axis=0), 6, 18))
    receipt = genlabel.mark(source, target, label=Label("acme"), key=key, encoding=FAST)
    assert genlabel.verify(target, keys=[key]).detection.payload == receipt.payload


def test_an_interrupted_run_leaves_nothing(clip: Path, tmp_path: Path, key: Key) -> None:
    def interrupt(done: float) -> None:
        if done > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        genlabel.mark(
            clip,
            tmp_path / "b.mp4",
            label=Label("acme"),
            key=key,
            progress=interrupt,
            encoding=FAST,
        )
    assert os.listdir(tmp_path) == []


def test_a_film_cut_short_is_marked_only_on_request(media: Media, tmp_path: Path, key: Key) -> None:
    whole = cut(media(CLIP), tmp_path / "whole.mp4", movflags="faststart").read_bytes()
    source = tmp_path / "a.mp4"
    source.write_bytes(whole[: len(whole) * 3 // 4])
    target = tmp_path / "b.mp4"
    with pytest.raises(MediaError, match="cut short"):
        genlabel.mark(source, target, label=Label("acme"), key=key)
    assert not target.exists()
    receipt = genlabel.mark(
        source, target, label=Label("acme"), key=key, keep_going=True, encoding=FAST
    )
    assert any("cut short" in text for text in receipt.warnings)
    assert genlabel.verify(target, keys=[key]).verdict == "generated"


def test_a_stream_without_a_container_is_told_what_it_needs(
    media: Media, tmp_path: Path, key: Key
) -> None:
    for name in ("natural_flower_720p30.264", "screen_pdf_768p25.264"):
        source = media(f"video/{name}")
        with pytest.raises(UnsupportedError, match=r"bare H\.264.*-c copy"):
            genlabel.mark(source, tmp_path / "b.264", label=Label("acme"), key=key)
        with pytest.raises(UnsupportedError, match="bare"):
            genlabel.verify(source.read_bytes())


def test_a_wrong_encoder_is_named(clip: Path, tmp_path: Path, key: Key) -> None:
    with pytest.raises(UnsupportedError, match="nothing"):
        genlabel.mark(
            clip,
            tmp_path / "b.mp4",
            label=Label("acme"),
            key=key,
            encoding=Encoding(encoder="nothing"),
        )


def test_importing_the_journeys_loads_no_codec() -> None:
    code = "import sys, genlabel._mark, genlabel._verify; print('av' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout.strip() == "False"


def test_a_picture_that_loses_much_is_told(clip: Path, key: Key, tmp_path: Path) -> None:
    coarse = Encoding(preset="ultrafast", crf=40, sound=False)
    receipt = genlabel.mark(
        clip, tmp_path / "a.mp4", label=Label("acme"), key=key, encoding=coarse, strength=3
    )
    assert receipt.psnr is not None and receipt.psnr < 34
    assert any("lost much in being encoded" in text for text in receipt.warnings)
