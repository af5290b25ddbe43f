"""Word, Excel and PowerPoint: the custom properties of an Office Open XML package.

References
----------
ISO/IEC 29500-1, 15.2.12.2 and 22.3 (custom file properties), ISO/IEC 29500-2, 9.3 (relationships)
and 10.1.2 (content types); TC260-PG-20258A (property AIGC).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from genlabel.labels.containers import spans, xml_elements
from genlabel.labels.containers.contents import Edits, Unreadable
from genlabel.labels.containers.documents.packages import Form, Named
from genlabel.labels.containers.documents.zip_parts import Package, Part
from genlabel.labels.containers.spans import Span
from genlabel.labels.containers.xml_elements import Element

TYPES_PART = "[Content_Types].xml"
_RELATIONS_PART = "_rels/.rels"
_DEFAULT_PART = "docProps/custom.xml"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_EMPTY = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="{}"></Properties>'
)


@dataclass(frozen=True, slots=True)
class _Properties:
    """The part of custom properties; `xml` is what an empty one holds where there is none."""

    name: str
    xml: bytes = field(repr=False)
    new: bool
    spans: tuple[Span, ...]
    root: Element
    ids: frozenset[int]


def main_part(package: Package, default: str) -> Part:
    """Find the part that a package is about.

    Parameters
    ----------
    package : Package
        The document.
    default : str
        Its name where the package does not tell.

    Raises
    ------
    Unreadable
        It is not there.
    """
    target = default
    relations = package.find(_RELATIONS_PART)
    if relations is not None:
        xml = package.content(relations)
        for one in xml_elements.elements(xml, depth=2, where=relations.name):
            if one.attributes.get("Type", "").endswith("/officeDocument"):
                target = one.attributes.get("Target", target).lstrip("/")
    part = package.find(target)
    if part is None:
        raise Unreadable(f"{target}: it is not there")
    return part


def _named(package: Package) -> Named:
    found = _properties(package)
    return Named(found.spans, partial(_changes, package, found))


def _changes(package: Package, found: _Properties, edits: Edits) -> dict[str, bytes]:
    if edits.new and found.root.empty:
        found = _of(found.name, xml_elements.opened(found.xml, found.root), new=found.new)
    changed = _edited(found, edits)
    if changed == found.xml:
        return {}
    return {found.name: changed} | (_registered(package, found.name) if found.new else {})


def _properties(package: Package) -> _Properties:
    strict = False
    name = _DEFAULT_PART
    relations = package.find(_RELATIONS_PART)
    if relations is not None:
        xml = package.content(relations)
        for one in xml_elements.elements(xml, depth=2, where=relations.name):
            kind = one.attributes.get("Type", "")
            strict = strict or kind.startswith(_STRICT)
            if kind.rpartition("/")[2] in ("custom-properties", "customProperties"):
                name = one.attributes.get("Target", name).lstrip("/")
    part = package.find(name)
    if part is None:
        space = f"{_STRICT}customProperties" if strict else f"{_OFFICE}custom-properties"
        return _of(name, _EMPTY.format(space).encode(), new=True)
    return _of(part.name, package.content(part), new=False)


def _of(name: str, xml: bytes, *, new: bool) -> _Properties:
    found = xml_elements.elements(xml, depth=3, where=name)
    texts, ids = [], set()
    for index, one in enumerate(found):
        if one.depth != 2 or one.name != "property":
            continue
        number = one.attributes.get("pid", "")
        ids.add(int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 1)
        value = found[index + 1] if index + 1 < len(found) else one
        if value.depth == 3 and value.name in ("lpwstr", "lpstr", "bstr"):
            texts.append(Span(one.attributes.get("name", ""), value.text, one.start, one.end))
    return _Properties(name, xml, new, tuple(texts), found[0], frozenset(ids))


def _edited(found: _Properties, edits: Edits) -> bytes:
    root, xml = found.root, found.xml
    types = (_STRICT if root.uri.startswith(_STRICT) else _OFFICE) + "docPropsVTypes"
    qualified = xml_elements.tag_name(xml, root)
    prefix = qualified.rpartition(":")[0]
    name = f"{prefix}:property" if prefix else "property"
    taken = set(found.ids)

    def render(keyword: str, value: str) -> bytes:
        """Give a new property as XML, under the next free number."""
        number = max(taken | {1}) + 1
        taken.add(number)
        text = (
            f'<{name} fmtid="{_FORMAT_ID}" pid="{number}" '
            f'name="{xml_elements.attribute(keyword)}">'
            f'<vt:lpwstr xmlns:vt="{types}">{xml_elements.content(value)}</vt:lpwstr></{name}>'
        )
        return text.encode()

    return spans.edited(xml, found.spans, edits, root.closing, render)


def _registered(package: Package, name: str) -> dict[str, bytes]:
    """Give the parts that name a new part of custom properties."""
    changes = {}
    types, relations = package.find(TYPES_PART), package.find(_RELATIONS_PART)
    if types is None or relations is None:
        raise Unreadable("the package lacks its content types or its relationships")
    xml = package.content(types)
    override = f'<Override PartName="/{name}" ContentType="{_CONTENT_TYPE}"/>'
    if f'"/{name}"'.encode() not in xml:
        changes[types.name] = _appended(xml, types.name, "Override", override)
    xml = package.content(relations)
    found = xml_elements.elements(xml, depth=2, where=relations.name)
    ids = {one.attributes.get("Id", "") for one in found}
    kinds = [one.attributes.get("Type", "") for one in found]
    if not any(kind.rpartition("/")[2].lower().startswith("custom") for kind in kinds):
        strict = any(kind.startswith(_STRICT) for kind in kinds)
        kind = f"{_STRICT}relationships/customProperties"
        kind = kind if strict else f"{_OFFICE}relationships/custom-properties"
        number = next(f"rId{n}" for n in range(1, len(ids) + 2) if f"rId{n}" not in ids)
        relation = f'<Relationship Id="{number}" Type="{kind}" Target="{name}"/>'
        changes[relations.name] = _appended(xml, relations.name, "Relationship", relation)
    return changes


def _appended(xml: bytes, where: str, name: str, element: str) -> bytes:
    """Put an element at the end of the root, in the root's own prefix."""
    xml = xml_elements.opened(xml, xml_elements.elements(xml, depth=1, where=where)[0])
    root = xml_elements.elements(xml, depth=1, where=where)[0]
    prefix = xml_elements.tag_name(xml, root).rpartition(":")[0]
    if prefix:
        element = element.replace(f"<{name}", f"<{prefix}:{name}", 1)
    return xml[: root.closing] + element.encode() + xml[root.closing :]


FORM = Form("custom property", _named)
