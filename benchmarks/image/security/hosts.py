"""Marked pictures whose truth is known: what was put in, chip by chip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.image import Pixels, geometry, pictures
from genlabel import CapacityError, Key
from genlabel._payload import code_words, pack
from genlabel.image import embed
from genlabel.image._codeword import bit_sums, mark_secrets, word_chips
from genlabel.image._measure import measure_upright
from genlabel.image._pixels import luma

#: Long side of whole pictures and of pieces cut from larger ones: about a megapixel, one frame.
LONG_SIDE = 1152
_SHORT_SIDE = 768
_LEAST = 640
_SETS = ("photo", "illustration", "generated")


@dataclass(frozen=True, slots=True)
class Host:
    """An unmarked picture.

    Parameters
    ----------
    name : str
        Of the file, and of the piece.
    pixels : (height, width, 3) uint8
        RGB.
    """

    name: str
    pixels: Pixels = field(repr=False)


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked picture and what it carries.

    Parameters
    ----------
    host : Host
        What was marked.
    pixels : (height, width, 3) uint8
        Marked.
    payload : bytes
        8 bytes.
    message : (96,) uint8 array
        The bits sent: payload, salt and tag.
    chips : (n,) float32 array of -1 and +1
        Fine, then coarse.
    """

    host: Host
    pixels: Pixels = field(repr=False)
    payload: bytes
    message: NDArray[np.uint8] = field(repr=False)
    chips: NDArray[np.float32] = field(repr=False)


def whole(data: Path) -> list[Host]:
    """Open every picture that is large enough, shrunk to `LONG_SIDE`."""
    return [
        Host(picture.name, geometry.long_side(picture.pixels, LONG_SIDE))
        for picture in _large(data)
    ]


def pieces(data: Path) -> Iterator[Host]:
    """Cut the largest pictures, unscaled, into pieces of 1152 x 768 or 768 x 1152."""
    for picture in _large(data):
        height, width = picture.pixels.shape[:2]
        across, down = (LONG_SIDE, _SHORT_SIDE)[:: 1 if width >= height else -1]
        if (height // down) * (width // across) < 2:
            continue
        for row in range(height // down):
            for column in range(width // across):
                top, left = row * down, column * across
                piece = picture.pixels[top : top + down, left : left + across]
                yield Host(f"{picture.name} {row},{column}", np.ascontiguousarray(piece))


def mark(host: Host, payload: bytes, key: Key) -> Marked | None:
    """Mark a host; None where it is too flat to carry a mark."""
    try:
        pixels = embed(host.pixels, payload, key)
    except CapacityError:
        return None
    secrets = mark_secrets(key)
    words = code_words(payload, secrets.payload)
    salt = int(np.argmax(words @ bit_sums(measure_upright(luma(pixels)), secrets)))
    message = pack(payload, salt, secrets.payload)
    return Marked(host, pixels, payload, message, word_chips(words[salt], secrets))


def mark_all(hosts: Iterator[Host] | list[Host], payload: bytes | None, key: Key) -> list[Marked]:
    """Mark hosts with one payload, or each with its own; those too flat are left out."""
    from benchmarks.marking import payload_of

    made = (mark(host, payload or payload_of(host.name), key) for host in hosts)
    return [one for one in made if one is not None]


def _large(data: Path) -> Iterator[pictures.Picture]:
    for picture in pictures.load(_SETS, data=data):
        height, width = picture.pixels.shape[:2]
        if max(height, width) >= 1024 and min(height, width) >= _LEAST:
            yield picture
