"""The two Exif texts that can hold an AIGC label, and how to blank them in place.

References
----------
Exif 3.0 (CIPA DC-008), 4.6.3 (IFD structure), 4.6.4 (ImageDescription), 4.6.5 (UserComment and its
character code); TC260-PG-20259A Annex B (a wrapped label in UserComment).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_EXIF_IFD = 0x8769
_TEXTS = {0x010E: "ImageDescription", 0x9286: "UserComment"}
_TYPE_BYTES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4)
_CODE_BYTES = 8
# Camera makers stay below 100.
_MAX_FIELDS = 512


@dataclass(frozen=True, slots=True)
class ExifText:
    """A text in an Exif block.

    Parameters
    ----------
    tag : str
        ``"ImageDescription"`` or ``"UserComment"``.
    text : str
        Decoded.
    span : tuple of (int, int)
        Its bytes in the block, character code excluded.
    alone : bool
        Whether nothing else lies on these bytes.
    """

    tag: str
    text: str
    span: tuple[int, int]
    alone: bool


@dataclass(frozen=True, slots=True)
class _Field:
    tag: int
    start: int
    end: int


def texts(block: bytes) -> tuple[ExifText, ...]:
    """Find the texts of an Exif block.

    Parameters
    ----------
    block : bytes
        From its TIFF header on. A damaged block has no texts: nothing in it is needed.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return ()
    fields: list[_Field] = []
    taken: list[tuple[int, int]] = [(0, 8)]
    # Two directories, each visited once: no pointer can lead round in a circle.
    start = _number(block, 4, order)
    _directory(block, start, order, fields, taken)
    pointers = [field for field in fields if field.tag == _EXIF_IFD]
    if pointers:
        start = _number(block, pointers[0].start, order)
        _directory(block, start, order, fields, taken)
    taken += [(field.start, field.end) for field in fields if field.tag not in _TEXTS]
    found = [field for field in fields if field.tag in _TEXTS]
    return tuple(_text(block, field, order, [*taken, *_others(found, field)]) for field in found)


def blanked(block: bytes, gone: list[ExifText]) -> bytes:
    """Overwrite texts with NUL, so that no offset moves.

    Parameters
    ----------
    block : bytes
        The Exif block.
    gone : list of ExifText
        What goes.
    """
    out = bytearray(block)
    for text in gone:
        start, end = text.span
        out[start:end] = bytes(end - start)
    return bytes(out)


def _directory(
    block: bytes,
    start: int,
    order: str,
    fields: list[_Field],
    taken: list[tuple[int, int]],
) -> None:
    if not 8 <= start <= len(block) - 2:
        return
    (count,) = struct.unpack_from(order + "H", block, start)
    count = min(count, _MAX_FIELDS, (len(block) - start - 2) // 12)
    taken.append((start, start + 2 + 12 * count))
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(order + "HHI", block, at)
        size = number * (_TYPE_BYTES[kind] if kind < len(_TYPE_BYTES) else 0)
        place = at + 8 if size <= 4 else _number(block, at + 8, order)
        if place + size <= len(block):
            fields.append(_Field(tag, place, place + size))


def _text(block: bytes, field: _Field, order: str, taken: list[tuple[int, int]]) -> ExifText:
    start, end = field.start, field.end
    code = b""
    if _TEXTS[field.tag] == "UserComment":
        code, start = block[start : start + _CODE_BYTES], min(start + _CODE_BYTES, end)
    raw = block[start:end]
    if code.startswith(b"UNICODE"):
        wide = "utf-16-le" if order == "<" else "utf-16-be"
        # Writers forget that the block's byte order holds for this text too.
        if raw[:1] == b"\0" or raw[1:2] == b"\0":
            wide = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
        text = raw.decode(wide, "replace")
    else:
        text = raw.decode("utf-8", "replace")
    alone = not any(first < end and start < last for first, last in taken)
    return ExifText(_TEXTS[field.tag], text.strip("\0 "), (start, end), alone)


def _others(found: list[_Field], this: _Field) -> list[tuple[int, int]]:
    return [(field.start, field.end) for field in found if field is not this]


def _number(block: bytes, at: int, order: str) -> int:
    if at + 4 > len(block):
        return 0
    return int(struct.unpack_from(order + "I", block, at)[0])
