"""Items of HEIF files: what they are, and what they describe.

References
----------
ISO/IEC 14496-12, 8.11.4 (pitm), 8.11.6 (iinf and infe) and 8.11.12 (iref).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box

MIME = b"mime"


@dataclass(frozen=True, slots=True)
class Item:
    """What iinf says of an item.

    Parameters
    ----------
    number : int
        Its identity.
    kind : bytes
        Four bytes.
    content : bytes
        The MIME type of a ``mime`` item.
    coding : bytes
        How it is compressed, empty where it is not.
    """

    number: int
    kind: bytes
    content: bytes = b""
    coding: bytes = b""


def primary(data: bytes, box: Box | None) -> int | None:
    """Read which item is the picture.

    Parameters
    ----------
    data : bytes
        The file.
    box : Box or None
        The box pitm.
    """
    if box is None or box.end - box.payload < 6:
        return None
    width = 2 if data[box.payload] == 0 else 4
    return int.from_bytes(data[box.payload + 4 : box.payload + 4 + width], "big")


def entries(data: bytes, box: Box, name: str) -> list[Box]:
    """List the boxes infe.

    Parameters
    ----------
    data : bytes
        The file.
    box : Box
        The box iinf.
    name : str
        For messages.
    """
    start = box.payload + 4 + (2 if data[box.payload : box.payload + 1] == b"\0" else 4)
    return boxes.walk(data, min(start, box.end), box.end, name)


def items(data: bytes, found: Sequence[Box]) -> Iterator[Item]:
    """Read what items are.

    Parameters
    ----------
    data : bytes
        The file.
    found : sequence of Box
        Boxes infe.
    """
    for box in found:
        body = data[box.payload : box.end]
        version = body[0] if body else 0
        width = 4 if version == 3 else 2
        number = int.from_bytes(body[4 : 4 + width], "big")
        rest = body[6 + width :]
        kind = MIME
        if version >= 2:
            kind, rest = rest[:4], rest[4:]
        _, content, coding, *_ = [*rest.split(b"\0", 3), b"", b"", b""]
        yield Item(number, kind, content, coding) if kind == MIME else Item(number, kind)


def described(data: bytes, box: Box | None, name: str) -> dict[int, set[int]]:
    """Read what items describe.

    Parameters
    ----------
    data : bytes
        The file.
    box : Box or None
        The box iref.
    name : str
        For messages.

    Returns
    -------
    dict of int to set of int
        Item, and those it describes.
    """
    found: dict[int, set[int]] = {}
    if box is None or box.end - box.payload < 4:
        return found
    width = 2 if data[box.payload] == 0 else 4
    for reference in boxes.walk(data, box.payload + 4, box.end, name):
        if reference.kind != b"cdsc":
            continue
        body = data[reference.payload : reference.end]
        numbers = [int.from_bytes(body[:width], "big")]
        targets = body[width + 2 :]
        numbers += [
            int.from_bytes(targets[at : at + width], "big") for at in range(0, len(targets), width)
        ]
        found.setdefault(numbers[0], set()).update(numbers[1:])
    return found


def entry(number: int, content: bytes) -> bytes:
    """Write a box infe of a ``mime`` item.

    Parameters
    ----------
    number : int
        The item.
    content : bytes
        Its MIME type.
    """
    body = struct.pack(">B3xHH", 2, number, 0) + MIME + b"\0" + content + b"\0"
    return boxes.framed(b"infe", body)


def description(number: int, target: int, *, wide: bool) -> bytes:
    """Write the reference of an item that describes another.

    Parameters
    ----------
    number, target : int
        The items.
    wide : bool
        Whether numbers take four bytes.
    """
    return boxes.framed(b"cdsc", struct.pack(">IHI" if wide else ">HHH", number, 1, target))
