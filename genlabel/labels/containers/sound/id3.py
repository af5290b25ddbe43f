"""ID3v2 tags: frames, as they stand before MPEG sound and FLAC, and in chunks of WAV.

References
----------
ID3v2.2.0; ID3v2.3.0, 3 and 4; ID3v2.4.0 structure, 3, 4 and 6, and native frames, 4.2.6, 4.10 and
4.27; XMP Specification Part 3, 1.2 (packet in a PRIV frame of the owner XMP).
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from genlabel._data import Data
from genlabel.labels.containers.contents import Edits, Held
from genlabel.labels.containers.sound.id3_frames import (
    Frame,
    held,
    new_private,
    new_text,
    synchsafe,
)

HEADER_BYTES = 10
#: Sizes have 28 bits.
MAX_TAG_BYTES = (1 << 28) - 1
# Chapters of an audio book take some hundreds.
MAX_FRAMES = 1 << 14
_UNSYNCHRONISED, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10
# Behind the last frame exiftool wants room for another one's header; with a footer none is allowed.
_PADDING_BYTES = 10
# Behind FF, what a decoder could take for the rest of a sync word, and a zero that is data.
_FALSE_SYNC = re.compile(rb"\xff(?=[\xe0-\xff\x00])")


class DamagedTag(Exception):
    """A tag that cannot be taken apart."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, taken apart.

    Parameters
    ----------
    version : int
        2, 3 or 4.
    flags : int
        The header's.
    extended : bytes
        The extended header.
    frames : tuple of Frame
        In order.
    rest : bytes
        Padding behind the frames.
    size : int
        Bytes of the whole tag, header and footer included.
    """

    version: int
    flags: int = 0
    extended: bytes = field(default=b"", repr=False)
    frames: tuple[Frame, ...] = ()
    rest: bytes = field(default=b"", repr=False)
    size: int = 0

    def places(self, first: int) -> Iterator[tuple[Held, bool]]:
        """Give every frame that holds text, and whether that is XMP.

        Parameters
        ----------
        first : int
            The number of the first frame's place; every frame has one.
        """
        everywhere = self.version == 4 and bool(self.flags & _UNSYNCHRONISED)
        for index, frame in enumerate(self.frames, first):
            found = held(frame, index, everywhere)
            if found is not None:
                yield found

    def edited(self, first: int, edits: Edits) -> bytes:
        """Put the tag together again; new frames come behind the others, out of the padding.

        Parameters
        ----------
        first : int
            As for `places`.
        edits : Edits
            What to change.

        Returns
        -------
        bytes
            Empty where no frame is left.
        """
        frames = []
        kept = {found.index: found.keyword for found, _ in self.places(first)}
        for index, frame in enumerate(self.frames, first):
            if index in edits.xmp:
                frames.append(new_private(self.version, "XMP", edits.xmp[index]))
            elif index in edits.texts:
                frames.append(new_text(self.version, kept[index], edits.texts[index]))
            elif index not in edits.drop:
                frames.append(frame.stored)
        if edits.new_text is not None:
            frames.append(new_text(self.version, *edits.new_text))
        if edits.new_xmp is not None:
            frames.append(new_private(self.version, "XMP", edits.new_xmp))
        return self._joined(b"".join(frames)) if frames else b""

    def _joined(self, frames: bytes) -> bytes:
        # What the frames grow by is taken from the padding, so that the sound stays in its place.
        before = sum(len(frame.stored) for frame in self.frames)
        rest = self.rest
        footed = self.version == 4 and bool(self.flags & _FOOTER)
        if not any(rest):
            least = _PADDING_BYTES if self.version == 4 and not footed else 0
            rest = bytes(max(len(rest) - max(len(frames) - before, 0), least))
        body = _checked_again(self, frames, rest) + frames + rest
        if self.version < 4 and self.flags & _UNSYNCHRONISED:
            body = _FALSE_SYNC.sub(b"\xff\0", body)
            body += b"\0" if body.endswith(b"\xff") else b""
        if len(body) > MAX_TAG_BYTES:
            raise DamagedTag(f"it would grow beyond the {MAX_TAG_BYTES} bytes that a tag can have")
        header = bytes([self.version, 0, self.flags]) + synchsafe(len(body))
        footer = b"3DI" + header if footed else b""
        return b"ID3" + header + body + footer


def tag_bytes(data: Data, start: int) -> int:
    """Say how long the tag at a position claims to be, header and footer included.

    Parameters
    ----------
    data : bytes or Mapped
        A file.
    start : int
        Where to look.

    Returns
    -------
    int
        0 where no tag begins.
    """
    header = data[start : start + HEADER_BYTES]
    if len(header) < HEADER_BYTES or header[:3] != b"ID3" or 0xFF in header[3:5]:
        return 0
    if any(byte & 0x80 for byte in header[6:]):
        return 0
    footer = HEADER_BYTES if header[3] == 4 and header[5] & _FOOTER else 0
    return HEADER_BYTES + _unsafe(header[6:]) + footer


def read(data: Data, start: int) -> Tag:
    """Take a tag apart.

    Parameters
    ----------
    data : bytes or Mapped
        A file.
    start : int
        Where the tag begins.

    Raises
    ------
    DamagedTag
        It is cut short, of an unknown version, or a frame runs beyond its end.
    """
    size = tag_bytes(data, start)
    if not size:
        raise DamagedTag("no tag begins there")
    if start + size > len(data):
        raise DamagedTag(f"it claims {size} bytes, {len(data) - start} are there")
    version, flags = data[start + 3], data[start + 5]
    if version not in (2, 3, 4):
        raise DamagedTag(f"its version 2.{version} is unknown")
    end = start + size - (HEADER_BYTES if version == 4 and flags & _FOOTER else 0)
    body = data[start + HEADER_BYTES : end]
    if version < 4 and flags & _UNSYNCHRONISED:
        body = body.replace(b"\xff\0", b"\xff")
    extended = _extended(version, flags, body)
    frames, rest = _frames(version, body, len(extended))
    return Tag(version, flags, extended, frames, rest, size)


def _extended(version: int, flags: int, body: bytes) -> bytes:
    if version == 2 and flags & _EXTENDED:
        raise DamagedTag("it is compressed in a way that was never defined")
    if version == 2 or not flags & _EXTENDED:
        return b""
    size = _unsafe(body[:4]) if version == 4 else int.from_bytes(body[:4], "big") + 4
    if not 6 <= size <= len(body):
        raise DamagedTag(f"its extended header claims {size} bytes")
    return body[:size]


def _frames(version: int, body: bytes, start: int) -> tuple[tuple[Frame, ...], bytes]:
    if version != 4:
        return _walk(version, body, start, safe=False)
    # Some writers took version 3's sizes for version 4's; padding tells.
    for safe in (True, False):
        with contextlib.suppress(DamagedTag):
            found = _walk(version, body, start, safe=safe)
            if not any(found[1]):
                return found
    return _walk(version, body, start, safe=True)


def _walk(version: int, body: bytes, start: int, *, safe: bool) -> tuple[tuple[Frame, ...], bytes]:
    """List frames up to the padding, with sizes of 7 bits a byte or of 8."""
    letters, head = (3, 6) if version == 2 else (4, 10)
    found: list[Frame] = []
    at = start
    while at + head <= len(body) and body[at]:
        name, sizes = body[at : at + letters], body[at + letters : at + 2 * letters]
        if not name.isalnum() or not name.isascii():
            raise DamagedTag(f"no frame begins at byte {at} of it")
        size = _unsafe(sizes) if safe else int.from_bytes(sizes, "big")
        end = at + head + size
        if end > len(body) or (safe and any(byte & 0x80 for byte in sizes)):
            raise DamagedTag(
                f"its frame {name.decode()} claims {size} bytes, {len(body) - at - head} are there"
            )
        flags = 0 if version == 2 else body[at + 9]
        stored = body[at:end]
        if version == 4 and not safe:
            # Mended, so that frames of the right kind can stand beside it.
            stored = name + synchsafe(size) + stored[2 * letters :]
        found.append(Frame(version, name.decode(), flags, stored))
        at = end
        if len(found) > MAX_FRAMES:
            raise DamagedTag(f"more than {MAX_FRAMES} frames")
    return tuple(found), body[at:]


def _checked_again(tag: Tag, frames: bytes, rest: bytes) -> bytes:
    """Give the extended header with its checksum and its count of padding as they are now."""
    out = bytearray(tag.extended)
    if tag.version == 3 and len(out) >= 10:
        out[6:10] = len(rest).to_bytes(4, "big")
        if out[4] & 0x80 and len(out) >= 14:
            out[10:14] = zlib.crc32(frames).to_bytes(4, "big")
    elif tag.version == 4 and len(out) >= 6 and out[5] & 0x20:
        # The flag before it has no data but its own length.
        at = 7 if out[5] & 0x40 else 6
        checksum = zlib.crc32(rest, zlib.crc32(frames))
        if len(out) >= at + 6:
            out[at + 1 : at + 6] = bytes([checksum >> 28]) + synchsafe(checksum & MAX_TAG_BYTES)
    return bytes(out)


def _unsafe(sizes: bytes) -> int:
    value = 0
    for byte in sizes:
        value = value << 7 | byte & 0x7F
    return value
