"""Manifests beside files that have no place for one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import genlabel
from genlabel import Label, MediaError, Signer, SignerError, UnsupportedError
from genlabel._data import Scratch
from genlabel._layers import read_declared
from genlabel._media import read_source
from genlabel._report import Layer
from genlabel.certs import CertFiles
from tests.sdk.labels import papers
from tests.sdk.labels.containers.films import avis
from tests.sdk.labels.containers.pictures import tiffs
from tests.sdk.labels.films import film
from tests.sdk.labels.films import made as made_film
from tests.sdk.labels.sounds import made

LABEL = Label("acme", produce_id="n1", system="Painter")
CONTENT = {
    "a.tif": lambda: tiffs.tiff(pages=2),
    "a.ogg": lambda: made("vorbis.ogg"),
    "a.mkv": lambda: film("matroska"),
    "a.flv": lambda: film("flv", "flv1", None),
    "a.avi": lambda: avis.avi_of(forms=2),
    "a.wav": lambda: made("rf64.wav"),
    "a.docx": papers.docx,
    "a.md": lambda: papers.MARKDOWN.encode(),
}


@pytest.fixture(params=CONTENT)
def plain(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of a kind without a place for a manifest."""
    path = tmp_path / request.param
    path.write_bytes(CONTENT[request.param]())
    return path


@pytest.fixture
def signed(plain: Path, signer: Signer) -> Path:
    """The same, labelled and signed."""
    target = plain.with_stem("signed")
    receipt = genlabel.label(plain, target, label=LABEL, signer=signer)
    assert receipt.layers == ("aigc", "xmp", "c2pa")
    assert receipt.sidecar == str(target.with_suffix(".c2pa"))
    assert any("keep it beside" in warning for warning in receipt.warnings)
    return target


def judged(path: Path, authority: CertFiles) -> Layer:
    """The manifest alone: not every file here has samples that can be decoded."""
    with Scratch() as scratch:
        source = read_source(path, scratch)
        return read_declared(source, trust=authority.root.read_bytes()).manifest.layer


def state(path: Path, authority: CertFiles) -> str:
    return judged(path, authority).state


def test_it_is_trusted_and_found(signed: Path, authority: CertFiles) -> None:
    layer = judged(signed, authority)
    assert layer.state == "trusted"
    assert layer.details["sidecar"] is True


def test_it_is_in_reports(
    tmp_path: Path, signer: Signer, authority: CertFiles, check_schema: Callable[[Any], None]
) -> None:
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    source.write_bytes(tiffs.tiff(pages=2))
    check_schema(genlabel.label(source, target, label=LABEL, signer=signer))
    report = genlabel.verify(target, trust=authority.root)
    assert report.layers["c2pa"].state == "trusted"
    check_schema(report)


def test_it_belongs_to_these_bytes_only(plain: Path, signed: Path, authority: CertFiles) -> None:
    signed.write_bytes(plain.read_bytes())
    assert state(signed, authority) == "damaged"
    signed.with_suffix(".c2pa").write_bytes(b"no manifest")
    assert state(signed, authority) == "damaged"
    signed.with_suffix(".c2pa").unlink()
    assert state(signed, authority) == "absent"


def test_the_longer_name_is_found_too(signed: Path, authority: CertFiles) -> None:
    signed.with_suffix(".c2pa").rename(f"{signed}.c2pa")
    assert state(signed, authority) == "trusted"


def test_it_becomes_the_parent_of_the_next(
    signed: Path, signer: Signer, authority: CertFiles
) -> None:
    with pytest.raises(SignerError, match="carries a C2PA manifest"):
        genlabel.label(signed, signed.with_stem("again"), label=LABEL)
    again = signed.with_stem("again")
    genlabel.label(signed, again, label=LABEL, signer=signer)
    layer = judged(again, authority)
    assert (layer.state, layer.details["manifests"]) == ("trusted", 2)


def test_it_is_not_replaced_unasked(plain: Path, signer: Signer) -> None:
    target = plain.with_stem("other")
    target.with_suffix(".c2pa").write_bytes(b"somebody's")
    with pytest.raises(MediaError, match=r"other\.c2pa: already exists"):
        genlabel.label(plain, target, label=LABEL, signer=signer)
    assert not target.exists()
    receipt = genlabel.label(plain, target, label=LABEL)
    assert any("was made for another file" in warning for warning in receipt.warnings)


def test_namesakes_have_a_manifest_each(
    tmp_path: Path, signer: Signer, authority: CertFiles
) -> None:
    plain = {
        "a.ogg": made("vorbis.ogg"),
        "a.md": papers.MARKDOWN.encode(),
        "a.flv": made_film("plain.flv"),
    }
    sources = {name: tmp_path / "from" / name for name in plain}
    (tmp_path / "from").mkdir()
    sidecars = []
    for name, source in sources.items():
        source.write_bytes(plain[name])
        receipt = genlabel.label(source, tmp_path / name, label=LABEL, signer=signer)
        sidecars.append(receipt.sidecar)
    names = ("a.c2pa", "a.md.c2pa", "a.flv.c2pa")
    assert sidecars == [str(tmp_path / name) for name in names]
    assert {state(tmp_path / name, authority) for name in plain} == {"trusted"}
    # Written again, each of them keeps its own.
    for name, source in sources.items():
        target = tmp_path / name
        genlabel.label(source, target, label=LABEL, signer=signer, overwrite=True)
    assert {state(tmp_path / name, authority) for name in plain} == {"trusted"}
    assert {path.name for path in tmp_path.glob("*.c2pa")} == set(names)
    # One without a manifest is not taken for one whose manifest is broken.
    sources["a.md"].rename(tmp_path / "a.vtt")
    (tmp_path / "a.vtt").write_text(papers.VTT)
    layer = judged(tmp_path / "a.vtt", authority)
    assert (layer.state, layer.details) == ("absent", {"carrier": False})
    assert "made for other bytes" in layer.problems[0]
    # And one that was changed is, whoever stands beside it.
    (tmp_path / "a.ogg").write_bytes(plain["a.ogg"])
    assert state(tmp_path / "a.ogg", authority) == "damaged"
    (tmp_path / "a.md").write_bytes(plain["a.md"])
    assert state(tmp_path / "a.md", authority) == "damaged"


def test_a_stream_has_nothing_beside_it(plain: Path, signer: Signer) -> None:
    receipt = genlabel.label(plain, io.BytesIO(), label=LABEL, signer=signer)
    assert receipt.layers == ("aigc", "xmp")
    assert receipt.sidecar is None
    assert any("beside a file that has a path" in warning for warning in receipt.warnings)


def test_anothers_manifest_is_named_where_a_file_could_hold_its_own(
    signed: Path, authority: CertFiles, media: Callable[[str], Path]
) -> None:
    picture = signed.with_suffix(".png")
    picture.write_bytes(media("images/test-card.png").read_bytes())
    layer = judged(picture, authority)
    assert layer.state == "absent"
    assert "made for other bytes" in layer.problems[0]


def test_all_that_a_transport_stream_can_have(
    tmp_path: Path, signer: Signer, authority: CertFiles
) -> None:
    source, target = tmp_path / "a.ts", tmp_path / "b.ts"
    source.write_bytes(made_film("plain.ts"))
    assert genlabel.read(source) is None
    with pytest.raises(UnsupportedError, match="has no place for metadata"):
        genlabel.label(source, target, label=LABEL)
    assert not target.exists()
    receipt = genlabel.label(source, target, label=LABEL, signer=signer)
    assert (receipt.layers, receipt.media_type) == (("c2pa",), "video/mp2t")
    assert any("no metadata was written" in warning for warning in receipt.warnings)
    assert target.read_bytes() == source.read_bytes()
    assert state(target, authority) == "trusted"
    found = genlabel.read(target)
    assert found is not None and found.produce_id == "n1"
