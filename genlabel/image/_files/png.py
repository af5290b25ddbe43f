"""PNG files: samples out, and new samples in without touching anything else.

References
----------
W3C Portable Network Graphics (PNG) Specification (Third Edition), 5.6, 11.3 and 14.2.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from genlabel.image._files.picture import Coding, Picture, Pixels, check_size
from genlabel.image._files.png_samples import (
    GRAY,
    GRAY_ALPHA,
    PALETTE,
    SIGNATURE,
    Chunk,
    Header,
    body,
    decode_samples,
    encode_samples,
    framed,
    read_chunks,
    read_header,
)

# Tied to the old samples: of no use, or wrong, beside new ones (14.2). tIME is the time of the
# last change, which is now another; caBX is a C2PA manifest, whose hash covers the old samples.
_TIED = frozenset((b"PLTE", b"tRNS", b"hIST", b"tIME", b"caBX"))
_TIED_TO_COLOUR_TYPE = frozenset((b"sBIT", b"bKGD"))
# Marked unsafe to copy, yet about the meaning of samples in general, not of these samples.
_ABOUT_COLOUR = frozenset(
    (b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"mDCv", b"cLLi")
) | {b"bKGD", b"pHYs", b"sTER"}


class Surroundings(NamedTuple):
    """What stays of a file around its new samples."""

    before: list[bytes]
    after: list[bytes]
    warnings: tuple[str, ...]


def decode(data: bytes, name: str) -> Picture:
    """Take a PNG file's samples out.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    """
    chunks, _ = read_chunks(data, name)
    header = read_header(data, chunks)
    check_size(header.width, header.height, name)
    coded = [body(data, chunk) for chunk in chunks if chunk.kind == b"IDAT"]
    pixels = decode_samples(data, chunks, header, coded, name)
    coding = Coding(gray=is_gray(header, pixels))
    return Picture(name, "image/png", data, pixels, coding, losses(header, pixels))


def encode(picture: Picture, pixels: Pixels) -> tuple[bytes, tuple[str, ...]]:
    """Put new samples into a PNG file; every other chunk that still holds is kept.

    Returns
    -------
    bytes
        The file.
    tuple of str
        What could not be kept.
    """
    head, coded = encode_samples(pixels, gray=picture.coding.gray, name=picture.name)
    around = surroundings(picture.data, head, picture.name)
    samples = [framed(b"IDAT", part) for part in coded]
    parts = [framed(b"IHDR", head), *around.before, *samples, *around.after, framed(b"IEND")]
    return b"".join([SIGNATURE, *parts]), around.warnings


def is_gray(header: Header, pixels: Pixels) -> bool:
    """Tell whether samples are gray, though handled as colours because they have alpha."""
    return header.colour in (GRAY, GRAY_ALPHA) and pixels.ndim == 3


def losses(header: Header, pixels: Pixels) -> tuple[str, ...]:
    """Say what new samples of such a file cannot be."""
    if header.colour == PALETTE:
        return ("the palette picture is written as RGB: its colours do not fit a palette",)
    if is_gray(header, pixels) and header.depth == 16:
        return ("16-bit gray with alpha is written as 16-bit RGB with alpha",)
    return ()


def surroundings(
    data: bytes, head: bytes, name: str, *, animation: Collection[bytes] = ()
) -> Surroundings:
    """Choose the chunks that still hold beside new samples.

    Parameters
    ----------
    data : bytes
        The old file.
    head : bytes
        What the new IHDR holds.
    name : str
        For messages.
    animation : collection of bytes
        Chunk types that the caller writes anew.
    """
    chunks, behind_end = read_chunks(data, name)
    # Depth and colour type: the two header bytes behind width and height.
    same_type = head[8:10] == data[24:26]
    before: list[bytes] = []
    after: list[bytes] = []
    dropped: set[str] = set()
    behind = False
    for chunk in chunks:
        behind = behind or chunk.kind == b"IDAT"
        if chunk.kind in (b"IHDR", b"IDAT", b"IEND", *animation) or chunk.kind in _TIED:
            continue
        if not same_type and chunk.kind in _TIED_TO_COLOUR_TYPE:
            continue
        if _holds(chunk):
            (after if behind else before).append(data[chunk.start : chunk.end])
        else:
            dropped.add(chunk.kind.decode("ascii"))
    warnings = [
        f"chunk {kind} depends on the old samples and was left out" for kind in sorted(dropped)
    ]
    if behind_end:
        warnings.append(f"{behind_end} bytes behind the end of the picture were left out")
    return Surroundings(before, after, tuple(warnings))


def _holds(chunk: Chunk) -> bool:
    safe_to_copy = chunk.kind[3:].islower()
    return safe_to_copy or chunk.kind in _ABOUT_COLOUR
