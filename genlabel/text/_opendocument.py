"""OpenDocument text: a label is a paragraph in a section of its own, which names it.

References
----------
ODF 1.3 part 3, 3.4 (office:text and what comes first in it), 5.1.3 (text:p), 5.4 (text:section); GB
45438-2025, 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import xml_elements
from genlabel.labels.containers.contents import Unreadable
from genlabel.labels.containers.documents.opendocument import refuse_encrypted
from genlabel.labels.containers.documents.packages import refuse_signed
from genlabel.labels.containers.documents.zip_parts import Package, Part, open_package
from genlabel.labels.containers.xml_elements import Element
from genlabel.text._known import is_known
from genlabel.text._label import Notice, Place, Trace

#: A novel is a tenth of this.
MAX_DOCUMENT_BYTES = 64 << 20
_PART = "content.xml"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_SECTION = "genlabel-notice"
_MAX_BLOCK_BYTES = 1 << 13
# Declarations, which the schema has in front of all content.
_FIRST = ("forms", "tracked-changes", "decls", "decl", "auto-mark-file")
_TAGS = re.compile(rb"<[^>]*>")


def insert_odt(data: bytes, notice: Notice, *, name: str) -> bytes:
    """Put a label into a text, in place of one that genlabel has put there.

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
        The file; every part but the content byte for byte.

    Raises
    ------
    MediaError
        Its content cannot be read.
    UnsupportedError
        It is encrypted or signed, or has no middle.
    """
    package = open_package(data, name=name)
    refuse_encrypted(package)
    refuse_signed(package)
    try:
        part, xml = _content(package)
        for own in reversed([one for one in _blocks(xml)[1] if _is_own(one)]):
            xml = xml[: own.start] + xml[own.end :]
        body, blocks = _blocks(xml)
        cuts = sorted({_cut(body, blocks, place) for place in notice.at})
        for number, cut in reversed(list(enumerate(cuts, 1))):
            xml = xml[:cut] + _section(notice.text, number) + xml[cut:]
    except Unreadable as error:
        raise MediaError(f"cannot be labelled: {error}", path=name) from None
    return package.edited({part.name: xml})


def find_odt(data: bytes, *, name: str) -> Iterator[Trace]:
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
        Its content cannot be read.
    """
    try:
        _, xml = _content(open_package(data, name=name))
        _, blocks = _blocks(xml)
    except Unreadable as error:
        raise MediaError(f"is damaged: {error}", path=name) from None
    for number, one in enumerate(blocks, 1):
        own = _is_own(one)
        if (own or one.name == "p") and one.end - one.start <= _MAX_BLOCK_BYTES:
            raw = _TAGS.sub(b"", xml[one.start : one.end])
            words = unescape(raw.decode("utf-8", "replace")).strip()
            if own or is_known(words):
                yield Trace(words, f"block {number}", own)


def _content(package: Package) -> tuple[Part, bytes]:
    part = package.find(_PART)
    if part is None:
        raise Unreadable(f"{_PART}: it is not there")
    return part, package.content(part, MAX_DOCUMENT_BYTES)


def _blocks(xml: bytes) -> tuple[Element, list[Element]]:
    """Find the element that holds the text, and its blocks."""
    found = xml_elements.elements(xml, depth=4, where=_PART)
    body = next((one for one in found if one.depth == 3 and one.name == "text"), None)
    if body is None or body.empty:
        raise Unreadable(f"{_PART}: it holds no text")
    return body, [one for one in found if one.depth == 4 and body.start < one.start < body.end]


def _is_own(block: Element) -> bool:
    named = block.attributes.get("name", "").startswith(_SECTION)
    return block.name == "section" and named and block.end - block.start <= _MAX_BLOCK_BYTES


def _cut(body: Element, blocks: list[Element], place: Place) -> int:
    content = [one for one in blocks if not one.name.endswith(_FIRST)]
    if place == "end" or not content:
        return body.closing
    if place == "start":
        return content[0].start
    between = [one.start for one in content if one.name == "p"][1:]
    if not between:
        raise UnsupportedError("has no place between two paragraphs for a label in its middle")
    middle = (body.opened + body.closing) // 2
    return min(between, key=lambda cut: abs(cut - middle))


def _section(words: str, number: int) -> bytes:
    # Names of sections are each there once.
    return (
        f'<text:section xmlns:text="{_TEXT}" text:name="{_SECTION}-{number}"><text:p>'
        f"{xml_elements.content(words)}</text:p></text:section>"
    ).encode()
