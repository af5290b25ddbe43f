"""The frames of an MP3 stream: their sizes, and what the first one tells of all.

References
----------
ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3; ISO/IEC 13818-3, 2.4.2.3.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from genlabel._errors import MediaError
from genlabel.audio._files.bitrate import Weights

#: kbit/s by index, layer III, of MPEG-1 and of the half rates.
_BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_RATES = {1: (44100, 48000, 32000), 2: (22050, 24000, 16000), 3: (11025, 12000, 8000)}
_VERSIONS = {3: 1, 2: 2, 0: 3}
_WINDOW_BYTES = 1 << 20
#: Bytes that are no frame, before the first one and between them, that are passed over.
_MAX_JUNK_BYTES = 1 << 18
#: Places in a Xing header: LAME's part, its note of delay and padding, and its end.
LAME_START, LAME_DELAY, LAME_END = 120, 141, 156


class Frame(NamedTuple):
    """A frame's own header.

    Parameters
    ----------
    version : int
        1: MPEG-1; 2: MPEG-2; 3: MPEG-2.5.
    bitrate, rate : int
        In bit/s and Hz.
    mono : bool
        One channel.
    size, frames : int
        Bytes, and samples of each channel.
    """

    version: int
    bitrate: int
    rate: int
    mono: bool
    size: int
    frames: int

    def like(self, other: Frame) -> bool:
        """Tell whether two frames can be of one stream."""
        return (self.version, self.rate) == (other.version, other.rate)

    @property
    def side_bytes(self) -> int:
        """Bytes between the header and what a frame holds."""
        if self.version == 1:
            return 17 if self.mono else 32
        return 9 if self.mono else 17


class Header(NamedTuple):
    """What a first frame without samples tells.

    Parameters
    ----------
    following : int
        How many frames follow; 0 where it does not say.
    average : bool
        Whether LAME was asked for a mean bitrate rather than a quality.
    gapless : bool
        Whether it says how many samples are the encoder's own.
    """

    following: int
    average: bool
    gapless: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """A stream of frames.

    Parameters
    ----------
    start, end : int
        Where the first one begins and the last one ends.
    first : Frame
        The first header that holds samples.
    weights : Weights
        Of all frames that hold samples.
    constant : bool
        Whether all have one bitrate.
    header : Header or None
        What a first frame without samples tells of the others.
    """

    start: int
    end: int
    first: Frame
    weights: Weights
    constant: bool
    header: Header | None


def walk(stream: BinaryIO, start: int, end: int, name: str) -> Walk:
    """List the frames between two places of a file.

    Raises
    ------
    MediaError
        There is none, much is no frame, or the last ones are missing.
    """
    window = _Window(stream, end)
    position = begin = _next_frame(window, start, name)
    stop = begin
    told: Header | None = None
    first: Frame | None = None
    ends, sizes = array("q"), array("q")
    bitrates: set[int] = set()
    frames = size = junk = 0
    while position < end:
        frame = parse(window.at(position, 4))
        if frame is None:
            found = _next_frame(window, position, name, required=False)
            junk += (end if found < 0 else found) - position
            if junk > _MAX_JUNK_BYTES:
                raise MediaError("is a damaged MP3: much of it is no frame", path=name)
            if found < 0:
                break
            position = found
            continue
        if position + frame.size > end:
            raise MediaError("is cut short: it ends in a frame", path=name)
        if position == begin:
            told = read_header(window.at(position, frame.size), frame)
        position += frame.size
        stop = position
        if told is not None and stop == begin + frame.size:
            continue
        first = first or frame
        bitrates.add(frame.bitrate)
        frames += frame.frames
        size += frame.size
        ends.append(frames)
        sizes.append(size)
    if first is None:
        raise MediaError("is a damaged MP3: it has no frame", path=name)
    if told is not None and told.following > len(ends):
        raise MediaError(
            f"is cut short: {len(ends)} of {told.following} MP3 frames are there", path=name
        )
    return Walk(begin, stop, first, Weights(ends, sizes), len(bitrates) == 1, told)


def parse(head: bytes) -> Frame | None:
    """Read a frame's header; None where there is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version = _VERSIONS.get(head[1] >> 3 & 3)
    index, rate_index = head[2] >> 4, head[2] >> 2 & 3
    # Index 0 is a free format, whose frames do not tell their size.
    if version is None or index in (0, 15) or rate_index == 3:
        return None
    bitrate = _BITRATES[version > 1][index] * 1000
    rate = _RATES[version][rate_index]
    frames = 1152 if version == 1 else 576
    size = frames // 8 * bitrate // rate + (head[2] >> 1 & 1)
    return Frame(version, bitrate, rate, head[3] >> 6 == 3, size, frames)


class _Window:
    """A file seen through a buffer: frames are small, and so many reads would be slow."""

    def __init__(self, stream: BinaryIO, end: int) -> None:
        self.stream, self.end = stream, end
        self.start, self.data = 0, b""

    def at(self, position: int, count: int) -> bytes:
        """Give so many bytes, fewer at the end."""
        count = min(count, self.end - position)
        if position < self.start or position + count > self.start + len(self.data):
            self.stream.seek(position)
            self.start, self.data = position, self.stream.read(_WINDOW_BYTES)
        return self.data[position - self.start : position - self.start + max(count, 0)]


def _next_frame(window: _Window, start: int, name: str, *, required: bool = True) -> int:
    """Find a header that another one of the same kind follows."""
    junk = window.at(start, _MAX_JUNK_BYTES)
    offset = junk.find(b"\xff")
    while offset >= 0:
        frame = parse(window.at(start + offset, 4))
        if frame is not None:
            after = start + offset + frame.size
            follower = parse(window.at(after, 4))
            if follower is not None and follower.like(frame):
                return start + offset
            if after == window.end:
                return start + offset
        offset = junk.find(b"\xff", offset + 1)
    if required:
        raise MediaError("is a damaged MP3: it has no frame", path=name)
    return -1


def read_header(body: bytes, frame: Frame) -> Header | None:
    """Read a first frame that holds no samples but tells of the others; None where it is no such.

    References
    ----------
    Gabriel Bouvigne, Mp3 Info Tag rev 1; Fraunhofer's VBRI header, 36 bytes behind the sync word.
    """
    tag = body[4 + frame.side_bytes :]
    if tag[:4] in (b"Xing", b"Info"):
        count = int.from_bytes(tag[8:12], "big") if len(tag) >= 12 and tag[7] & 1 else 0
        if len(tag) < LAME_END:
            return Header(count, average=False, gapless=False)
        # 2 and 9: a mean bitrate, in one pass and in two.
        return Header(
            count, tag[LAME_START + 9] & 15 in (2, 9), any(tag[LAME_DELAY : LAME_DELAY + 3])
        )
    if body[36:40] == b"VBRI" and len(body) >= 54:
        return Header(int.from_bytes(body[50:54], "big"), average=False, gapless=False)
    return None
