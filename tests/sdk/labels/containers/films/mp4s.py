"""MP4 files built by hand, and a naive walk over them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

XMP_ID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta")


def box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def long_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


def full(kind: bytes, *contents: bytes) -> bytes:
    return box(kind, bytes(4), *contents)


def handler(kind: bytes) -> bytes:
    return full(b"hdlr", bytes(4), kind, bytes(13))


def data_box(text: bytes, coding: int = 1) -> bytes:
    return box(b"data", struct.pack(">II", coding, 0), text)


def keyed(*pairs: tuple[bytes, bytes], coding: int = 1) -> bytes:
    """A metadata box with keys of its own."""
    names = b"".join(box(b"mdta", name) for name, _ in pairs)
    items = (
        box(struct.pack(">I", number), data_box(text, coding))
        for number, (_, text) in enumerate(pairs, 1)
    )
    keys = full(b"keys", struct.pack(">I", len(pairs)), names)
    return full(b"meta", handler(b"mdta"), keys, box(b"ilst", *items))


def itunes(*items: bytes) -> bytes:
    return full(b"meta", handler(b"mdir"), box(b"ilst", *items))


def freeform(name: bytes, text: bytes) -> bytes:
    mean = full(b"mean", b"com.apple.iTunes")
    return box(b"----", mean, full(b"name", name), data_box(text))


CHUNKS = [b"one-", b"second-", b"third"]
FTYP = box(b"ftyp", b"M4A \0\0\0\0M4A ")


SOUND = box(b"trak", box(b"mdia", handler(b"soun")))
FILM = box(b"trak", box(b"mdia", handler(b"vide")))
ISO = box(b"ftyp", b"isom\0\0\0\0isom")


def offsets(start: int, wide: bool) -> bytes:
    places = [start + sum(map(len, CHUNKS[:n])) for n in range(len(CHUNKS))]
    form = ">3Q" if wide else ">3I"
    return full(b"co64" if wide else b"stco", struct.pack(">I", 3), struct.pack(form, *places))


def movie(start: int, *parts: bytes, wide: bool = False, kind: bytes = b"soun") -> bytes:
    tables = box(b"stbl", full(b"stsz"), offsets(start, wide))
    references = box(b"dinf", full(b"dref", struct.pack(">I", 1), box(b"url ", b"\0\0\0\1")))
    track = box(b"trak", box(b"mdia", handler(kind), box(b"minf", references, tables)))
    return box(b"moov", track, *parts)


def mp4_of(
    *parts: bytes, before: bytes = b"", after: bytes = b"", wide: bool = False, late: bool = False
) -> bytes:
    """A file of three chunks, the movie before or behind them."""
    samples = box(b"mdat", *CHUNKS)
    if late:
        start = len(FTYP) + len(before) + 8
        return FTYP + before + samples + movie(start, *parts, wide=wide) + after
    start = len(FTYP) + len(movie(0, *parts, wide=wide)) + len(before) + 8
    return FTYP + movie(start, *parts, wide=wide) + before + samples + after


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    end = len(data) if end is None else end
    at = start
    while at + 8 <= end:
        size, head = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or end - at
        yield data[at + 4 : at + 8], at + head, at + size
        if data[at + 4 : at + 8] in CONTAINERS:
            yield from walk(data, at + head, at + size)
        at += size
    assert end - at < 8


def chunks(data: bytes) -> list[bytes]:
    """The sound, found by the offsets that the file itself gives."""
    for kind, start, end in walk(data):
        if kind in (b"stco", b"co64"):
            letter = "Q" if kind == b"co64" else "I"
            places = struct.unpack(f">{len(CHUNKS)}{letter}", data[start + 8 : end])
            return [data[at : at + len(chunk)] for at, chunk in zip(places, CHUNKS, strict=True)]
    raise AssertionError("no table of chunks")


def kept(data: bytes) -> list[tuple[bytes, bytes]]:
    """Every box that holds no other, without tables and metadata."""
    ours = (*CONTAINERS, b"meta", b"uuid", b"stco", b"co64", b"free")
    return [(kind, data[a:b]) for kind, a, b in walk(data) if kind not in ours]
