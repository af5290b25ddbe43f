"""Labels in documents: read back by us and by exiftool, and nothing else changed."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genlabel import GenlabelError, Label, LabelError, MediaError, UnsupportedError, verify
from genlabel import label as write_label
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels import papers
from tests.sdk.labels.conftest import Tags
from tests.sdk.labels.papers import META_PARTS, PAPERS, parts_of
from tests.sdk.labels.samples import BARE, DOUBAO

PACKAGES = [name for name, data in PAPERS.items() if data.startswith(b"PK")]
#: What exiftool calls the label.
EXIFTOOL = {
    "walk.html": "HTML:AIGC",
    "walk.docx": "XML:AIGC",
    "walk.xlsx": "XML:AIGC",
    "walk.odt": "XMP-meta:User-defined",
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_label_reads_back_and_is_written_once(name: str, label: Label) -> None:
    before = read_metadata(PAPERS[name], name=name)
    assert (before.aigc.state, before.xmp.state, before.label) == ("absent", "absent", None)
    data, warnings = write_metadata(PAPERS[name], label, name=name)
    found = read_metadata(data, name=name)
    assert (found.aigc.state, found.xmp.state, warnings) == ("valid", "valid", ())
    assert found.label == label
    assert write_metadata(data, label, name=name)[0] == data
    other = dataclasses.replace(label, produce_id="another", system=None, system_version=None)
    again, _ = write_metadata(data, other, name=name)
    found = read_metadata(again, name=name)
    assert found.label == other
    assert (found.aigc.state, len(found.aigc.details["where"])) == ("valid", 1)


@pytest.mark.parametrize("name", PACKAGES)
def test_other_parts_stay_byte_for_byte(name: str, label: Label) -> None:
    old, (new, _) = PAPERS[name], write_metadata(PAPERS[name], label, name=name)
    changed = {
        part for part, content in parts_of(new).items() if parts_of(old).get(part) != content
    }
    assert changed <= META_PARTS
    assert list(parts_of(new))[: len(parts_of(old))] == list(parts_of(old))
    # The stored form as well, not only what it inflates to.
    for part, (raw, date) in raw_parts(old).items():
        if part not in changed:
            assert raw_parts(new)[part] == (raw, date)
    if "mimetype" in parts_of(old):
        assert new[30:38] == b"mimetype" and new.startswith(old[:38])


def raw_parts(data: bytes) -> dict[str, tuple[bytes, tuple[int, ...]]]:
    out = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            start = info.header_offset + 30 + len(info.orig_filename.encode())
            out[info.filename] = data[start : start + info.compress_size], info.date_time
    return out


def test_exiftool_reads_the_label(
    label: Label, tmp_path: Path, exiftool: Callable[[Iterable[Path]], dict[str, Tags]]
) -> None:
    for name in EXIFTOOL:
        (tmp_path / name).write_bytes(write_metadata(PAPERS[name], label, name=name)[0])
    tags = exiftool(sorted(tmp_path.iterdir()))
    for name, tag in EXIFTOOL.items():
        values = tags[name][tag]
        value = values[0] if isinstance(values, list) else values
        fields = json.loads(value) if isinstance(value, str) else value
        assert fields["ContentProducer"] == label.producer
        assert not any("Warning" in key or "Error" in key for key in tags[name])


def test_front_matter_keeps_its_comments_and_order(label: Label) -> None:
    old = "---\r\n# first\r\ntitle: x # why\r\nAIGC: {}\r\n\r\n# tags\r\ntags:\r\n  - a\r\n---\r\nx"
    filled = old.replace("{}", f"'{BARE}'")
    data, _ = write_metadata(filled.encode("utf-8-sig"), label, name="a.md", xmp=False)
    text = data.decode()
    assert text.startswith("\ufeff---\r\n# first\r\ntitle: x # why\r\nAIGC:\r\n  Label: '2'\r\n")
    assert text.endswith("\r\n\r\n# tags\r\ntags:\r\n  - a\r\n---\r\nx")
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize(
    ("front", "state"),
    [
        ("AIGC:\n  Label: '1'\n  ContentProducer: acme\n  ProduceID: '7'\n", "present"),
        (f"AIGC: {BARE}\n", "valid"),
        (f"AIGC: '{BARE}'\n", "valid"),
        ("aigc:\n" + "".join(f"  {k}: '{v}'\n" for k, v in DOUBAO.items()), "present"),
        ("AIGC:\n  Label: 1\n  ContentProducer: acme\n  ProduceID: 7\n", "present"),
        ("AIGC: [1, 2\n", "damaged"),
        ("AIGC: yes\n", "damaged"),
        ("title: x\n", "absent"),
    ],
)
def test_dialects_of_front_matter(front: str, state: str) -> None:
    found = read_metadata(f"---\n{front}---\nx\n".encode(), name="a.md")
    assert found.aigc.state == state, found
    if state == "present":
        assert found.aigc.problems and found.label is not None


@pytest.mark.parametrize("body", ["A paragraph.\n", "title:A walk\n", ""])
def test_a_paragraph_between_rules_is_no_front_matter(body: str, label: Label) -> None:
    old = f"---\n{body}---\n\nMore.\n"
    data, _ = write_metadata(old.encode(), label, name="a.md")
    assert read_metadata(data, name="a.md").label == label
    assert data.decode().endswith(old if body else "---\n\nMore.\n")
    assert write_metadata(data, label, name="a.md")[0] == data


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (papers.HTML, "utf-16"),
        (papers.HTML.replace("utf-8", "gb2312").replace("walk", "散步"), "gb18030"),
        (papers.HTML.replace("utf-8", "iso-8859-1").replace("walk", "randonnée"), "latin-1"),
        ("<p>no head", "utf-8"),
        ("<!-- <meta name=AIGC> --><!doctype html><title></head></title><p>x", "utf-8"),
        ("<html><head><script>'<meta name=\"AIGC\">'</script></head></html>", "utf-8"),
    ],
)
def test_html_is_spliced_in_its_own_encoding(body: str, encoding: str, label: Label) -> None:
    old = body.encode(encoding)
    data, _ = write_metadata(old, label, name="a.html")
    found = read_metadata(data, name="a.html")
    assert found.label == label and found.aigc.state == "valid"
    text = data.decode(encoding)
    start = text.index('<meta name="AIGC"')
    length = len(text) - len(body)
    assert text[:start] + text[start + length :] == body


#: Pages as they are found, cut where a label belongs.
SOUP = [
    ("<!-- saved from url=(0014)about:internet -->\n<html>", "<title>x</title><body>y"),
    ("<!doctype html>", "<svg><head></head></svg>"),
    ("<!doctype html>", "<header>h</header><head>"),
    ("<!doctype html><html><head>", "<object><meta charset=utf-8></object>"),
    ("<!doctype html><html><head>", "<noframes><meta charset=utf-8></noframes>"),
    ("<!--><html><head>", "</head>"),
    ("<html><head>", "<!-- a --!><title>b</title>"),
    ("<HTML><HEAD><META HTTP-EQUIV=content-type content='text/html'>", "<TITLE>a<B>b</TITLE>"),
    ('<html><head profile="a>b">', "<style></head><meta charset=x></style>"),
]


@pytest.mark.parametrize(("before", "behind"), SOUP)
def test_tag_soup_gets_its_label_where_browsers_see_it(
    before: str, behind: str, label: Label
) -> None:
    data, _ = write_metadata((before + behind).encode(), label, name="a.html")
    text = data.decode()
    assert text.startswith(f'{before}<meta name="AIGC"') and text.endswith(f" />{behind}")
    assert read_metadata(data, name="a.html").label == label


def test_a_label_in_the_body_is_read_and_replaced(label: Label) -> None:
    page = f"<html><body><p>x</p><meta name='AIGC' content='{BARE}'></body>"
    found = read_metadata(page.encode(), name="a.html")
    assert found.label is not None and found.label.producer == DOUBAO["ContentProducer"]
    data, _ = write_metadata(page.encode(), label, name="a.html")
    assert data.count(b"AIGC") == 1
    # What a comment says is nobody's label, however it ends.
    page = f"<html><body><!-- <meta name='AIGC' content='{BARE}'> --!><p>x</p></body>"
    assert read_metadata(page.encode(), name="a.html").label is None


@pytest.mark.parametrize("content", [BARE, json.dumps({"AIGC": DOUBAO})])
def test_meta_of_others_is_read_and_replaced(content: str, label: Label) -> None:
    meta = f"<meta content='{content}' NAME=aigc>"
    old = papers.HTML.replace("<title>", f"{meta}<title>").encode()
    found = read_metadata(old, name="a.html")
    assert found.label is not None and found.label.producer == DOUBAO["ContentProducer"]
    data, _ = write_metadata(old, label, name="a.html", xmp=False)
    assert data.count(b"AIGC") + data.count(b"aigc") == 1
    assert read_metadata(data, name="a.html").aigc.state == "valid"


def test_custom_properties_of_others_stay(label: Label) -> None:
    properties = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
        ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="7" name="Number">'
        "<vt:i4>3</vt:i4></property></Properties>"
    )
    old = papers.docx(**{"docProps/custom.xml": properties})
    data, _ = write_metadata(old, label, name="a.docx", xmp=False)
    new = parts_of(data)["docProps/custom.xml"].decode()
    assert new.startswith(properties.removesuffix("</Properties>"))
    assert 'pid="8" name="AIGC"' in new


def test_an_opendocument_without_metadata_gets_some(label: Label) -> None:
    data, _ = write_metadata(papers.odt(None), label, name="a.odt")
    assert read_metadata(data, name="a.odt").label == label
    assert b'full-path="meta.xml"' in parts_of(data)["META-INF/manifest.xml"]


@pytest.mark.parametrize("name", ["a.txt", "a.srt"])
def test_bare_text_has_no_metadata_and_says_so(name: str, label: Label, tmp_path: Path) -> None:
    (tmp_path / name).write_text(papers.SRT)
    found = read_metadata(papers.SRT.encode(), name=name)
    assert found.label is None and found.aigc.details == {"carrier": False}
    with pytest.raises(UnsupportedError, match="no place for metadata"):
        write_label(tmp_path / name, tmp_path / f"out-{name}", label=label)
    assert not (tmp_path / f"out-{name}").exists()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (papers.VTT.encode(), "text/vtt"),
        (papers.SRT.encode(), "application/x-subrip"),
        (papers.HTML.encode(), "text/html"),
        (papers.HTML.encode("utf-16"), "text/html"),
        (papers.MARKDOWN.encode(), "text/markdown"),
    ],
)
def test_a_text_without_name_is_known_by_its_signature(data: bytes, kind: str) -> None:
    assert read_metadata(data, name="<bytes>").media_type == kind


@pytest.mark.parametrize("name", ["a.py", "a.yaml", "a.csv", "a.json", "<bytes>"])
def test_what_may_be_a_program_is_left_alone(name: str) -> None:
    with pytest.raises(UnsupportedError, match="told by its name"):
        read_metadata(b"a = 1\n", name=name)


@pytest.mark.parametrize("part", ["_xmlsignatures/sig1.xml", "META-INF/documentsignatures.xml"])
def test_signed_documents_are_refused(part: str, label: Label) -> None:
    data = papers.docx(**{part: "<x/>"})
    assert read_metadata(data, name="a.docx").aigc.state == "absent"
    with pytest.raises(UnsupportedError, match="digital signature"):
        write_metadata(data, label, name="a.docx")


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
)
HOSTILE: dict[str, tuple[str, bytes]] = {
    "zip bomb": (
        "a.docx",
        papers.docx(**{"docProps/custom.xml": b"<x>" + b" " * (64 << 20)}),
    ),
    "xml bomb": ("a.docx", papers.docx(**{"docProps/custom.xml": "<!DOCTYPE x []><x/>"})),
    "deep xml": ("a.docx", papers.docx(**{"docProps/custom.xml": "<x>" * 100_000})),
    "yaml laughs": ("a.md", f"---\n{LAUGHS}AIGC: *m\n---\n".encode()),
    "deep yaml": ("a.md", ("---\nAIGC: " + "[" * 30_000 + "\n---\n").encode()),
    "yaml loop": ("a.md", b"---\nAIGC: &a\n  Label: *a\n---\n"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_documents_are_damaged_and_bounded(what: str, label: Label) -> None:
    name, data = HOSTILE[what]
    assert read_metadata(data, name=name).aigc.state == "damaged"
    if name == "a.docx" or what == "deep yaml":
        with pytest.raises((LabelError, MediaError), match="would be lost"):
            write_metadata(data, label, name=name)


@pytest.mark.parametrize(
    "text",
    ["<a '" * 50_000, "<!--" * 50_000, '<a x="' * 50_000, "<script>" * 50_000, "<" * 200_000],
)
def test_hostile_html_comes_to_an_end(text: str, label: Label) -> None:
    # In quadratic time this would take minutes.
    data, _ = write_metadata(text.encode(), label, name="a.html")
    assert read_metadata(data, name="a.html").label == label


@given(st.data())
@settings(max_examples=150)
def test_damaged_packages_are_results_or_errors(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(PACKAGES))
    file = bytearray(PAPERS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at] = data.draw(st.integers(0, 255))
    label = Label("acme", "7")
    try:
        found = read_metadata(bytes(file), name=name)
        out, _ = write_metadata(bytes(file), label, name=name)
    except GenlabelError as error:
        assert error.path == name and "\n" not in str(error)
        return
    assert found.aigc.state in ("absent", "damaged")
    again = read_metadata(out, name=name)
    assert (again.aigc.state, again.label and again.label.mark_id) == ("valid", label.mark_id)
    # What is not the label's is what it was, in every part that still opens.
    try:
        before = raw_parts(bytes(file))
    except NotImplementedError:
        # A damaged number asks for a version of ZIP that the standard library does not read.
        return
    for part, (raw, date) in before.items():
        if part not in META_PARTS:
            assert raw_parts(out)[part] == (raw, date)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), min_size=1)


@given(body=TEXT, title=st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20))
@settings(max_examples=150)
def test_any_markdown_keeps_its_text(body: str, title: str) -> None:
    written = json.dumps(title)
    front = f"---\ntitle: {written}\n---\n"
    label = Label("acme", "7")
    for old in (body, front + body):
        try:
            data, _ = write_metadata(old.encode(), label, name="a.md")
        except GenlabelError:
            # Text that begins with three hyphens, and what YAML does not allow.
            assert old.startswith("---")
            continue
        found = read_metadata(data, name="a.md")
        assert found.label is not None and found.label.mark_id == label.mark_id
        assert data.decode().endswith(body)


@given(TEXT)
@settings(max_examples=150)
def test_any_html_keeps_its_text(body: str) -> None:
    label = Label("acme", "7")
    old = body.encode()
    assume(not body.startswith("\ufeff"))
    data, _ = write_metadata(old, label, name="a.html")
    new = data.decode("utf-8")
    start = new.index('<meta name="AIGC"')
    assert new[:start] + new[start + len(new) - len(body) :] == body
    assert write_metadata(data, label, name="a.html")[0] == data


def test_a_crc_that_fails_is_damage(label: Label) -> None:
    old = papers.odt("<office:meta></office:meta>")
    crc = zlib.crc32(parts_of(old)["meta.xml"]).to_bytes(4, "little")
    broken = old.replace(crc, bytes(4))
    assert read_metadata(broken, name="a.odt").aigc.state == "damaged"
    with pytest.raises(LabelError, match="fails its CRC"):
        write_metadata(broken, label, name="a.odt")


def test_an_unreadable_part_alone_makes_nothing_suspected(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(papers.docx(**{"docProps/custom.xml": "<x"}))
    report = verify(tmp_path / "a.docx")
    assert (report.verdict, report.layers["aigc"].state) == ("none", "damaged")


def test_encrypted_documents_are_refused(label: Label) -> None:
    parts = parts_of(papers.odt())
    entry = b"<manifest:encryption-data/></manifest:manifest>"
    manifest = b'<manifest:manifest xmlns:manifest="x">' + entry
    data = papers.package({**parts, "META-INF/manifest.xml": manifest, "meta.xml": b"\x8a\0"})
    with pytest.raises(UnsupportedError, match="encrypted"):
        read_metadata(data, name="a.odt")


def test_a_document_type_without_entities_is_read(label: Label) -> None:
    doctype = '<!DOCTYPE package PUBLIC "+//ISBN 0-9673008-1-9//DTD OEB 1.2//EN" "x.dtd">'
    parts = parts_of(papers.epub())
    parts["OEBPS/book.opf"] = doctype.encode() + parts["OEBPS/book.opf"]
    data, _ = write_metadata(papers.package(dict(parts)), label, name="a.epub")
    assert read_metadata(data, name="a.epub").label == label
    assert parts_of(data)["OEBPS/book.opf"].startswith(doctype.encode())
