"""EPUB: ``meta`` elements with name and content in the package document.

This form of ``meta`` is that of EPUB 2, which EPUB 3 allows beside its own: it needs no vocabulary.

References
----------
EPUB 3.3, 4.2.6.3.1 (container.xml), 5.5.8 (EPUB 2 meta); EPUB OPF 2.0.1, 2.2.
"""

from __future__ import annotations

from genlabel._errors import MediaError
from genlabel.labels.containers import spans, xml_elements
from genlabel.labels.containers.contents import Contents, Edits, Unreadable
from genlabel.labels.containers.ooxml import refuse_signed
from genlabel.labels.containers.spans import Span
from genlabel.labels.containers.zip_parts import Package, Part, open_package

_CONTAINER = "META-INF/container.xml"
_PLACE = "EPUB meta"


def read(data: bytes, *, name: str) -> Contents:
    """Find the named ``meta`` elements.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        The package is damaged.
    UnsupportedError
        It is of the ZIP64 form.
    """
    package = open_package(data, name=name)
    try:
        part = package_document(package)
        found, _, _ = _metas(package.content(part), part.name)
    except Unreadable as error:
        return spans.unreadable(_PLACE, error)
    return spans.contents(found, _PLACE)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Set ``meta`` elements; every part that is not concerned stays byte for byte.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file; there are no warnings.

    Raises
    ------
    MediaError
        A part that has to change is damaged.
    UnsupportedError
        The book is signed.
    """
    package = open_package(data, name=name)
    refuse_signed(package)
    try:
        part = package_document(package)
        xml = package.content(part)
        found, at, prefix = _metas(xml, part.name)

        def render(keyword: str, value: str) -> bytes:
            pair = f'name="{xml_elements.attribute(keyword)}"'
            return f'<{prefix}meta {pair} content="{xml_elements.attribute(value)}"/>'.encode()

        changed = spans.edited(xml, found, edits, at, render)
    except Unreadable as error:
        raise MediaError(f"cannot be labelled: {error}", path=name) from None
    return (data if changed == xml else package.edited({part.name: changed})), ()


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
