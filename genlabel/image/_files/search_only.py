"""Pictures that can be searched for a mark, but not written again as they were: decoded by Pillow.

HEIC is decoded where pillow-heif is installed (the extra ``heic``).
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from genlabel._errors import MediaError, UnsupportedError
from genlabel.image._files.animation import Animation, check_animation
from genlabel.image._files.picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    check_size,
    damaged,
    samples_of,
)

#: MIME types that are tried, and what Pillow calls them.
FORMATS = {
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}
_HEIC = "image/heic"
_ERRORS = (*DECODE_ERRORS, RuntimeError)
_DEEP_GRAY = ("I;16", "I;16L", "I;16B", "I;16N")
_AS_THEY_ARE = ("L", "RGB", "RGBA")
_CONVERTED = ("1", "P", "PA", "LA", "CMYK", "YCbCr", "LAB", "RGBX", "RGBa", "La")


def decode(data: bytes, media_type: str, name: str, refusal: str) -> Picture | Animation:
    """Decode what a mark may be read from.

    Parameters
    ----------
    data : bytes
        The file.
    media_type : str
        A key of `FORMATS`.
    name : str
        For messages.
    refusal : str
        Why it cannot be written again.

    Raises
    ------
    MediaError
        It is too large.
    UnsupportedError
        It cannot be decoded either.
    """
    _register(media_type, name, refusal)
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[media_type]]) as image:
            width, height = image.size
            check_size(width, height, name)
            count = getattr(image, "n_frames", 1)
            if count == 1:
                pixels = _pixels(image, name, refusal)
                return Picture(name, media_type, data, pixels, Coding(), refusal=refusal)
    except MediaError:
        raise
    except _ERRORS as error:
        # Damaged, or of a kind that nothing here decodes: who can tell.
        raise UnsupportedError(refusal, path=name) from error
    check_animation(width, height, count, name)
    return Animation(name, media_type, data, width, height, count, refusal=refusal)


def frames(media: Animation) -> Iterator[Pixels]:
    """Decode one frame after the other.

    Yields
    ------
    ndarray, shape (H, W) or (H, W, 3|4), uint8
        What is shown.

    Raises
    ------
    MediaError
        One is damaged.
    """
    assert media.refusal is not None
    try:
        with Image.open(io.BytesIO(media.data), formats=[FORMATS[media.media_type]]) as image:
            for number in range(media.count):
                image.seek(number)
                check_size(*image.size, media.name)
                yield _pixels(image, media.name, media.refusal)
    except _ERRORS as error:
        if isinstance(error, (MediaError, UnsupportedError)):
            raise
        raise damaged(media.name, error) from error


def _pixels(image: Image.Image, name: str, refusal: str) -> Pixels:
    if image.mode in _DEEP_GRAY:
        return (samples_of(image) >> 8).astype(np.uint8)
    if image.mode in _AS_THEY_ARE:
        return samples_of(image)
    if image.mode in _CONVERTED:
        return samples_of(image, "RGBA" if image.mode in ("PA", "LA", "La", "RGBa") else "RGB")
    raise UnsupportedError(refusal, path=name)


def _register(media_type: str, name: str, refusal: str) -> None:
    """Let Pillow know of HEIC, where its plug-in is there."""
    if media_type != _HEIC:
        return
    if importlib.util.find_spec("pillow_heif") is None:
        raise UnsupportedError(f"{refusal}; with the extra 'heic' it is searched", path=name)
    importlib.import_module("pillow_heif").register_heif_opener()
