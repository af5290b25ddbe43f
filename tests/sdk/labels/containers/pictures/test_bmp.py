"""BMP, which holds a picture and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

import genlabel
from genlabel import Label, MediaError, Signer, UnsupportedError
from genlabel.certs import CertFiles
from genlabel.labels.containers import files, sniff
from genlabel.labels.metadata import read_metadata
from tests.sdk.labels.samples import picture


def test_it_has_no_place_for_labels() -> None:
    data = picture("BMP")
    found = read_metadata(data, name="a.bmp")
    assert (found.media_type, found.aigc.state, found.xmp.state) == (
        "image/bmp",
        "absent",
        "absent",
    )
    assert found.aigc.details == {"carrier": False}
    assert files.write(data, files.read(data, name="a"), files.Edits(), name="a") == (data, ())


def test_metadata_alone_is_refused_and_a_manifest_stands_beside(
    tmp_path: Path, signer: Signer, authority: CertFiles
) -> None:
    source, target = tmp_path / "a.bmp", tmp_path / "b.bmp"
    source.write_bytes(picture("BMP"))
    with pytest.raises(UnsupportedError, match="image/bmp has no place for metadata"):
        genlabel.label(source, target, label=Label("acme"))
    assert not target.exists()
    receipt = genlabel.label(source, target, label=Label("acme"), signer=signer)
    assert receipt.layers == ("c2pa",)
    assert target.read_bytes() == source.read_bytes()
    report = genlabel.verify(target, trust=authority.root)
    assert report.layers["c2pa"].state == "trusted"
    assert report.label is not None


def test_a_text_that_begins_alike_is_none() -> None:
    assert sniff(b"BMW drives by, and nobody looks") is None


def test_a_cut_file_is_refused() -> None:
    with pytest.raises(MediaError, match="before its samples"):
        files.read(picture("BMP")[:40], name="a")
