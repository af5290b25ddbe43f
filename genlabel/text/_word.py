"""Word: a label is a paragraph in a content control of its own, which names it.

References
----------
ISO/IEC 29500-1, 17.5.2 (structured document tags), 17.3.1.22 (p), 17.2.2 (body); GB 45438-2025,
5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import xml_elements
from genlabel.labels.containers.contents import Unreadable
from genlabel.labels.containers.documents.ooxml import main_part
from genlabel.labels.containers.documents.packages import refuse_signed
from genlabel.labels.containers.documents.zip_parts import Package, open_package
from genlabel.labels.containers.xml_elements import Element
from genlabel.text._known import is_known
from genlabel.text._label import Notice, Place, Trace

#: A novel is a tenth of this.
MAX_DOCUMENT_BYTES = 64 << 20
_DEFAULT = "word/document.xml"
_TAG = "genlabel:notice"
_MAX_PARAGRAPH_BYTES = 1 << 13
# Its properties come first; what they hold beside the tag, Word may have added.
_OWN = re.compile(
    rb"<(?:\w+:)?sdt(?:\s[^>]*+)?><(?:\w+:)?sdtPr>(?:<(?!/?(?:\w+:)?sdt)[^>]*+>)*?"
    rb'<(?:\w+:)?tag (?:\w+:)?val="genlabel:notice"\s*/>'
)
_RUN = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</(?:\w+:)?t>")
_STYLE = re.compile(rb"<(?:\w+:)?pStyle\s[^>]*val=\"(?:Heading|Title|TOC)", re.I)


def insert_docx(data: bytes, notice: Notice, *, name: str) -> bytes:
    """Put a label into a document, in place of one that genlabel has put there.

    Parameters
    ----------
    data : bytes
        The file.
    notice : Notice
        The label.
    name : str
        For messages.

    Returns
    -------
    bytes
        The file; every part but the main one byte for byte.

    Raises
    ------
    MediaError
        Its main part cannot be read.
    UnsupportedError
        It is signed, or has no middle.
    """
    package = open_package(data, name=name)
    refuse_signed(package)
    try:
        part, xml = _main(package)
        for own in reversed(_controls(xml, _body(xml, part)[1])):
            xml = xml[: own.start] + xml[own.end :]
        body, blocks = _body(xml, part)
        control = _control(notice.text, xml_elements.tag_name(xml, body), body.uri)
        cuts = {_cut(body, blocks, place) for place in notice.at}
        # From the end: what is put in does not move what stands before it.
        for cut in sorted(cuts, reverse=True):
            xml = xml[:cut] + control + xml[cut:]
    except Unreadable as error:
        raise MediaError(f"cannot be labelled: {error}", path=name) from None
    return package.edited({part: xml})


def find_docx(data: bytes, *, name: str) -> Iterator[Trace]:
    """Find labels of ours, and paragraphs that are nothing but a known label.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        Its main part cannot be read.
    """
    try:
        part, xml = _main(open_package(data, name=name))
        _, found = _body(xml, part)
        own = {element.start for element in _controls(xml, found)}
    except Unreadable as error:
        raise MediaError(f"is damaged: {error}", path=name) from None
    for number, element in enumerate(found, 1):
        words = _words(xml, element)
        if element.start in own:
            yield Trace(words, f"block {number}", own=True)
        elif element.name == "p" and is_known(words):
            yield Trace(words, f"block {number}", own=False)


def _main(package: Package) -> tuple[str, bytes]:
    part = main_part(package, _DEFAULT)
    return part.name, package.content(part, MAX_DOCUMENT_BYTES)


def _body(xml: bytes, part: str) -> tuple[Element, list[Element]]:
    """Find the document's body, and its blocks."""
    found = xml_elements.elements(xml, depth=3, where=part)
    body = next((one for one in found if one.depth == 2 and one.name == "body"), None)
    if body is None or body.empty:
        raise Unreadable(f"{part}: it has no body")
    return body, [one for one in found if one.depth == 3 and body.start < one.start < body.end]


def _controls(xml: bytes, blocks: list[Element]) -> list[Element]:
    """List the blocks that are content controls of ours, and hold no more than a label."""
    found = [
        one for one in blocks if one.name == "sdt" and one.end - one.start < _MAX_PARAGRAPH_BYTES
    ]
    return [one for one in found if _OWN.match(xml, one.start, one.end)]


def _cut(body: Element, blocks: list[Element], place: Place) -> int:
    if place == "start":
        return body.opened
    if place == "end":
        # The last section's properties stand behind all else.
        last = blocks[-1] if blocks and blocks[-1].name == "sectPr" else None
        return body.closing if last is None else last.start
    between = [one.start for one in blocks if one.name == "p"][1:]
    if not between:
        raise UnsupportedError("has no place between two paragraphs for a label in its middle")
    middle = (body.opened + body.closing) // 2
    return min(between, key=lambda cut: abs(cut - middle))


def _control(words: str, body: str, uri: str) -> bytes:
    text = xml_elements.content(words)
    p = body.removesuffix("body")
    # Attributes need a prefix, also where elements do without.
    declared = "" if p else f' xmlns:w="{uri}"'
    p = p or "w:"
    return (
        f'<{p}sdt{declared}><{p}sdtPr><{p}alias {p}val="AI label"/><{p}tag {p}val="{_TAG}"/>'
        f'</{p}sdtPr><{p}sdtContent><{p}p><{p}r><{p}t xml:space="preserve">{text}</{p}t></{p}r>'
        f"</{p}p></{p}sdtContent></{p}sdt>"
    ).encode()


def _words(xml: bytes, element: Element) -> str:
    if element.end - element.start > _MAX_PARAGRAPH_BYTES:
        return ""
    body = xml[element.start : element.end]
    if _STYLE.search(body):
        return ""
    return unescape(b"".join(_RUN.findall(body)).decode("utf-8", "replace")).strip()
