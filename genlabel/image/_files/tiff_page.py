"""What makes up the samples of a TIFF page: strips or tiles, decoded and coded one by one.

References
----------
TIFF 6.0, 7 to 9 (compression), 14 (differencing predictor), 15 (tiles), 18 (associated alpha) and
the field definitions of section 8; TIFF Technical Note on JPEG (2002) for compression 7.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from genlabel._errors import MediaError, UnsupportedError
from genlabel.image._files.picture import DECODE_ERRORS, Pixels, check_size, damaged
from genlabel.labels.containers.pictures import tiff_directories
from genlabel.labels.containers.pictures.tiff_directories import Directory, Field, Form

STORED, JPEG, DEFLATE = 1, 7, 8
WHITE_IS_ZERO, GRAY, RGB, YCBCR = 0, 1, 2, 6
PREMULTIPLIED, STRAIGHT = 1, 2
COMPRESSION, PHOTOMETRIC, PREDICTOR = 259, 262, 317
_WIDTH, _HEIGHT, _BITS, _FILL_ORDER, _SAMPLES = 256, 257, 258, 266, 277
_ROWS_PER_STRIP, _PLANAR, _TILE_WIDTH, _TILE_HEIGHT = 278, 284, 322, 323
_EXTRA, _FORMAT = 338, 339
_STRIPS, _TILES = (273, 279), (324, 325)
# What Pillow's libtiff packs and unpacks; deflate needs no help.
_CODECS = {5: "tiff_lzw", 32773: "packbits", 50000: "zstd", 34925: "lzma"}
_DEFLATES = (DEFLATE, 32946)
_CODED = (STORED, JPEG, *_DEFLATES, *_CODECS)
_MAX_SAMPLES = 8


class Chunk(NamedTuple):
    """A strip or tile: what of the page it holds, and where its bytes lie."""

    plane: int
    top: int
    left: int
    rows: int
    columns: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """How a page's samples are stored.

    Parameters
    ----------
    directory : Directory
        Its fields.
    form : Form
        Of the file.
    width, height, samples, depth : int
        Pixels, samples of each, and bits of each sample.
    photometric, compression, predictor, extra : int
        As TIFF numbers them; `extra` is of the first sample behind colour, 0 if not alpha.
    planar : bool
        Whether each sample has chunks of its own.
    tiles : bool
        Whether chunks are tiles, which are whole at the edges.
    size : tuple of (int, int)
        Rows and columns of a chunk.
    chunks : tuple of Chunk
        In order.
    places : tuple of (Field, Field)
        Where the chunks' offsets and lengths stand.
    """

    directory: Directory
    form: Form
    width: int
    height: int
    samples: int
    depth: int
    photometric: int
    compression: int
    predictor: int
    extra: int
    planar: bool
    tiles: bool
    size: tuple[int, int]
    chunks: tuple[Chunk, ...]
    places: tuple[Field, Field]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a sample, in the file's byte order."""
        return np.dtype(f"{self.form.order}u{self.depth // 8}")


def read_page(data: bytes, directory: Directory, form: Form, name: str) -> Page:
    """Read how a page is stored.

    Raises
    ------
    MediaError
        It is damaged or too large.
    UnsupportedError
        Its samples are of a kind that cannot be written again as they were.
    """
    fields = _Fields(data, directory, form)
    width, height = fields.number(_WIDTH, 0), fields.number(_HEIGHT, 0)
    check_size(width, height, name)
    _check_kind(fields, name)
    samples, extra = fields.number(_SAMPLES, 1), fields.number(_EXTRA, 0)
    planar = samples > 1 and fields.number(_PLANAR, 1) == 2
    planes = samples if planar else 1
    tiled = directory.field(_TILES[0]) is not None
    size = (min(fields.number(_ROWS_PER_STRIP, height), height), width)
    if tiled:
        size = (fields.number(_TILE_HEIGHT, 0), fields.number(_TILE_WIDTH, 0))
    check_size(size[1], size[0], name)
    offsets, lengths = (directory.field(tag) for tag in (_TILES if tiled else _STRIPS))
    if offsets is None or lengths is None:
        raise MediaError("is a damaged TIFF: a page does not say where it is", path=name)
    spans = [tiff_directories.numbers(data, place, form) for place in (offsets, lengths)]
    chunks = tuple(_chunks(width, height, planes, size, tiled, spans))
    across, down = -(-width // size[1]), -(-height // size[0])
    if len(chunks) != across * down * planes or any(chunk.end > len(data) for chunk in chunks):
        raise MediaError("is cut short: a page has too few strips or tiles", path=name)
    return Page(
        directory,
        form,
        width,
        height,
        samples,
        depth=max(fields.numbers(_BITS)),
        photometric=fields.number(PHOTOMETRIC, GRAY),
        compression=fields.number(COMPRESSION, STORED),
        predictor=fields.number(PREDICTOR, 1),
        extra=extra if extra in (PREMULTIPLIED, STRAIGHT) else 0,
        planar=planar,
        tiles=tiled,
        size=size,
        chunks=chunks,
        places=(offsets, lengths),
    )


class _Fields(NamedTuple):
    """The numbers in a directory's fields."""

    data: bytes
    directory: Directory
    form: Form

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Give a field's numbers; none where it is not there."""
        return tiff_directories.numbers(self.data, self.directory.field(tag), self.form)

    def number(self, tag: int, otherwise: int) -> int:
        """Give a field's first number, or another where the field is not there."""
        found = self.numbers(tag)
        return found[0] if found else otherwise


def _check_kind(fields: _Fields, name: str) -> None:
    """Refuse a page whose samples cannot be written again as they were."""
    samples, compression = fields.number(_SAMPLES, 1), fields.number(COMPRESSION, STORED)
    photometric, predictor = fields.number(PHOTOMETRIC, GRAY), fields.number(PREDICTOR, 1)
    kinds = set(fields.numbers(_BITS)), set(fields.numbers(_FORMAT)) or {1}
    gray = photometric in (WHITE_IS_ZERO, GRAY)
    usual = gray or photometric == RGB or (photometric, compression) == (YCBCR, JPEG)
    whole = kinds in (({8}, {1}), ({16}, {1})) and fields.number(_FILL_ORDER, 1) == 1
    least, most = (1, 2) if gray else (3, _MAX_SAMPLES)
    if not (usual and whole and least <= samples <= most and predictor in (1, 2)):
        raise UnsupportedError(
            "is a TIFF of an unusual kind: pages of 8 or 16 bits in gray or RGB are watermarked",
            path=name,
        )
    if compression not in _CODED:
        raise UnsupportedError(f"is a TIFF of compression {compression}", path=name)


def _chunks(
    width: int,
    height: int,
    planes: int,
    size: tuple[int, int],
    tiled: bool,
    spans: list[tuple[int, ...]],
) -> Iterator[Chunk]:
    rows, columns = size
    every = iter(zip(*spans, strict=False))
    for plane in range(planes):
        for top in range(0, height, rows):
            for left in range(0, width, columns):
                start, length = next(every, (0, -1))
                if length < 0:
                    return
                down = rows if tiled else min(rows, height - top)
                yield Chunk(plane, top, left, down, columns, start, start + length)


def decode_page(data: bytes, page: Page, name: str) -> Pixels:
    """Decode a page's samples, alpha and others included.

    Returns
    -------
    ndarray, shape (H, W, samples)
        Of the machine's byte order; white is zero where the page has it so.

    Raises
    ------
    MediaError
        They are damaged.
    """
    planes = page.samples if not page.planar else 1
    out = np.empty((page.height, page.width, page.samples), page.dtype.newbyteorder("="))
    for chunk in page.chunks:
        shape = (chunk.rows, chunk.columns, planes)
        size = chunk.rows * chunk.columns * planes * page.depth // 8
        raw = _unpacked(data[chunk.start : chunk.end], page.compression, shape, size, name)
        samples = np.frombuffer(raw, page.dtype).reshape(shape).astype(out.dtype)
        if page.predictor == 2:
            np.add.accumulate(samples, axis=1, out=samples)
        place = out[chunk.top : chunk.top + chunk.rows, chunk.left : chunk.left + chunk.columns]
        part = samples[: place.shape[0], : place.shape[1]]
        if page.planar:
            place[..., chunk.plane] = part[..., 0]
        else:
            place[...] = part
    return out


def encode_page(page: Page, pixels: Pixels, compression: int) -> Iterator[bytes]:
    """Code a page's samples, chunk by chunk.

    Parameters
    ----------
    page : Page
        As it was.
    pixels : ndarray, shape (H, W, samples)
        New samples, as `decode_page` gives them.
    compression : int
        The page's own, or `DEFLATE`.
    """
    for chunk in page.chunks:
        part = pixels[chunk.top : chunk.top + chunk.rows, chunk.left : chunk.left + chunk.columns]
        if page.planar:
            part = part[..., chunk.plane : chunk.plane + 1]
        missing = (chunk.rows - part.shape[0], chunk.columns - part.shape[1])
        if any(missing):
            part = np.pad(part, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        if page.predictor == 2 and page.compression != JPEG:
            part = np.concatenate([part[:, :1], part[:, 1:] - part[:, :-1]], axis=1)
        raw = np.ascontiguousarray(part, page.dtype).tobytes()
        yield _packed(raw, compression, chunk.rows)


def _unpacked(
    coded: bytes, compression: int, shape: tuple[int, int, int], size: int, name: str
) -> bytes:
    try:
        if compression == STORED:
            raw = coded[:size]
        elif compression in _DEFLATES:
            raw = zlib.decompressobj().decompress(coded, size)
        else:
            # As gray bytes, the library unpacks samples of any kind, and swaps none.
            with Image.open(io.BytesIO(_alone(coded, compression, shape[0], size))) as image:
                raw = image.tobytes()
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    if len(raw) < size:
        raise MediaError("is cut short: a strip or tile ends before its samples", path=name)
    return raw


def _packed(raw: bytes, compression: int, rows: int) -> bytes:
    if compression == STORED:
        return raw
    if compression in _DEFLATES:
        return zlib.compress(raw)
    out = io.BytesIO()
    image = Image.frombytes("L", (len(raw) // rows, rows), raw)
    image.save(out, "TIFF", compression=_CODECS[compression], tiffinfo={_ROWS_PER_STRIP: rows})
    data = out.getvalue()
    form = tiff_directories.form_of(data, "")
    directory = tiff_directories.read(data, form, "")[0]
    start, size = (tiff_directories.numbers(data, directory.field(tag), form)[0] for tag in _STRIPS)
    return data[start : start + size]


def _alone(coded: bytes, compression: int, rows: int, size: int) -> bytes:
    """Write a TIFF of gray bytes around a strip."""
    fields = (
        *((_WIDTH, size // rows), (_HEIGHT, rows), (_BITS, 8), (COMPRESSION, compression)),
        *((PHOTOMETRIC, GRAY), (_STRIPS[0], 0), (_ROWS_PER_STRIP, rows), (_STRIPS[1], len(coded))),
    )
    directory = bytearray(len(fields).to_bytes(2, "little"))
    behind = 8 + 2 + 12 * len(fields) + 4
    for tag, value in fields:
        value = behind if tag == _STRIPS[0] else value
        directory += tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little")
    return b"II*\0\x08\0\0\0" + bytes(directory) + bytes(4) + coded
