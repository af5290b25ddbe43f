"""`mark` and `verify` on sound: every container, every layer, what people hear, what is refused."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import genlabel
from genlabel import CapacityError, Key, Label, MediaError, Signer, UnsupportedError
from genlabel.audio import AudibleLabel, Rhythm
from genlabel.audio._files.formats import blocks_of, open_sound
from genlabel.certs import CertFiles
from tests.sdk.audio.sounds import Samples, coded, coded_by_av

Media = Callable[[str], Path]
MUSIC = "audio/sonicpi_loop_garzul.flac"


@pytest.fixture(scope="session")
def music(media: Media) -> tuple[Samples, int]:
    """Eight seconds of stereo music, lossless."""
    return soundfile.read(media(MUSIC), dtype="float32", always_2d=True)


def carrier(kind: str, music: tuple[Samples, int]) -> bytes:
    samples, rate = music
    if kind == "wav":
        return coded(samples, rate, "WAV", "PCM_24")
    if kind == "flac":
        return coded(samples, rate, "FLAC", "PCM_16")
    if kind == "mp3":
        settings = {"bitrate_mode": "CONSTANT", "compression_level": 192 / 288}
        return coded(samples, rate, "MP3", "MPEG_LAYER_III", **settings)
    if kind == "vorbis":
        return coded(samples, rate, "OGG", "VORBIS", compression_level=0.5)
    if kind == "opus":
        return coded(samples[: 7 * 48000], 48000, "OGG", "OPUS", compression_level=0.8)
    return coded_by_av(samples, rate, 128_000)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "vorbis", "opus", "m4a"])
def test_every_kind_is_marked_labelled_signed_and_says_so(
    music: tuple[Samples, int],
    kind: str,
    key: Key,
    signer: Signer,
    authority: CertFiles,
    check_schema: Callable[[Any], None],
) -> None:
    data = carrier(kind, music)
    out = io.BytesIO()
    label = Label("acme", system="Composer", system_version="2")
    receipt = genlabel.mark(data, out, label=label, key=key, signer=signer)
    check_schema(receipt)
    signed = kind not in ("vorbis", "opus")
    assert receipt.layers == ("watermark", "aigc", "xmp", *(["c2pa"] if signed else []))
    assert any("no place for one in Ogg" in text for text in receipt.warnings) != signed
    assert not any("no signer was given" in text for text in receipt.warnings)
    assert receipt.psnr is None
    assert receipt.snr is not None and receipt.snr > 5
    report = genlabel.verify(out.getvalue(), keys=[key], trust=authority.root)
    check_schema(report)
    assert {name: layer.state for name, layer in report.layers.items()} == {
        "aigc": "valid",
        "xmp": "valid",
        "c2pa": "trusted" if signed else "absent",
        "watermark": "valid",
        "visible": "absent",
    }
    assert report.layers["visible"].details == {"searched": True}
    assert (report.verdict, report.conflicts) == ("generated", ())
    assert report.label == receipt.label
    assert report.detection is not None and report.detection.payload == receipt.payload
    (span,) = report.detection.spans
    seconds = report.layers["watermark"].details["seconds"]
    assert span.start < 0.5 and span.end > seconds - 0.5
    before, after = open_sound(data, name="a"), open_sound(out.getvalue(), name="b")
    assert (before.frames, before.rate) == (after.frames, after.rate)


def test_a_stripped_copy_is_suspected_by_its_watermark(
    music: tuple[Samples, int], key: Key
) -> None:
    out = io.BytesIO()
    receipt = genlabel.mark(carrier("wav", music), out, label=Label("acme"), key=key)
    samples, rate = soundfile.read(io.BytesIO(out.getvalue()), dtype="float32", always_2d=True)
    stripped = coded(samples, rate, "OGG", "VORBIS", compression_level=0.5)
    report = genlabel.verify(stripped, keys=[key])
    assert report.verdict == "suspected"
    assert report.label is None
    assert report.detection is not None and report.detection.payload == receipt.label.mark_id
    assert genlabel.verify(stripped).detection is None


@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_the_rhythm_is_heard_and_alone_makes_suspected(
    music: tuple[Samples, int], key: Key, kind: str, check_schema: Callable[[Any], None]
) -> None:
    data = carrier(kind, music)
    out = io.BytesIO()
    receipt = genlabel.mark(data, out, label=Label("acme"), key=key, visible="auto")
    check_schema(receipt)
    assert receipt.layers == ("visible", "watermark", "aigc", "xmp")
    assert receipt.visible == {"kind": "rhythm", "spans": [[0.0, 1.08]]}
    assert "the audible label makes the sound 1.33 s longer" in receipt.warnings
    assert not any("people can hear" in text for text in receipt.warnings)
    report = genlabel.verify(out.getvalue(), keys=[key])
    check_schema(report)
    heard = report.layers["visible"]
    assert heard.state == "present"
    assert (heard.details["kind"], heard.details["count"]) == ("rhythm", 1)
    assert heard.details["start"] < 0.1
    assert heard.details["end"] == pytest.approx(1.08, abs=0.1)
    before, after = open_sound(data, name="a"), open_sound(out.getvalue(), name="b")
    assert after.frames == before.frames + round(1.33 * before.rate)
    samples = np.concatenate(list(blocks_of(after)))
    again = coded(samples, after.rate, "FLAC", "PCM_16")
    assert genlabel.verify(again).verdict == "suspected"


@pytest.mark.parametrize("form", ["WAV", "RF64", "FLAC"])
def test_a_sound_on_the_disk_becomes_the_same_as_in_memory(
    music: tuple[Samples, int], key: Key, signer: Signer, tmp_path: Path, form: str
) -> None:
    samples, rate = music
    source, target = tmp_path / "a.wav", tmp_path / "b.wav"
    source.write_bytes(coded(samples, rate, form, "PCM_16"))
    label = Label("acme", produce_id="1", created=datetime(2026, 1, 1, tzinfo=UTC))
    held = io.BytesIO()
    genlabel.mark(source.read_bytes(), held, label=label, key=key)
    receipt = genlabel.mark(source, target, label=label, key=key)
    assert target.read_bytes() == held.getvalue()
    assert receipt.sha256 == hashlib.sha256(held.getvalue()).hexdigest()
    # In its own place as well, and signed, while the old one is still looked at.
    genlabel.mark(target, target, label=label, key=key, signer=signer, overwrite=True)
    report = genlabel.verify(target, keys=[key])
    assert report.verdict == "generated" and report.layers["c2pa"].state == "valid"
    genlabel.label(source, tmp_path / "c.wav", label=Label("other"))
    read = genlabel.read(tmp_path / "c.wav")
    assert read is not None and read.producer == "other"
    # A manifest has no place in RF64, and nothing else is left behind.
    left = {path.name for path in tmp_path.iterdir()} - {"a.wav", "b.wav", "c.wav"}
    assert left == ({"b.c2pa"} if form == "RF64" else set())


def test_a_file_can_be_marked_again(music: tuple[Samples, int], key: Key) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    genlabel.mark(carrier("mp3", music), first, label=Label("acme"), key=key)
    receipt = genlabel.mark(first.getvalue(), second, label=Label("other"), key=key)
    report = genlabel.verify(second.getvalue(), keys=[key])
    assert report.verdict == "generated" and not report.conflicts
    assert report.detection is not None and report.detection.payload == receipt.label.mark_id


def test_what_is_heard_is_asked_for_or_not(music: tuple[Samples, int], key: Key) -> None:
    data = carrier("flac", music)

    def done(**settings: Any) -> genlabel.Receipt:
        return genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key, **settings)

    def warned(receipt: genlabel.Receipt) -> bool:
        return any("a label people can hear" in text for text in receipt.warnings)

    assert warned(done()) and not warned(done(visible="off"))
    assert done(visible="auto", profiles=("eu",)).layers == ("watermark", "xmp")
    assert done(visible="rhythm", profiles=("eu",)).layers[0] == "visible"
    # Where no standard has given the rhythm a meaning, only a voice will do.
    assert warned(done(visible="auto", profiles=("kr",)))
    chosen = AudibleLabel(cue=Rhythm(pitch=800), at=("middle",), level=-3)
    receipt = done(visible=chosen)
    assert receipt.layers[0] == "visible" and receipt.snr is not None
    # Laid over the programme, whose length stays.
    ((start, end),) = receipt.to_dict()["visible"]["spans"]
    seconds = open_sound(data, name="a").seconds
    assert (start + end) / 2 == pytest.approx(seconds / 2, abs=0.01)


def test_a_spoken_clip_is_put_in(media: Media, music: tuple[Samples, int], key: Key) -> None:
    clip = AudibleLabel(cue=media("audio/espeak_de.wav"), at=("end",))
    out = io.BytesIO()
    data = carrier("flac", music)
    receipt = genlabel.mark(data, out, label=Label("acme"), key=key, visible=clip)
    assert receipt.layers[0] == "visible"
    assert genlabel.verify(out.getvalue(), keys=[key]).layers["visible"].state == "absent"
    longer = open_sound(out.getvalue(), name="b").seconds - open_sound(data, name="a").seconds
    assert longer == pytest.approx(6.2 + 0.25, abs=0.05)
    assert receipt.visible is not None and receipt.visible["kind"] == "clip"
    ((_, end),) = receipt.visible["spans"]
    assert end == pytest.approx(open_sound(out.getvalue(), name="b").seconds, abs=0.001)


def test_pictures_get_no_audible_label(media: Media, key: Key) -> None:
    data = media("images/china.jpg").read_bytes()
    assert genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key, visible="auto")
    with pytest.raises(UnsupportedError, match="for sound"):
        genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key, visible="rhythm")


def test_a_bitrate_is_obeyed(music: tuple[Samples, int], key: Key) -> None:
    out = io.BytesIO()
    genlabel.mark(carrier("mp3", music), out, label=Label("acme"), key=key, bitrate=192)
    assert open_sound(out.getvalue(), name="x").coding.bitrate == 192_000
    with pytest.raises(UnsupportedError, match="bitrate"):
        genlabel.Marker(key, bitrate=1)


def test_what_cannot_be_marked_is_said_before(music: tuple[Samples, int], key: Key) -> None:
    samples, rate = music
    quiet = coded(np.zeros_like(samples), rate, "WAV", "PCM_16")
    short = coded(samples[: rate // 10], rate, "WAV", "PCM_16")
    for data in (quiet, short):
        with pytest.raises(CapacityError) as caught:
            genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key)
        assert caught.value.path == "<bytes>" and caught.value.required


@pytest.mark.parametrize("rate", [1, 50, 4000])
def test_rates_too_low_for_anything_are_results_or_named(rate: int, key: Key) -> None:
    data = coded(np.zeros((20_000, 1), np.float32), rate, "WAV", "PCM_16")
    for keys in ([], [key]):
        report = genlabel.verify(data, keys=keys)
        assert report.layers["visible"].details == {"searched": False}
        assert report.layers["watermark"].state == "absent"
    for visible in (None, "rhythm"):
        with pytest.raises(UnsupportedError, match="Hz"):
            genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key, visible=visible)


def test_damage_is_told_without_a_key_too(music: tuple[Samples, int]) -> None:
    data = bytearray(carrier("flac", music))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(MediaError, match="cannot be decoded|damaged|cut short"):
        genlabel.verify(bytes(data))
    with pytest.raises(MediaError, match="cut short"):
        genlabel.verify(carrier("vorbis", music)[:-100])
