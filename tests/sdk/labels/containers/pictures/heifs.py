"""HEIF and JPEG XL files: small real ones, some built by hand, and a plain walk of items."""

from __future__ import annotations

import base64
import io
import struct
from dataclasses import dataclass

from PIL import Image

#: 64 x 48, made with libheif; nothing here can decode it.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAA"
    "AAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAGQAAAAjaWluZgAAAAAAAQAAABVp"
    "bmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAA"
    "AAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAA"
    "AwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlz"
    "cGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkA"
    "AAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAGxtZGF0AAAAYCgBrxOA9sbM0X3G3qyhBUvk8Zwb"
    "X7uxSIAQUvtVOGw6dQGUh+KEge4UJTiqv/23wKDVcp+FtECR9FDOExz1PiQcKTBHQ5ETntN3Rsg/X1ex/RDi"
    "sdI1aFweBwDWSIwXOA=="
)
#: A codestream of 24 x 16, made with libjxl.
JXL = base64.b64decode(
    "/woDQSQIBAEA0AFLGJOOg4UpUAQbECqMjhcvxmBOHgBiXFED/Pnj7x3aB3UVxkon8tsdjIf4LaJ4paj/yLK8"
    "HGTJb/pq89/EaSXHk+HC7IauHJXUfOanW6q3A+L0LPGpOSejIU2yOcWjXaS0HanE1CjZlhVeW8rr+1E4uRRC"
    "Hg=="
)


def avif(frames: int = 1, **options: object) -> bytes:
    shades = Image.radial_gradient("L").resize((64, 48)).convert("RGB")
    turned = [shades.rotate(90 * turn) for turn in range(frames)]
    out = io.BytesIO()
    turned[0].save(out, "AVIF", save_all=frames > 1, append_images=turned[1:], **options)
    return out.getvalue()


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def jxl(*extra: bytes) -> bytes:
    """The codestream in boxes."""
    signature = bytes.fromhex("0000000c4a584c200d0a870a")
    return signature + box(b"ftyp", b"jxl \0\0\0\0jxl ") + b"".join(extra) + box(b"jxlc", JXL)


@dataclass(frozen=True)
class Form:
    """How a file is built: versions of lists, bytes of numbers, what lies where."""

    version: int = 0
    offset: int = 4
    base: int = 0
    wide: bool = False
    references: bool = True
    in_idat: bool = False
    split: bool = False
    shared: bool = False
    behind: bool = False
    open_end: bool = False
    coding: bytes = b""


def heif(form: Form, packet: bytes | None = None, brand: bytes = b"avif") -> bytes:
    """A file of two items that are no pictures, maybe with a packet."""
    contents = [(b"av01", b"", b"first item"), (b"Exif", b"", b"\0\0\0\0II*\0\x08\0\0\0\0\0")]
    if packet is not None:
        contents.append((b"mime", b"application/rdf+xml" + form.coding, packet))
    top = box(b"ftyp", brand, bytes(4), brand)
    data = b"".join(content for _, _, content in contents)
    meta = _meta(form, contents, 0, 0)
    samples = box(b"mdat", data)
    if form.behind:
        origin = len(top) + 8
        return top + samples + _meta(form, contents, origin, len(top) + len(samples))
    origin = len(top) + len(meta) + 8
    if form.open_end:
        samples = b"\0\0\0\0mdat" + data
    return top + _meta(form, contents, origin, len(top)) + samples


def _meta(form: Form, contents: list[tuple[bytes, bytes, bytes]], origin: int, at: int) -> bytes:
    wide = ">I" if form.wide else ">H"
    infos = [
        box(
            b"infe",
            struct.pack(">B3xHH", 2, number, 0) + kind + b"\0" + (mime + b"\0" if mime else b""),
        )
        for number, (kind, mime, _) in enumerate(contents, 1)
    ]
    info = box(b"iinf", bytes([form.wide, 0, 0, 0]), struct.pack(wide, len(infos)), *infos)
    numbers = range(3, len(contents) + 1)
    cdsc = [box(b"cdsc", struct.pack(wide + "H" + wide[1], number, 1, 1)) for number in numbers]
    links = [box(b"iref", bytes([form.wide, 0, 0, 0]), *cdsc)] if form.references else []
    data = b"".join(content for _, _, content in contents)
    idat = [box(b"idat", data)] if form.in_idat else []
    rows, start = [], 0
    for number, (_, _, content) in enumerate(contents, 1):
        spans = [(start, len(content))]
        if form.shared and number == 2:
            spans = [(start - 4, len(content) + 4)]
        if form.split:
            spans = [(start, 3), (start + 3, len(content) - 3)]
        rows.append(_row(form, number, origin, spans))
        start += len(content)
    sizes = bytes([form.offset << 4 | 4, form.base << 4])
    count = struct.pack(">I" if form.version == 2 else ">H", len(rows))
    iloc = box(b"iloc", bytes([form.version, 0, 0, 0]), sizes, count, *rows)
    handler = box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    pitm = box(b"pitm", bytes(4) + b"\0\1")
    return box(b"meta", bytes(4), handler, pitm, iloc, info, *links, *idat)


def _row(form: Form, number: int, origin: int, spans: list[tuple[int, int]]) -> bytes:
    origin = 0 if form.in_idat else origin
    base = origin if form.base else 0
    out = struct.pack(">I" if form.version == 2 else ">H", number)
    out += struct.pack(">H", form.in_idat) if form.version else b""
    out += bytes(2) + base.to_bytes(form.base, "big") + struct.pack(">H", len(spans))
    for start, length in spans:
        out += (origin - base + start).to_bytes(form.offset, "big") + length.to_bytes(4, "big")
    return out


def boxes_of(data: bytes) -> dict[bytes, tuple[int, bytes]]:
    """The first box of each kind: where its content begins, and what it is."""
    found: dict[bytes, tuple[int, bytes]] = {}
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        size = size or len(data) - at
        found.setdefault(kind, (at + 8, data[at + 8 : at + size]))
        at += size
    return found


def items_of(data: bytes) -> dict[int, bytes]:
    """The bytes of every item."""
    start, meta = boxes_of(data)[b"meta"]
    inside = boxes_of(meta[4:])
    places = io.BytesIO(inside[b"iloc"][1])
    version = places.read(4)[0]
    first, second = places.read(2)
    offset, length, base, index = first >> 4, first & 15, second >> 4, second & 15

    def number(width: int) -> int:
        return int.from_bytes(places.read(width), "big")

    items = {}
    for _ in range(number(4 if version == 2 else 2)):
        item = number(4 if version == 2 else 2)
        method = number(2) if version else 0
        assert number(2) == 0
        origin = number(base)
        if method == 1:
            origin += start + 4 + inside[b"idat"][0]
        content = b""
        for _ in range(number(2)):
            number(index if version else 0)
            at = origin + number(offset)
            content += data[at : at + number(length)]
        items[item] = content
    return items
