"""Ogg pages: read with their checksums, and packets laid into new ones.

References
----------
RFC 3533, 6 (page header); Vorbis I specification, A.2 (headers end a page); RFC 7845, 3.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers.sound.ogg_pages import CONTINUED, FIRST, LAST, summed

_HEAD_BYTES = 27
_LACED = 255
#: Comments may hold pictures; what is larger than this is damaged.
MAX_HEADER_BYTES = 64 << 20
_NO_GRANULE = (1 << 64) - 1
#: The first packet's first bytes, and how many header packets there are.
_CODECS = {b"\x01vorbis": ("vorbis", 3), b"OpusHead": ("opus", 2)}
_OTHERS = {
    b"\x7fFLAC": "FLAC",
    b"Speex  ": "Speex",
    b"\x80theor": "Theora",
    b"fishead": "several streams",
}


class Page(NamedTuple):
    """A page: where it begins, its header's fields, and its body."""

    start: int
    flags: int
    granule: int
    serial: int
    lacing: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """A file's one logical stream.

    Parameters
    ----------
    codec : {"vorbis", "opus"}
        What coded it.
    serial : int
        Its number.
    headers : tuple of bytes
        Identification, comments, and Vorbis's setup.
    audio_start : int
        Where the first page of samples begins.
    granules, sizes : sequence of int
        At the end of each page of samples: the codec's count of frames, and the bytes so far.
    """

    codec: str
    serial: int
    headers: tuple[bytes, ...] = field(repr=False)
    audio_start: int
    granules: array[int] = field(repr=False)
    sizes: array[int] = field(repr=False)


def pages(stream: BinaryIO, name: str) -> Iterator[Page]:
    """Give a file's pages from where it stands.

    Raises
    ------
    MediaError
        One is damaged or cut short.
    """
    while True:
        start = stream.tell()
        head = stream.read(_HEAD_BYTES)
        if not head:
            return
        if head[:4] != b"OggS"[: len(head)]:
            raise MediaError(f"is a damaged Ogg file: no page begins at {start}", path=name)
        lacing = stream.read(head[26]) if len(head) == _HEAD_BYTES else b""
        body = stream.read(sum(lacing))
        if len(head) < _HEAD_BYTES or len(lacing) < head[26] or len(body) < sum(lacing):
            raise MediaError("is cut short: it ends in an Ogg page", path=name)
        whole = head + lacing + body
        if summed(whole) != whole:
            raise MediaError(f"is a damaged Ogg file: the page at {start} is", path=name)
        granule, serial = struct.unpack("<QI", head[6:18])
        yield Page(start, head[5], granule, serial, lacing, body)


def survey(stream: BinaryIO, name: str) -> Stream:
    """Read a whole file's headers, and how its samples are spread.

    Raises
    ------
    MediaError
        It is damaged or cut short.
    UnsupportedError
        It is no single Vorbis or Opus stream.
    """
    every = pages(stream, name)
    codec, headers, audio_start, serial = _headers(every, name)
    granules, sizes = array("q"), array("q")
    size, ended = 0, False
    for page in every:
        if page.serial != serial or page.flags & FIRST:
            raise UnsupportedError("is an Ogg file of several streams", path=name)
        size += len(page.body)
        ended = ended or bool(page.flags & LAST)
        if page.granule != _NO_GRANULE:
            granules.append(min(page.granule, (1 << 62)))
            sizes.append(size)
    if not ended or not sizes:
        raise MediaError("is cut short: its Ogg stream does not end", path=name)
    return Stream(codec, serial, headers, audio_start, granules, sizes)


def _headers(every: Iterator[Page], name: str) -> tuple[str, tuple[bytes, ...], int, int]:
    """Read the header packets: codec, packets, where samples begin, and the serial number."""
    packets: list[bytes] = []
    partial = bytearray()
    codec, count, serial, end = "", 1, 0, 0
    for page in every:
        if not packets and not partial:
            codec, count = _codec(page.body, name)
            serial = page.serial
        elif page.serial != serial:
            raise UnsupportedError("is an Ogg file of several streams", path=name)
        position = 0
        for laced in page.lacing:
            partial += page.body[position : position + laced]
            position += laced
            if laced < _LACED:
                packets.append(bytes(partial))
                partial.clear()
        if len(partial) > MAX_HEADER_BYTES:
            raise MediaError("is a damaged Ogg file: its headers are too large", path=name)
        end = page.start + _HEAD_BYTES + len(page.lacing) + len(page.body)
        if len(packets) >= count:
            break
    # Samples should begin a page of their own; some writers let them follow the headers at once.
    packets = packets[:count]
    if len(packets) != count:
        raise MediaError("is a damaged Ogg file: its headers are", path=name)
    vorbis = (b"\x01vorbis", b"\x03vorbis", b"\x05vorbis")
    magic = vorbis if codec == "vorbis" else (b"OpusHead", b"OpusTags")
    if not all(packet.startswith(word) for packet, word in zip(packets, magic, strict=True)):
        raise MediaError("is a damaged Ogg file: its headers are", path=name)
    return codec, tuple(packets), end, serial


def _codec(body: bytes, name: str) -> tuple[str, int]:
    for magic, codec in _CODECS.items():
        if body.startswith(magic):
            return codec
    for magic, other in _OTHERS.items():
        if body.startswith(magic):
            raise UnsupportedError(
                f"is an Ogg file of {other}, not of Vorbis or Opus alone", path=name
            )
    raise UnsupportedError("is an Ogg file of an unknown coding", path=name)


def paged(
    packets: Iterable[bytes], serial: int, number: int, *, begins: bool = False
) -> Iterator[bytes]:
    """Lay header packets into pages; the last one ends its page.

    Parameters
    ----------
    packets : iterable of bytes
        The packets.
    serial : int
        The stream's number.
    number : int
        The first page's number.
    begins : bool
        Whether the first page begins the stream.
    """
    lacing, body = bytearray(), bytearray()
    for packet in packets:
        whole, rest = divmod(len(packet), _LACED)
        lacing += bytes([_LACED] * whole + [rest])
        body += packet
    position, continued = 0, False
    for start in range(0, len(lacing), 255):
        part = bytes(lacing[start : start + 255])
        size = sum(part)
        flags = (CONTINUED if continued else 0) | (FIRST if begins and not start else 0)
        # A page in which no packet ends has no count of frames.
        granule = _NO_GRANULE if all(laced == _LACED for laced in part) else 0
        piece = bytes(body[position : position + size])
        yield assemble(Page(0, flags, granule, serial, part, piece), number)
        number += 1
        position += size
        continued = part[-1] == _LACED


def assemble(page: Page, number: int) -> bytes:
    """Write a page under a number."""
    head = b"OggS\0" + bytes([page.flags])
    head += struct.pack("<QII", page.granule, page.serial, number & 0xFFFFFFFF)
    rest = bytes([len(page.lacing)]) + page.lacing + page.body
    return summed(head + bytes(4) + rest)
