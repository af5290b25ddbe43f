"""WebP files: samples out, and new samples in, lossless or lossy as they were.

References
----------
RFC 9649, 2.3 to 2.7 (container) and 3 (lossless); RFC 6386, 9.3 and 9.6 (lossy frame header).
"""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

import numpy as np
from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from genlabel._errors import MediaError, UnsupportedError
from genlabel.image._picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    check_size,
    damaged,
)
from genlabel.image._vp8_quality import vp8_quality
from genlabel.labels.containers import files

_SAMPLES = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_ICC_FLAG, _ALPHA_FLAG, _EXIF_FLAG, _XMP_FLAG, _ANIMATION_FLAG = 0x20, 0x10, 0x08, 0x04, 0x02


class _Chunk(NamedTuple):
    kind: bytes
    body: bytes


def decode(data: bytes, name: str) -> Picture:
    """Take a WebP file's samples out.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    UnsupportedError
        It is animated.
    """
    chunks, behind_end = _chunks(data, name)
    kinds = {chunk.kind for chunk in chunks}
    if kinds & {b"ANIM", b"ANMF"}:
        raise UnsupportedError("is an animated WebP; this version marks still pictures", path=name)
    if not kinds & {b"VP8 ", b"VP8L"}:
        raise MediaError("is damaged: a WebP without samples", path=name)
    width, height = _size(chunks, name)
    check_size(width, height, name)
    lossless = b"VP8L" in kinds
    samples = [chunk for chunk in chunks if chunk.kind in _SAMPLES]
    try:
        with WebPImageFile(io.BytesIO(_assemble(samples, width, height))) as image:
            pixels = np.array(image)
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    quality = None if lossless else vp8_quality(next(c.body for c in samples if c.kind == b"VP8 "))
    warnings = []
    if quality is not None:
        warnings.append(
            f"lossy WebP is written again at quality {quality}, as far as it can be told"
        )
    if behind_end:
        warnings.append(f"{behind_end} bytes behind the end of the picture were left out")
    coding = Coding(lossless=lossless, quality=quality)
    return Picture(name, "image/webp", data, pixels, coding, tuple(warnings))


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
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    if picture.coding.lossless:
        # For lossless files Pillow's quality is effort; exact keeps colours under transparency.
        image.save(buffer, "WEBP", lossless=True, quality=30, method=3, exact=True)
    else:
        chosen = picture.coding.quality if quality is None else quality
        image.save(buffer, "WEBP", quality=chosen, method=4, exact=True)
    old, _ = _chunks(picture.data, picture.name)
    new, _ = _chunks(buffer.getvalue(), picture.name)
    samples = [chunk for chunk in new if chunk.kind in _SAMPLES]
    kept = [c for c in old if c.kind not in _SAMPLES and c.kind not in (b"VP8X", b"C2PA")]
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


def _chunks(data: bytes, name: str) -> tuple[list[_Chunk], int]:
    """List the chunks, and count the bytes behind the RIFF part."""
    pieces = files.read(data, name=name).pieces[1:]
    riff_end = 8 + int.from_bytes(data[4:8], "little")
    chunks = []
    for start, end in pieces:
        if start < riff_end and end - start >= 8:
            length = int.from_bytes(data[start + 4 : start + 8], "little")
            body = data[start + 8 : start + 8 + length]
            chunks.append(_Chunk(data[start : start + 4], body))
    return chunks, len(data) - riff_end


def _size(chunks: list[_Chunk], name: str) -> tuple[int, int]:
    for kind, body in chunks:
        if kind == b"VP8L" and len(body) >= 5:
            bits = int.from_bytes(body[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        if kind == b"VP8 " and len(body) >= 10:
            width, height = struct.unpack_from("<HH", body, 6)
            return width & 0x3FFF, height & 0x3FFF
    raise MediaError("is damaged: a WebP whose samples have no header", path=name)


def _assemble(chunks: list[_Chunk], width: int, height: int) -> bytes:
    kinds = {chunk.kind for chunk in chunks}
    flags = 0
    for kind, flag in ((b"ICCP", _ICC_FLAG), (b"EXIF", _EXIF_FLAG), (b"XMP ", _XMP_FLAG)):
        flags |= flag if kind in kinds else 0
    lossless = next((chunk.body for chunk in chunks if chunk.kind == b"VP8L"), None)
    if b"ALPH" in kinds or (lossless is not None and lossless[4] & 0x10):
        flags |= _ALPHA_FLAG
    if len(chunks) > 1:
        extent = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        chunks = [_Chunk(b"VP8X", bytes([flags, 0, 0, 0]) + extent), *chunks]
    body = b"".join(
        kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)
        for kind, content in chunks
    )
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body
