"""Vorbis comments: the block of ``NAME=text`` that FLAC, Ogg Vorbis and Ogg Opus share.

References
----------
Vorbis I specification, 5 (comment field and header specification); RFC 9639, 8.6 (FLAC);
RFC 7845, 5.2 (Opus).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from genlabel.labels.containers.contents import Edits, Held

#: No standard says where XMP goes among Vorbis comments; under this name exiftool shows it.
XMP_NAME = "XMP"
MAX_COMMENTS = 1 << 16
_VENDOR = b"genlabel"


class DamagedComments(Exception):
    """A block that cannot be taken apart."""


@dataclass(frozen=True, slots=True)
class Comments:
    """A block, taken apart.

    Parameters
    ----------
    vendor : bytes
        Who encoded the sound.
    comments : tuple of bytes
        ``NAME=text``, in order.
    rest : bytes
        What follows: a framing bit, padding.
    """

    vendor: bytes = _VENDOR
    comments: tuple[bytes, ...] = ()
    rest: bytes = field(default=b"", repr=False)

    def places(self, first: int, container: str) -> Iterator[tuple[Held, bool]]:
        """Give every comment, and whether it is XMP.

        Parameters
        ----------
        first : int
            The number of the first comment's place; every comment has one.
        container : str
            For people.
        """
        for index, comment in enumerate(self.comments, first):
            name, _, text = comment.partition(b"=")
            # Names are ASCII, and upper and lower case the same.
            keyword = name[:79].decode("latin-1").upper()
            where = f"{container} comment {keyword!r}"
            yield Held(index, where, text, keyword, own=True), keyword == XMP_NAME

    def edited(self, first: int, edits: Edits) -> bytes:
        """Put the block together again; new comments come last.

        Parameters
        ----------
        first : int
            As for `places`.
        edits : Edits
            What to change.
        """
        out = []
        texts = {**edits.xmp, **edits.texts}
        for index, comment in enumerate(self.comments, first):
            if index in texts:
                out.append(comment.partition(b"=")[0] + b"=" + texts[index])
            elif index not in edits.drop:
                out.append(comment)
        if edits.new_text is not None:
            out.append(edits.new_text[0].encode() + b"=" + edits.new_text[1])
        if edits.new_xmp is not None:
            out.append(XMP_NAME.encode() + b"=" + edits.new_xmp)
        fields = [self.vendor, *out]
        counted = [struct.pack("<I", len(text)) + text for text in fields]
        return counted[0] + struct.pack("<I", len(out)) + b"".join(counted[1:]) + self.rest


def read(block: bytes) -> Comments:
    """Take a block apart.

    Parameters
    ----------
    block : bytes
        From the vendor's length on.

    Raises
    ------
    DamagedComments
        A text or the number of comments runs beyond the end.
    """
    vendor, at = _text(block, 0, "its vendor")
    if at + 4 > len(block):
        raise DamagedComments("its comments are cut short")
    (count,) = struct.unpack_from("<I", block, at)
    at += 4
    # Every comment takes four bytes at least.
    if count > min(MAX_COMMENTS, (len(block) - at) // 4):
        raise DamagedComments(f"it claims {count} comments in {len(block) - at} bytes")
    comments = []
    for number in range(count):
        text, at = _text(block, at, f"comment {number + 1}")
        comments.append(text)
    return Comments(vendor, tuple(comments), block[at:])


def _text(block: bytes, at: int, what: str) -> tuple[bytes, int]:
    if at + 4 > len(block):
        raise DamagedComments(f"{what} is cut short")
    (size,) = struct.unpack_from("<I", block, at)
    end = at + 4 + size
    if end > len(block):
        raise DamagedComments(f"{what} claims {size} bytes, {len(block) - at - 4} are there")
    return block[at + 4 : end], end
