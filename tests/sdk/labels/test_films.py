"""Labels written into films: read back by us and by others, and no stream changed."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from pathlib import Path

import av
import pytest

import genlabel
from genlabel import Label, Signer
from genlabel.certs import CertFiles
from genlabel.labels.aigc import compose
from genlabel.labels.containers import sniff
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.conftest import MEDIA
from tests.sdk.labels.conftest import Tags, Told
from tests.sdk.labels.containers.films.test_bmff import places
from tests.sdk.labels.films import MAKERS, TYPES, coded, decoded, made, sought, tags_of

#: The label, as exiftool names it.
NAMES = {
    ".mp4": "Keys:AIGC",
    ".mov": "Keys:AIGC",
    ".mkv": "Matroska:Aigc",
    ".webm": "Matroska:Aigc",
    ".flv": "Flash:AIGC",
}
#: Where XMP has no place: exiftool shows the packet as one text.
NO_XMP = (".mkv", ".webm")
NO_MANIFEST = (*NO_XMP, ".flv")
FIELDS = {
    "XMP-iptcExt:AISystemUsed": 'Painter <&> "II"',
    "XMP-iptcExt:AISystemVersionUsed": "3.1 β",
}
COPY = (
    "Possibly AI-generated (AIGC Label=2 ContentProducer=001191110102MACQD9K64010000 "
    "ProduceID=7c9e6679-7425-40de-944b-e07fc1f90ae7)"
)
#: What says where things lie in a file, and how many bytes it has.
PLACES = (
    "System:",
    "SourceFile",
    "ExifTool:",
    "QuickTime:MediaDataOffset",
    "Composite:AvgBitrate",
    "RIFF:Unknown",
    "Flash:FileSizeBytes",
    "Flash:Lastkeyframelocation",
    "Flash:KeyFramePositions",
)
# In JSON only one of a name is shown, and which one depends on those of other tracks.
SEVERAL = ":HandlerType"


def labelled(data: bytes, label: Label) -> bytes:
    return write_metadata(data, label, name="a")[0]


@pytest.fixture(scope="module")
def tags(label: Label, told: Told) -> tuple[dict[str, Tags], dict[str, Tags]]:
    """What exiftool says of every made film before and after it is labelled."""
    plain = {name: made(name) for name in MAKERS}
    return told(plain), told({name: labelled(data, label) for name, data in plain.items()})


@pytest.mark.parametrize("name", MAKERS)
def test_reads_back_and_streams_are_the_same(name: str, label: Label) -> None:
    plain = made(name)
    before = read_metadata(plain, name=name)
    assert (before.aigc.state, before.xmp.state, before.label) == ("absent", "absent", None)
    assert sniff(plain[:12]) is not None
    data, warned = write_metadata(plain, label, name=name)
    if "comment" in {key.lower() for key in tags_of(plain)}:
        assert warned == ("its own comment stays, and no copy of the label stands there",)
    else:
        assert not warned
        assert COPY in [tags_of(data).get(key) for key in ("comment", "COMMENT")], tags_of(data)
    found = read_metadata(data, name=name)
    assert found.media_type == TYPES[Path(name).suffix]
    assert (found.aigc.state, found.xmp.state, found.label) == ("valid", "valid", label), found
    assert labelled(data, label) == data
    assert coded(data) == coded(plain)
    assert decoded(data) == decoded(plain)
    assert sought(data) == sought(plain)


@pytest.mark.parametrize("name", MAKERS)
def test_ffmpeg_reads_the_label_and_all_that_was_there(name: str, label: Label) -> None:
    before, after = tags_of(made(name)), tags_of(labelled(made(name), label))
    if name.endswith("flv"):
        before.pop("lastkeyframelocation", None)
    assert {key: after.get(key) for key in before} == before
    assert after["AIGC"] == compose(label)


def test_exiftool_reads_the_label_and_all_that_was_there(
    tags: tuple[dict[str, Tags], dict[str, Tags]], label: Label
) -> None:
    for name, found in tags[1].items():
        suffix = Path(name).suffix
        # Of AVI it shows no text that it does not know, unless it is asked.
        assert suffix == ".avi" or found[NAMES[suffix]] == compose(label), name
        if suffix in NO_XMP:
            assert "compositeWithTrainedAlgorithmicMedia" in found["Matroska:Xmp"], name
        else:
            assert {key: found.get(key) for key in FIELDS} == FIELDS, name
        assert "ExifTool:Warning" not in found, (name, found["ExifTool:Warning"])
        lost = {
            key: (value, found.get(key))
            for key, value in tags[0][name].items()
            if not key.startswith(PLACES) and not key.endswith(SEVERAL) and found.get(key) != value
        }
        assert not lost, name


@pytest.mark.parametrize("name", MAKERS)
def test_a_new_label_takes_the_place_of_the_old(name: str, label: Label) -> None:
    first = labelled(made(name), label)
    other = Label("acme", produce_id="n2", created=label.created)
    second = labelled(first, other)
    found = read_metadata(second, name="a")
    assert (found.aigc.state, found.label) == ("valid", other)
    assert second.count(b'"ContentProducer"') == 1
    assert coded(second) == coded(first)


@pytest.mark.parametrize("name", MAKERS)
def test_films_on_the_disk_become_the_same_as_in_memory(
    name: str, label: Label, tmp_path: Path
) -> None:
    source, target = tmp_path / name, tmp_path / f"out-{name}"
    source.write_bytes(made(name))
    receipt = genlabel.label(source, target, label=label)
    data = target.read_bytes()
    assert data == labelled(made(name), label)
    assert receipt.sha256 == hashlib.sha256(data).hexdigest()
    assert source.read_bytes() == made(name)
    assert genlabel.read(target) == label
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, target.name])


def copied(data: bytes, form: str) -> bytes:
    """A film's streams in another file, as everyone's programs copy them."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(out, "w", format=form) as sink:
        sink.metadata.update(source.metadata)
        streams = {s.index: sink.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                sink.mux(packet)
    return out.getvalue()


@pytest.mark.parametrize("name", ["plain.mp4", "clusters.mkv", "plain.avi"])
@pytest.mark.parametrize("form", ["mp4", "mov", "matroska"])
def test_a_copy_of_the_streams_keeps_a_copy_of_the_label(
    name: str, form: str, label: Label
) -> None:
    data = copied(labelled(made(name), label), form)
    found = read_metadata(data, name="a")
    assert found.label is not None
    for field in ("status", "producer", "produce_id"):
        assert getattr(found.label, field) == getattr(label, field)
    if form == "matroska":
        assert found.aigc.state == "valid"
    else:
        assert found.aigc.state == "present"
        assert "only a copy in words is left of it" in found.aigc.problems[0]
    again = labelled(data, label)
    assert read_metadata(again, name="a").aigc.state == "valid"
    assert again.count(COPY.encode()) == 1
    assert coded(again) == coded(data)


def test_real_films(label: Label) -> None:
    found = sorted((MEDIA / "video").glob("*.mp4"))
    if not found:
        pytest.skip(f"needs the test data, expected under {MEDIA}")
    for path in found:
        plain = path.read_bytes()
        data = labelled(plain, label)
        found_label = read_metadata(data, name=path.name).label
        # A film may have a time of its own, which stays.
        assert found_label is not None
        assert dataclasses.replace(found_label, created=label.created) == label
        assert labelled(data, label) == data
        assert coded(data) == coded(plain), path.name
        before = tags_of(plain)
        assert {key: tags_of(data).get(key) for key in before} == before, path.name


@pytest.mark.parametrize("name", [name for name in MAKERS if not name.endswith(NO_MANIFEST)])
def test_signed_films(name: str, label: Label, signer: Signer, authority: CertFiles) -> None:
    plain, out = made(name), io.BytesIO()
    receipt = genlabel.label(plain, out, label=label, signer=signer)
    assert receipt.layers == ("aigc", "xmp", "c2pa")
    assert receipt.media_type == TYPES[Path(name).suffix]
    data = out.getvalue()
    assert (coded(data), sought(data)) == (coded(plain), sought(plain))
    before, after = tags_of(plain), tags_of(data)
    assert {key: after.get(key) for key in before} == before
    layers = genlabel.verify(data, trust=authority.root).layers
    states = [layers[key].state for key in ("aigc", "xmp", "c2pa")]
    assert states == ["valid", "valid", "trusted"]
    for kind, at in places(data):
        assert data[at + 4 : at + 8] == b"moof", kind
