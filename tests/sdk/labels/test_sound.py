"""Labels written into sound: read back by us and by others, and nothing else changed."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from genlabel import Label
from genlabel.labels._aigc_copy import compose_copy
from genlabel.labels.aigc import compose
from genlabel.labels.containers import sniff
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.conftest import MEDIA
from tests.sdk.labels.conftest import Tags, Told
from tests.sdk.labels.samples import FULL, WRAPPED, aigc_element, riff_chunk
from tests.sdk.labels.sounds import (
    MAKERS,
    by_ffmpeg,
    by_soundfile,
    coded,
    decoded,
    flac_block,
    id3_frame,
    id3_tag,
    info,
    made,
    tags_of,
    wav_with,
)

TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
}
#: The label, as exiftool names it where it knows the place at all.
NAMES = {".flac": "Vorbis:Aigc", ".ogg": "Vorbis:Aigc", ".m4a": "Keys:AIGC"}
FIELDS = {
    "XMP-iptcExt:AISystemUsed": 'Painter <&> "II"',
    "XMP-iptcExt:AISystemVersionUsed": "3.1 β",
}


def labelled(data: bytes, label: Label, **layers: bool) -> bytes:
    return write_metadata(data, label, name="a", **layers)[0]


@pytest.fixture(scope="module")
def tags(label: Label, told: Told) -> tuple[dict[str, Tags], dict[str, Tags]]:
    """What exiftool says of every made file before and after it is labelled."""
    plain = {name: made(name) for name in MAKERS}
    return told(plain), told({name: labelled(data, label) for name, data in plain.items()})


@pytest.mark.parametrize("name", MAKERS)
def test_reads_back(name: str, label: Label) -> None:
    plain = made(name)
    before = read_metadata(plain, name=name)
    assert (before.aigc.state, before.xmp.state, before.label) == ("absent", "absent", None)
    data, warned = write_metadata(plain, label, name=name)
    found = read_metadata(data, name=name)
    # They would have a copy in words as their comment, and have comments of their own.
    own = ("its own comment stays, and no copy of the label stands there",)
    commented = name.endswith("m4a") or name == "ffmpeg.wav"
    assert warned == (own if commented else ())
    assert found.media_type == TYPES[Path(name).suffix]
    assert (found.aigc.state, found.xmp.state) == ("valid", "valid"), found
    assert found.label == label
    assert labelled(data, label) == data


@pytest.mark.parametrize("name", MAKERS)
def test_samples_are_the_same(name: str, label: Label) -> None:
    plain, data = made(name), labelled(made(name), label)
    assert coded(data) == coded(plain)
    assert decoded(data) == decoded(plain)
    if not name.endswith("m4a"):
        old, new = (soundfile.read(io.BytesIO(each), dtype="float64") for each in (plain, data))
        assert old[1] == new[1] and np.array_equal(old[0], new[0])


@pytest.mark.parametrize("name", MAKERS)
def test_ffmpeg_reads_the_label_and_all_that_was_there(name: str, label: Label) -> None:
    before, after = tags_of(made(name)), tags_of(labelled(made(name), label))
    assert {key: after.get(key) for key in before} == before
    if not name.endswith("wav"):
        # FFmpeg passes over chunks of RIFF that it does not know.
        assert after["AIGC"] == compose(label)


def test_exiftool_reads_the_label(
    tags: tuple[dict[str, Tags], dict[str, Tags]], label: Label
) -> None:
    for name, found in tags[1].items():
        suffix = Path(name).suffix
        if suffix == ".mp3":
            (key,) = [key for key in found if key.endswith(":UserDefinedText")]
            assert found[key] == f"(AIGC) {compose(label)}", name
        elif suffix in NAMES:
            assert found[NAMES[suffix]] == compose(label), name
        if suffix in (".flac", ".ogg"):
            assert "trainedAlgorithmicMedia" not in found["Vorbis:Xmp"]
            assert "compositeWithTrainedAlgorithmicMedia" in found["Vorbis:Xmp"], name
        else:
            assert {key: found.get(key) for key in FIELDS} == FIELDS, name
        assert "ExifTool:Warning" not in found, (name, found["ExifTool:Warning"])


def test_exiftool_reads_all_that_was_there(
    tags: tuple[dict[str, Tags], dict[str, Tags]],
) -> None:
    passing = (
        "System:",
        "SourceFile",
        "ExifTool:",
        # Sizes; where the samples lie; the handler of the last list of metadata, which is ours now.
        "File:ID3Size",
        "RIFF:RIFFSize64",
        "QuickTime:MediaDataOffset",
        "QuickTime:HandlerType",
        # In JSON only the last one of a name is shown.
        "ID3v2_3:UserDefinedText",
        "ID3v2_4:UserDefinedText",
        # Guessed from the file's size.
        "Composite:Duration",
    )
    for name, before in tags[0].items():
        after = tags[1][name]
        lost = {
            key: value
            for key, value in before.items()
            if not key.startswith(passing) and after.get(key) != value
        }
        assert not lost, name


def test_exiftool_reads_the_chunk_of_a_wav(label: Label, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(labelled(made("tagged.wav"), label))
    command = ["exiftool", "-b", "-u", "-Unknown_AIGC", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("needs exiftool on the path")
    assert done.stdout.decode() == compose(label)


@pytest.fixture(scope="module")
def real() -> list[Path]:
    """Every real sound, or skip the test."""
    folder = MEDIA / "audio"
    found = sorted(path for path in folder.glob("*") if path.suffix in TYPES)
    if not found:
        pytest.skip(f"needs the test data, expected under {folder}")
    return found


def test_real_sounds(real: list[Path], label: Label) -> None:
    for path in real:
        plain = path.read_bytes()
        data = labelled(plain, label)
        found = read_metadata(data, name=path.name)
        assert (found.aigc.state, found.xmp.state, found.label) == ("valid", "valid", label)
        assert labelled(data, label) == data
        assert coded(data) == coded(plain), path.name
        before = tags_of(plain)
        assert {key: tags_of(data).get(key) for key in before} == before, path.name


def test_a_header_that_shares_its_page_with_sound(
    media: Callable[[str], Path], label: Label
) -> None:
    # libvorbisfile places the first samples by the page on which the header ends.
    plain = media("audio/wesnoth_sad.ogg").read_bytes()
    old, new = (soundfile.read(io.BytesIO(each))[0] for each in (plain, labelled(plain, label)))
    assert np.array_equal(old, new)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(("aigc", "xmp"), [(True, False), (False, True), (False, False)])
def test_one_layer_alone(name: str, aigc: bool, xmp: bool, label: Label) -> None:
    plain = made(name)
    data = labelled(plain, label, aigc=aigc, xmp=xmp)
    found = read_metadata(data, name=name)
    assert found.aigc.state == ("valid" if aigc else "absent")
    assert found.xmp.state == ("valid" if xmp else "absent")
    assert (data == plain) == (not aigc and not xmp)


@pytest.mark.parametrize("name", MAKERS)
def test_a_new_label_takes_the_place_of_the_old(name: str, label: Label) -> None:
    first = labelled(made(name), label)
    other = Label("acme", produce_id="n2", created=label.created)
    second, warned = write_metadata(first, other, name="a")
    found = read_metadata(second, name="a")
    assert found.aigc.state == "valid"
    assert found.label == other
    assert [text for text in warned if "AISystemUsed" in text]
    assert second.count(b'"ContentProducer"') == 1
    assert coded(second) == coded(first)
    # Back again is where it was, but for room that a longer label took from padding.
    assert read_metadata(labelled(second, label), name="a").label == label


@pytest.mark.parametrize("name", MAKERS)
def test_the_other_layer_stays(name: str, label: Label) -> None:
    both = labelled(made(name), label)
    other = Label("acme", produce_id="n2", created=label.created)
    found = read_metadata(labelled(both, other, xmp=False), name="a")
    assert found.label is not None
    assert (found.label.producer, found.label.system) == ("acme", label.system)


BARE = json.dumps(FULL, separators=(",", ":"))
OTHER = BARE.replace("e3578014", "00000000")
TXXX = b"\0AIGC\0"


def sound_with(kind: str, texts: Iterable[str]) -> bytes:
    """A sound with these labels where the guide has them."""
    coded_texts = [text.encode() for text in texts]
    if kind == "wav":
        return wav_with(*(riff_chunk(b"AIGC", text) for text in coded_texts))
    if kind == "mp3":
        frames = b"".join(id3_frame(b"TXXX", TXXX + text) for text in coded_texts)
        return id3_tag(frames) + made("plain.mp3")
    plain = made("plain.flac")
    comments = b"".join(
        len(text).to_bytes(4, "little") + text for text in (b"aigc=" + t for t in coded_texts)
    )
    block = bytes(4) + len(coded_texts).to_bytes(4, "little") + comments
    return plain[:42] + flac_block(4, block) + plain[42:]


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac"])
@pytest.mark.parametrize(
    ("texts", "state", "problem"),
    [
        ([BARE], "valid", ""),
        ([WRAPPED], "valid", ""),
        ([BARE, BARE], "present", "2 labels, all alike"),
        ([BARE, OTHER], "present", "2 labels, not alike"),
        (["{"], "damaged", "not JSON"),
        (["{", BARE], "present", "2 labels"),
        ([BARE.replace("ProduceID", "producerId")], "present", "misspelt"),
    ],
)
def test_labels_of_others(
    kind: str, texts: list[str], state: str, problem: str, label: Label
) -> None:
    data = sound_with(kind, texts)
    found = read_metadata(data, name="a")
    assert found.aigc.state == state, found.aigc
    assert problem in " ".join(found.aigc.problems)
    out = labelled(data, label)
    found = read_metadata(out, name="a")
    assert (found.aigc.state, found.label) == ("valid", label)
    assert out.count(b'"ContentProducer"') == 1
    assert coded(out) == coded(data)


STRAYS = {
    "a comment": lambda: wav_with(info(INAM="x", ICMT=WRAPPED)),
    "INFO": lambda: wav_with(info(AIGC=BARE)),
    "XMP": lambda: wav_with(riff_chunk(b"_PMX", aigc_element(BARE))),
    "ID3": lambda: wav_with(
        riff_chunk(b"id3 ", id3_tag(id3_frame(b"COMM", b"\0eng\0" + WRAPPED.encode())))
    ),
    "a text of ID3": lambda: wav_with(
        riff_chunk(b"id3 ", id3_tag(id3_frame(b"TXXX", TXXX + BARE.encode())))
    ),
    "a text before FLAC": lambda: (
        id3_tag(id3_frame(b"TXXX", TXXX + BARE.encode())) + made("plain.flac")
    ),
    "a tag before FLAC": lambda: (
        id3_tag(id3_frame(b"COMM", b"\3eng\0" + WRAPPED.encode())) + made("plain.flac")
    ),
}


@pytest.mark.parametrize("place", STRAYS)
def test_labels_astray_are_read_and_moved(place: str, label: Label) -> None:
    data = STRAYS[place]()
    found = read_metadata(data, name="a")
    assert found.aigc.state == "present"
    assert "TC260-PG-202510A" in found.aigc.problems[0]
    assert found.label is not None and found.label.produce_id == FULL["ProduceID"]
    out = labelled(data, label)
    assert read_metadata(out, name="a").aigc.state == "valid"
    assert out.count(b'"ContentProducer"') == 1


def test_several_packets_of_xmp_are_all_edited(label: Label) -> None:
    packet = aigc_element(BARE)
    tag = id3_tag(id3_frame(b"PRIV", b"XMP\0" + packet))
    data = wav_with(riff_chunk(b"_PMX", packet), riff_chunk(b"id3 ", tag))
    found = read_metadata(labelled(data, label), name="a")
    assert (found.aigc.state, found.label) == ("valid", label)


def test_damaged_xmp_is_named(label: Label) -> None:
    data = wav_with(riff_chunk(b"_PMX", b"<x:xmpmeta"))
    found = read_metadata(data, name="a")
    assert (found.aigc.state, found.xmp.state) == ("damaged", "damaged")


@pytest.mark.parametrize("name", MAKERS)
def test_content_decides(name: str) -> None:
    assert TYPES[Path(name).suffix] == read_metadata(made(name), name="x").media_type
    assert sniff(made(name)[:12]) in ("wav", "ogg", "mp4", "mp3", "flac")


def test_created_stays_with_the_file(label: Label) -> None:
    first = labelled(made("plain.wav"), label)
    later = dataclasses.replace(label, created=None)
    assert read_metadata(labelled(first, later), name="a").label == label


def test_labels_alone_load_no_heavy_module(tmp_path: Path) -> None:
    for suffix in TYPES:
        name = next(name for name in MAKERS if name.endswith(suffix))
        (tmp_path / f"a{suffix}").write_bytes(made(name))
    script = (
        "import sys, genlabel\n"
        "for suffix in sys.argv[2:]:\n"
        "    source, target = f'{sys.argv[1]}/a{suffix}', f'{sys.argv[1]}/b{suffix}'\n"
        "    genlabel.label(source, target, label=genlabel.Label('acme'))\n"
        "    assert genlabel.read(target).producer == 'acme'\n"
        "heavy = {'numba', 'numpy', 'soundfile', 'av', 'c2pa', 'cryptography'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), *TYPES],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout.strip() == "[]"


def test_a_copy_in_words_outlives_what_drops_the_key(label: Label) -> None:
    plain = by_ffmpeg("ipod", "aac")
    data, warned = write_metadata(plain, label, name="a.m4a")
    assert not warned and labelled(data, label) == data
    again = by_ffmpeg("ipod", "aac", **tags_of(data))
    found = read_metadata(again, name="a.m4a")
    assert found.label is not None and found.label.produce_id == label.produce_id
    assert "only a copy in words" in found.aigc.problems[0]
    assert read_metadata(labelled(again, label), name="a.m4a").aigc.state == "valid"


@pytest.mark.parametrize(
    ("form", "codec"), [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "mp3")]
)
def test_a_copy_in_words_of_a_wav_outlives_ffmpeg(label: Label, form: str, codec: str) -> None:
    plain = by_soundfile("WAV", "PCM_16")
    data, warned = write_metadata(plain, label, name="a.wav")
    assert not warned and labelled(data, label) == data
    assert soundfile.SoundFile(io.BytesIO(data)).comment == compose_copy(label)
    again = by_ffmpeg(form, codec, **tags_of(data))
    found = read_metadata(again, name="a")
    assert found.label is not None and found.label.produce_id == label.produce_id
    assert "only a copy in words" in found.aigc.problems[0]
    # One that was brought along goes where a label in its place takes over.
    anew = labelled(again, dataclasses.replace(label, produce_id="another"))
    assert read_metadata(anew, name="a").aigc.state == "valid"
    assert anew.count(b"AI-generated (AIGC") == (form == "wav")


def test_pyav_opens_what_is_written(label: Label) -> None:
    for name in ("itunes.m4a", "opus.ogg", "padded.mp3"):
        with av.open(io.BytesIO(labelled(made(name), label))) as source:
            assert source.duration is not None
