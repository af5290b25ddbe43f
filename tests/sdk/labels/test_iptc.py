"""Source type and AI fields in XMP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import genlabel
from genlabel import Label, Signer
from genlabel._label import SOURCE_TYPES
from genlabel.labels.iptc import EXTENSION, VOCABULARY, origin
from genlabel.labels.metadata import read_metadata, write_metadata
from genlabel.labels.xmp import parse
from tests.sdk.labels.conftest import Tags
from tests.sdk.labels.samples import itxt, picture, png_with, rdf

KEY = "XML:com.adobe.xmp"


def described(body: str) -> bytes:
    return rdf(
        f'<rdf:Description rdf:about="" xmlns:e="{EXTENSION}" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/">{body}</rdf:Description>'
    )


def source_type(value: str) -> bytes:
    return described(f"<e:DigitalSourceType>{value}</e:DigitalSourceType>")


@pytest.mark.parametrize("term", SOURCE_TYPES)
def test_terms_that_are_written_are_valid(term: str) -> None:
    data, _ = write_metadata(png_with(), Label("acme", source_type=term), name="a")
    found = read_metadata(data, name="a")
    assert (found.xmp.state, found.xmp.details["source_type"]) == ("valid", term)
    assert found.xmp.details["DigitalSourceType"] == VOCABULARY + term


@pytest.mark.parametrize(
    ("value", "term", "problem"),
    [
        (VOCABULARY + "negativeFilm", "negativeFilm", None),
        (VOCABULARY + "minorHumanEdits", "humanEdits", "retired"),
        (VOCABULARY + "digitalArt", "digitalCreation", "retired"),
        (VOCABULARY + "softwareImage", "digitalCreation", "retired"),
        (VOCABULARY.replace("http:", "https:") + "composite", "composite", "address is"),
        ("trainedAlgorithmicMedia", "trainedAlgorithmicMedia", "address is"),
        (VOCABULARY + "TrainedAlgorithmicMedia/", "trainedAlgorithmicMedia", "address is"),
        ("http://c2pa.org/digitalsourcetype/empty", None, "not in the vocabulary"),
        ("made by hand", None, "not in the vocabulary"),
        ("", None, None),
    ],
)
def test_terms_are_read_leniently(value: str, term: str | None, problem: str | None) -> None:
    found = origin(parse(source_type(value)).properties)
    assert found.source_type == term
    assert found.layer.state == ("present" if problem else "valid")
    assert [problem in text for text in found.layer.problems] == [True] * bool(problem)


@pytest.mark.parametrize(
    "form",
    [
        '<e:DigitalSourceType rdf:resource="{}"/>',
        "<e:DigitalSourceType><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></e:DigitalSourceType>",
        "<e:DigitalSourceType>\n {}\n</e:DigitalSourceType>",
    ],
)
def test_forms_of_rdf(form: str) -> None:
    packet = described(form.format(VOCABULARY + "trainedAlgorithmicMedia"))
    assert origin(parse(packet).properties).source_type == "trainedAlgorithmicMedia"


def test_a_photo_is_no_label() -> None:
    found = read_metadata(png_with(itxt(KEY, source_type(VOCABULARY + "digitalCapture"))), name="a")
    assert found.label is None
    assert (found.xmp.state, found.xmp.details["source_type"]) == ("valid", "digitalCapture")


def test_a_generator_is_a_label() -> None:
    packet = described("<e:AISystemUsed>Painter</e:AISystemUsed>")
    found = read_metadata(png_with(itxt(KEY, packet)), name="a")
    assert found.label is not None
    assert (found.label.status, found.label.system) == ("generated", "Painter")
    assert found.aigc.state == "absent"


def test_two_source_types_are_a_problem() -> None:
    one = f"<e:DigitalSourceType>{VOCABULARY}composite</e:DigitalSourceType>"
    found = origin(parse(described(one + one)).properties)
    assert found.layer.state == "present"


def test_another_registry_entry_is_kept(label: Label) -> None:
    entry = (
        '<e:RegistryId><rdf:Bag><rdf:li rdf:parseType="Resource"><e:RegItemId>1</e:RegItemId>'
        "<e:RegOrgId>PLUS</e:RegOrgId></rdf:li></rdf:Bag></e:RegistryId>"
    )
    data, warned = write_metadata(png_with(itxt(KEY, described(entry))), label, name="a")
    assert entry.encode() in data
    assert any("registration is not in XMP" in text for text in warned)
    found = read_metadata(data, name="a").label
    assert found is not None and found.registration is None


@pytest.mark.parametrize("date", ["2020-01-02T03:04:05Z", "2020-01-02T03:04", "2020-01", "x"])
def test_an_older_date_is_kept(date: str, label: Label) -> None:
    packet = described(f"<xmp:CreateDate>{date}</xmp:CreateDate>")
    data, warned = write_metadata(png_with(itxt(KEY, packet)), label, name="a")
    assert data.count(b"CreateDate>") == 2 and date.encode() in data
    assert any("created is not in XMP" in text for text in warned)
    assert read_metadata(data, name="a").label is not None


def test_date_reads_back_exactly() -> None:
    moment = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    data, _ = write_metadata(png_with(), Label("acme", created=moment), name="a")
    found = read_metadata(data, name="a").label
    assert found is not None and found.created == moment


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_prompts_are_written_where_they_are_given(kind: str) -> None:
    asked = Label("acme", prompt="a red <fox> in snow", prompt_writer="Ada", system="Painter")
    data, _ = write_metadata(picture(kind), asked, name="a")
    found = read_metadata(data, name="a")
    assert found.label == asked
    assert found.xmp.state == "valid"
    # A label that says nothing of them leaves them; one that does replaces them.
    plain = Label("acme", system="Painter")
    kept = read_metadata(write_metadata(data, plain, name="a")[0], name="a").label
    assert kept is not None
    assert (kept.prompt, kept.prompt_writer) == (asked.prompt, asked.prompt_writer)
    other = Label("acme", prompt="a dog")
    changed = read_metadata(write_metadata(data, other, name="a")[0], name="a").label
    assert changed is not None
    assert (changed.prompt, changed.prompt_writer) == ("a dog", "Ada")


def test_prompts_are_read_by_others_and_signed(
    tmp_path: Path, signer: Signer, exiftool: Callable[[Iterable[Path]], dict[str, Tags]]
) -> None:
    source, target = tmp_path / "a.png", tmp_path / "b.png"
    source.write_bytes(picture("PNG"))
    asked = Label("acme", prompt="a red fox", prompt_writer="Ada")
    receipt = genlabel.label(source, target, label=asked, signer=signer)
    assert receipt.label.prompt == "a red fox"
    tags = exiftool([target])["b.png"]
    assert tags["XMP-iptcExt:AIPromptInformation"] == "a red fox"
    assert tags["XMP-iptcExt:AIPromptWriterName"] == "Ada"
    assert b"a red fox" in target.read_bytes().partition(b"caBX")[2]
