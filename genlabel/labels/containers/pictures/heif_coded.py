"""The coded picture of an AVIF: its bytes, and the properties that tell how to decode them.

References
----------
ISO/IEC 23008-12 (HEIF), 9.3 (iprp, ipco, ipma); ISO/IEC 14496-12, 12.1.5 (colr); AV1 Codec ISO
Media File Format Binding, 2.3 (av1C).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from genlabel._data import Piece
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box, Patch
from genlabel.labels.containers.pictures import heif_file
from genlabel.labels.containers.pictures.heif_file import Change, File

_AV1 = b"av01"
_NCLX = b"nclx"
# Colour type, primaries, transfer, matrix and range: of these the last two are the coder's.
_NCLX_BYTES, _MATRIX = 11, 8


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded picture.

    Parameters
    ----------
    item : int
        Its number.
    content : bytes
        What the decoder takes.
    config : bytes
        What av1C holds.
    colours : bytes or None
        What colr says of how colours are coded; None where there is none of this form.
    references : frozenset of bytes
        How items refer to each other: ``thmb`` for thumbnails, ``prem`` for premultiplied alpha.
    """

    item: int
    content: bytes
    config: bytes
    colours: bytes | None
    references: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class _Found:
    coded: Coded
    span: tuple[int, int]
    around: tuple[Box, ...]
    config: tuple[Box, ...]
    colours: tuple[Box, ...]


def read(data: bytes, name: str) -> Coded:
    """Find the coded picture.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A box is damaged.
    UnsupportedError
        It is not one AV1 picture in one part.
    """
    return _find(data, heif_file.take_apart(data, name), name).coded


def replaced(data: bytes, new: Coded, name: str) -> Iterable[Piece]:
    """Put another coded picture in the place of the old; every other item stays.

    Parameters
    ----------
    data : bytes
        The file.
    new : Coded
        From another file; of its colours the matrix and the range are taken.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It grows beyond what a size or an offset in it can say.
    UnsupportedError
        As `read` does.
    """
    file = heif_file.take_apart(data, name)
    old = _find(data, file, name)
    change = Change()
    change.inside[old.coded.item] = (old.span[0], len(new.content))
    change.patches.append(Patch(*old.span, new.content, old.around))
    box = old.config[-1]
    change.patches.append(Patch(box.payload, box.end, new.config, old.config))
    if old.coded.colours is not None and new.colours is not None:
        box = old.colours[-1]
        colours = old.coded.colours[:_MATRIX] + new.colours[_MATRIX:]
        change.patches.append(Patch(box.payload, box.end, colours, old.colours))
    return boxes.applied(data, heif_file.settled(data, file, change, name))


def _find(data: bytes, file: File, name: str) -> _Found:
    item = next((item for item in file.items if item.number == file.primary), None)
    spans = None if item is None or item.kind != _AV1 else file.spans(item)
    if item is None or spans is None or len(spans) != 1:
        raise UnsupportedError("is not one AV1 picture in one part", path=name)
    around = file.around(*spans[0])
    taken = [span for other in file.items if other is not item for span in file.spans(other) or ()]
    start, end = spans[0]
    if around is None or any(first < end and start < last for first, last in taken):
        raise UnsupportedError("has a picture that shares its bytes with others", path=name)
    properties = _properties(data, file, item.number, name)
    config = [path for path in properties if path[-1].kind == b"av1C"]
    colours = [path for path in properties if _is_nclx(data, path[-1])]
    if len(config) != 1 or len(colours) > 1:
        raise UnsupportedError("has a picture whose coding is not told once", path=name)
    coded = Coded(
        item.number,
        data[start:end],
        data[config[0][-1].payload : config[0][-1].end],
        data[colours[0][-1].payload : colours[0][-1].end] if colours else None,
        _references(data, file, name),
    )
    return _Found(coded, spans[0], around, config[0], colours[0] if colours else ())


def _is_nclx(data: bytes, box: Box) -> bool:
    content = data[box.payload : box.end]
    return box.kind == b"colr" and content[:4] == _NCLX and len(content) == _NCLX_BYTES


def _references(data: bytes, file: File, name: str) -> frozenset[bytes]:
    box = file.inside.get(b"iref")
    found = [] if box is None else boxes.walk(data, box.payload + 4, box.end, name)
    return frozenset(each.kind for each in found)


def _properties(data: bytes, file: File, number: int, name: str) -> list[tuple[Box, ...]]:
    """List an item's properties, each with the boxes around it."""
    outer = file.inside.get(b"iprp")
    if outer is None or file.meta is None:
        return []
    inside = boxes.walk(data, outer.payload, outer.end, name)
    held = boxes.first(inside, b"ipco")
    if held is None:
        return []
    every = boxes.walk(data, held.payload, held.end, name)
    links = [link for box in inside if box.kind == b"ipma" for link in _links(data, box, name)]
    own = {index for item, index in links if item == number}
    shared = {index for item, index in links if item != number}
    found: list[tuple[Box, ...]] = []
    for index, box in enumerate(every, 1):
        told = box.kind == b"av1C" or _is_nclx(data, box)
        if index in own and told and index in shared:
            raise UnsupportedError("has pictures that share how they are coded", path=name)
        if index in own:
            found.append((file.meta, outer, held, box))
    return found


def _links(data: bytes, box: Box, name: str) -> Iterable[tuple[int, int]]:
    """Read which items have which properties."""
    body = data[box.payload : box.end]
    try:
        wide, long = (4 if body[0] else 2), (2 if body[3] & 1 else 1)
        at = 8
        for _ in range(int.from_bytes(body[4:8], "big")):
            item, count = int.from_bytes(body[at : at + wide], "big"), body[at + wide]
            at += wide + 1
            for _ in range(count):
                index = int.from_bytes(body[at : at + long], "big")
                at += long
                yield item, index & (0x7FFF if long == 2 else 0x7F)
    except IndexError:
        raise MediaError("is damaged: its list of properties is cut short", path=name) from None
