"""Ogg pages: the frame around packets, with numbers and checksums.

References
----------
RFC 3533, 4 to 6.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from genlabel._data import Data, forget
from genlabel._errors import MediaError

MAGIC = b"OggS"
CONTINUED, FIRST, LAST = 1, 2, 4
# An hour of Opus, one page a packet, needs 180,000.
MAX_PAGES = 1 << 22
_HEADER = struct.Struct("<4sBBqIIIB")
_CHECKSUM = slice(22, 26)
_MAX_SEGMENTS = 255
_UNFINISHED = -1
# Ogg's checksum takes the high bit first, zlib's the low one; otherwise they are alike.
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Parameters
    ----------
    start, payload, end : int
        Where it, its segments' bytes, and what follows begin.
    flags : int
        Whether it continues a packet, and is a stream's first or last.
    granule : int
        Position of the last sample that ends on it; -1 where no packet does.
    serial, sequence : int
        Which stream it belongs to, and its number there.
    segments : bytes
        Lengths; a packet ends with the first one below 255.
    """

    start: int
    payload: int
    end: int
    flags: int
    granule: int
    serial: int
    sequence: int
    segments: bytes


def read(data: Data, name: str) -> list[Page]:
    """List a file's pages and check their sums.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A page is cut short or fails its checksum, or something else stands between pages.
    """
    found: list[Page] = []
    at = 0
    while data[at : at + len(MAGIC)] == MAGIC:
        page = _page(data, at, name)
        stored = data[at : page.end]
        if _checksum(stored) != stored[_CHECKSUM]:
            raise MediaError(
                f"is a damaged Ogg file: the page at byte {at} fails its checksum", path=name
            )
        found.append(page)
        forget(data, len(found))
        at = page.end
        if len(found) > MAX_PAGES:
            raise MediaError(f"is a damaged Ogg file: more than {MAX_PAGES} pages", path=name)
    # What follows the last page is somebody else's, and stays.
    if not found or data.find(MAGIC, at) >= 0:
        raise MediaError(f"is a damaged Ogg file: no page begins at byte {at}", path=name)
    return found


def packets(data: Data, pages: Iterable[Page]) -> Iterator[tuple[bytes, int]]:
    """Put the packets of a stream together.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    pages : iterable of Page
        One stream's, in order.

    Yields
    ------
    (bytes, int)
        A packet, and how many segments follow it on the page on which it ends.
    """
    parts: list[bytes] = []
    for page in pages:
        at = page.payload
        for number, size in enumerate(page.segments, 1):
            parts.append(data[at : at + size])
            at += size
            if size < 255:
                yield b"".join(parts), len(page.segments) - number
                parts = []


def paged(data: Data, last: Page, left: int, sequence: int, header: Sequence[bytes]) -> list[bytes]:
    """Put header packets on pages.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    last : Page
        On which the header ends now.
    left : int
        How many of its segments are sound: there should be none, but not every writer has kept to
        that, and readers place the first samples by it.
    sequence : int
        The first page's number.
    header : sequence of bytes
        The packets.
    """
    # A packet whose length is a multiple of 255 ends with an empty segment.
    lacing = [bytes([255]) * (len(each) // 255) + bytes([len(each) % 255]) for each in header]
    sound = last.segments[len(last.segments) - left :]
    segments = b"".join(lacing) + sound
    stream = b"".join([*header, data[last.end - sum(sound) : last.end]])
    pages: list[bytes] = []
    position, at, continued = 0, 0, 0
    while position < len(segments):
        rest = len(segments) - position
        # The end of the header stays with the sound behind it.
        taken = rest if rest <= _MAX_SEGMENTS else min(_MAX_SEGMENTS, rest - left - 1)
        mine = segments[position : position + taken]
        granule = 0 if any(length < 255 for length in mine) else _UNFINISHED
        flags = continued
        if taken == rest:
            granule, flags = last.granule, flags | last.flags & LAST
        number = sequence + len(pages) & 0xFFFFFFFF
        head = _HEADER.pack(MAGIC, 0, flags, granule, last.serial, number, 0, taken)
        size = sum(mine)
        pages.append(summed(head + mine + stream[at : at + size]))
        position, at = position + taken, at + size
        continued = CONTINUED if mine[-1] == 255 else 0
    return pages


def renumbered(page: bytes, sequence: int) -> bytes:
    """Give a page another number.

    Parameters
    ----------
    page : bytes
        The whole page.
    sequence : int
        Its new number.
    """
    return summed(page[:18] + struct.pack("<I", sequence & 0xFFFFFFFF) + page[22:])


def summed(page: bytes) -> bytes:
    """Give a page with its checksum.

    Parameters
    ----------
    page : bytes
        The whole page.
    """
    return page[:22] + _checksum(page) + page[26:]


def _page(data: Data, at: int, name: str) -> Page:
    if at + _HEADER.size > len(data):
        raise MediaError("is cut short: it ends in an Ogg page", path=name)
    _, version, flags, granule, serial, sequence, _, count = _HEADER.unpack_from(data, at)
    payload = at + _HEADER.size + count
    segments = data[at + _HEADER.size : payload]
    end = payload + sum(segments)
    if version or len(segments) < count or end > len(data):
        what = f"is of version {version}" if version else "is cut short"
        raise MediaError(f"is a damaged Ogg file: the page at byte {at} {what}", path=name)
    return Page(at, payload, end, flags, granule, serial, sequence, segments)


def _checksum(page: bytes) -> bytes:
    blank = page[:22] + bytes(4) + page[26:]
    # zlib inverts before and after; Ogg does not.
    mirrored = zlib.crc32(blank.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return mirrored.to_bytes(4, "big").translate(_MIRRORED)
