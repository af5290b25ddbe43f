"""TIFF files built by hand, of every form, and the plainest walk that valid ones allow."""

from __future__ import annotations

import struct

#: Tag, type and values as bytes in the file's order.
Row = tuple[int, int, bytes]

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 16: 8}
FORMS = [("<", False), (">", False), ("<", True), (">", True)]


def tiff(
    order: str = "<",
    big: bool = False,
    *,
    pages: int = 1,
    rows: tuple[Row, ...] = (),
    tail: bytes = b"",
) -> bytes:
    """Gray pages of 24 x 16 samples, uncompressed; `rows` are more fields of the first one."""
    wide, number, count = ("Q", 16, "Q") if big else ("I", 4, "H")
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + ("HHH" if big else "H"), *((43, 8, 0) if big else (42,)))
    out = bytearray(head + bytes(struct.calcsize("<" + wide)))
    pointer = len(head)
    for page in range(pages):
        samples = bytes((at * (page + 3)) % 251 for at in range(24 * 16))
        strip = len(out)
        out += samples
        fields: list[Row] = [
            (256, 3, struct.pack(order + "H", 24)),
            (257, 3, struct.pack(order + "H", 16)),
            (258, 3, struct.pack(order + "H", 8)),
            (259, 3, struct.pack(order + "H", 1)),
            (262, 3, struct.pack(order + "H", 1)),
            (273, number, struct.pack(order + wide, strip)),
            (278, 3, struct.pack(order + "H", 16)),
            (279, number, struct.pack(order + wide, len(samples))),
            *(rows if page == 0 else ()),
        ]
        entries = b""
        for tag, kind, values in sorted(fields):
            room = struct.calcsize("<" + wide)
            stored = values.ljust(room, b"\0")
            if len(values) > room:
                out += bytes(-len(out) % 2)
                stored = struct.pack(order + wide, len(out))
                out += values
            number_of = len(values) // _SIZES[kind]
            entries += struct.pack(order + "HH" + wide, tag, kind, number_of) + stored
        out += bytes(-len(out) % 2)
        struct.pack_into(order + wide, out, pointer, len(out))
        out += struct.pack(order + count, len(fields)) + entries
        pointer = len(out)
        out += bytes(struct.calcsize("<" + wide))
    return bytes(out) + tail


def pages_of(data: bytes) -> list[dict[int, bytes]]:
    """The values of every field of every page."""
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    wide, count, start = ("Q", "Q", 8) if big else ("I", "H", 4)
    room = struct.calcsize("<" + wide)
    pages = []
    (at,) = struct.unpack_from(order + wide, data, start)
    while at:
        (fields,) = struct.unpack_from(order + count, data, at)
        at += struct.calcsize("<" + count)
        page = {}
        for _ in range(fields):
            tag, kind, number = struct.unpack_from(order + "HH" + wide, data, at)
            place = at + 4 + room
            if number * _SIZES[kind] > room:
                (place,) = struct.unpack_from(order + wide, data, place)
            page[tag] = data[place : place + number * _SIZES[kind]]
            at += 4 + 2 * room
        assert list(page) == sorted(page)
        pages.append(page)
        (at,) = struct.unpack_from(order + wide, data, at)
    return pages


def samples_of(data: bytes) -> list[bytes]:
    """The samples of every page."""
    order = "little" if data[:2] == b"II" else "big"
    spans = [[int.from_bytes(page[tag], order) for tag in (273, 279)] for page in pages_of(data)]
    return [data[start : start + size] for start, size in spans]
