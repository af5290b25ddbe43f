"""Boxes of an MP4 file: found, read, and put together again.

References
----------
ISO/IEC 14496-12, 4.2 (boxes), 8.3 and 8.4 (track and media), 8.6 (times and edits), 8.7 (sizes).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from genlabel._errors import MediaError

#: What describes a file is read whole; what is larger than this is damaged.
MAX_MOOV_BYTES = 256 << 20
_MAX_BOXES = 100_000
# Four days of AAC. Where all packets are of one size, a few bytes claim any number of them.
_MAX_PACKETS = 1 << 24
_EXTENDED, _TO_THE_END = 1, 0


class Box(NamedTuple):
    """A box: its type, where it begins, where its content begins, and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


class Edit(NamedTuple):
    """A stretch of a track that is played: how long, and from where."""

    duration: int
    media_time: int


def top_boxes(stream: BinaryIO, size: int, name: str) -> list[Box]:
    """List a file's own boxes.

    Raises
    ------
    MediaError
        One is longer than the file.
    """
    found: list[Box] = []
    position = 0
    while position + 8 <= size and len(found) < _MAX_BOXES:
        stream.seek(position)
        box = _box(stream.read(16), position, size)
        if box is None:
            raise MediaError("is cut short: it ends in an MP4 box", path=name)
        found.append(box)
        position = box.end
    return found


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Give the boxes between two places; a damaged one ends them."""
    end = len(data) if end is None else end
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        box = _box(data[start : start + 16], start, end)
        if box is None:
            return
        yield box
        start = box.end


def find(data: bytes, path: bytes, start: int = 0, end: int | None = None) -> Box | None:
    """Find the first box by its types from the outside in, as ``b"mdia/minf/stbl"``."""
    kind, _, rest = path.partition(b"/")
    for box in boxes(data, start, end):
        if box.kind == kind:
            return find(data, rest, box.body, box.end) if rest else box
    return None


def framed(kind: bytes, body: bytes) -> bytes:
    """Make a box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def times(data: bytes, box: Box) -> tuple[int, int]:
    """Read timescale and duration of an ``mvhd`` or ``mdhd`` box."""
    wide = data[box.body : box.body + 1] == b"\x01"
    layout = struct.Struct(">IQ" if wide else ">II")
    place = box.body + (20 if wide else 12)
    return layout.unpack(data[place : place + layout.size])


def edits(data: bytes, trak: Box) -> list[Edit]:
    """Read a track's edit list."""
    box = find(data, b"edts/elst", trak.body, trak.end)
    if box is None:
        return []
    wide = data[box.body : box.body + 1] == b"\x01"
    entry = struct.Struct(">Qqi" if wide else ">Iii")
    body = data[box.body + 8 : box.end]
    whole = body[: len(body) // entry.size * entry.size]
    return [Edit(duration, start) for duration, start, _ in entry.iter_unpack(whole)]


def durations(data: bytes, stbl: Box, limit: int) -> array[int]:
    """Read how long each packet lasts, of at most so many."""
    box = find(data, b"stts", stbl.body, stbl.end)
    found = array("q")
    if box is None:
        return found
    body = data[box.body + 8 : box.end]
    for count, delta in struct.iter_unpack(">II", body[: len(body) // 8 * 8]):
        found.extend([delta] * min(count, limit - len(found)))
    return found


def sizes(data: bytes, stbl: Box) -> array[int]:
    """Read how many bytes each packet takes."""
    box = find(data, b"stsz", stbl.body, stbl.end)
    found = array("q")
    if box is None:
        return found
    same, count = struct.unpack(">II", data[box.body + 4 : box.body + 12].ljust(8, b"\0"))
    if same:
        found.extend([same] * min(count, _MAX_PACKETS))
        return found
    body = data[box.body + 12 : box.end][: 4 * count]
    found.extend(value for (value,) in struct.iter_unpack(">I", body[: len(body) // 4 * 4]))
    return found


def moved(moov: bytes, distance: int) -> bytes:
    """Give a ``moov`` box whose samples lie further back in the file."""
    out = bytearray(moov)
    head = next(boxes(moov))
    for trak in boxes(moov, head.body, head.end):
        stbl = find(moov, b"mdia/minf/stbl", trak.body, trak.end) if trak.kind == b"trak" else None
        if stbl is None:
            continue
        for kind, code in ((b"stco", "I"), (b"co64", "Q")):
            table = find(moov, kind, stbl.body, stbl.end)
            if table is None:
                continue
            count = int.from_bytes(moov[table.body + 4 : table.body + 8], "big")
            layout = struct.Struct(f">{count}{code}")
            old = layout.unpack_from(moov, table.body + 8)
            layout.pack_into(out, table.body + 8, *(place + distance for place in old))
    return bytes(out)


def _box(head: bytes, start: int, limit: int) -> Box | None:
    if len(head) < 8:
        return None
    size, kind = struct.unpack(">I4s", head[:8])
    body = start + 8
    if size == _EXTENDED:
        size, body = int.from_bytes(head[8:16], "big"), start + 16
    elif size == _TO_THE_END:
        size = limit - start
    if size < body - start or start + size > limit:
        return None
    return Box(kind, start, body, start + size)
