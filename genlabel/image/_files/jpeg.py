"""JPEG files: samples out, and new samples in, coded as finely as the old ones."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from genlabel._errors import MediaError
from genlabel.image._files.jpeg_inks import moved_inks, shown_colours
from genlabel.image._files.jpeg_planes import assemble, steps
from genlabel.image._files.jpeg_segments import (
    APP2,
    APP11,
    PROGRESSIVE,
    SOI,
    SOS,
    Segment,
    adobe_transform,
    holds,
    is_metadata,
    is_rgb,
    read_frame,
    read_segments,
    without_metadata,
)
from genlabel.image._files.picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    as_file,
    check_size,
    damaged,
    samples_of,
)

# A progressive file has about ten; each costs the decoder a pass over the whole picture.
_MAX_SCANS = 200
_YCCK = 2
# Huffman tables made for a picture save some 3 % of the file, and need all of its coefficients in
# memory: 3 to 6 bytes for each pixel.
_MAX_PIXELS_FOR_OWN_TABLES = 24_000_000
_Tables = tuple[tuple[int, ...], ...]


def decode(data: bytes, name: str) -> Picture:
    """Take a JPEG file's samples out; those of CMYK as they are shown without a profile.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    UnsupportedError
        Its coding is neither baseline nor progressive, or not of 8 bits.
    """
    segments, behind_end = read_segments(data, name)
    frame = read_frame(data, segments, name)
    check_size(frame.width, frame.height, name)
    if sum(segment.marker == SOS for segment in segments) > _MAX_SCANS:
        raise MediaError(f"is a damaged JPEG: more than {_MAX_SCANS} scans", path=name)
    inks = len(frame.layers) == 4
    pixels, tables, sampling = _decoded(without_metadata(data, segments, raw=inks), name)
    ycck = inks and adobe_transform(data, segments) == _YCCK
    if inks:
        pixels = shown_colours(_planes(pixels), ycck=ycck)
    coding = Coding(
        lossless=False,
        progressive=frame.marker == PROGRESSIVE,
        keep_rgb=is_rgb(data, segments, frame),
        ycck=ycck,
        subsampling=sampling,
        layers=frame.layers,
        quantisation=tables,
    )
    losses = _losses(data, segments, behind_end, coding)
    return Picture(name, "image/jpeg", data, pixels, coding, losses)


def encode(
    picture: Picture, pixels: Pixels, *, quality: int | None = None
) -> tuple[bytes, tuple[str, ...]]:
    """Put new samples into a JPEG file; every segment that still holds is kept.

    Parameters
    ----------
    picture : Picture
        The file the samples came from.
    pixels : ndarray, shape (H, W[, 3]), uint8
        The new samples.
    quality : int or None
        1 to 100 of the Independent JPEG Group's scale; None keeps the source's own tables.

    Returns
    -------
    bytes
        The file.
    tuple of str
        What could not be kept.
    """
    warnings: tuple[str, ...] = ()
    try:
        coded = _coded(picture, pixels, quality, small=True)
    except OSError:
        # The encoder's buffer for its second pass is too small for pictures of pure noise.
        coded = _coded(picture, pixels, quality, small=False)
        if picture.coding.progressive:
            warnings = ("the progressive picture is written as baseline: it is too noisy",)
    return _dress(picture, coded), warnings


def _decoded(bare: list[memoryview], name: str) -> tuple[Pixels, _Tables, int]:
    try:
        with JpegImageFile(as_file(bare)) as image:
            tables = tuple(tuple(image.quantization[layer[3]]) for layer in image.layer)
            return samples_of(image), tables, get_sampling(image)
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    except (KeyError, IndexError) as error:
        raise MediaError("is damaged: a quantisation table is missing", path=name) from error


def _coded(picture: Picture, pixels: Pixels, quality: int | None, *, small: bool) -> bytes:
    coding = picture.coding
    tables = coding.quantisation if quality is None else _tables(quality, coding)
    if len(coding.layers) == 4:
        planes = _inked(picture, pixels)
        if all(step == (1, 1) for step in steps(coding.layers) or ()):
            turned = [Image.fromarray(255 - plane) for plane in planes]
            return _save(Image.merge("CMYK", turned), coding, tables, small=small)
    elif coding.subsampling < 0 and len(coding.layers) == 3 and steps(coding.layers):
        image = Image.fromarray(pixels)
        kept = image if coding.keep_rgb else image.convert("YCbCr")
        planes = [np.asarray(band) for band in kept.split()]
    else:
        return _save(Image.fromarray(pixels), coding, tables, small=small)
    # What the encoder has no name for.
    progressive = small and coding.progressive
    return assemble(planes, coding.layers, tables, small=small, progressive=progressive)


def _inked(picture: Picture, pixels: Pixels) -> list[Pixels]:
    """Decode a CMYK picture's own components again, and change them as what is shown was."""
    segments, _ = read_segments(picture.data, picture.name)
    raw, _, _ = _decoded(without_metadata(picture.data, segments, raw=True), picture.name)
    return moved_inks(_planes(raw), picture.pixels, pixels, ycck=picture.coding.ycck)


def _planes(raw: Pixels) -> list[Pixels]:
    # The decoder turns four components round.
    return [255 - raw[..., index] for index in range(4)]


def _tables(quality: int, coding: Coding) -> _Tables:
    """Give each component the encoder's table of a quality: one for luma, one for chroma."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=quality)
    buffer.seek(0)
    with JpegImageFile(buffer) as image:
        luma, chroma = (tuple(table) for table in image.quantization.values())
    has_chroma = coding.ycck or (len(coding.layers) == 3 and not coding.keep_rgb)
    return tuple(
        chroma if has_chroma and index in (1, 2) else luma for index in range(len(coding.layers))
    )


def _save(image: Image.Image, coding: Coding, tables: _Tables, *, small: bool) -> bytes:
    options: dict[str, object] = {"subsampling": coding.subsampling, "keep_rgb": coding.keep_rgb}
    if small and (coding.progressive or image.width * image.height <= _MAX_PIXELS_FOR_OWN_TABLES):
        options |= {"optimize": True, "progressive": coding.progressive}
    qtables = [list(table) for table in _shared_tables(tables)]
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", qtables=qtables, **options)
    return buffer.getvalue()


def _shared_tables(tables: _Tables) -> _Tables:
    # The encoder gives the last table to all remaining components.
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables = tables[:-1]
    return tables


def _losses(
    data: bytes, segments: Sequence[Segment], behind_end: int, coding: Coding
) -> tuple[str, ...]:
    warnings = []
    if behind_end:
        warnings.append(
            f"{behind_end} bytes behind the end of the picture were left out "
            "(some cameras keep a second picture or a clip there)"
        )
    if any(holds(data, segment, APP2, b"MPF\0") for segment in segments):
        warnings.append("the index of further pictures (MPF) was left out")
    if len(coding.layers) > 1 and coding.subsampling < 0 and steps(coding.layers) is None:
        written = "4:2:0" if len(coding.layers) == 3 else "4:4:4"
        warnings.append(f"the components' sampling is unusual; {written} is written")
    return tuple(warnings)


def _dress(picture: Picture, encoded: bytes) -> bytes:
    data = picture.data
    old, _ = read_segments(data, picture.name)
    new, _ = read_segments(encoded, picture.name)
    kept = [
        data[segment.start : segment.end]
        for segment in old
        if is_metadata(segment)
        # A C2PA manifest covers the old samples; the index points behind the picture.
        and not holds(data, segment, APP11, b"JP")
        and not holds(data, segment, APP2, b"MPF\0")
    ]
    view = memoryview(encoded)
    coded = [
        view[segment.start : segment.end]
        for segment in new
        if segment.marker != SOI and not is_metadata(segment)
    ]
    return b"".join([b"\xff\xd8", *kept, *coded])
