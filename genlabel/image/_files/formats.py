"""Picture files: samples out, new samples in, and nothing else changed.

A file is recognised by its content, never by its name. Metadata does not pass through the
decoder: new samples are put where the old ones were, and everything around them stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from genlabel._errors import CapacityError, MediaError, UnsupportedError
from genlabel.image._files import (
    apng,
    avif,
    bmp,
    gif,
    jpeg,
    png,
    search_only,
    tiff,
    webp,
    webp_animated,
)
from genlabel.image._files.animation import Animation, drawn
from genlabel.image._files.animation_marks import marked
from genlabel.image._files.picture import Picture, Pixels
from genlabel.image._files.thumbnail import has_thumbnail
from genlabel.labels.containers import MEDIA_TYPES, files

_STILL = {
    "png": png.decode,
    "jpeg": jpeg.decode,
    "webp": webp.decode,
    "bmp": bmp.decode,
    "avif": avif.decode,
}


def decode(data: bytes, *, name: str) -> Picture | Animation:
    """Take a picture file's samples out; those of an animation only when they are asked for.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        For messages.

    Returns
    -------
    Picture or Animation
        Samples in the file's own colours and orientation, and how they were coded.

    Raises
    ------
    MediaError
        The file is damaged, cut short, or too large to decode.
    UnsupportedError
        It is another kind of file, or one of an unusual coding. What can be searched for a mark,
        but not written again, says so in its ``refusal``.
    """
    kind = files.recognise(data, name=name, media="image")
    try:
        return _opened(kind, data, name)
    except UnsupportedError as error:
        if MEDIA_TYPES[kind] not in search_only.FORMATS:
            raise
        return search_only.decode(data, MEDIA_TYPES[kind], name, error.reason)


def _opened(kind: str, data: bytes, name: str) -> Picture | Animation:
    if kind == "png" and apng.is_animated(data, name):
        return apng.read(data, name)
    if kind == "webp" and webp_animated.is_animated(data, name):
        return webp_animated.read(data, name)
    if kind == "gif":
        return gif.read(data, name)
    if kind == "tiff":
        return tiff.decode(data, name)
    if kind not in _STILL:
        raise UnsupportedError(
            f"is {kind.upper()}, which this version labels but does not watermark", path=name
        )
    return _STILL[kind](data, name)


def shown(media: Picture | Animation) -> Iterator[Pixels]:
    """Give what a viewer shows: one picture, or the whole canvas of each frame.

    Yields
    ------
    ndarray
        Valid until the next one is asked for.

    Raises
    ------
    MediaError
        A frame is damaged.
    """
    if isinstance(media, Picture):
        yield media.pixels
    elif media.refusal is not None:
        yield from search_only.frames(media)
    elif media.media_type == "image/tiff":
        yield from tiff.shown_pages(media)
    elif media.media_type == "image/gif":
        yield from drawn(media, gif.frames(media))
    elif media.media_type == "image/png":
        yield from drawn(media, apng.frames(media))
    else:
        yield from drawn(media, webp_animated.frames(media))


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
    if picture.refusal is not None:
        raise UnsupportedError(picture.refusal, path=picture.name)
    if pixels.shape != picture.pixels.shape or pixels.dtype != picture.pixels.dtype:
        raise MediaError("the new samples have another shape or type", path=picture.name)
    if picture.media_type == "image/png":
        data, warnings = png.encode(picture, pixels)
    elif picture.media_type == "image/jpeg":
        data, warnings = jpeg.encode(picture, pixels, quality=quality)
    elif picture.media_type == "image/avif":
        data, warnings = avif.encode(picture, pixels, quality=quality)
    elif picture.media_type == "image/bmp":
        data, warnings = bmp.encode(picture, pixels), ()
    elif picture.media_type == "image/tiff":
        data, warnings = tiff.encode(picture.data, [pixels], picture.name), ()
    else:
        data, warnings = webp.encode(picture, pixels, quality=quality), ()
    return data, (*picture.warnings, *warnings)


def mark(
    media: Picture | Animation,
    embed: Callable[[Pixels], Pixels],
    *,
    quality: int | None = None,
    draw: Callable[[Pixels], Pixels] | None = None,
) -> tuple[bytes, tuple[str, ...]]:
    """Mark a picture file's samples, every frame of an animation.

    Parameters
    ----------
    media : Picture or Animation
        The file, as `decode` gave it.
    embed : callable
        Gives a marked copy of a picture's samples.
    quality : int or None
        As in `encode`.
    draw : callable or None
        Draws a label into a copy of a picture's samples, in front of the mark.

    Returns
    -------
    bytes
        The file.
    tuple of str
        What could not be kept. Frames too flat to carry the mark are left without it.

    Raises
    ------
    CapacityError
        The picture, or every frame of the animation, is too small or too flat.
    MediaError
        A frame is damaged, or the encoder refuses.
    """
    if media.refusal is not None:
        raise UnsupportedError(media.refusal, path=media.name)
    stale = _stale(media)
    if isinstance(media, Picture):
        plain = media.pixels if draw is None else draw(media.pixels)
        data, warnings = encode(media, embed(plain), quality=quality)
        return data, (*warnings, *stale)
    refused: dict[int, CapacityError] = {}
    if media.media_type == "image/tiff":
        pages = _marked_pages(media, embed, refused, draw)
        data, warnings = tiff.encode(media.data, pages, media.name), ()
    elif media.media_type == "image/gif":
        pixels = marked(media, gif.frames(media), embed, refused, draw)
        data, warnings = gif.encode(media, pixels), ()
    elif media.media_type == "image/png":
        pixels = marked(media, apng.frames(media), embed, refused, draw)
        data, warnings = apng.encode(media, pixels)
    else:
        pixels = marked(media, webp_animated.frames(media), embed, refused, draw)
        data, warnings = webp_animated.encode(media, pixels, quality=quality), ()
    if len(refused) == media.count:
        raise refused[0]
    return data, (*media.warnings, *warnings, *stale)


def _marked_pages(
    media: Animation,
    embed: Callable[[Pixels], Pixels],
    refused: dict[int, CapacityError],
    draw: Callable[[Pixels], Pixels] | None,
) -> Iterator[Pixels]:
    """Mark pages, each a picture of its own."""
    first = None
    for index, pixels in enumerate(tiff.shown_pages(media)):
        first = first or pixels.shape
        if draw is not None and pixels.shape[:2] != first[:2]:
            raise UnsupportedError(
                "has pages of different sizes, into which no label is drawn", path=media.name
            )
        plain = pixels if draw is None else draw(pixels)
        try:
            yield embed(plain)
        except CapacityError as error:
            refused[index] = error
            yield plain


def _stale(media: Picture | Animation) -> tuple[str, ...]:
    exif = files.read(media.data, name=media.name).exif
    # Of a TIFF it is the file itself, and what comes second is a page.
    if exif is None or media.media_type == "image/tiff" or not has_thumbnail(exif.raw):
        return ()
    return ("the thumbnail in its Exif still shows the picture as it was",)
