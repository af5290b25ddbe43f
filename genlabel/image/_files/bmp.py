"""BMP files: samples out, and new samples in where the old ones were.

References
----------
Microsoft, Bitmap Storage and Bitmap Header Types (BITMAPINFOHEADER, BITMAPV5HEADER): rows of
multiples of four bytes, from the bottom up unless the height is negative; masks of 32-bit samples.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from genlabel._errors import MediaError, UnsupportedError
from genlabel.image._files.picture import Coding, Picture, Pixels, check_size

_CORE_BYTES, _INFO_BYTES = 12, 40
_FILE_HEADER_BYTES = 14
_STORED, _MASKS = 0, 3
# Red, green and blue, as every writer has them.
_USUAL_MASKS = (0xFF0000, 0xFF00, 0xFF)
_ALPHA_MASK = 0xFF000000
_GRAYS = bytes(value for gray in range(256) for value in (gray, gray, gray, 0))


@dataclass(frozen=True, slots=True)
class _Layout:
    start: int
    width: int
    height: int
    upward: bool
    samples: int
    alpha: bool

    @property
    def stride(self) -> int:
        """Bytes of a row: whole words of four."""
        return (self.width * self.samples + 3) // 4 * 4


def decode(data: bytes, name: str) -> Picture:
    """Take a BMP file's samples out.

    Raises
    ------
    MediaError
        The file is damaged, cut short or too large.
    UnsupportedError
        It is one of few colours, of 16 bits or compressed.
    """
    layout = _layout(data, name)
    rows = _rows(data, layout)
    if layout.samples == 1:
        pixels = rows[..., 0].copy()
    else:
        order = [2, 1, 0, 3] if layout.alpha else [2, 1, 0]
        pixels = np.ascontiguousarray(rows[..., order])
    return Picture(name, "image/bmp", data, pixels, Coding())


def encode(picture: Picture, pixels: Pixels) -> bytes:
    """Put new samples into a BMP file; every other byte stays.

    Parameters
    ----------
    picture : Picture
        The file.
    pixels : ndarray
        New samples, of the shape and type of the old ones.
    """
    layout = _layout(picture.data, picture.name)
    out = bytearray(picture.data)
    rows = _rows(out, layout)
    if layout.samples == 1:
        rows[..., 0] = pixels
    else:
        rows[..., :3] = pixels[..., [2, 1, 0]]
    return bytes(out)


def _rows(data: bytes | bytearray, layout: _Layout) -> Pixels:
    """Give the samples as they lie there, top row first: a view."""
    size = layout.stride * layout.height
    flat = np.frombuffer(data, np.uint8, size, layout.start)
    used = flat.reshape(layout.height, layout.stride)[:, : layout.width * layout.samples]
    rows = used.reshape(layout.height, layout.width, layout.samples)
    return rows[::-1] if layout.upward else rows


def _layout(data: bytes, name: str) -> _Layout:
    (start, size) = struct.unpack_from("<II", data, 10)
    if size < _INFO_BYTES or len(data) < _FILE_HEADER_BYTES + size:
        if size != _CORE_BYTES or len(data) < _FILE_HEADER_BYTES + size:
            raise _unusual(name)
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression, colours = _STORED, 0
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
        (colours,) = struct.unpack_from("<I", data, 46)
    check_size(width, abs(height), name)
    masks = _masks(data, size, compression)
    usual = bits in (24, 32) and (compression == _STORED or masks[:3] == _USUAL_MASKS)
    gray = bits == 8 and size >= _INFO_BYTES and colours in (0, 256) and compression == _STORED
    palette = data[_FILE_HEADER_BYTES + size :][: len(_GRAYS)]
    if not usual and not (gray and palette == _GRAYS):
        raise _unusual(name)
    alpha = bits == 32 and masks[3] == _ALPHA_MASK
    layout = _Layout(start, width, abs(height), height > 0, bits // 8, alpha)
    if start + layout.stride * layout.height > len(data):
        raise MediaError("is cut short: it ends within its samples", path=name)
    return layout


def _masks(data: bytes, size: int, compression: int) -> tuple[int, int, int, int]:
    """Read which bits are red, green, blue and alpha; zeros where nothing says."""
    if compression != _MASKS or len(data) < _FILE_HEADER_BYTES + _INFO_BYTES + 16:
        return 0, 0, 0, 0
    red, green, blue, alpha = struct.unpack_from("<4I", data, _FILE_HEADER_BYTES + _INFO_BYTES)
    # A short header has no mask of alpha: what follows is something else.
    return red, green, blue, alpha if size >= _INFO_BYTES + 16 else 0


def _unusual(name: str) -> UnsupportedError:
    return UnsupportedError(
        "is a BMP of few colours, of 16 bits or compressed: those of 24 and 32 bits, and of 256 "
        "grays, are watermarked",
        path=name,
    )
