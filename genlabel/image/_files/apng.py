"""Animated PNG files: frames out, and new samples in with every frame's time and place kept.

References
----------
W3C Portable Network Graphics (PNG) Specification (Third Edition), 4.8 (animation) and 11.3.6
(acTL, fcTL, fdAT).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from genlabel._errors import MediaError
from genlabel.image._files.animation import (
    Animation,
    Disposal,
    Frame,
    check_animation,
    check_inside,
)
from genlabel.image._files.picture import Pixels, check_size
from genlabel.image._files.png import is_gray, losses, surroundings
from genlabel.image._files.png_samples import (
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

_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
_CONTROL_BYTES = 26
_DISPOSALS: tuple[Disposal, ...] = ("keep", "clear", "restore")


@dataclass(slots=True)
class _Part:
    """A frame's chunks; the still picture in front of an animation has no control."""

    control: bytes | None = None
    coded: list[memoryview] = field(default_factory=list)

    def size(self, header: Header) -> tuple[int, int]:
        """Give the frame's width and height, in pixels."""
        if self.control is None:
            return header.width, header.height
        width, height = struct.unpack_from(">II", self.control)
        return width, height


def is_animated(data: bytes, name: str) -> bool:
    """Tell whether a PNG is animated: acTL stands before the samples, and a frame is there."""
    kinds = [chunk.kind for chunk in read_chunks(data, name)[0]]
    return b"acTL" in kinds[: kinds.index(b"IDAT")] and b"fcTL" in kinds


def read(data: bytes, name: str) -> Animation:
    """Look into an animated PNG without decoding it.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    """
    chunks, _ = read_chunks(data, name)
    header = read_header(data, chunks)
    check_size(header.width, header.height, name)
    parts = _parts(data, chunks, name)
    check_animation(header.width, header.height, len(parts), name)
    declared = next(chunk for chunk in chunks if chunk.kind == b"acTL")
    held = sum(part.control is not None for part in parts)
    if body(data, declared)[:4] != struct.pack(">I", held):
        raise _damaged(name, f"acTL does not declare the {held} frames it holds")
    if parts[0].size(header) != (header.width, header.height):
        raise _damaged(name, "the first frame does not fill the canvas")
    return Animation(name, "image/png", data, header.width, header.height, len(parts))


def frames(animation: Animation) -> Iterator[Frame]:
    """Decode an animation's frames one after another.

    Raises
    ------
    MediaError
        A frame is damaged.
    """
    data, name = animation.data, animation.name
    chunks, _ = read_chunks(data, name)
    header = read_header(data, chunks)
    for index, part in enumerate(_parts(data, chunks, name)):
        width, height = part.size(header)
        check_size(width, height, name)
        if width > header.width or height > header.height:
            raise _damaged(name, "a frame is larger than the canvas")
        own = header._replace(width=width, height=height)
        pixels = decode_samples(data, chunks, own, part.coded, name)
        yield check_inside(_placed(pixels, part, first=index == 0, name=name), animation)


def encode(animation: Animation, pixels: Iterable[Pixels]) -> tuple[bytes, tuple[str, ...]]:
    """Put new samples into an animated PNG; every other chunk that still holds is kept.

    Parameters
    ----------
    animation : Animation
        The file.
    pixels : iterable of ndarray
        New samples for each frame, of the shape and type of the old ones.

    Returns
    -------
    bytes
        The file.
    tuple of str
        What could not be kept.
    """
    data, name = animation.data, animation.name
    chunks, _ = read_chunks(data, name)
    header = read_header(data, chunks)
    head = b""
    coded_frames: list[bytes] = []
    lost: tuple[str, ...] = ()
    sequence = 0
    for part, new in zip(_parts(data, chunks, name), pixels, strict=True):
        own, coded = encode_samples(new, gray=is_gray(header, new), name=name)
        if part.control is not None:
            coded_frames.append(framed(b"fcTL", struct.pack(">I", sequence), part.control))
            sequence += 1
        if not head:
            # The header's size is the canvas's, which the first frame fills.
            head, lost = own, losses(header, new)
            coded_frames += [framed(b"IDAT", piece) for piece in coded]
            continue
        coded_frames.append(framed(b"fdAT", struct.pack(">I", sequence), *coded))
        sequence += 1
    around = surroundings(data, head, name, animation=_ANIMATION)
    control = next(chunk for chunk in chunks if chunk.kind == b"acTL")
    parts = [SIGNATURE, framed(b"IHDR", head), *around.before, data[control.start : control.end]]
    parts += [*coded_frames, *around.after, framed(b"IEND")]
    return b"".join(parts), (*lost, *around.warnings)


def _parts(data: bytes, chunks: list[Chunk], name: str) -> list[_Part]:
    parts: list[_Part] = []
    for chunk in chunks:
        if chunk.kind == b"fcTL":
            content = body(data, chunk)
            if len(content) != _CONTROL_BYTES or not _intact(data, chunk):
                raise _damaged(name, "a frame's control is broken")
            parts.append(_Part(bytes(content[4:])))
        elif chunk.kind == b"IDAT":
            if not parts:
                parts.append(_Part())
            parts[0].coded.append(body(data, chunk))
        elif chunk.kind == b"fdAT":
            if not parts or len(body(data, chunk)) < 4 or not _intact(data, chunk):
                raise _damaged(name, "a frame's samples are broken")
            parts[-1].coded.append(body(data, chunk)[4:])
    if not all(part.coded for part in parts):
        raise _damaged(name, "a frame has no samples")
    return parts


def _intact(data: bytes, chunk: Chunk) -> bool:
    # The container checks only what makes the file unreadable without animation.
    view = memoryview(data)
    stored = int.from_bytes(view[chunk.end - 4 : chunk.end], "big")
    return zlib.crc32(view[chunk.start + 4 : chunk.end - 4]) == stored


def _placed(pixels: Pixels, part: _Part, *, first: bool, name: str) -> Frame:
    if part.control is None:
        # Shown where animations are not: alone, and gone before the animation begins.
        return Frame(pixels, 0, 0, over=False, disposal="clear")
    left, top = struct.unpack_from(">II", part.control, 8)
    disposal, blending = part.control[20], part.control[21]
    if disposal >= len(_DISPOSALS) or blending > 1:
        raise _damaged(name, "a frame's control is out of range")
    # Before the first frame there is nothing to restore.
    chosen = "clear" if first and _DISPOSALS[disposal] == "restore" else _DISPOSALS[disposal]
    return Frame(pixels, left, top, over=blending == 1, disposal=chosen)


def _damaged(name: str, reason: str) -> MediaError:
    return MediaError(f"is a damaged animated PNG: {reason}", path=name)
