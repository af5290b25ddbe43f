"""A picture file taken apart: its samples, and how to put new samples in their place."""

from __future__ import annotations

import bisect
import io
import itertools
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from genlabel._errors import MediaError

if TYPE_CHECKING:
    from genlabel.image._files.jpeg_segments import Layer

#: Samples as genlabel handles them: (H, W), (H, W, 3) or (H, W, 4), uint8 or uint16.
Pixels = npt.NDArray[Any]

#: Larger pictures are refused before a single sample is decoded. Phones reach 200 megapixels.
MAX_PIXELS = 300_000_000

# Rows that pass from a decoder to an array at once: a copy of the whole picture is never needed.
_ROWS = 256

#: What decoders raise on damaged bytes.
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True, slots=True)
class Coding:
    """How a file's samples are coded, so that new ones are coded alike.

    Parameters
    ----------
    gray : bool
        Gray with alpha, handled as RGBA with three equal channels.
    lossless : bool
        No sample changes by encoding.
    progressive, keep_rgb, ycck : bool
        JPEG: several scans; no conversion to YCbCr; four components with luma and chroma.
    subsampling : int
        JPEG: Pillow's number, 0 for 4:4:4, 1 for 4:2:2, 2 for 4:2:0; -1 where there is none,
        or none of these.
    layers : tuple of Layer
        JPEG: its components.
    quantisation : tuple of tuple of int
        JPEG: one table of 64 for each component, as in the source.
    quality : int or None
        WebP, lossy: the quality to encode with unless asked.
    """

    gray: bool = False
    lossless: bool = True
    progressive: bool = False
    keep_rgb: bool = False
    ycck: bool = False
    subsampling: int = -1
    layers: tuple[Layer, ...] = ()
    quantisation: tuple[tuple[int, ...], ...] = ()
    quality: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture file.

    Parameters
    ----------
    name : str
        For messages.
    media_type : str
        MIME type by content.
    data : bytes
        The file it was decoded from.
    pixels : ndarray
        Shape (H, W), (H, W, 3) or (H, W, 4); uint8 or uint16; full range.
    coding : Coding
        How to encode new samples.
    warnings : tuple of str
        What cannot be kept when new samples are written.
    refusal : str or None
        Why no new samples can be written at all.
    """

    name: str
    media_type: str
    data: bytes = field(repr=False)
    pixels: Pixels = field(repr=False)
    coding: Coding
    warnings: tuple[str, ...] = ()
    refusal: str | None = None


def check_size(width: int, height: int, name: str) -> None:
    """Refuse a picture that is too large to decode, or has no samples.

    Raises
    ------
    MediaError
        More than `MAX_PIXELS` samples, or none.
    """
    if width < 1 or height < 1:
        raise MediaError(f"declares {width} x {height} pixels", path=name)
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise MediaError(
            f"is {width} x {height} pixels; genlabel decodes up to {limit} megapixels", path=name
        )


def damaged(name: str, error: Exception) -> MediaError:
    """Say in one line that a decoder gave up."""
    reason = str(error).split("\n")[0] or type(error).__name__
    return MediaError(f"cannot be decoded: {reason}", path=name)


def as_file(pieces: Iterable[bytes | memoryview]) -> io.BufferedReader:
    """Read pieces of bytes as one file: large ones need not be copied to be joined."""
    return io.BufferedReader(_Pieces(pieces))


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterable[bytes | memoryview]) -> None:
        self._pieces = [memoryview(piece) for piece in pieces]
        self._ends = list(itertools.accumulate(len(piece) for piece in self._pieces))
        self._at = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that any place can be sought."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, and give it as bytes from the start."""
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._ends[-1]}
        self._at = max(0, origins[whence] + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read from one piece only, as much of it as the buffer holds."""
        index = bisect.bisect_right(self._ends, self._at)
        if index == len(self._pieces):
            return 0
        # Counted from the end of the piece.
        start = self._at - self._ends[index]
        part = self._pieces[index][start:][: len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


def samples_of(image: Image.Image, mode: str | None = None) -> Pixels:
    """Take a decoded picture's samples out, converted to a mode of Pillow's where one is given.

    Returns
    -------
    ndarray, shape (H, W) or (H, W, channels)
        Uint8 or uint16.
    """
    width, height = image.size
    pixels: Pixels | None = None
    for top in range(0, height, _ROWS):
        rows = image.crop((0, top, width, min(top + _ROWS, height)))
        strip = np.asarray(rows if mode in (None, image.mode) else rows.convert(mode))
        if pixels is None:
            pixels = np.empty((height, *strip.shape[1:]), strip.dtype)
        pixels[top : top + len(strip)] = strip
    if pixels is None:
        raise ValueError("a picture without rows")
    return pixels


def psnr(pixels: Pixels, reference: Pixels) -> float:
    """Peak signal-to-noise ratio of the colour channels.

    Parameters
    ----------
    pixels, reference : ndarray, shape (H, W[, 3|4]), uint8 or uint16
        Alpha is left out.

    Returns
    -------
    float
        In dB; infinite for equal pictures.
    """
    peak = float(np.iinfo(reference.dtype).max)
    total = 0.0
    # Row by row in blocks: the difference of a 100-megapixel picture need not exist at once.
    for start in range(0, reference.shape[0], 256):
        ours = pixels[start : start + 256, ..., :3] if pixels.ndim == 3 else pixels[start:][:256]
        other = reference[start : start + 256]
        other = other[..., :3] if other.ndim == 3 else other
        difference = ours.astype(np.float32) - other
        total += float(np.square(difference, dtype=np.float64).sum())
    count = reference.shape[0] * reference.shape[1] * (1 if reference.ndim == 2 else 3)
    return float("inf") if total == 0 else float(10 * np.log10(peak**2 * count / total))
