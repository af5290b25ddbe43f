"""TIFF files: samples out of every page, and new samples in where the old ones were.

References
----------
TIFF 6.0, 2 (directories) and 8; BigTIFF as libtiff defines it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from genlabel._errors import MediaError, UnsupportedError
from genlabel.image._files.animation import Animation, check_animation
from genlabel.image._files.picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    damaged,
    samples_of,
)
from genlabel.image._files.tiff_page import (
    COMPRESSION,
    DEFLATE,
    JPEG,
    PHOTOMETRIC,
    PREDICTOR,
    PREMULTIPLIED,
    RGB,
    WHITE_IS_ZERO,
    YCBCR,
    Page,
    decode_page,
    encode_page,
    read_page,
)
from genlabel.labels.containers.pictures import tiff_directories
from genlabel.labels.containers.pictures.tiff_directories import Field, Form

_SUB_DIRECTORIES = 330
_SHORT, _LONG, _LONG8 = 3, 4, 16


@dataclass(slots=True)
class _Room:
    """Where chunks can be put: the bytes of the old ones, and behind the end."""

    out: bytearray
    free: list[list[int]]

    def put(self, chunk: bytes) -> int:
        """Put a chunk where it fits, and say where that is."""
        for span in self.free:
            if span[1] - span[0] >= len(chunk):
                at = span[0]
                self.out[at : at + len(chunk)] = chunk
                span[0] += len(chunk)
                return at
        self.out += bytes(len(self.out) % 2)
        self.out += chunk
        return len(self.out) - len(chunk)


def decode(data: bytes, name: str) -> Picture | Animation:
    """Take a TIFF file's samples out; those of several pages only when they are asked for.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    UnsupportedError
        A page's samples are of an unusual kind.
    """
    pages = _pages(data, name)
    warnings = _losses(pages)
    if len(pages) == 1:
        pixels = _shown(_samples(data, pages[0], 0, name), pages[0])
        return Picture(name, "image/tiff", data, pixels, Coding(), warnings)
    width, height = max(page.width for page in pages), max(page.height for page in pages)
    check_animation(width, height, len(pages), name)
    return Animation(name, "image/tiff", data, width, height, len(pages), warnings)


def shown_pages(media: Animation) -> Iterator[Pixels]:
    """Decode one page after the other.

    Yields
    ------
    ndarray
        As `Picture.pixels`.

    Raises
    ------
    MediaError
        A page is damaged.
    """
    for number, page in enumerate(_pages(media.data, media.name)):
        yield _shown(_samples(media.data, page, number, media.name), page)


def encode(data: bytes, pictures: Iterable[Pixels], name: str) -> bytes:
    """Put new samples into a TIFF file; everything else stays where it is.

    Parameters
    ----------
    data : bytes
        The old file.
    pictures : iterable of ndarray
        New samples of every page, of the shape and type `decode` gave.
    name : str
        For messages.

    Returns
    -------
    bytes
        The new file: chunks lie where the old ones were, and what does not fit there behind the
        end. Nothing of the old samples is left.

    Raises
    ------
    MediaError
        It grows beyond what its offsets can say.
    """
    pages = _pages(data, name)
    room = _Room(bytearray(data), _freed(pages, name))
    for start, end in room.free:
        room.out[start:end] = bytes(end - start)
    for number, (page, picture) in enumerate(zip(pages, pictures, strict=True)):
        samples = _samples(data, page, number, name)
        _put_back(samples, picture, page)
        compression = DEFLATE if page.compression == JPEG else page.compression
        places, sizes = [], []
        for chunk in encode_page(page, samples, compression):
            places.append(room.put(chunk))
            sizes.append(len(chunk))
        _write_fields(room.out, page, compression)
        for field, numbers in zip(page.places, (places, sizes), strict=True):
            _write_numbers(room.out, field, numbers, page.form, name)
    return bytes(room.out)


def _pages(data: bytes, name: str) -> list[Page]:
    form = tiff_directories.form_of(data, name)
    directories = tiff_directories.read(data, form, name)
    return [read_page(data, directory, form, name) for directory in directories]


def _losses(pages: list[Page]) -> tuple[str, ...]:
    warnings = []
    if any(page.compression == JPEG for page in pages):
        warnings.append("pages compressed with JPEG are written without loss, and larger")
    if any(page.directory.field(_SUB_DIRECTORIES) is not None for page in pages):
        warnings.append("smaller copies in its sub-directories still show the picture as it was")
    return tuple(warnings)


def _samples(data: bytes, page: Page, number: int, name: str) -> Pixels:
    if page.compression != JPEG:
        return decode_page(data, page, name)
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.seek(number)
            pixels = samples_of(image, "L" if page.samples == 1 else "RGB")
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _shown(samples: Pixels, page: Page) -> Pixels:
    """Give a page's samples as a viewer shows them: gray, RGB, or RGB with alpha."""
    peak = np.iinfo(samples.dtype).max
    if page.samples in (1, 2) and page.extra == 0:
        gray = samples[..., 0]
        return peak - gray if page.photometric == WHITE_IS_ZERO else gray.copy()
    if page.samples == 2:
        gray = peak - samples[..., 0] if page.photometric == WHITE_IS_ZERO else samples[..., 0]
        return np.stack([gray, gray, gray, samples[..., 1]], axis=-1)
    return samples[..., : 4 if page.extra else 3].copy()


def _put_back(samples: Pixels, picture: Pixels, page: Page) -> None:
    """Put marked samples among a page's own."""
    peak = np.iinfo(samples.dtype).max
    if picture.ndim == 2 or page.samples == 2:
        gray = picture if picture.ndim == 2 else picture[..., 0]
        samples[..., 0] = peak - gray if page.photometric == WHITE_IS_ZERO else gray
        colours = samples[..., :1]
    else:
        samples[..., :3] = picture[..., :3]
        colours = samples[..., :3]
    if page.extra == PREMULTIPLIED:
        np.minimum(colours, samples[..., colours.shape[2], None], out=colours)


def _freed(pages: list[Page], name: str) -> list[list[int]]:
    """Join the spans of all old chunks where one begins as the other ends."""
    spans = sorted((chunk.start, chunk.end) for page in pages for chunk in page.chunks)
    free: list[list[int]] = []
    for start, end in spans:
        if free and start < free[-1][1]:
            raise UnsupportedError("has strips or tiles that share their bytes", path=name)
        if free and start == free[-1][1]:
            free[-1][1] = end
        else:
            free.append([start, end])
    return free


def _write_fields(out: bytearray, page: Page, compression: int) -> None:
    """Say how new samples are coded, where that is another way than before."""
    if compression == page.compression:
        return
    photometric = RGB if page.photometric == YCBCR else page.photometric
    for tag, value in ((COMPRESSION, compression), (PHOTOMETRIC, photometric), (PREDICTOR, 1)):
        field = page.directory.field(tag)
        if field is not None:
            struct.pack_into(page.form.order + "HH", out, field.at, tag, _SHORT)
            page.form.offset.pack_into(out, field.at + 4, 1)
            room = out[field.at + 4 + page.form.offset.size : field.at + page.form.field_bytes]
            start = field.at + page.form.field_bytes - len(room)
            out[start : start + len(room)] = bytes(len(room))
            struct.pack_into(page.form.order + "H", out, start, value)


def _write_numbers(out: bytearray, field: Field, numbers: list[int], form: Form, name: str) -> None:
    kind = _LONG8 if form.big else _LONG
    packed = struct.Struct(f"{form.order}{len(numbers)}{'Q' if form.big else 'I'}")
    value = field.at + 4 + form.offset.size
    start = field.start if field.kind == kind else value
    try:
        if packed.size > form.offset.size and field.kind != kind:
            out += bytes(len(out) % 2)
            start = len(out)
            out += bytes(packed.size)
            form.offset.pack_into(out, value, start)
        packed.pack_into(out, start, *numbers)
        struct.pack_into(form.order + "H", out, field.at + 2, kind)
        form.offset.pack_into(out, field.at + 4, len(numbers))
    except struct.error:
        raise MediaError("would grow beyond what its offsets can say", path=name) from None
