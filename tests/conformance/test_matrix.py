"""Every container named, with every layer: written, read by us and by others, all else kept."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

import genlabel
from genlabel import UnsupportedError
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.conformance import matrix
from tests.conformance.matrix import AI_FIELDS, LABEL, MAKERS, SOURCE_TYPE, row

#: Those without any place for metadata: a manifest beside them says it all.
BARE = {"BMP", "MPEG-TS", "SubRip", "plain text"}
#: What exiftool 12.57 takes for a loop once there is a manifest too, and Pillow reads.
UNSHOWN = ("IFD0:", "ExifIFD:")


@pytest.mark.parametrize("kind", MAKERS)
def test_media_stay_the_same_bit_for_bit(kind: str) -> None:
    made = row(kind)
    assert matrix.payload(made.labelled, made.name) == matrix.payload(made.plain, made.name)
    assert matrix.payload(made.signed, made.name) == matrix.payload(made.plain, made.name)


@pytest.mark.parametrize("kind", MAKERS)
def test_there_is_one_label_that_reads_back(kind: str) -> None:
    made = row(kind)
    for data in (made.labelled, made.signed):
        found = read_metadata(data, name=made.name)
        if kind in BARE:
            assert (found.carrier, found.label, data) == (False, None, made.plain)
            with pytest.raises(UnsupportedError, match="no place for metadata"):
                write_metadata(data, LABEL, name=made.name)
            continue
        assert (found.aigc.state, found.xmp.state, found.label) == ("valid", "valid", LABEL)
        assert len(found.aigc.details["where"]) == 1
        said = {"DigitalSourceType": SOURCE_TYPE, **AI_FIELDS}
        assert said.items() <= found.xmp.details.items()


@pytest.mark.parametrize("kind", sorted(set(MAKERS) - BARE))
def test_a_second_run_changes_nothing(kind: str) -> None:
    made = row(kind)
    assert write_metadata(made.labelled, LABEL, name=made.name)[0] == made.labelled


@pytest.mark.parametrize("kind", MAKERS)
def test_the_manifest_says_it_all_to_any_reader(kind: str, tmp_path: Path) -> None:
    made = row(kind)
    state, said = matrix.manifest(made)
    assert state == "Trusted"
    facts = {"DigitalSourceType": SOURCE_TYPE, **AI_FIELDS}
    named = {f"Iptc4xmpExt:{name}": value for name, value in facts.items()}
    assert named.items() <= said["cawg.metadata"].items()
    (first, *_) = said["c2pa.actions.v2"]["actions"]
    assert (first["action"], first["digitalSourceType"]) == ("c2pa.created", SOURCE_TYPE)
    assert first["softwareAgent"] == {"name": LABEL.system, "version": LABEL.system_version}
    # California's: who made it, with what, when, and its number, from the manifest alone as well.
    (tmp_path / made.name).write_bytes(made.signed)
    if made.sidecar:
        (tmp_path / made.name).with_suffix(".c2pa").write_bytes(made.sidecar)
    assert genlabel.read(tmp_path / made.name) == LABEL
    declared = said["org.genlabel.label"]
    for name in ("producer", "produce_id", "system", "system_version"):
        assert declared[name] == getattr(LABEL, name)
    assert LABEL.created is not None and declared["created"] == LABEL.created.isoformat()


def test_all_that_was_there_is_still_there() -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool on the path")
    before, after, signed = (matrix.exiftool(state) for state in ("plain", "labelled", "signed"))
    for kind in MAKERS:
        assert matrix.kept(before[kind], after[kind]) == {}, kind
        assert after[kind].get("ExifTool:Warning") == before[kind].get("ExifTool:Warning"), kind
        # Where exiftool shows a packet as one text, somebody's part of it is still in there.
        assert _names_somebody(before[kind]) == _names_somebody(after[kind]), kind
        assert _names_somebody(before[kind]) == _names_somebody(signed[kind]), kind
        lost = matrix.kept(before[kind], signed[kind])
        if kind in ("PNG", "APNG"):
            lost = {tag: count for tag, count in lost.items() if not tag[0].startswith(UNSHOWN)}
        assert lost == {}, kind


def _names_somebody(tags: dict[str, str]) -> bool:
    return any("Grace H" in value for value in tags.values())


@pytest.mark.parametrize("kind", ["PNG", "APNG"])
def test_exif_is_there_where_exiftool_passes_over_it(kind: str) -> None:
    told = []
    for data in (row(kind).plain, row(kind).signed):
        with Image.open(io.BytesIO(data)) as picture:
            exif = picture.getexif()
            told.append((dict(exif), exif.get_ifd(0x8769)))
    assert told[0] == told[1] and told[0][0][0x013B] == "Grace H"


def test_the_table_in_the_documents_is_this_one() -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool on the path")
    assert matrix.table() in matrix.DOCUMENT.read_text()
