"""Picture files: samples out, new samples in, and nothing else changed.

A file is recognised by its content, never by its name. Metadata does not pass through the
decoder: new samples are put where the old ones were, and everything around them stays.
"""

from __future__ import annotations

from genlabel._errors import MediaError
from genlabel.image import _file_jpeg, _file_png, _file_webp
from genlabel.image._picture import Picture, Pixels
from genlabel.labels.containers.files import recognise

_DECODERS = {"png": _file_png.decode, "jpeg": _file_jpeg.decode, "webp": _file_webp.decode}


def decode(data: bytes, *, name: str) -> Picture:
    """Take a picture file's samples out.

    Parameters
    ----------
    data : bytes
        The whole file: PNG, JPEG or WebP.
    name : str
        For messages.

    Returns
    -------
    Picture
        Samples in the file's own colours and orientation, and how they were coded.

    Raises
    ------
    MediaError
        The file is damaged, cut short, or too large to decode.
    UnsupportedError
        It is another kind of file, animated, or CMYK.
    """
    return _DECODERS[recognise(data, name=name)](data, name)


def encode(
    picture: Picture, pixels: Pixels, *, quality: int | None = None
) -> tuple[bytes, tuple[str, ...]]:
    """Put new samples into a picture file.

    Colour profile, Exif with its orientation, XMP, comments and private data stay byte for byte.
    A C2PA manifest does not, since its hash covers the old samples: sign again, with the old file
    as parent.

    Parameters
    ----------
    picture : Picture
        The file, as `decode` gave it.
    pixels : ndarray
        New samples, of the same shape and type.
    quality : int or None
        For lossy files, 1 to 100; None keeps the source's.

    Returns
    -------
    bytes
        The file.
    tuple of str
        What could not be kept.

    Raises
    ------
    MediaError
        The encoder refuses, or the samples are not those of this picture.
    """
    if pixels.shape != picture.pixels.shape or pixels.dtype != picture.pixels.dtype:
        raise MediaError("the new samples have another shape or type", path=picture.name)
    if picture.media_type == "image/png":
        data, warnings = _file_png.encode(picture, pixels)
    elif picture.media_type == "image/jpeg":
        data, warnings = _file_jpeg.encode(picture, pixels, quality=quality)
    else:
        data, warnings = _file_webp.encode(picture, pixels, quality=quality), ()
    return data, (*picture.warnings, *warnings)
