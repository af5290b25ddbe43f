"""EPUB: a label as in any HTML, in the first, the middle or the last page of the book.

References
----------
EPUB 3.3, 5.6 (manifest), 5.7 (spine), 4.2.6.3.2 (encryption.xml); GB 45438-2025, 5.1.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import xml_elements
from genlabel.labels.containers.contents import Unreadable
from genlabel.labels.containers.documents import epub, html
from genlabel.labels.containers.documents.packages import refuse_signed
from genlabel.labels.containers.documents.zip_parts import Package, Part, open_package
from genlabel.text import _html
from genlabel.text._label import Notice, Place, Trace

#: Of one page, and of all pages that are searched.
MAX_PAGE_BYTES, MAX_BOOK_BYTES = 16 << 20, 256 << 20
_ENCRYPTION = "META-INF/encryption.xml"
_TYPES = ("application/xhtml+xml", "text/html")


def insert_epub(data: bytes, notice: Notice, *, name: str) -> bytes:
    """Put a label into pages of a book, in place of one that genlabel has put there.

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
        The file; every part but the pages concerned byte for byte.

    Raises
    ------
    MediaError
        A page cannot be read.
    UnsupportedError
        It is signed or encrypted, or has no page.
    """
    package = open_package(data, name=name)
    refuse_signed(package)
    try:
        pages = _pages(package)
        if not pages:
            raise UnsupportedError("has no page for a label", path=name)
        changes = {}
        for page, places in _by_page(pages, notice).items():
            coded = html.decode(package.content(page, MAX_PAGE_BYTES), name=name)
            there = Notice(notice.parts, places)
            text = _html.insert_html(coded.text, there, coded.newline)
            if text != coded.text:
                changes[page.name] = html.encode(coded, text, name=name)
    except Unreadable as error:
        raise MediaError(f"cannot be labelled: {error}", path=name) from None
    return package.edited(changes) if changes else data


def find_epub(data: bytes, *, name: str) -> Iterator[Trace]:
    """Find labels in the pages of a book.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A page cannot be read.
    """
    package = open_package(data, name=name)
    left = MAX_BOOK_BYTES
    try:
        for page in _pages(package):
            content = package.content(page, min(left, MAX_PAGE_BYTES))
            left -= len(content)
            for trace in _html.find_html(html.decode(content, name=name).text):
                yield Trace(trace.text, f"{page.name}, {trace.place}", trace.own)
    except Unreadable as error:
        raise MediaError(f"is damaged: {error}", path=name) from None


def _pages(package: Package) -> list[Part]:
    """List the pages in reading order."""
    opf = epub.package_document(package)
    hidden = package.find(_ENCRYPTION)
    encrypted = b"" if hidden is None else package.content(hidden)
    items: dict[str, str] = {}
    order: list[str] = []
    for one in xml_elements.elements(package.content(opf), depth=3, where=opf.name):
        if one.name == "item" and one.attributes.get("media-type") in _TYPES:
            items[one.attributes.get("id", "")] = one.attributes.get("href", "")
        elif one.name == "itemref":
            order.append(one.attributes.get("idref", ""))
    found = []
    for key in dict.fromkeys(order):
        href = unquote(items.get(key, "").partition("#")[0])
        path = posixpath.normpath(posixpath.join(posixpath.dirname(opf.name), href))
        part = package.find(path) if href else None
        if part is not None:
            if part.name.encode() in encrypted:
                raise Unreadable(f"{part.name}: it is encrypted")
            found.append(part)
    return found


def _by_page(pages: list[Part], notice: Notice) -> dict[Part, tuple[Place, ...]]:
    numbers = {"start": 0, "middle": len(pages) // 2, "end": len(pages) - 1}
    places: dict[Part, tuple[Place, ...]] = {}
    for place in notice.at:
        page = pages[numbers[place]]
        # A middle page begins with it; the only page has it between its paragraphs.
        at: Place = "start" if place == "middle" and len(pages) > 1 else place
        places[page] = (*places.get(page, ()), at)
    return places
