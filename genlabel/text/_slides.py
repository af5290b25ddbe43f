"""PowerPoint: a label is a text box at the foot of the first, the middle or the last slide.

References
----------
ISO/IEC 29500-1, 19.3.1.43 (sp), 19.3.1.45 (spTree), 19.2.1.34 (sldIdLst), 19.2.1.39 (sldSz),
20.1.2.2.8 (cNvPr: name and alternative text); GB 45438-2025, 5.1.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import xml_elements
from genlabel.labels.containers.contents import Unreadable
from genlabel.labels.containers.documents.ooxml import main_part
from genlabel.labels.containers.documents.packages import refuse_signed
from genlabel.labels.containers.documents.zip_parts import Package, Part, open_package
from genlabel.labels.containers.xml_elements import Element
from genlabel.text._known import is_known
from genlabel.text._label import Notice, Trace

#: Of one slide, and how many are searched.
MAX_SLIDE_BYTES, MAX_SLIDES = 16 << 20, 2000
_DEFAULT = "ppt/presentation.xml"
_NAME = "genlabel:notice"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_STRICT_DRAWING = "http://purl.oclc.org/ooxml/drawingml/main"
_MAX_SHAPE_BYTES = 1 << 14
_OWN = re.compile(rb'<(?:\w+:)?cNvPr\s[^>]*?name="genlabel:notice"')
_ID = re.compile(rb'<(?:\w+:)?cNvPr\s[^>]*?\bid="(\d{1,10})"')
_ANY_ID = re.compile(rb'\sid="([^"]*)"|:id="([^"]*)"')
_RUN = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</(?:\w+:)?t>")
_TITLE = re.compile(rb'<(?:\w+:)?ph\s[^>]*type="(?:title|ctrTitle)"')
# English metric units: of a slide that says nothing of its size, and of a hundredth of a point.
_USUAL_SIZE, _UNITS = (9144000, 6858000), 127
# Of the slide's shortest side: letters, the box, and its margin.
_LETTERS, _BOX, _MARGIN = 0.03, 0.062, 0.02


class _Slides(NamedTuple):
    """A presentation's slides in their order, and their size in English metric units."""

    parts: list[Part]
    size: tuple[int, int]


def insert_pptx(data: bytes, notice: Notice, *, name: str) -> bytes:
    """Put a label onto slides, in place of one that genlabel has put there.

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
        The file; every part but the slides concerned byte for byte.

    Raises
    ------
    MediaError
        A slide cannot be read.
    UnsupportedError
        It is signed, or has no slide.
    """
    package = open_package(data, name=name)
    refuse_signed(package)
    try:
        slides = _slides(package)
        if not slides.parts:
            raise UnsupportedError("has no slide for a label", path=name)
        last = len(slides.parts) - 1
        numbers = {"start": 0, "middle": len(slides.parts) // 2, "end": last}
        chosen = {slides.parts[numbers[place]] for place in notice.at}
        changes: dict[str, bytes] = {}
        for part in slides.parts[:MAX_SLIDES]:
            xml = package.content(part, MAX_SLIDE_BYTES)
            if part in chosen or _OWN.search(xml):
                changed = _labelled(xml, part.name, notice if part in chosen else None, slides.size)
                changes |= {} if changed == xml else {part.name: changed}
    except Unreadable as error:
        raise MediaError(f"cannot be labelled: {error}", path=name) from None
    return package.edited(changes) if changes else data


def find_pptx(data: bytes, *, name: str) -> Iterator[Trace]:
    """Find text boxes of ours, and those that are nothing but a known label.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A slide cannot be read.
    """
    package = open_package(data, name=name)
    try:
        for number, part in enumerate(_slides(package).parts[:MAX_SLIDES], 1):
            xml = package.content(part, MAX_SLIDE_BYTES)
            for shape in _shapes(xml, part.name)[1]:
                body = xml[shape.start : shape.end]
                own = _is_own(xml, shape)
                words = unescape(b"".join(_RUN.findall(body)).decode("utf-8", "replace")).strip()
                if own or (is_known(words) and not _TITLE.search(body)):
                    yield Trace(words, f"slide {number}", own)
    except Unreadable as error:
        raise MediaError(f"is damaged: {error}", path=name) from None


def _slides(package: Package) -> _Slides:
    main = main_part(package, _DEFAULT)
    folder, file = posixpath.split(main.name)
    relations = package.find(f"{folder}/_rels/{file}.rels")
    targets: dict[str, str] = {}
    if relations is not None:
        where = relations.name
        for one in xml_elements.elements(package.content(relations), depth=2, where=where):
            if one.attributes.get("Type", "").endswith("/slide"):
                targets[one.attributes.get("Id", "")] = one.attributes.get("Target", "")
    xml = package.content(main, MAX_SLIDE_BYTES)
    parts, size = [], _USUAL_SIZE
    for one in xml_elements.elements(xml, depth=3, where=main.name):
        if one.name == "sldSz":
            size = _number(one, "cx") or size[0], _number(one, "cy") or size[1]
        elif one.name == "sldId" and one.depth == 3:
            # It has an identifier of its own, and that of the relation.
            found = [a or b for a, b in _ANY_ID.findall(xml, one.start, one.opened)]
            target = next((targets[i] for i in map(bytes.decode, found) if i in targets), "")
            path = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            part = package.find(path) if target else None
            if part is None:
                raise Unreadable(f"{main.name}: a slide is not there")
            parts.append(part)
    return _Slides(parts, size)


def _number(element: Element, name: str) -> int:
    value = element.attributes.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _shapes(xml: bytes, part: str) -> tuple[Element, list[Element]]:
    """Find a slide's tree of shapes, and those with text that stand in it by themselves."""
    found = xml_elements.elements(xml, depth=4, where=part)
    tree = next((one for one in found if one.depth == 3 and one.name == "spTree"), None)
    if tree is None or tree.empty:
        raise Unreadable(f"{part}: it has no shapes")
    inside = [one for one in found if one.depth == 4 and tree.start < one.start < tree.end]
    return tree, [one for one in inside if one.name in ("sp", "extLst")]


def _is_own(xml: bytes, shape: Element) -> bool:
    if shape.name != "sp" or shape.end - shape.start > _MAX_SHAPE_BYTES:
        return False
    return bool(_OWN.search(xml, shape.start, shape.end))


def _labelled(xml: bytes, part: str, notice: Notice | None, size: tuple[int, int]) -> bytes:
    """Take labels of ours off a slide, and put one on."""
    for shape in reversed(_shapes(xml, part)[1]):
        if _is_own(xml, shape):
            xml = xml[: shape.start] + xml[shape.end :]
    if notice is None:
        return xml
    tree, shapes = _shapes(xml, part)
    number = max((int(one) for one in _ID.findall(xml)), default=0) + 1
    box = _box(notice, xml_elements.tag_name(xml, tree), tree.uri, number, size)
    # Extensions stand behind all shapes.
    cut = next((one.start for one in shapes if one.name == "extLst"), tree.closing)
    return xml[:cut] + box + xml[cut:]


def _box(notice: Notice, tree: str, uri: str, number: int, size: tuple[int, int]) -> bytes:
    p = tree.removesuffix("spTree")
    drawing = _STRICT_DRAWING if uri.startswith("http://purl.oclc.org/") else _DRAWING
    width, height = size
    short = min(size)
    margin, high = round(_MARGIN * short), round(_BOX * short)
    across = width - 2 * margin
    words, letters = xml_elements.content(notice.text), round(_LETTERS * short / _UNITS)
    about = xml_elements.attribute(notice.text)
    return (
        f'<{p}sp><{p}nvSpPr><{p}cNvPr id="{number}" name="{_NAME}" descr="{about}"/>'
        f'<{p}cNvSpPr txBox="1"/><{p}nvPr/></{p}nvSpPr>'
        f'<{p}spPr xmlns:a="{drawing}"><a:xfrm><a:off x="{margin}" y="{height - margin - high}"/>'
        f'<a:ext cx="{across}" cy="{high}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        f"</a:prstGeom><a:noFill/></{p}spPr>"
        f'<{p}txBody xmlns:a="{drawing}"><a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" '
        f'bIns="0" anchor="b"><a:noAutofit/></a:bodyPr><a:lstStyle/><a:p><a:r>'
        f'<a:rPr lang="{notice.parts[0][0] or "en"}" sz="{letters}" b="1"><a:solidFill>'
        '<a:srgbClr val="000000"/></a:solidFill><a:highlight><a:srgbClr val="FFFFFF"/>'
        f"</a:highlight></a:rPr><a:t>{words}</a:t></a:r></a:p></{p}txBody></{p}sp>"
    ).encode()
