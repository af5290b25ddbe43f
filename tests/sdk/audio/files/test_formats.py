"""Compressed sound files in and out: exact length, bitrate, tags, and what is refused."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from genlabel import GenlabelError, MediaError, UnsupportedError
from genlabel.audio._files.formats import blocks_of, open_sound
from genlabel.labels.containers.sound import id3
from genlabel.labels.containers.sound.id3_frames import synchsafe
from genlabel.labels.containers.sound.ogg_pages import summed
from tests.conftest import ROOT
from tests.sdk.audio.sounds import Samples, coded, coded_by_av, melody, remade

Media = Callable[[str], Path]

FRAMES_44 = round(2.321 * 44100)
TAGS = {"title": "Lied", "artist": "Sängerin", "comment": "a; b"}


def samples_of(data: bytes) -> Samples:
    return np.concatenate(list(blocks_of(open_sound(data, name="x"))))


def tagged_by_av(data: bytes, form: str, tags: dict[str, str]) -> bytes:
    """Let FFmpeg write its tags, packets unchanged."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(out, "w", format=form) as target:
        target.metadata.update(tags)
        track = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = track
                target.mux(packet)
    return out.getvalue()


def tags_by_av(data: bytes) -> dict[str, str]:
    with av.open(io.BytesIO(data)) as container:
        found = dict(container.metadata) | dict(container.streams.audio[0].metadata)
    return {key.lower(): value for key, value in found.items()}


SAMPLES = melody(2.321, 44100)
MP3 = {"format": "MP3", "subtype": "MPEG_LAYER_III"}
LOSSY: dict[str, Callable[[], bytes]] = {
    "mp3-cbr-128": lambda: coded(
        SAMPLES, 44100, *MP3.values(), bitrate_mode="CONSTANT", compression_level=192 / 288
    ),
    "mp3-abr": lambda: coded(
        SAMPLES, 44100, *MP3.values(), bitrate_mode="AVERAGE", compression_level=0.7
    ),
    "mp3-vbr": lambda: coded(
        SAMPLES, 44100, *MP3.values(), bitrate_mode="VARIABLE", compression_level=0.6
    ),
    "mp3-mono-32": lambda: coded_by_av(
        melody(2.321, 24000, 1), 24000, 32_000, codec="libmp3lame", form="mp3"
    ),
    "mp3-8k": lambda: coded(
        melody(2.321, 8000, 1), 8000, *MP3.values(), bitrate_mode="CONSTANT",
        compression_level=40 / 56,
    ),
    "vorbis": lambda: coded(SAMPLES, 44100, "OGG", "VORBIS", compression_level=0.5),
    "vorbis-8k": lambda: coded(melody(2.321, 8000, 1), 8000, "OGG", "VORBIS"),
    "opus-48": lambda: coded(melody(2.321, 48000), 48000, "OGG", "OPUS", compression_level=0.9),
    "opus-16": lambda: coded(melody(2.321, 16000, 1), 16000, "OGG", "OPUS", compression_level=0.93),
    "aac-96": lambda: coded_by_av(SAMPLES, 44100, 96_000),
    "aac-mono-16k": lambda: coded_by_av(melody(2.321, 16000, 1), 16000, 32_000),
    "aac-5.1": lambda: coded_by_av(melody(2.321, 48000, 6), 48000, 256_000),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOSSY)
def test_length_mode_and_bitrate_are_the_old_ones(kind: str) -> None:
    data = LOSSY[kind]()
    new = remade(data, blocks_of, name=kind)
    before, after = open_sound(data, name="old"), open_sound(new, name="new")
    assert (after.rate, after.channels) == (before.rate, before.channels)
    assert before.frames == after.frames
    # What FFmpeg writes of an MP3's length is some samples too much.
    assert 0 <= after.frames - round(2.321 * after.rate) < (24 if kind == "mp3-mono-32" else 1)
    assert (after.coding.codec, after.coding.mode) == (before.coding.codec, before.coding.mode)
    assert after.coding.bitrate == pytest.approx(before.coding.bitrate, rel=0.05)
    # In its place: what begins a packet too early or late would be as different as another sound.
    old, made = samples_of(data), samples_of(new)
    assert np.corrcoef(old[:, 0], made[:, 0])[0, 1] > (0.9 if kind == "opus-16" else 0.98)


def test_an_mp3_that_does_not_tell_its_length_is_as_long_as_it_decodes() -> None:
    # LAME leaves its header out where it does not fit into a frame.
    samples = melody(3, 22050, 1)
    data = coded(
        samples, 22050, *MP3.values(), bitrate_mode="CONSTANT", compression_level=120 / 152
    )
    assert b"Info" not in data
    sound = open_sound(data, name="x")
    assert sound.frames == len(samples_of(data)) >= len(samples)
    new = remade(data, blocks_of, name="x")
    assert b"Info" in new
    assert open_sound(new, name="y").frames == sound.frames


def test_an_mp3_is_decoded_in_one_go(capfd: pytest.CaptureFixture[str]) -> None:
    # A decoder that is started again at every block complains where frames lean on earlier ones.
    data = coded(melody(11, 22050, 1), 22050, *MP3.values(), bitrate_mode="CONSTANT")
    assert len(samples_of(data)) == 11 * 22050
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", ["mp3-vbr", "vorbis", "opus-48", "aac-96"])
def test_a_bitrate_can_be_asked_for(kind: str) -> None:
    new = remade(LOSSY[kind](), blocks_of, name=kind, bitrate=80_000)
    assert open_sound(new, name="new").coding.bitrate == pytest.approx(80_000, rel=0.07)


@pytest.mark.parametrize("kind", ["mp3-cbr-128", "mp3-mono-32", "opus-48", "aac-96"])
def test_other_programs_play_the_exact_length(kind: str) -> None:
    data = LOSSY[kind]()
    new = remade(data, blocks_of, name=kind)
    with av.open(io.BytesIO(new)) as container:
        played = sum(frame.samples for frame in container.decode(audio=0))
    expected = open_sound(data, name=kind).frames
    # FFmpeg leaves the last packet of AAC as it is, and only tells its length.
    assert played == expected or (kind == "aac-96" and 0 <= played - expected < 1024)


@pytest.mark.parametrize("told", [0, 16000, 44100, 48000])
def test_opus_is_decoded_in_full_whatever_its_header_remembers(told: int) -> None:
    data = bytearray(LOSSY["opus-48"]())
    data[40:44] = told.to_bytes(4, "little")
    data[:47] = summed(bytes(data[:47]))
    sound = open_sound(bytes(data), name="x")
    assert (sound.rate, sound.frames) == (48000, round(2.321 * 48000))
    new = remade(bytes(data), blocks_of, name="x")
    place = new.index(b"OpusHead") + 12
    assert int.from_bytes(new[place : place + 4], "little") == told
    assert len(samples_of(new)) == sound.frames


@pytest.mark.parametrize("bits", [16, 24])
def test_flac_is_exact_and_keeps_its_blocks(bits: int, tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    path.write_bytes(
        coded(melody(3.3, 48000, 8 if bits == 24 else 2), 48000, "FLAC", f"PCM_{bits}")
    )
    tagged = tagged_by_av(path.read_bytes(), "flac", TAGS) if bits == 16 else path.read_bytes()
    new = remade(tagged, blocks_of, name="x")
    before, rate = soundfile.read(io.BytesIO(tagged), dtype="int32")
    after, new_rate = soundfile.read(io.BytesIO(new), dtype="int32")
    assert rate == new_rate
    np.testing.assert_array_equal(before, after)
    assert soundfile.info(io.BytesIO(new)).subtype == f"PCM_{bits}"
    if bits == 16:
        assert TAGS.items() <= tags_by_av(new).items()


def test_flac_with_a_wrong_checksum_is_damaged() -> None:
    data = bytearray(coded(SAMPLES, 44100, "FLAC", "PCM_16"))
    data[26] ^= 1
    with pytest.raises(MediaError, match="checksum"):
        remade(bytes(data), blocks_of, name="x")


def test_alac_is_exact() -> None:
    data = coded_by_av(SAMPLES, 44100, codec="alac")
    sound = open_sound(data, name="x")
    assert sound.coding.lossless
    np.testing.assert_array_equal(samples_of(data), samples_of(remade(data, blocks_of, name="x")))
    assert sound.frames == len(SAMPLES)


@pytest.mark.parametrize(("kind", "form"), [("mp3-cbr-128", "mp3"), ("vorbis", "ogg")])
def test_tags_stay(kind: str, form: str) -> None:
    tagged = tagged_by_av(LOSSY[kind](), form, TAGS)
    new = remade(tagged, blocks_of, name=kind)
    assert TAGS.items() <= tags_by_av(new).items()
    assert open_sound(new, name="new").frames == FRAMES_44


def test_tags_of_m4a_stay_and_its_gapless_note_is_amended() -> None:
    smpb = " 00000000 00000840 000001CA 0000000000016000" + " 00000000" * 8
    data = coded_by_av(SAMPLES, 44100, tags=TAGS, movflags="+use_metadata_tags")
    new = remade(data, blocks_of, name="x")
    assert TAGS.items() <= tags_by_av(new).items()
    free = b"----" + b"\0\0\0\x1cmean\0\0\0\0com.apple.iTunes" + b"\0\0\0\x14name\0\0\0\0iTunSMPB"
    value = smpb.encode()
    free += (16 + len(value)).to_bytes(4, "big") + b"data\0\0\0\1\0\0\0\0" + value
    note = (len(free) + 4).to_bytes(4, "big") + free
    amended = _with_ilst_item(coded_by_av(SAMPLES, 44100, tags=TAGS), note)
    assert open_sound(amended, name="x").frames == 0x16000
    again = remade(amended, blocks_of, name="x")
    place = again.index(b"iTunSMPB")
    _, delay, padding, length = again[place + 24 : place + 24 + 45].split()
    assert int(length, 16) == 0x16000 == open_sound(again, name="x").frames
    assert (int(delay, 16) + int(padding, 16) + int(length, 16)) % 1024 == 0


def _with_ilst_item(data: bytes, item: bytes) -> bytes:
    """Put an item into the list of tags, and lengthen all boxes around it; moov is last."""
    out = bytearray(data)
    for kind in (b"moov", b"udta", b"meta", b"ilst"):
        place = out.rindex(kind) - 4
        size = int.from_bytes(out[place : place + 4], "big") + len(item)
        out[place : place + 4] = size.to_bytes(4, "big")
    place = out.rindex(b"ilst") - 4
    end = place + int.from_bytes(out[place : place + 4], "big") - len(item)
    return bytes(out[:end] + item + out[end:])


def test_a_description_in_front_stays_in_front(tmp_path: Path) -> None:
    data = coded_by_av(SAMPLES, 44100, path=tmp_path / "x.m4a", movflags="+faststart")
    assert data.index(b"moov") < data.index(b"mdat")
    new = remade(data, blocks_of, name="x")
    assert new.index(b"moov") < new.index(b"mdat")
    assert np.corrcoef(samples_of(new)[:, 0], SAMPLES[:, 0])[0, 1] > 0.95


def test_id3_tags_stay_byte_for_byte_and_a_manifest_goes() -> None:
    said, store = b'\3AIGC\0{"a"}', b"\0application/c2pa\0\0\0".ljust(40, b"x")
    text = b"TXXX" + len(said).to_bytes(4, "big") + b"\0\0" + said
    signed = b"GEOB" + len(store).to_bytes(4, "big") + b"\0\0" + store
    trailer = b"TAG" + bytes(125)
    for frames in (text, text + signed):
        head = b"ID3\3\0\0" + synchsafe(len(frames) + 20) + frames + bytes(20)
        new = remade(head + LOSSY["mp3-cbr-128"]() + trailer, blocks_of, name="x")
        tag = id3.read(new, 0)
        assert [frame.stored for frame in tag.frames] == [text]
        assert new.endswith(trailer)


def test_exiftool_agrees(tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    made = {
        "x.mp3": tagged_by_av(LOSSY["mp3-vbr"](), "mp3", TAGS),
        "x.ogg": tagged_by_av(LOSSY["vorbis"](), "ogg", TAGS),
        "x.flac": tagged_by_av(coded(SAMPLES, 44100, "FLAC", "PCM_16"), "flac", TAGS),
        "x.m4a": coded_by_av(SAMPLES, 44100, tags=TAGS),
    }
    for name, data in made.items():
        (tmp_path / name).write_bytes(remade(data, blocks_of, name=name))
    ask = ["exiftool", "-j", "-Title", "-Artist", "-Warning", "-Error", "-SampleRate", *made]
    told = subprocess.run(ask, cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    for record in json.loads(told):
        assert (record["Title"], record["Artist"]) == (TAGS["title"], TAGS["artist"])
        assert "Error" not in record
        assert "Warning" not in record


@pytest.mark.parametrize(
    "name", ["tortoise_lj_1.mp3", "198-209-0000.hq.ogg", "sorohanro_-_solo-trumpet-06.hq.ogg",
             "wesnoth_birds2.ogg", "sonicpi_guit_e_fifths.flac"],
)  # fmt: skip
def test_real_files(media: Media, name: str) -> None:
    path = media(f"audio/{name}")
    new = remade(path, lambda sound: (block * 0.9 for block in blocks_of(sound)), name=name)
    before, after = open_sound(path, name=name), open_sound(new, name="new")
    assert before.frames == after.frames == soundfile.info(str(path)).frames
    if before.coding.bitrate is not None:
        assert after.coding.bitrate == pytest.approx(before.coding.bitrate, rel=0.05)
    assert after.layout is not before.layout


@pytest.mark.parametrize("kind", ["mp3-cbr-128", "vorbis", "opus-48", "aac-96", "flac"])
@pytest.mark.parametrize("share", [0.001, 0.3, 0.97])
def test_a_file_cut_short_is_refused_by_name(kind: str, share: float) -> None:
    data = coded(SAMPLES, 44100, "FLAC", "PCM_16") if kind == "flac" else LOSSY[kind]()
    with pytest.raises(GenlabelError, match=r"cut\.bin") as caught:
        remade(data[: max(round(len(data) * share), 1)], blocks_of, name="cut.bin")
    assert isinstance(caught.value, (MediaError, UnsupportedError))


@pytest.mark.parametrize("kind", ["mp3-cbr-128", "vorbis", "opus-48", "aac-96", "flac"])
def test_damage_anywhere_is_no_other_error(kind: str) -> None:
    data = coded(SAMPLES, 44100, "FLAC", "PCM_16") if kind == "flac" else LOSSY[kind]()
    rng = np.random.default_rng(7)
    for _ in range(12):
        damaged = bytearray(data)
        start = int(rng.integers(0, min(len(data), 6000)))
        damaged[start : start + 8] = rng.bytes(8)
        try:
            total = sum(map(len, blocks_of(open_sound(bytes(damaged), name="x"))))
            assert total < 10_000_000
        except GenlabelError:
            pass


def test_other_sounds_are_refused() -> None:
    unknown = coded_by_av(SAMPLES, 44100).replace(b"mp4a", b"xyz9").replace(b"esds", b"xyz8")
    for data, what in (
        (unknown, "unknown coding"),
        (b"FORM\0\0\0\x10AIFFCOMM" + bytes(40), "is no WAV, FLAC"),
        (b"not a sound at all, but text", "is no WAV, FLAC"),
        (tagged_by_av(coded(SAMPLES, 44100, "FLAC", "PCM_16"), "ogg", {}), "Ogg file of FLAC"),
    ):
        with pytest.raises(UnsupportedError, match=what):
            open_sound(data, name="x")


MEMORY = """
import resource, sys
from pathlib import Path
from genlabel.audio._files.formats import blocks_of, open_sound, write
sound = open_sound(Path(sys.argv[1]), name="long")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[2], "w+b") as target:
    write(sound, blocks_of(sound), target)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
def test_long_files_take_little_memory(form: str, tmp_path: Path) -> None:
    block = melody(10, 44100)
    source = tmp_path / "long"
    with soundfile.SoundFile(source, "w", 44100, 2, "PCM_16", format=form) as file:
        for _ in range(20):
            file.write(block)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(source), str(tmp_path / "new")],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'kernels'}", "PATH": ""},
    )  # fmt: skip
    # 200 s are 35 MB as they are stored, 71 MB as floats.
    assert int(done.stdout) < 20_000


def any_bytes(rng: np.random.Generator, head: bytes) -> bytes:
    return head + rng.bytes(2000)


@pytest.mark.parametrize(
    "head", [b"RIFF\xd4\x07\0\0WAVE", b"OggS\0\2", b"fLaC\0\0\0\x22", b"ID3\3\0\0\0\0\0\x10",
             b"\xff\xfb\x90\x64", b"\0\0\0\x18ftypM4A \0\0\0\0"],
)  # fmt: skip
def test_garbage_behind_a_good_beginning(head: bytes) -> None:
    rng = np.random.default_rng(len(head))
    for _ in range(20):
        with pytest.raises((MediaError, UnsupportedError), match="x"):
            sum(map(len, blocks_of(open_sound(any_bytes(rng, head), name="x"))))
