"""BMP, which holds a picture and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

import genlabel
from genlabel import Label, MediaError, Signer, UnsupportedError
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


def test_metadata_alone_is_refused_and_says_why(tmp_path: Path, signer: Signer) -> None:
    source = tmp_path / "a.bmp"
    source.write_bytes(picture("BMP"))
    for used in (None, signer):
        with pytest.raises(UnsupportedError, match="image/bmp has no place for metadata"):
            genlabel.label(source, tmp_path / "b.bmp", label=Label("acme"), signer=used)
    assert not (tmp_path / "b.bmp").exists()


def test_a_text_that_begins_alike_is_none() -> None:
    assert sniff(b"BMW drives by, and nobody looks") is None


def test_a_cut_file_is_refused() -> None:
    with pytest.raises(MediaError, match="before its samples"):
        files.read(picture("BMP")[:40], name="a")
