"""EPUB: ``meta`` elements with name and content in the package document.

This form of ``meta`` is that of EPUB 2, which EPUB 3 allows beside its own: it needs no vocabulary.

References
----------
EPUB 3.3, 4.2.6.3.1 (container.xml), 5.5.8 (EPUB 2 meta); EPUB OPF 2.0.1, 2.2.
"""

from __future__ import annotations

from genlabel.labels.containers import spans, xml_elements
from genlabel.labels.containers.contents import Edits, Unreadable
from genlabel.labels.containers.documents.packages import Form, Named
from genlabel.labels.containers.documents.zip_parts import Package, Part
from genlabel.labels.containers.spans import Span

_CONTAINER = "META-INF/container.xml"


def _named(package: Package) -> Named:
    part = package_document(package)
    xml = package.content(part)
    found, at, prefix = _metas(xml, part.name)

    def render(keyword: str, value: str) -> bytes:
        """Write an element."""
        pair = f'name="{xml_elements.attribute(keyword)}"'
        return f'<{prefix}meta {pair} content="{xml_elements.attribute(value)}"/>'.encode()

    def changes(edits: Edits) -> dict[str, bytes]:
        """Give the package document, if it changes."""
        changed = spans.edited(xml, found, edits, at, render)
        return {} if changed == xml else {part.name: changed}

    return Named(found, changes)


def package_document(package: Package) -> Part:
    """Find the part that describes a book.

    Parameters
    ----------
    package : Package
        The book.

    Raises
    ------
    Unreadable
        There is none.
    """
    container = package.find(_CONTAINER)
    if container is None:
        raise Unreadable(f"the package lacks {_CONTAINER}")
    xml = package.content(container)
    for one in xml_elements.elements(xml, depth=3, where=_CONTAINER):
        if one.name == "rootfile":
            part = package.find(one.attributes.get("full-path", ""))
            if part is not None:
                return part
    raise Unreadable(f"{_CONTAINER} names no package document")


def _metas(xml: bytes, where: str) -> tuple[list[Span], int, str]:
    """Give the elements, where new ones go, and the prefix they are written with."""
    found, at, prefix = [], 0, ""
    for one in xml_elements.elements(xml, depth=4, where=where):
        if one.depth == 2 and one.name == "metadata" and not one.empty:
            at, name = one.closing, xml_elements.tag_name(xml, one)
            prefix = name.removesuffix("metadata")
        # Version 1 has its elements one deeper, in x-metadata.
        elif one.depth in (3, 4) and one.name == "meta" and "name" in one.attributes:
            value = one.attributes.get("content", "")
            found.append(Span(one.attributes["name"], value, one.start, one.end))
    if not at:
        raise Unreadable(f"{where}: it has no metadata element")
    return found, at, prefix


FORM = Form("EPUB meta", _named)
