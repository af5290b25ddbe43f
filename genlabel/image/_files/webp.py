"""WebP files: samples out, and new samples in, lossless or lossy as they were.

References
----------
RFC 9649, 2.3 to 2.7 (container) and 3 (lossless); RFC 6386, 9.3 and 9.6 (lossy frame header).
"""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from genlabel._errors import MediaError
from genlabel.image._files.picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    check_size,
    damaged,
    samples_of,
)
from genlabel.image._files.vp8_quality import vp8_quality
from genlabel.labels.containers import files

_SAMPLES = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_ICC_FLAG, _ALPHA_FLAG, _EXIF_FLAG, _XMP_FLAG = 0x20, 0x10, 0x08, 0x04


class Chunk(NamedTuple):
    """A chunk's type, and what it holds."""

    kind: bytes
    body: bytes


def decode(data: bytes, name: str) -> Picture:
    """Take a WebP file's samples out.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    """
    chunks, behind_end = read_chunks(data, name)
    pixels, coding = decode_samples(chunks, name)
    return Picture(name, "image/webp", data, pixels, coding, losses([coding], behind_end))


def decode_samples(chunks: list[Chunk], name: str) -> tuple[Pixels, Coding]:
    """Decode one picture: the file's own, or a frame of it.

    Raises
    ------
    MediaError
        It is damaged or too large.
    """
    samples = [chunk for chunk in chunks if chunk.kind in _SAMPLES]
    width, height = _size(samples, name)
    check_size(width, height, name)
    try:
        with WebPImageFile(io.BytesIO(_assemble(samples, width, height))) as image:
            pixels = samples_of(image)
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    return pixels, coding_of(samples)


def coding_of(chunks: list[Chunk]) -> Coding:
    """Tell how one picture is coded."""
    lossy = [chunk.body for chunk in chunks if chunk.kind == b"VP8 "]
    if any(chunk.kind == b"VP8L" for chunk in chunks) or not lossy:
        return Coding(lossless=True)
    return Coding(lossless=False, quality=vp8_quality(lossy[0]))


def losses(codings: list[Coding], behind_end: int) -> tuple[str, ...]:
    """Say what cannot be kept when new samples are written."""
    warnings = []
    qualities = [coding.quality for coding in codings if coding.quality is not None]
    if qualities:
        low, high = min(qualities), max(qualities)
        quality = f"{low}" if low == high else f"{low} to {high}"
        warnings.append(
            f"lossy WebP is written again at quality {quality}, as far as it can be told"
        )
    if behind_end:
        warnings.append(f"{behind_end} bytes behind the end of the picture were left out")
    return tuple(warnings)


def encode(picture: Picture, pixels: Pixels, *, quality: int | None = None) -> bytes:
    """Put new samples into a WebP file; every chunk but a C2PA manifest is kept.

    Parameters
    ----------
    picture : Picture
        The file the samples came from.
    pixels : ndarray, shape (H, W, 3|4), uint8
        The new samples.
    quality : int or None
        0 to 100 for lossy files; None keeps about the source's own.
    """
    old, _ = read_chunks(picture.data, picture.name)
    samples = encode_samples(pixels, picture.coding, quality, picture.name)
    # Without frames ANIM is of no use, and without its flag not allowed.
    gone = (*_SAMPLES, b"VP8X", b"C2PA", b"ANIM")
    kept = [c for c in old if c.kind not in gone]
    height, width = pixels.shape[:2]
    return _assemble(
        [
            *(c for c in kept if c.kind == b"ICCP"),
            *samples,
            *(c for c in kept if c.kind != b"ICCP"),
        ],
        width,
        height,
    )


def encode_samples(pixels: Pixels, coding: Coding, quality: int | None, name: str) -> list[Chunk]:
    """Code one picture: the chunks of its samples."""
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    if coding.lossless:
        # For lossless files Pillow's quality is effort; exact keeps colours under transparency.
        image.save(buffer, "WEBP", lossless=True, quality=30, method=3, exact=True)
    else:
        chosen = coding.quality if quality is None else quality
        image.save(buffer, "WEBP", quality=chosen, method=4, exact=True)
    new, _ = read_chunks(buffer.getvalue(), name)
    return [chunk for chunk in new if chunk.kind in _SAMPLES]


def read_chunks(data: bytes, name: str) -> tuple[list[Chunk], int]:
    """List the chunks, and count the bytes behind the RIFF part."""
    pieces = files.read(data, name=name).pieces[1:]
    riff_end = 8 + int.from_bytes(data[4:8], "little")
    chunks = []
    for start, end in pieces:
        if start < riff_end and end - start >= 8:
            length = int.from_bytes(data[start + 4 : start + 8], "little")
            body = data[start + 8 : start + 8 + length]
            chunks.append(Chunk(data[start : start + 4], body))
    return chunks, len(data) - riff_end


def _size(chunks: list[Chunk], name: str) -> tuple[int, int]:
    for kind, body in chunks:
        if kind == b"VP8L" and len(body) >= 5:
            bits = int.from_bytes(body[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        if kind == b"VP8 " and len(body) >= 10:
            width, height = struct.unpack_from("<HH", body, 6)
            return width & 0x3FFF, height & 0x3FFF
    raise MediaError("is damaged: a WebP whose samples have no header", path=name)


def _assemble(chunks: list[Chunk], width: int, height: int) -> bytes:
    kinds = {chunk.kind for chunk in chunks}
    flags = 0
    for kind, flag in ((b"ICCP", _ICC_FLAG), (b"EXIF", _EXIF_FLAG), (b"XMP ", _XMP_FLAG)):
        flags |= flag if kind in kinds else 0
    lossless = next((chunk.body for chunk in chunks if chunk.kind == b"VP8L"), None)
    if b"ALPH" in kinds or (lossless is not None and lossless[4] & 0x10):
        flags |= _ALPHA_FLAG
    if len(chunks) > 1:
        extent = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        chunks = [Chunk(b"VP8X", bytes([flags, 0, 0, 0]) + extent), *chunks]
    return riff(chunks)


def riff(chunks: list[Chunk]) -> bytes:
    """Put chunks into a file."""
    content = joined(chunks)
    return b"RIFF" + (len(content) + 4).to_bytes(4, "little") + b"WEBP" + content


def joined(chunks: list[Chunk]) -> bytes:
    """Put chunks one behind the other."""
    return b"".join(
        kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)
        for kind, content in chunks
    )
