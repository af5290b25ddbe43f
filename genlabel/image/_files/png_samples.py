"""What makes up the samples of a PNG file: decoded without the rest of it, and coded again.

References
----------
W3C Portable Network Graphics (PNG) Specification (Third Edition), 5.3, 5.6 and 11.3.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from genlabel._errors import MediaError
from genlabel.image._files.picture import DECODE_ERRORS, Pixels, as_file, damaged, samples_of
from genlabel.labels.containers import files

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, GRAY_ALPHA = 0, 2, 3, 4


class Chunk(NamedTuple):
    """A chunk's type, and where it lies in its file: from its length field to its checksum."""

    kind: bytes
    start: int
    end: int


class Header(NamedTuple):
    """What IHDR says of the samples."""

    width: int
    height: int
    depth: int
    colour: int


def read_chunks(data: bytes, name: str) -> tuple[list[Chunk], int]:
    """List a file's chunks, and count the bytes behind the last of them.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    pieces = files.read(data, name=name).pieces[1:]
    chunks: list[Chunk] = []
    for start, end in pieces:
        if chunks and chunks[-1].kind == b"IEND":
            return chunks, end - start
        chunks.append(Chunk(data[start + 4 : start + 8], start, end))
    return chunks, 0


def read_header(data: bytes, chunks: list[Chunk]) -> Header:
    """Read the first chunk."""
    return Header(*struct.unpack_from(">IIBB", data, chunks[0].start + 8))


def body(data: bytes, chunk: Chunk) -> memoryview:
    """Give what a chunk holds."""
    return memoryview(data)[chunk.start + 8 : chunk.end - 4]


def framed(kind: bytes, *parts: bytes | memoryview) -> bytes:
    """Make a chunk."""
    crc = zlib.crc32(kind)
    for part in parts:
        crc = zlib.crc32(part, crc)
    size = sum(len(part) for part in parts)
    return b"".join([struct.pack(">I", size), kind, *parts, struct.pack(">I", crc)])


def decode_samples(
    data: bytes, chunks: list[Chunk], header: Header, coded: Iterable[memoryview], name: str
) -> Pixels:
    """Decode one picture: the file's own, or a frame of it.

    Parameters
    ----------
    data, chunks
        The file, whose palette and transparency hold for every frame.
    header : Header
        Of the file, with the picture's own size.
    coded : iterable of memoryview
        What IDAT chunks hold.
    name : str
        For messages.

    Returns
    -------
    ndarray
        As `Picture.pixels`.

    Raises
    ------
    MediaError
        The coded samples are damaged.
    """
    bare = _bare(data, chunks, header, coded)
    try:
        with PngImageFile(as_file(bare)) as image:
            image.load()
            pixels = _samples(image, header, bare)
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    return _with_colour_key(pixels, data, chunks, header)


def encode_samples(pixels: Pixels, *, gray: bool, name: str) -> tuple[bytes, list[memoryview]]:
    """Code one picture.

    Parameters
    ----------
    pixels : ndarray
        As `Picture.pixels`.
    gray : bool
        Write gray with alpha, where there are 8 bits.
    name : str
        For messages.

    Returns
    -------
    bytes
        What IHDR holds.
    list of memoryview
        What IDAT chunks hold.

    Raises
    ------
    MediaError
        The encoder refuses.
    """
    if pixels.dtype == np.uint16 and pixels.ndim == 3:
        # Pillow has no 16-bit RGB; nothing else here needs the larger library.
        import cv2

        done, array = cv2.imencode(".png", pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])
        if not done:
            raise MediaError("cannot be encoded as 16-bit PNG", path=name)
        coded = array.tobytes()
    else:
        image = Image.fromarray(pixels)
        if gray:
            image = Image.merge("LA", (Image.fromarray(_gray_of(pixels)), image.getchannel("A")))
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=4)
        coded = buffer.getvalue()
    chunks, _ = read_chunks(coded, name)
    return bytes(body(coded, chunks[0])), [body(coded, c) for c in chunks if c.kind == b"IDAT"]


def _bare(
    data: bytes, chunks: list[Chunk], header: Header, coded: Iterable[memoryview]
) -> list[bytes | memoryview]:
    # The decoder sees what makes up the samples and nothing else: no text bomb reaches it.
    head = struct.pack(">II", header.width, header.height) + body(data, chunks[0])[8:]
    wanted = (b"PLTE", b"tRNS") if header.colour == PALETTE else ()
    view = memoryview(data)
    bare: list[bytes | memoryview] = [SIGNATURE, framed(b"IHDR", head)]
    bare += [view[chunk.start : chunk.end] for chunk in chunks if chunk.kind in wanted]
    for part in coded:
        crc = zlib.crc32(part, zlib.crc32(b"IDAT"))
        bare += [struct.pack(">I4s", len(part), b"IDAT"), part, struct.pack(">I", crc)]
    return [*bare, framed(b"IEND")]


def _samples(image: PngImageFile, header: Header, bare: list[bytes | memoryview]) -> Pixels:
    if header.depth == 16 and header.colour != GRAY:
        # Pillow has checked the file by decoding it, but keeps only 8 of the 16 bits.
        import cv2

        decoded = cv2.imdecode(np.frombuffer(b"".join(bare), np.uint8), cv2.IMREAD_UNCHANGED)
        if decoded is None:
            raise ValueError("16-bit samples cannot be read")
        return np.ascontiguousarray(decoded[..., [2, 1, 0, 3][: decoded.shape[2]]])
    if image.mode == "P":
        mode = "RGBA" if "transparency" in image.info else "RGB"
    else:
        mode = {"1": "L", "LA": "RGBA"}.get(image.mode, image.mode)
    return samples_of(image, mode)


def _with_colour_key(pixels: Pixels, data: bytes, chunks: list[Chunk], header: Header) -> Pixels:
    # One colour declared transparent (11.3.1.1). Marked samples would no longer match it.
    found = [chunk for chunk in chunks if chunk.kind == b"tRNS"]
    if not found or header.colour not in (GRAY, RGB):
        return pixels
    channels = 1 if header.colour == GRAY else 3
    declared = body(data, found[0])
    if len(declared) != 2 * channels:
        return pixels
    scale = 255 // (2**header.depth - 1) if header.depth < 8 else 1
    key = np.array(struct.unpack(f">{channels}H", declared)) * scale
    colours = pixels.reshape(*pixels.shape[:2], channels)
    opaque = (colours != key).any(axis=2, keepdims=True)
    peak = np.iinfo(pixels.dtype).max
    alpha = np.where(opaque, peak, 0).astype(pixels.dtype)
    return np.concatenate([np.broadcast_to(colours, (*pixels.shape[:2], 3)), alpha], axis=2)


def _gray_of(pixels: Pixels) -> Pixels:
    total = pixels[..., :3].astype(np.uint16).sum(axis=2)
    gray: Pixels = ((total + 1) // 3).astype(np.uint8)
    return gray
