"""The segments of a JPEG file: where they lie, and what the frame says of the samples.

References
----------
ITU-T T.81, Annex B (markers); ITU-T T.872, 6.5.3 (the Adobe segment); JFIF 1.02.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import files

SOI, EOI, SOS, DHT, DQT, COM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xFE
APP0, APP2, APP11, APP14, APP15 = 0xE0, 0xE2, 0xEB, 0xEE, 0xEF
FRAMES = BASELINE, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2
_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Segment(NamedTuple):
    """A marker and what belongs to it; the coded data of a scan belong to its SOS."""

    marker: int
    start: int
    end: int


class Layer(NamedTuple):
    """A component: its number, and how densely it is sampled across and down."""

    identifier: int
    across: int
    down: int


class FrameHeader(NamedTuple):
    """What SOF says."""

    marker: int
    height: int
    width: int
    layers: tuple[Layer, ...]


def read_segments(data: bytes, name: str) -> tuple[list[Segment], int]:
    """List a file's segments, and count the bytes behind the last.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    segments: list[Segment] = []
    for start, end in files.read(data, name=name).pieces:
        if segments and segments[-1].marker == EOI:
            return segments, end - start
        # Fill bytes may stand in front of a marker.
        at = start
        while data[at] == 0xFF:
            at += 1
        segments.append(Segment(data[at], at - 1, end))
    return segments, 0


def read_frame(data: bytes, segments: list[Segment], name: str) -> FrameHeader:
    """Read the frame header, and refuse what no decoder here reads.

    Raises
    ------
    MediaError
        There is none, or it is damaged.
    UnsupportedError
        The coding is neither baseline nor progressive, or not of 8 bits.
    """
    for segment in segments:
        if segment.marker in _OTHER_FRAMES:
            raise UnsupportedError("is an arithmetic or lossless JPEG", path=name)
        if segment.marker in FRAMES:
            break
    else:
        raise MediaError("is damaged: a JPEG without a frame", path=name)
    body = data[segment.start + 4 : segment.end]
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise MediaError("is damaged: the frame is too short", path=name)
    depth, height, width, count = struct.unpack_from(">BHHB", body)
    if depth != 8:
        raise UnsupportedError(f"is a {depth}-bit JPEG; this version reads 8 bits", path=name)
    if count not in (1, 3, 4):
        raise UnsupportedError(f"is a JPEG with {count} components", path=name)
    layers = tuple(
        Layer(body[at], body[at + 1] >> 4, body[at + 1] & 15) for at in range(6, 6 + 3 * count, 3)
    )
    return FrameHeader(segment.marker, height, width, layers)


def holds(data: bytes, segment: Segment, marker: int, start: bytes) -> bool:
    """Tell whether a segment has a marker and begins with a signature."""
    return segment.marker == marker and data.startswith(start, segment.start + 4)


def adobe_transform(data: bytes, segments: list[Segment]) -> int | None:
    """Read which colours the Adobe segment declares: 0 as they are, 1 YCbCr, 2 YCCK."""
    for segment in segments:
        if holds(data, segment, APP14, b"Adobe") and segment.end - segment.start >= 16:
            return data[segment.start + 15]
    return None


def is_rgb(data: bytes, segments: list[Segment], frame: FrameHeader) -> bool:
    """Tell whether three components are red, green and blue instead of YCbCr."""
    if len(frame.layers) != 3 or any(holds(data, s, APP0, b"JFIF\0") for s in segments):
        return False
    declared = adobe_transform(data, segments)
    if declared is not None:
        return declared == 0
    return bytes(layer.identifier for layer in frame.layers) == b"RGB"


def without_metadata(
    data: bytes, segments: list[Segment], *, raw: bool = False
) -> list[memoryview]:
    """Keep what the decoder of samples needs; JFIF and Adobe segments say which colours.

    Parameters
    ----------
    data, segments
        The file.
    raw : bool
        Leave the Adobe segment out as well: four components are then decoded as they are.
    """
    told = (APP0,) if raw else (APP0, APP14)
    view = memoryview(data)
    return [
        view[segment.start : segment.end]
        for segment in segments
        if segment.marker in told or not is_metadata(segment)
    ]


def is_metadata(segment: Segment) -> bool:
    """Tell application data and comments from what makes up the picture."""
    return segment.marker == COM or APP0 <= segment.marker <= APP15
