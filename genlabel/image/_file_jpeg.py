"""JPEG files: samples out, and new samples in, coded as finely as the old ones.

References
----------
ITU-T T.81, Annex B (markers); ITU-T T.872, 6.5.3 (the Adobe segment); JFIF 1.02.
"""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from genlabel._errors import MediaError, UnsupportedError
from genlabel.image._picture import (
    DECODE_ERRORS,
    Coding,
    Picture,
    Pixels,
    check_size,
    damaged,
)
from genlabel.labels.containers import files

# A progressive file has about ten; each costs the decoder a pass over the whole picture.
_MAX_SCANS = 200
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP2, _APP11, _APP14, _APP15 = 0xE0, 0xE2, 0xEB, 0xEE, 0xEF
_BASELINE, _EXTENDED, _PROGRESSIVE = 0xC0, 0xC1, 0xC2
_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}


class _Segment(NamedTuple):
    marker: int
    start: int  # of the marker
    end: int  # behind the segment, and behind the coded data of a scan


class _Frame(NamedTuple):
    marker: int
    depth: int
    height: int
    width: int
    identifiers: bytes


def decode(data: bytes, name: str) -> Picture:
    """Take a JPEG file's samples out.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    UnsupportedError
        Its coding is neither baseline nor progressive, 8-bit, gray or colour.
    """
    segments, behind_end = _segments(data, name)
    frame = _read_frame(data, segments, name)
    check_size(frame.width, frame.height, name)
    if sum(segment.marker == _SOS for segment in segments) > _MAX_SCANS:
        raise MediaError(f"is a damaged JPEG: more than {_MAX_SCANS} scans", path=name)
    bare = b"".join(data[s.start : s.end] for s in segments if not _is_apart(s))
    try:
        with JpegImageFile(io.BytesIO(bare)) as image:
            tables = tuple(tuple(image.quantization[layer[3]]) for layer in image.layer)
            sampling = get_sampling(image)
            pixels = np.array(image)
    except DECODE_ERRORS as error:
        raise damaged(name, error) from error
    except (KeyError, IndexError) as error:
        raise MediaError("is damaged: a quantisation table is missing", path=name) from error
    coding = Coding(
        lossless=False,
        progressive=frame.marker == _PROGRESSIVE,
        keep_rgb=_is_rgb(data, segments, frame),
        subsampling=sampling,
        quantisation=tables,
    )
    return Picture(
        name,
        "image/jpeg",
        data,
        pixels,
        coding,
        _losses(data, segments, behind_end, sampling, pixels),
    )


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
    image = Image.fromarray(pixels)
    warnings: tuple[str, ...] = ()
    try:
        coded = _save(image, picture.coding, quality, small=True)
    except OSError:
        # The encoder's buffer for its second pass is too small for pictures of pure noise.
        coded = _save(image, picture.coding, quality, small=False)
        if picture.coding.progressive:
            warnings = ("the progressive picture is written as baseline: it is too noisy",)
    return _dress(picture, coded), warnings


def _save(image: Image.Image, coding: Coding, quality: int | None, *, small: bool) -> bytes:
    options: dict[str, object] = {"subsampling": coding.subsampling, "keep_rgb": coding.keep_rgb}
    if quality is not None:
        options["quality"] = quality
    else:
        options["qtables"] = [list(table) for table in _shared_tables(coding.quantisation)]
    if small:
        options |= {"optimize": True, "progressive": coding.progressive}
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def _shared_tables(tables: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    # The encoder gives the last table to all remaining components.
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables = tables[:-1]
    return tables


def _segments(data: bytes, name: str) -> tuple[list[_Segment], int]:
    """List the segments, scans with their coded data, and count the bytes behind the last."""
    segments: list[_Segment] = []
    for start, end in files.read(data, name=name).pieces:
        if segments and segments[-1].marker == _EOI:
            return segments, end - start
        # Fill bytes may stand in front of a marker.
        at = start
        while data[at] == 0xFF:
            at += 1
        segments.append(_Segment(data[at], at - 1, end))
    return segments, 0


def _read_frame(data: bytes, segments: list[_Segment], name: str) -> _Frame:
    for segment in segments:
        if segment.marker in _OTHER_FRAMES:
            raise UnsupportedError("is an arithmetic or lossless JPEG", path=name)
        if segment.marker in (_BASELINE, _EXTENDED, _PROGRESSIVE):
            break
    else:
        raise MediaError("is damaged: a JPEG without a frame", path=name)
    body = data[segment.start + 4 : segment.end]
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise MediaError("is damaged: the frame is too short", path=name)
    depth, height, width, count = struct.unpack_from(">BHHB", body)
    if depth != 8:
        raise UnsupportedError(f"is a {depth}-bit JPEG; this version reads 8 bits", path=name)
    if count == 4:
        raise UnsupportedError("is a CMYK JPEG; this version marks gray and RGB", path=name)
    if count not in (1, 3):
        raise UnsupportedError(f"is a JPEG with {count} components", path=name)
    return _Frame(segment.marker, depth, height, width, body[6 : 6 + 3 * count : 3])


def _is_apart(segment: _Segment) -> bool:
    # What the decoder of samples does not need; JFIF and Adobe segments say which colours.
    application = _APP0 <= segment.marker <= _APP15
    return segment.marker == _COM or (application and segment.marker not in (_APP0, _APP14))


def _is_rgb(data: bytes, segments: list[_Segment], frame: _Frame) -> bool:
    if len(frame.identifiers) != 3 or any(_holds(data, s, _APP0, b"JFIF\0") for s in segments):
        return False
    for segment in segments:
        if _holds(data, segment, _APP14, b"Adobe") and segment.end - segment.start >= 16:
            return data[segment.start + 15] == 0
    return frame.identifiers == b"RGB"


def _holds(data: bytes, segment: _Segment, marker: int, start: bytes) -> bool:
    return segment.marker == marker and data.startswith(start, segment.start + 4)


def _losses(
    data: bytes, segments: list[_Segment], behind_end: int, sampling: int, pixels: Pixels
) -> tuple[str, ...]:
    warnings = []
    if behind_end:
        warnings.append(
            f"{behind_end} bytes behind the end of the picture were left out "
            "(some cameras keep a second picture or a clip there)"
        )
    if any(_holds(data, segment, _APP2, b"MPF\0") for segment in segments):
        warnings.append("the index of further pictures (MPF) was left out")
    if pixels.ndim == 3 and sampling < 0:
        warnings.append("the chroma subsampling is unusual; 4:2:0 is written")
    return tuple(warnings)


def _dress(picture: Picture, encoded: bytes) -> bytes:
    data = picture.data
    old, _ = _segments(data, picture.name)
    new, _ = _segments(encoded, picture.name)
    kept = [
        data[segment.start : segment.end]
        for segment in old
        if (segment.marker == _COM or _APP0 <= segment.marker <= _APP15)
        # A C2PA manifest covers the old samples; the index points behind the picture.
        and not _holds(data, segment, _APP11, b"JP")
        and not _holds(data, segment, _APP2, b"MPF\0")
    ]
    coded = [
        encoded[segment.start : segment.end]
        for segment in new
        if segment.marker not in (_SOI, _COM) and not _APP0 <= segment.marker <= _APP15
    ]
    return b"".join([b"\xff\xd8", *kept, *coded])
