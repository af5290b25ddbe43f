"""AVI files built by hand, and what their indices point to."""

from __future__ import annotations

import struct
from collections.abc import Iterator

FRAMES = [b"one-", b"second", b"third!"]
FRAME = b"00dc"
LISTS = (b"RIFF", b"LIST")


def chunk(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) & 1)


def form(kind: bytes, *chunks: bytes) -> bytes:
    return chunk(b"LIST", kind, *chunks)


def index_head(longs: int, kind: int, count: int) -> bytes:
    return struct.pack("<HBBI4s", longs, 0, kind, count, FRAME)


def old_index(places: list[int]) -> bytes:
    entries = (struct.pack("<4sIII", FRAME, 16, place, 4) for place in places)
    return chunk(b"idx1", *entries)


def standard(places: list[int], base: int) -> bytes:
    """An index of chunks; its entries point to what they hold."""
    entries = (struct.pack("<II", place + 8 - base, 4) for place in places)
    return chunk(b"ix00", index_head(2, 1, len(places)), struct.pack("<QI", base, 0), *entries)


def super_index(entries: list[tuple[int, int]]) -> bytes:
    coded = (struct.pack("<QII", place, size, 3) for place, size in entries)
    return chunk(b"indx", index_head(4, 0, len(entries)), bytes(12), *coded, bytes(16))


def avi_of(
    *before: bytes,
    after: bytes = b"",
    absolute: bool = False,
    forms: int = 1,
    opendml: bool = False,
    low_base: bool = False,
    behind: bytes = b"",
) -> bytes:
    """A film of three frames in each of its forms."""
    spots: list[tuple[int, int]] = [(0, 0)] * forms
    data = b""
    for _ in range(3):
        parts: list[bytes] = []
        entries = list(spots) if opendml else []
        stream = form(
            b"strl",
            chunk(b"strh", b"vids", bytes(52)),
            *([super_index(entries)] if entries else []),
        )
        head = form(b"hdrl", chunk(b"avih", bytes(56)), stream)
        at = 0
        found = []
        for number in range(forms):
            lead = b"".join([head, *before]) if not number else b""
            movie = at + 12 + len(lead)
            places = [movie + 12 + sum(8 + len(f) for f in FRAMES[:n]) for n in range(3)]
            frames = [chunk(FRAME, frame) for frame in FRAMES]
            index = standard(places, 0 if low_base else movie) if opendml else b""
            found.append((movie + 12 + sum(map(len, frames)), len(index)))
            content = lead + form(b"movi", *frames, index)
            if not number:
                content += old_index([p if absolute else p - movie - 8 for p in places]) + after
            parts.append(chunk(b"RIFF", b"AVIX" if number else b"AVI ", content))
            at += len(parts[-1])
        data, spots = b"".join(parts), found
    return data + behind


def walk(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, payload and end of every chunk, of lists also their name and what they hold."""
    at = start
    while at + 8 <= end:
        kind, size = struct.unpack_from("<4sI", data, at)
        stop = at + 8 + size
        assert stop <= end, (kind, at, size)
        if kind in LISTS:
            yield kind + data[at + 8 : at + 12], at + 8, stop
            yield from walk(data, at + 12, stop)
        else:
            yield kind, at + 8, stop
        at = stop + (size & 1)


def frames(data: bytes, end: int | None = None) -> list[bytes]:
    """The film, as it lies."""
    found = walk(data, 0, len(data) if end is None else end)
    return [data[a:b] for kind, a, b in found if kind == FRAME]


def indexed(data: bytes, end: int | None = None) -> list[bytes]:
    """The film, found by every index."""
    found: list[bytes] = []
    movie = 0
    for kind, start, stop in walk(data, 0, len(data) if end is None else end):
        movie = movie or (start if kind == b"LISTmovi" else 0)
        if kind == b"idx1":
            places = [entry[2] for entry in struct.iter_unpack("<4sIII", data[start:stop])]
            base = 0 if data[places[0] : places[0] + 4] == FRAME else movie
            for place in places:
                assert data[base + place : base + place + 4] == FRAME
                found.append(held(data, base + place + 8))
        elif kind == b"indx":
            (count,) = struct.unpack_from("<I", data, start + 4)
            for number in range(count):
                (place,) = struct.unpack_from("<Q", data, start + 24 + 16 * number)
                assert data[place : place + 4] == b"ix00"
                total, base = struct.unpack_from("<I4xQ", data, place + 12)
                for entry in range(total):
                    (offset,) = struct.unpack_from("<I", data, place + 32 + 8 * entry)
                    found.append(held(data, base + offset))
    return found


def held(data: bytes, at: int) -> bytes:
    (size,) = struct.unpack_from("<I", data, at - 4)
    return data[at : at + size]
