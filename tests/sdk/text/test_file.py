"""Documents, marked and verified: the label people read, the metadata, and nothing else."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import genlabel
from genlabel import Key, Label, LabelError, Report, Signer, UnsupportedError, profiles
from genlabel.certs import CertFiles
from genlabel.labels.metadata import write_metadata
from genlabel.text import TextLabel, insert
from genlabel.text._cues import _cues
from genlabel.text._file import insert_notice
from tests.sdk.labels import papers
from tests.sdk.labels.papers import PAPERS, parts_of

WORDS = "内容由AI生成"
KINDS: dict[str, bytes] = {
    "walk.txt": papers.TEXT.encode(),
    "walk.srt": papers.SRT.encode(),
    **{
        name: PAPERS[name]
        for name in (
            "walk.md",
            "walk.html",
            "walk.vtt",
            "walk.docx",
            "walk.pptx",
            "walk.odt",
            "walk.epub",
        )
    },
}
HELD = [name for name in KINDS if name not in ("walk.txt", "walk.srt")]


def file_of(folder: Path, name: str, data: bytes | None = None) -> Path:
    path = folder / name
    path.write_bytes(KINDS[name] if data is None else data)
    return path


def verdict(path: Path) -> tuple[str, str]:
    report: Report = genlabel.verify(path)
    return report.verdict, report.layers["visible"].state


@pytest.mark.parametrize("name", KINDS)
def test_mark_and_verify(
    name: str, key: Key, tmp_path: Path, check_schema: Callable[[Any], None]
) -> None:
    source, target = file_of(tmp_path, name), tmp_path / f"out-{name}"
    label = Label("acme", "7")
    receipt = genlabel.mark(source, target, label=label, key=key, visible="auto")
    assert receipt.layers == (("visible", "aigc", "xmp") if name in HELD else ("visible",))
    assert (receipt.payload, receipt.key) == (None, None)
    assert any("no watermark for text" in warning for warning in receipt.warnings)
    assert receipt.visible is not None and receipt.visible["places"]
    check_schema(receipt)
    report = genlabel.verify(target, keys=[key])
    check_schema(report)
    visible = report.layers["visible"]
    assert (visible.state, visible.details["text"], visible.details["labels"]) == (
        "present",
        WORDS,
        1,
    )
    assert report.verdict == ("generated" if name in HELD else "suspected")
    assert report.layers["watermark"].details == {"searched": False, "carrier": False}
    assert verdict(source) == ("none", "absent")
    # Marked twice is marked once.
    again = tmp_path / f"again-{name}"
    label = dataclasses.replace(label, created=receipt.label.created)
    genlabel.mark(target, again, label=label, key=key, visible="auto")
    assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize("name", ["walk.txt", "walk.srt"])
@pytest.mark.parametrize("visible", [None, "off"])
def test_a_text_that_would_say_nothing_is_refused(
    name: str, visible: Any, key: Key, tmp_path: Path
) -> None:
    source, target = file_of(tmp_path, name), tmp_path / f"out-{name}"
    with pytest.raises(UnsupportedError, match="visible='auto'"):
        genlabel.mark(source, target, label=Label("acme"), key=key, visible=visible)
    assert not target.exists()


def test_a_label_is_put_in_where_a_profile_asks_for_one(key: Key, tmp_path: Path) -> None:
    source, target = file_of(tmp_path, "walk.md"), tmp_path / "out.md"
    receipt = genlabel.mark(
        source, target, label=Label("acme"), key=key, profiles=("eu",), visible="auto"
    )
    assert receipt.layers == ("xmp",)
    receipt = genlabel.mark(source, target, label=Label("acme"), key=key, overwrite=True)
    assert any("a label people read" in warning for warning in receipt.warnings)


def test_words_and_places_of_one_s_own(key: Key, tmp_path: Path) -> None:
    source, target = file_of(tmp_path, "walk.docx"), tmp_path / "out.docx"
    label = TextLabel("AI合成内容 <1>", at=("start", "middle", "end"))
    genlabel.mark(source, target, label=Label("acme"), key=key, visible=label)
    document = parts_of(target.read_bytes())["word/document.xml"].decode()
    assert document.count("AI合成内容 &lt;1&gt;") == 3
    assert document.index("AI合成内容") < document.index("A walk")
    assert document.rindex("AI合成内容") > document.index("And far away")
    visible = genlabel.verify(target).layers["visible"]
    assert (visible.details["labels"], visible.details["own"]) == (3, True)
    # Other words take their place; without the controls the document is as it was.
    plain = TextLabel()
    genlabel.mark(target, target, label=Label("acme"), key=key, visible=plain, overwrite=True)
    document = parts_of(target.read_bytes())["word/document.xml"].decode()
    start = document.index("<w:sdt>")
    end = document.index("</w:sdt>") + len("</w:sdt>")
    original = parts_of(KINDS["walk.docx"])["word/document.xml"].decode()
    assert document[:start] + document[end:] == original


@pytest.mark.parametrize(
    ("label", "error", "match"),
    [
        (TextLabel("AI播客"), LabelError, "lacks a generation element.*GB 45438-2025 5.1"),
        (TextLabel(languages=("tlh",)), LabelError, "no sentence in 'tlh'"),
        ("rhythm", UnsupportedError, "takes a label that people read"),
    ],
)
def test_what_a_regime_does_not_accept_is_refused(
    label: Any, error: type[Exception], match: str, key: Key, tmp_path: Path
) -> None:
    source = file_of(tmp_path, "walk.html")
    with pytest.raises(error, match=match):
        genlabel.mark(source, tmp_path / "out", label=Label("acme"), key=key, visible=label)
    assert not (tmp_path / "out").exists()


def test_several_languages_are_told_apart(key: Key, tmp_path: Path) -> None:
    source, target = file_of(tmp_path, "walk.html"), tmp_path / "out.html"
    label = TextLabel(languages=("zh", "de"))
    genlabel.mark(source, target, label=Label("acme"), key=key, visible=label)
    text = target.read_text()
    assert f'<span lang="zh">{WORDS}</span> · <span lang="de">KI-generiert</span></p>' in text
    assert genlabel.verify(target).layers["visible"].details["text"] == f"{WORDS} · KI-generiert"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings_are_kept(encoding: str, key: Key, tmp_path: Path) -> None:
    text = "散步\r\n\r\n我们走过山丘，一直走到很远的地方。\r\n"
    source = file_of(tmp_path, "walk.txt", text.encode(encoding))
    target = tmp_path / "out.txt"
    genlabel.mark(source, target, label=Label("acme"), key=key, visible="auto")
    assert target.read_bytes() == f"{WORDS}\r\n\r\n{text}".encode(encoding)


def test_an_encoding_that_lacks_the_words_is_named(key: Key, tmp_path: Path) -> None:
    source = file_of(tmp_path, "walk.txt", "Une randonnée.\n".encode("latin-1"))
    with pytest.raises(UnsupportedError, match="ISO 8859-1, which cannot hold"):
        genlabel.mark(source, tmp_path / "o.txt", label=Label("a"), key=key, visible="auto")
    label = TextLabel("Généré par IA")
    genlabel.mark(
        source, tmp_path / "o.txt", label=Label("a"), key=key, visible=label, profiles=("eu",)
    )
    expected = "Généré par IA\n\nUne randonnée.\n".encode("latin-1")
    assert (tmp_path / "o.txt").read_bytes() == expected


def test_words_in_a_latin_page_become_references(key: Key, tmp_path: Path) -> None:
    page = papers.HTML.replace("utf-8", "iso-8859-1").replace("walk", "randonnée")
    source = file_of(tmp_path, "walk.html", page.encode("latin-1"))
    target = tmp_path / "out.html"
    genlabel.mark(source, target, label=Label("acme"), key=key, visible="auto")
    assert b"&#20869;&#23481;" in target.read_bytes()
    assert genlabel.verify(target).layers["visible"].details["text"] == WORDS


def test_a_paragraph_of_others_makes_content_suspected(tmp_path: Path) -> None:
    body = "".join(
        f"<w:p>{style}<w:r><w:t>{line}</w:t></w:r></w:p>"
        for style, line in (
            ('<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>', "AI生成"),
            ("", "AI生成的内容需要标识。"),
        )
    )
    source = file_of(tmp_path, "walk.docx", papers.docx(body))
    assert verdict(source) == ("none", "absent")
    labelled = body + "<w:p><w:r><w:t>本内容由</w:t></w:r><w:r><w:t>AI生成</w:t></w:r></w:p>"
    assert verdict(file_of(tmp_path, "walk.docx", papers.docx(labelled))) == (
        "suspected",
        "present",
    )


def test_a_control_of_others_about_a_label_is_kept(key: Key, tmp_path: Path) -> None:
    once = tmp_path / "once.docx"
    source = file_of(tmp_path, "walk.docx")
    genlabel.mark(source, once, label=Label("acme"), key=key, visible="auto")
    document = parts_of(once.read_bytes())["word/document.xml"].decode()
    start, end = document.index("<w:sdt>"), document.index("</w:sdt>") + len("</w:sdt>")
    text = f"<w:p><w:r><w:t>mine</w:t></w:r></w:p>{document[start:end]}"
    outer = f"<w:sdt><w:sdtContent>{text}</w:sdtContent></w:sdt>"
    file = file_of(tmp_path, "walk.docx", papers.docx(outer))
    genlabel.mark(file, once, label=Label("acme"), key=key, visible="auto", overwrite=True)
    assert b">mine<" in parts_of(once.read_bytes())["word/document.xml"]


@pytest.mark.parametrize("name", ["walk.odt", "walk.epub"])
def test_every_place_of_a_book(name: str, key: Key, tmp_path: Path) -> None:
    part = {"walk.odt": "content.xml", "walk.epub": "OEBPS/page.xhtml"}[name]
    source, target = file_of(tmp_path, name), tmp_path / f"out-{name}"
    label = TextLabel("AI合成内容 <1>", at=("start", "middle", "end"))
    genlabel.mark(source, target, label=Label("acme"), key=key, visible=label)
    content = parts_of(target.read_bytes())[part].decode()
    ElementTree.fromstring(content)
    order = [content.rindex(words) for words in ("A walk", "hills", "far away")]
    found = [match.start() for match in re.finditer("AI合成内容 &lt;1&gt;", content)]
    assert sorted(order + found) == [found[0], order[0], order[1], found[1], order[2], found[2]]
    visible = genlabel.verify(target).layers["visible"]
    assert (visible.details["labels"], visible.details["own"]) == (3, True)
    genlabel.mark(target, target, label=Label("a"), key=key, visible="auto", overwrite=True)
    visible = genlabel.verify(target).layers["visible"]
    assert (visible.details["labels"], visible.details["text"]) == (1, WORDS)


def test_a_book_has_its_label_on_the_first_and_the_last_page(key: Key, tmp_path: Path) -> None:
    parts = parts_of(PAPERS["walk.epub"])
    opf = parts["OEBPS/book.opf"].decode()
    item = '<item id="{}" href="{}.xhtml" media-type="application/xhtml+xml"/>'
    pages = ["a%20b", "c", "d"]
    opf = opf.replace("<manifest>", "<manifest>" + "".join(item.format(p[0], p) for p in pages))
    opf = opf.replace("<spine>", "<spine>" + "".join(f'<itemref idref="{p[0]}"/>' for p in pages))
    parts |= {f"OEBPS/{p.replace('%20', ' ')}.xhtml": parts["OEBPS/page.xhtml"] for p in pages}
    parts["OEBPS/book.opf"] = opf.encode()
    source = file_of(tmp_path, "walk.epub", papers.package(dict(parts)))
    target = tmp_path / "out.epub"
    label = TextLabel(at=("start", "middle", "end"))
    genlabel.mark(source, target, label=Label("acme"), key=key, visible=label)
    new = parts_of(target.read_bytes())
    changed = {name for name in parts if new[name] != parts[name]}
    ends = {"OEBPS/a b.xhtml", "OEBPS/d.xhtml", "OEBPS/page.xhtml"}
    assert changed == {"OEBPS/book.opf"} | ends
    hidden = '<encryption><CipherReference URI="OEBPS/c.xhtml"/></encryption>'
    parts["META-INF/encryption.xml"] = hidden.encode()
    source = file_of(tmp_path, "walk.epub", papers.package(dict(parts)))
    with pytest.raises(genlabel.MediaError, match="encrypted"):
        genlabel.mark(source, tmp_path / "x", label=Label("a"), key=key, visible=label)


@pytest.mark.parametrize("name", ["walk.xlsx"])
def test_documents_that_hold_no_label_say_so(name: str, key: Key, tmp_path: Path) -> None:
    source = file_of(tmp_path, name, PAPERS[name])
    target = tmp_path / f"out-{name}"
    receipt = genlabel.mark(source, target, label=Label("acme"), key=key, visible="auto")
    assert receipt.layers == ("aigc", "xmp")
    assert any("a label people read" in warning for warning in receipt.warnings)
    assert genlabel.verify(target).verdict == "generated"
    with pytest.raises(UnsupportedError, match="puts no label into"):
        genlabel.mark(source, tmp_path / "x", label=Label("a"), key=key, visible=TextLabel())


def test_elements_without_prefix_get_attributes_with_one(key: Key, tmp_path: Path) -> None:
    document = parts_of(KINDS["walk.docx"])["word/document.xml"].decode()
    bare = document.replace("<w:", "<").replace("</w:", "</")
    bare = bare.replace("xmlns:w=", f'xmlns="{papers.W}" xmlns:w=')
    file = papers.ooxml("word/document.xml", "wordprocessingml.document", bare)
    source, target = file_of(tmp_path, "walk.docx", file), tmp_path / "out.docx"
    for path in (source, target):
        genlabel.mark(path, target, label=Label("acme"), key=key, visible="auto", overwrite=True)
    document = parts_of(target.read_bytes())["word/document.xml"].decode()
    assert document.count(WORDS) == 1
    root = ElementTree.fromstring(document)
    tag = next(root.iter(f"{{{papers.W}}}tag"))
    assert tag.get(f"{{{papers.W}}}val") == "genlabel:notice"
    assert genlabel.verify(target).layers["visible"].details["own"]


def test_a_signer_writes_a_manifest_beside_a_text(
    key: Key, signer: Signer, authority: CertFiles, tmp_path: Path
) -> None:
    for name in ("walk.txt", "walk.docx"):
        source, target = file_of(tmp_path, name), tmp_path / f"{name[-4:]}-{name}"
        receipt = genlabel.mark(source, target, label=Label("a"), key=key, signer=signer)
        assert receipt.layers[-1] == "c2pa"
        report = genlabel.verify(target, trust=authority.root)
        assert (report.verdict, report.layers["c2pa"].state) == ("generated", "trusted")


WORDS_OF_CUES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
TIMES = st.lists(st.integers(0, 400), min_size=2, max_size=12, unique=True).map(sorted)


@settings(max_examples=50)
@given(times=TIMES, words=st.lists(WORDS_OF_CUES, min_size=6, max_size=6))
def test_cues_of_any_film_stay_and_none_overlaps(times: list[int], words: list[str]) -> None:
    spans = list(zip(times[::2], times[1::2], strict=False))
    blocks = [
        f"{number}\n00:{a // 60:02}:{a % 60:02},000 --> 00:{b // 60:02}:{b % 60:02},000\n{word}\n"
        for number, ((a, b), word) in enumerate(zip(spans, words, strict=False), 1)
    ]
    text = "\n".join(blocks)
    for kind, old in (("srt", text), ("vtt", "WEBVTT\n\n" + text.replace(",000", ".000"))):
        new = insert(old, kind, WORDS)
        assert insert(new, kind, WORDS) == new
        cues = [(cue.start, cue.end, cue.words) for cue in _cues(new)]
        assert cues == sorted(cues)
        assert all(end <= start for (_, end, _), (start, _, _) in pairwise(cues))
        (own,) = [cue for cue in cues if cue[2] == WORDS]
        assert own[1] - own[0] >= 2
        cues.remove(own)
        assert cues == [(cue.start, cue.end, cue.words) for cue in _cues(old)]


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=9),
        st.binary(max_size=300),
        max_size=6,
    )
)
def test_parts_of_any_package_stay(parts: dict[str, bytes]) -> None:
    file = papers.docx(**{f"x/{name}.bin": content for name, content in parts.items()})
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    notice = TextLabel().notice(profiles.load_all(("cn",)))
    new = insert_notice(file, kind, notice, name="a.docx")
    new, _ = write_metadata(new, Label("acme", "7"), name="a.docx")
    kept = parts_of(new)
    assert {name: kept[f"x/{name}.bin"] for name in parts} == parts
