"""GIF files: frames out, and new frames in, each with colours of its own.

A frame holds 256 colours at most. The mark survives that: what it adds to a sample is smaller than
the step between two colours, but dithering carries it on to the neighbours.

References
----------
GIF89a Specification, 18 to 23 (screen, colour tables, image descriptor, graphic control).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from genlabel._errors import MediaError
from genlabel.image._files.animation import (
    Animation,
    Disposal,
    Frame,
    check_animation,
    check_inside,
)
from genlabel.image._files.picture import DECODE_ERRORS, Pixels, check_size, damaged
from genlabel.labels.containers.contents import splice
from genlabel.labels.containers.pictures import gif

_EXTENSION, _IMAGE, _CONTROL = 0x21, 0x2C, 0xF9
_DESCRIPTOR_BYTES, _SCREEN_BYTES = 10, 13
_INTERLACED = 0x40
_MANIFEST = b"\x0bC2PA_GIF"
_COLOURS = 256
_DISPOSALS: dict[int, Disposal] = {2: "clear", 3: "restore"}
_WARNING = "GIF holds 256 colours: each frame's are chosen anew, and dithered"


@dataclass(frozen=True, slots=True)
class _Stored:
    """A frame as it is stored: its piece, its control's, and what that says."""

    index: int
    control: int | None
    flags: int
    transparent: int | None


def read(data: bytes, name: str) -> Animation:
    """Look into a GIF without decoding it.

    Raises
    ------
    MediaError
        The file is damaged or too large, or holds no picture.
    """
    count = sum(1 for _ in _stored(data, name))
    if not count:
        raise MediaError("is a damaged GIF: it holds no picture", path=name)
    width, height = struct.unpack_from("<HH", data, 6)
    check_animation(width, height, count, name)
    return Animation(name, "image/gif", data, width, height, count, (_WARNING,))


def frames(animation: Animation) -> Iterator[Frame]:
    """Decode an animation's frames one after another.

    Raises
    ------
    MediaError
        A frame is damaged.
    """
    data, name = animation.data, animation.name
    pieces = gif.read(data, name=name).pieces
    for number, stored in enumerate(_stored(data, name)):
        start, end = pieces[stored.index]
        left, top = struct.unpack_from("<HH", data, start + 1)
        pixels = _decoded(data, start, end, stored.transparent, name)
        disposal = _DISPOSALS.get(stored.flags >> 2 & 7, "keep")
        # Before the first frame there is nothing to restore.
        chosen: Disposal = "clear" if disposal == "restore" and not number else disposal
        frame = Frame(pixels, left, top, over=True, disposal=chosen)
        yield check_inside(frame, animation)


def encode(animation: Animation, pixels: Iterable[Pixels]) -> bytes:
    """Put new samples into a GIF; every block but a C2PA manifest is kept.

    Parameters
    ----------
    animation : Animation
        The file.
    pixels : iterable of ndarray
        New samples for each frame, of the shape and type of the old ones. Frames that did not
        change stay as they are.
    """
    data, name = animation.data, animation.name
    pieces = gif.read(data, name=name).pieces
    replaced = {
        index: b""
        for index, (start, _) in enumerate(pieces)
        if data[start] == _EXTENSION and data.startswith(_MANIFEST, start + 2)
    }
    for stored, old, new in zip(_stored(data, name), frames(animation), pixels, strict=True):
        if np.array_equal(old.pixels, new):
            continue
        start, end = pieces[stored.index]
        block, transparent = _coded(data[start : start + _DESCRIPTOR_BYTES], new)
        replaced[stored.index] = block
        if stored.control is not None and stored.transparent is not None:
            first, last = pieces[stored.control]
            control = bytearray(data[first:last])
            control[6] = transparent
            replaced[stored.control] = bytes(control)
    return b"".join(splice(data, pieces, replaced, {}))


def _stored(data: bytes, name: str) -> Iterator[_Stored]:
    control: int | None = None
    for index, (start, end) in enumerate(gif.read(data, name=name).pieces[1:], 1):
        if data[start] == _EXTENSION and data[start + 1] == _CONTROL and end - start == 8:
            control = index
            flags = data[start + 3]
            transparent = data[start + 6] if flags & 1 else None
        elif data[start] == _IMAGE:
            known = control is not None
            yield _Stored(index, control, flags if known else 0, transparent if known else None)
            control = None


def _decoded(data: bytes, start: int, end: int, transparent: int | None, name: str) -> Pixels:
    """Decode one frame alone: in a file of its own, as large as itself."""
    size = data[start + 5 : start + 9]
    width, height = struct.unpack("<HH", size)
    check_size(width, height, name)
    table = 3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0
    screen = size + data[10:_SCREEN_BYTES] + data[_SCREEN_BYTES : _SCREEN_BYTES + table]
    block = b"\x2c" + bytes(4) + data[start + 5 : end]
    try:
        with GifImageFile(io.BytesIO(b"GIF89a" + screen + block + b";")) as image:
            image.load()
            indices = np.asarray(image)
            palette = image.getpalette("RGB") or []
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    if indices.ndim != 2:
        raise MediaError("is a damaged GIF: a frame has no colours", path=name)
    colours = np.zeros((_COLOURS, 4), np.uint8)
    colours[:, 3] = 255
    # Without a palette Pillow gives gray, whose samples are its indices.
    ramp = np.repeat(np.arange(_COLOURS, dtype=np.uint8), 3)
    given = np.array(palette if image.mode == "P" else ramp, np.uint8).reshape(-1, 3)
    colours[: len(given), :3] = given
    if transparent is not None:
        colours[transparent] = 0
    pixels: Pixels = colours[indices]
    return pixels


def _coded(descriptor: bytes, pixels: Pixels) -> tuple[bytes, int]:
    """Code one frame, and give the number of its transparent colour."""
    transparent = _COLOURS - 1
    hidden = pixels[..., 3] == 0
    shown = pixels[..., :3].copy()
    shown[hidden] = shown[~hidden].mean(axis=0) if not hidden.all() else 0
    image = Image.fromarray(shown)
    chosen = image.quantize(_COLOURS - 1)
    indices = image.quantize(palette=chosen, dither=Image.Dither.FLOYDSTEINBERG)
    table = bytes(chosen.getpalette("RGB") or b"")[: 3 * transparent].ljust(3 * _COLOURS, b"\0")
    samples = np.asarray(indices).copy()
    samples[hidden] = transparent
    paletted = Image.fromarray(samples, "L")
    paletted.putpalette(table)
    out = io.BytesIO()
    paletted.save(out, "GIF", interlace=0, optimize=False)
    coded = out.getvalue()
    start, end = next(
        piece for piece in gif.read(coded, name="").pieces[1:] if coded[piece[0]] == _IMAGE
    )
    local = 3 << (coded[start + 9] & 7) + 1 if coded[start + 9] & 0x80 else 0
    codes = coded[start + _DESCRIPTOR_BYTES + local : end]
    # Eight bits of colours of its own, in the order of rows.
    flags = bytes([0x87 | descriptor[9] & ~(_INTERLACED | 0x87)])
    return descriptor[:9] + flags + table + codes, transparent
