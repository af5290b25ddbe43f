"""PNG files: samples out, and new samples in without touching anything else.

References
----------
W3C Portable Network Graphics (PNG) Specification (Third Edition), 5.3, 5.6, 11.3 and 14.2.
"""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from genlabel._errors import MediaError, UnsupportedError
from genlabel.image._picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    check_size,
    damaged,
)
from genlabel.labels.containers import files

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY, _RGB, _PALETTE, _GRAY_ALPHA = 0, 2, 3, 4
# Tied to the old samples: of no use, or wrong, beside new ones (14.2). tIME is the time of the
# last change, which is now another; caBX is a C2PA manifest, whose hash covers the old samples.
_TIED = frozenset((b"PLTE", b"tRNS", b"hIST", b"tIME", b"caBX"))
_TIED_TO_COLOUR_TYPE = frozenset((b"sBIT", b"bKGD"))
# Marked unsafe to copy, yet about the meaning of samples in general, not of these samples.
_ABOUT_COLOUR = frozenset(
    (b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"mDCv", b"cLLi")
) | {b"bKGD", b"pHYs", b"sTER"}


class _Chunk(NamedTuple):
    kind: bytes
    start: int  # of the length field
    end: int  # behind the checksum


class _Header(NamedTuple):
    width: int
    height: int
    depth: int
    colour: int


def decode(data: bytes, name: str) -> Picture:
    """Take a PNG file's samples out.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    UnsupportedError
        It is animated.
    """
    chunks, _ = _chunks(data, name)
    header = _Header(*struct.unpack_from(">IIBB", data, chunks[0].start + 8))
    check_size(header.width, header.height, name)
    if any(chunk.kind == b"acTL" for chunk in chunks):
        raise UnsupportedError("is an animated PNG; this version marks still pictures", path=name)
    bare = _bare(data, chunks)
    try:
        with PngImageFile(io.BytesIO(bare)) as image:
            image.load()
            pixels = _samples(image, header, bare)
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    pixels = _with_colour_key(pixels, data, chunks, header)
    gray = header.colour in (_GRAY, _GRAY_ALPHA) and pixels.ndim == 3
    warnings = []
    if header.colour == _PALETTE:
        warnings.append("the palette picture is written as RGB: its colours do not fit a palette")
    if gray and header.depth == 16:
        warnings.append("16-bit gray with alpha is written as 16-bit RGB with alpha")
    return Picture(name, "image/png", data, pixels, Coding(gray=gray), tuple(warnings))


def encode(picture: Picture, pixels: Pixels) -> tuple[bytes, tuple[str, ...]]:
    """Put new samples into a PNG file; every other chunk that still holds is kept.

    Returns
    -------
    bytes
        The file.
    tuple of str
        What could not be kept.
    """
    if pixels.dtype == np.uint16 and pixels.ndim == 3:
        # Pillow has no 16-bit RGB; nothing else here needs the larger library.
        import cv2

        done, coded = cv2.imencode(".png", pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])
        if not done:
            raise MediaError("cannot be encoded as 16-bit PNG", path=picture.name)
        return _dress(picture, coded.tobytes())
    image = Image.fromarray(pixels)
    if picture.coding.gray:
        image = Image.merge("LA", (Image.fromarray(_gray_of(pixels)), image.getchannel("A")))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    return _dress(picture, buffer.getvalue())


def _chunks(data: bytes, name: str) -> tuple[list[_Chunk], int]:
    """List the chunks, and count the bytes behind the last of them."""
    pieces = files.read(data, name=name).pieces[1:]
    chunks: list[_Chunk] = []
    for start, end in pieces:
        if chunks and chunks[-1].kind == b"IEND":
            return chunks, end - start
        chunks.append(_Chunk(data[start + 4 : start + 8], start, end))
    return chunks, 0


def _bare(data: bytes, chunks: list[_Chunk]) -> bytes:
    # The decoder sees what makes up the samples and nothing else: no text bomb reaches it.
    palette = data[chunks[0].start + 17] == _PALETTE
    wanted = {b"IHDR", b"IDAT", b"IEND", *((b"PLTE", b"tRNS") if palette else ())}
    view = memoryview(data)
    return b"".join([_SIGNATURE, *(view[c.start : c.end] for c in chunks if c.kind in wanted)])


def _samples(image: PngImageFile, header: _Header, bare: bytes) -> Pixels:
    if header.depth == 16 and header.colour != _GRAY:
        # Pillow has checked the file by decoding it, but keeps only 8 of the 16 bits.
        import cv2

        decoded = cv2.imdecode(np.frombuffer(bare, np.uint8), cv2.IMREAD_UNCHANGED)
        if decoded is None:
            raise ValueError("16-bit samples cannot be read")
        return np.ascontiguousarray(decoded[..., [2, 1, 0, 3][: decoded.shape[2]]])
    if image.mode == "P":
        mode = "RGBA" if "transparency" in image.info else "RGB"
    else:
        mode = {"1": "L", "LA": "RGBA"}.get(image.mode, image.mode)
    return np.array(image if mode == image.mode else image.convert(mode))


def _with_colour_key(pixels: Pixels, data: bytes, chunks: list[_Chunk], header: _Header) -> Pixels:
    # One colour declared transparent (11.3.1.1). Marked samples would no longer match it.
    found = [chunk for chunk in chunks if chunk.kind == b"tRNS"]
    if not found or header.colour not in (_GRAY, _RGB):
        return pixels
    channels = 1 if header.colour == _GRAY else 3
    body = data[found[0].start + 8 : found[0].end - 4]
    if len(body) != 2 * channels:
        return pixels
    scale = 255 // (2**header.depth - 1) if header.depth < 8 else 1
    key = np.array(struct.unpack(f">{channels}H", body)) * scale
    colours = pixels.reshape(*pixels.shape[:2], channels)
    opaque = (colours != key).any(axis=2, keepdims=True)
    peak = np.iinfo(pixels.dtype).max
    alpha = np.where(opaque, peak, 0).astype(pixels.dtype)
    return np.concatenate([np.broadcast_to(colours, (*pixels.shape[:2], 3)), alpha], axis=2)


def _gray_of(pixels: Pixels) -> Pixels:
    total = pixels[..., :3].astype(np.uint16).sum(axis=2)
    gray: Pixels = ((total + 1) // 3).astype(np.uint8)
    return gray


def _dress(picture: Picture, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    new, _ = _chunks(encoded, picture.name)
    old, behind_end = _chunks(picture.data, picture.name)
    # Depth and colour type: the two header bytes behind width and height.
    same_type = encoded[24:26] == picture.data[24:26]
    kept: list[bytes] = []
    after: list[bytes] = []
    dropped: set[str] = set()
    behind = False
    for chunk in old:
        behind = behind or chunk.kind == b"IDAT"
        if chunk.kind in (b"IHDR", b"IDAT", b"IEND") or chunk.kind in _TIED:
            continue
        if not same_type and chunk.kind in _TIED_TO_COLOUR_TYPE:
            continue
        safe_to_copy = chunk.kind[3:].islower()
        if safe_to_copy or chunk.kind in _ABOUT_COLOUR:
            (after if behind else kept).append(picture.data[chunk.start : chunk.end])
        else:
            dropped.add(chunk.kind.decode("ascii"))
    samples = [encoded[c.start : c.end] for c in new if c.kind == b"IDAT"]
    parts = [_SIGNATURE, encoded[new[0].start : new[0].end], *kept, *samples, *after]
    parts.append(encoded[new[-1].start : new[-1].end])
    warnings = [
        f"chunk {kind} depends on the old samples and was left out" for kind in sorted(dropped)
    ]
    if behind_end:
        warnings.append(f"{behind_end} bytes behind the end of the picture were left out")
    return b"".join(parts), tuple(warnings)
