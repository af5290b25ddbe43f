"""Labels in PDF: behind the file, which stays as it is, and read by others."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import genlabel
from genlabel import GenlabelError, Key, Label, MediaError, Signer, UnsupportedError
from genlabel.certs import init
from genlabel.labels.metadata import read_metadata, write_metadata
from genlabel.text import TextLabel
from genlabel.text._file import find_notices, insert_notice
from genlabel.text._label import Notice
from tests.sdk.labels.conftest import Tags
from tests.sdk.labels.pdfs import PDFS, pdf
from tests.sdk.labels.samples import BARE, WRAPPED

WORDS = "内容由AI生成"
NOTICE = Notice((("zh", WORDS),), ("start",))
TYPE = "application/pdf"
KEY = Key("acme-2026", bytes(32))


def check(data: bytes) -> pikepdf.Pdf:
    """Let qpdf check a whole file."""
    file = pikepdf.open(io.BytesIO(data))
    assert (file.get_warnings(), file.check_pdf_syntax()) == ([], [])
    return file


def texts(data: bytes) -> list[str]:
    """What PDFium reads on every page."""
    pdfium = pytest.importorskip("pypdfium2")
    file = pdfium.PdfDocument(data)
    return [page.get_textpage().get_text_bounded() for page in file]


@pytest.mark.parametrize("kind", PDFS)
def test_a_label_reads_back_and_the_file_is_the_beginning(kind: str, label: Label) -> None:
    old = PDFS[kind]
    assert read_metadata(old, name="a.pdf").aigc.state == "absent"
    data, warnings = write_metadata(old, label, name="a.pdf")
    found = read_metadata(data, name="a.pdf")
    assert (found.aigc.state, found.xmp.state, found.label, warnings) == (
        "valid",
        "valid",
        label,
        (),
    )
    assert data.startswith(old)
    assert write_metadata(data, label, name="a.pdf")[0] == data
    # A label in place of ours leaves no trace of it.
    other = dataclasses.replace(label, produce_id="another", system=None, system_version=None)
    again, _ = write_metadata(data, other, name="a.pdf")
    assert again == write_metadata(old, other, name="a.pdf")[0]
    assert len(check(again).pages) == 3
    if kind == "title":
        file = check(again)
        assert str(file.docinfo["/Title"]) == "Ein Märchen 童话"


def test_one_layer_alone_keeps_the_other(label: Label) -> None:
    data, _ = write_metadata(PDFS["table"], label, name="a.pdf")
    other = dataclasses.replace(label, produce_id="another")
    found = read_metadata(write_metadata(data, other, name="a", xmp=False)[0], name="a")
    assert (found.label, found.xmp.state) == (other, "valid")
    found = read_metadata(write_metadata(data, other, name="a", aigc=False)[0], name="a")
    assert found.label == label


@pytest.mark.parametrize(("text", "state"), [(BARE, "valid"), (WRAPPED, "valid"), ("{", "damaged")])
@pytest.mark.parametrize("key", ["/AIGC", "/aigc"])
def test_labels_of_others_are_read_and_replaced(
    key: str, text: str, state: str, label: Label
) -> None:
    file = pikepdf.open(io.BytesIO(PDFS["title"]))
    file.docinfo[key] = text
    out = io.BytesIO()
    file.save(out)
    expected = "present" if key == "/aigc" and state == "valid" else state
    assert read_metadata(out.getvalue(), name="a").aigc.state == expected
    for one in (label, dataclasses.replace(label, produce_id="another")):
        data, _ = write_metadata(out.getvalue(), one, name="a")
        data, _ = write_metadata(data, label, name="a")
        assert read_metadata(data, name="a").aigc.state == "valid"


def test_exiftool_reads_the_label(
    label: Label, tmp_path: Path, exiftool: Callable[[Iterable[Path]], dict[str, Tags]]
) -> None:
    for kind, old in PDFS.items():
        (tmp_path / f"{kind}.pdf").write_bytes(write_metadata(old, label, name="a.pdf")[0])
    for tags in exiftool(sorted(tmp_path.iterdir())).values():
        assert json.loads(tags["PDF:AIGC"])["ContentProducer"] == label.producer
        assert tags["XMP-iptcExt:AISystemUsed"] == label.system
        assert not any("Warning" in key or "Error" in key for key in tags)


@pytest.mark.parametrize("kind", PDFS)
def test_words_are_real_text_on_the_page(kind: str) -> None:
    old = PDFS[kind]
    notice = Notice((("", f"{WORDS} · Généré par IA · Δημιουργήθηκε"),), ("start", "end"))
    data = insert_notice(old, TYPE, notice, name="a.pdf")
    assert data.startswith(old)
    assert insert_notice(data, TYPE, notice, name="a.pdf") == data
    check(data)
    read = texts(data)
    assert [notice.text in page for page in read] == [True, False, True]
    assert [f"Page {n + 1}" in page for n, page in enumerate(read)] == [True] * 3
    layer = find_notices(data, TYPE, name="a.pdf")
    assert layer.details["places"] == ["page 1", "page 3"]
    # Other words take the place of those on a page that has some.
    other = insert_notice(data, TYPE, NOTICE, name="a.pdf")
    read = texts(other)
    assert (WORDS in read[0], "Généré" in read[0], "Généré" in read[2]) == (True, False, True)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_stand_at_the_top_however_a_page_is_turned(rotate: int) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    old = pdf(1, rotate=rotate)
    data = insert_notice(old, TYPE, NOTICE, name="a.pdf")
    before, after = (
        pdfium.PdfDocument(file)[0].render(scale=1).to_pil().convert("L") for file in (old, data)
    )
    from PIL import ImageChops

    left, top, right, bottom = ImageChops.difference(before, after).getbbox()
    across, down = after.size
    assert left < 0.1 * across and right < 0.5 * across
    assert top < 0.08 * down and bottom < 0.1 * down


def test_marked_signed_and_verified(tmp_path: Path) -> None:
    authority = init(tmp_path / "authority")
    signer = Signer.load(authority.chain, authority.key)
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(PDFS["title"])
    label = Label("acme", "7")
    receipt = genlabel.mark(source, target, label=label, key=KEY, visible="auto", signer=signer)
    assert receipt.layers == ("visible", "aigc", "xmp", "c2pa")
    report = genlabel.verify(target, keys=[KEY], trust=authority.root)
    assert report.verdict == "generated"
    assert (report.layers["c2pa"].state, report.layers["visible"].state) == ("trusted", "present")
    assert report.conflicts == ()
    assert WORDS in texts(target.read_bytes())[0]
    # Without a signer the manifest would break.
    with pytest.raises(genlabel.SignerError):
        genlabel.label(target, tmp_path / "c.pdf", label=label)


def test_hindi_is_set_as_words_and_found_as_letters(tmp_path: Path) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(PDFS["table"])
    visible = TextLabel(languages=("hi",))
    genlabel.mark(source, target, label=Label("acme"), key=KEY, visible=visible, profiles=("in",))
    assert "AI द्वारा निर्मित" in texts(target.read_bytes())[0]


def test_scripts_that_are_shaped_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(PDFS["table"])
    visible = TextLabel("AI से निर्मित")
    with pytest.raises(UnsupportedError, match="change shape"):
        genlabel.mark(
            *(tmp_path / "a.pdf", tmp_path / "b.pdf"),
            label=Label("acme"),
            key=KEY,
            visible=visible,
            profiles=("in",),
        )


def test_encrypted_files_are_refused(label: Label) -> None:
    for password in ("", "secret"):
        data = pdf(encryption=pikepdf.Encryption(owner="owner", user=password))
        for call in (read_metadata, lambda file, name: write_metadata(file, label, name=name)):
            with pytest.raises(UnsupportedError, match="encrypted"):
                call(data, name="a.pdf")


def test_signed_files_are_refused(label: Label) -> None:
    file = pikepdf.open(io.BytesIO(PDFS["table"]))
    signature = pikepdf.Dictionary(
        Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Contents=pikepdf.String("x")
    )
    field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="s", V=file.make_indirect(signature))
    file.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=[file.make_indirect(field)])
    out = io.BytesIO()
    file.save(out)
    assert read_metadata(out.getvalue(), name="a").aigc.state == "absent"
    with pytest.raises(UnsupportedError, match="digital signature"):
        write_metadata(out.getvalue(), label, name="a.pdf")
    with pytest.raises(UnsupportedError, match="digital signature"):
        insert_notice(out.getvalue(), TYPE, NOTICE, name="a.pdf")


@pytest.mark.parametrize("cut", [20, 200, 600])
def test_a_file_cut_short_is_damaged(cut: int, label: Label) -> None:
    with pytest.raises(MediaError, match="damaged PDF"):
        write_metadata(PDFS["table"][:-cut], label, name="a.pdf")


@given(st.data())
@settings(max_examples=60)
def test_damaged_files_are_results_or_errors(data: st.DataObject) -> None:
    file = bytearray(data.draw(st.sampled_from(list(PDFS.values()))))
    for _ in range(data.draw(st.integers(1, 5))):
        file[data.draw(st.integers(5, len(file) - 1))] = data.draw(st.integers(0, 255))
    whole, label = bytes(file), Label("acme", "7")
    for call in (
        lambda: read_metadata(whole, name="a.pdf").aigc.state in ("absent", "damaged"),
        lambda: find_notices(whole, TYPE, name="a.pdf").state in ("absent", "damaged"),
        lambda: labelled(write_metadata(whole, label, name="a.pdf")[0], whole),
        lambda: insert_notice(whole, TYPE, NOTICE, name="a.pdf").startswith(whole),
    ):
        try:
            assert call()
        except GenlabelError as error:
            assert error.path == "a.pdf" and "\n" not in str(error)


def labelled(data: bytes, old: bytes) -> bool:
    """It holds the label, behind all that was there."""
    found = read_metadata(data, name="a.pdf")
    assert found.label is not None and found.label.produce_id == "7"
    return data.startswith(old)


def test_a_file_that_would_not_open_any_more_is_not_written(label: Label) -> None:
    # The cross-reference stream has the number of the page tree, which only a second one tells.
    data = pdf(1, streams=True)
    with pikepdf.open(io.BytesIO(data)) as file:
        pages = file.Root.Pages.objgen[0]
    at = int(data[data.rindex(b"startxref") + 10 :].split()[0])
    damaged = data[:at] + b"%d" % pages + data[at + 1 :]
    assert pikepdf.open(io.BytesIO(damaged)).get_warnings() == []
    with pytest.raises(MediaError, match=r"^a\.pdf: is a damaged PDF"):
        write_metadata(damaged, label, name="a.pdf")


def test_without_pikepdf_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pikepdf", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'genlabel\[pdf\]'"):
        read_metadata(PDFS["table"], name="a.pdf")


def test_a_label_that_no_structure_leads_to_is_read(label: Label) -> None:
    text = BARE.replace("(", "\\(")
    shell = f"%PDF-1.7\n1 0 obj<</AIGC({text})>>endobj\n%%EOF".encode()
    for data in (shell, PDFS["table"] + b"\n%/AIGC(" + text.encode() + b")\n"):
        found = read_metadata(data, name="a.pdf")
        assert found.label is not None and found.aigc.state == "present"
        assert "outside the information dictionary" in found.aigc.problems[0]
    with pytest.raises(MediaError):
        write_metadata(shell, label, name="a.pdf")
