"""Small documents built by hand."""

from __future__ import annotations

import io
import zipfile

from pptx import Presentation

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#: Parts of packages that hold metadata, or name the parts that do.
META_PARTS = {
    *("docProps/custom.xml", "[Content_Types].xml", "_rels/.rels"),
    *("meta.xml", "META-INF/manifest.xml", "OEBPS/book.opf"),
}
TEXT_NS = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
ODT = "application/vnd.oasis.opendocument.text"

MARKDOWN = "---\ntitle: A walk # kept\ntags: [a, b]\n---\n\n# A walk\n\nOver the hills.\n"
HTML = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>A walk</title>\n'
    "</head>\n<body>\n<h1>A walk</h1>\n<p>Over the hills.</p>\n<p>And far away.</p>\n</body>\n"
    "</html>\n"
)
VTT = "WEBVTT\n\n00:03.000 --> 00:05.000\nOver the hills.\n\n00:06.000 --> 00:08.000\nFar away.\n"
SRT = (
    "1\n00:00:03,000 --> 00:00:05,000\nOver the hills.\n\n"
    "2\n00:00:06,000 --> 00:00:08,000\nFar away.\n"
)
TEXT = "A walk\n\nOver the hills.\n\nAnd far away.\n"


def package(parts: dict[str, str | bytes], *, stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    """A ZIP package, its dates fixed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10))
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, method)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """What a package holds, in the order of its directory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def docx(body: str = "", *, kind: str = "wordprocessingml.document", **more: str | bytes) -> bytes:
    """A Word document of three paragraphs, or of this body."""
    text = body or "".join(
        f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>"
        for line in ("A walk", "Over the hills.", "And far away.")
    )
    section = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    document = f'{_XML}<w:document xmlns:w="{W}"><w:body>{text}{section}</w:body></w:document>'
    return ooxml("word/document.xml", kind, document, **more)


def ooxml(main: str, kind: str, content: str, **more: str | bytes) -> bytes:
    """An Office Open XML package with one main part."""
    media_type = f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    types = (
        f'{_XML}<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{media_type}"/></Types>'
    )
    relations = (
        f'{_XML}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="{main}"/></Relationships>'
    )
    parts = {"[Content_Types].xml": types, "_rels/.rels": relations, main: content}
    return package(parts | more)


def pptx() -> bytes:
    """A presentation of two slides with a title each, as another program writes it."""
    deck = Presentation()
    for words in ("A walk", "And far away."):
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = words
    out = io.BytesIO()
    deck.save(out)
    return package(dict(parts_of(out.getvalue())))


def odt(meta: str | None = "<office:meta/>") -> bytes:
    """An OpenDocument text, with this in its meta.xml, or without one."""
    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    parts: dict[str, str | bytes] = {
        "mimetype": ODT,
        "content.xml": (
            f'<office:document-content {office} xmlns:text="{TEXT_NS}"><office:body><office:text>'
            "<text:sequence-decls/><text:h>A walk</text:h><text:p>Over the hills.</text:p>"
            "<text:p>And far away.</text:p></office:text></office:body></office:document-content>"
        ),
        "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{manifest}"/>',
    }
    if meta is not None:
        space = 'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
        parts["meta.xml"] = f"<office:document-meta {office} {space}>{meta}</office:document-meta>"
    return package(parts)


def epub() -> bytes:
    """A book of one page."""
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>"
    )
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A walk</dc:title>'
        '<meta name="cover" content="c"/></metadata><manifest><item id="p" href="page.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="p"/></spine>'
        "</package>"
    )
    return package(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/book.opf": opf,
            "OEBPS/page.xhtml": HTML.replace('utf-8">', 'utf-8"/>'),
        }
    )


#: Every kind that holds metadata, by a name that tells it.
PAPERS: dict[str, bytes] = {
    "walk.md": MARKDOWN.encode(),
    "walk.html": HTML.encode(),
    "walk.vtt": VTT.encode(),
    "walk.docx": docx(),
    "walk.xlsx": ooxml("xl/workbook.xml", "spreadsheetml.sheet", "<workbook/>"),
    "walk.pptx": pptx(),
    "walk.dotx": docx(kind="wordprocessingml.template"),
    "walk.odt": odt(),
    "walk.epub": epub(),
}
