"""OpenDocument: the user-defined fields of ``meta.xml``.

References
----------
ODF 1.3 part 3, 4.3.1 and 4.3.3.1 (office:meta, meta:user-defined); part 2, 3 and 4 (package and
manifest).
"""

from __future__ import annotations

import contextlib
from functools import partial

from genlabel._errors import UnsupportedError
from genlabel.labels.containers import spans, xml_elements
from genlabel.labels.containers.contents import Edits, Unreadable
from genlabel.labels.containers.documents.packages import Form, Named
from genlabel.labels.containers.documents.zip_parts import Package
from genlabel.labels.containers.spans import Span
from genlabel.labels.containers.xml_elements import Element

_PART, _MANIFEST = "meta.xml", "META-INF/manifest.xml"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_META = "urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
_EMPTY = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<office:document-meta xmlns:office="{_OFFICE}" office:version="1.3">'
    "<office:meta></office:meta></office:document-meta>"
).encode()


def refuse_encrypted(package: Package) -> None:
    """Refuse a document whose parts cannot be read without a password.

    Parameters
    ----------
    package : Package
        The document.

    Raises
    ------
    UnsupportedError
        It is encrypted.
    """
    part = package.find(_MANIFEST)
    with contextlib.suppress(Unreadable):
        if part is not None and b"encryption-data" in package.content(part):
            raise UnsupportedError("is encrypted: save it without a password", path=package.file)


def _named(package: Package) -> Named:
    refuse_encrypted(package)
    xml = _part(package)
    found, _ = _fields(xml)
    return Named(found, partial(_changes, package, xml))


def _changes(package: Package, xml: bytes, edits: Edits) -> dict[str, bytes]:
    meta = _meta(xml)
    opened = xml if meta is None or not edits.new else xml_elements.opened(xml, meta)
    found, at = _fields(opened)
    changed = spans.edited(opened, found, edits, at, _field)
    part = package.find(_PART)
    if part is None:
        return {_PART: changed} | _registered(package)
    return {} if changed == xml else {part.name: changed}


def _part(package: Package) -> bytes:
    part = package.find(_PART)
    return _EMPTY if part is None else package.content(part)


def _meta(xml: bytes) -> Element | None:
    found = xml_elements.elements(xml, depth=2, where=_PART)
    return next((one for one in found if (one.uri, one.name) == (_OFFICE, "meta")), None)


def _fields(xml: bytes) -> tuple[list[Span], int]:
    """Give the fields, and where new ones go."""
    meta = _meta(xml)
    if meta is None:
        raise Unreadable(f"{_PART}: it has no office:meta element")
    found = [
        Span(one.attributes.get("name", ""), one.text, one.start, one.end)
        for one in xml_elements.elements(xml, depth=3, where=_PART)
        if one.depth == 3 and (one.uri, one.name) == (_META, "user-defined")
    ]
    return found, meta.closing


def _field(keyword: str, value: str) -> bytes:
    name, text = xml_elements.attribute(keyword), xml_elements.content(value)
    space = f'xmlns:meta="{_META}"'
    return f'<meta:user-defined {space} meta:name="{name}">{text}</meta:user-defined>'.encode()


def _registered(package: Package) -> dict[str, bytes]:
    part = package.find(_MANIFEST)
    if part is None:
        raise Unreadable(f"the package lacks {_MANIFEST}")
    xml = package.content(part)
    xml = xml_elements.opened(xml, xml_elements.elements(xml, depth=1, where=part.name)[0])
    root = xml_elements.elements(xml, depth=1, where=part.name)[0]
    prefix = xml_elements.tag_name(xml, root).rpartition(":")[0]
    if not prefix:
        raise Unreadable(f"{part.name}: it is not as OpenDocument writes it")
    entry = f'{prefix}:full-path="{_PART}" {prefix}:media-type="text/xml"'
    element = f"<{prefix}:file-entry {entry}/>".encode()
    return {part.name: xml[: root.closing] + element + xml[root.closing :]}


FORM = Form("user-defined field", _named)
