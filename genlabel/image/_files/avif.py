"""AVIF files: samples out, and a picture coded anew in the place of the old.

References
----------
AV1 Image File Format 1.1; AV1 Codec ISO Media File Format Binding, 2.3 (av1C).
"""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image

from genlabel._data import joined
from genlabel._errors import UnsupportedError
from genlabel.image._files.picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    check_size,
    damaged,
    samples_of,
)
from genlabel.labels.containers.pictures import heif_coded
from genlabel.labels.containers.pictures.heif_coded import Coded

_DEEP, _GRAY, _HALF_WIDE, _HALF_HIGH = 0x40, 0x10, 0x08, 0x04
_FULL_RANGE = 0x80
_CONFIG_BYTES = 4
# What libavif raises through Pillow.
_ERRORS = (*DECODE_ERRORS, RuntimeError)
_ORIENTATION = 0x0112
# The effort of the last coding, and of those that only tell how large it would become.
_SPEED, _TRIAL_SPEED = 6, 10
# Below, the mark is lost; a file of less becomes larger.
_QUALITIES = range(60, 97)


def decode(data: bytes, name: str) -> Picture:
    """Take an AVIF file's samples out.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    UnsupportedError
        It is a sequence, has more than 8 bits, or is not one picture in one part.
    """
    coded = heif_coded.read(data, name)
    if len(coded.config) < _CONFIG_BYTES or coded.config[2] & _DEEP:
        raise UnsupportedError(
            "is an AVIF of more than 8 bits, which the decoder here would cut off: it can be "
            "labelled, and watermarked as PNG or TIFF of 16 bits",
            path=name,
        )
    if b"prem" in coded.references:
        raise UnsupportedError("is an AVIF of premultiplied alpha", path=name)
    try:
        with Image.open(io.BytesIO(data)) as image:
            check_size(*image.size, name)
            if getattr(image, "n_frames", 1) > 1:
                raise UnsupportedError(
                    "is an AVIF sequence, which this version labels but does not watermark",
                    path=name,
                )
            pixels = samples_of(image)
    except _ERRORS as error:
        if isinstance(error, UnsupportedError):
            raise
        raise damaged(name, error) from error
    coding = Coding(lossless=False)
    return Picture(name, "image/avif", data, pixels, coding, _losses(coded))


def encode(
    picture: Picture, pixels: Pixels, *, quality: int | None = None
) -> tuple[bytes, tuple[str, ...]]:
    """Put new samples into an AVIF file; every other item stays, alpha too.

    Parameters
    ----------
    picture : Picture
        The file.
    pixels : ndarray, shape (H, W) or (H, W, 3|4), uint8
        New samples, of the shape of the old ones.
    quality : int or None
        1 to 100; None takes the one at which the picture is as large as it was.

    Returns
    -------
    bytes
        The file.
    tuple of str
        What could not be kept.
    """
    old = heif_coded.read(picture.data, picture.name)
    chosen = quality
    warnings: tuple[str, ...] = ()
    if chosen is None:
        chosen = _quality(picture.pixels, old)
        warnings = (f"AVIF is written again at quality {chosen}, by the size it had",)
    new = _coded(pixels, old, chosen, _SPEED)
    return joined(picture.data, heif_coded.replaced(picture.data, new, picture.name)), warnings


def turned(data: bytes) -> int:
    """Say how a picture is turned to be shown, as Exif numbers it: AVIF has boxes for that."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return int(image.getexif().get(_ORIENTATION, 1))
    except _ERRORS:
        return 1


def _losses(coded: Coded) -> tuple[str, ...]:
    if b"thmb" in coded.references:
        return ("its thumbnail still shows the picture as it was",)
    return ()


def _quality(pixels: Pixels, old: Coded) -> int:
    """Find the lowest quality at which a picture takes as many bytes as it did."""
    low, high = _QUALITIES.start, _QUALITIES.stop - 1
    while low < high:
        middle = (low + high) // 2
        if len(_coded(pixels, old, middle, _TRIAL_SPEED).content) >= len(old.content):
            high = middle
        else:
            low = middle + 1
    return low


def _coded(pixels: Pixels, old: Coded, quality: int, speed: int) -> Coded:
    """Code colours as the old picture's were, in subsampling and range."""
    colours = pixels if pixels.ndim == 2 else pixels[..., :3]
    flags = old.config[2]
    subsampling = "4:4:4" if not flags & _HALF_WIDE else "4:2:2"
    if flags & _HALF_WIDE and flags & _HALF_HIGH:
        subsampling = "4:2:0"
    full = old.colours is None or bool(old.colours[-1] & _FULL_RANGE)
    out = io.BytesIO()
    Image.fromarray(colours).save(
        out,
        "AVIF",
        quality=quality,
        speed=speed,
        subsampling="4:0:0" if flags & _GRAY else subsampling,
        range="full" if full else "limited",
    )
    return replace(heif_coded.read(out.getvalue(), ""), item=old.item)
