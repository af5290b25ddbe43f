"""ID3v2 frames: what those that hold text say, and new ones.

References
----------
ID3v2.3.0, 3.3 and 4; ID3v2.4.0 structure, 4, and native frames, 4.2.6 (TXXX), 4.10 (COMM) and
4.27 (PRIV).
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass, field

from genlabel.labels.containers.contents import Held, Unreadable

_USER_TEXT = ("TXXX", "TXX")
_COMMENT = ("COMM", "COM")
_XMP_OWNER = b"XMP"
_LATIN, _UTF_16, _UTF_8 = 0, 1, 3
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
# Flags of a frame by version: compressed, encrypted, in a group, unsynchronised, with its length.
_FLAGS = {
    2: (0, 0, 0, 0, 0),
    3: (0x80, 0x40, 0x20, 0, 0),
    4: (0x08, 0x04, 0x40, 0x02, 0x01),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame.

    Parameters
    ----------
    version : int
        Of its tag.
    name : str
        Four characters, three in version 2.
    flags : int
        How its body is stored.
    stored : bytes
        Header and body.
    """

    version: int
    name: str
    flags: int
    stored: bytes = field(repr=False)

    @property
    def body(self) -> bytes:
        """The body as stored."""
        return self.stored[6 if self.version == 2 else 10 :]


def held(frame: Frame, index: int, unsynchronised: bool) -> tuple[Held, bool] | None:
    """Give what a frame says, where it is one of the kinds that hold labels.

    Parameters
    ----------
    frame : Frame
        The frame.
    index : int
        Its place's number.
    unsynchronised : bool
        Whether the tag says so of every frame.

    Returns
    -------
    (Held, bool) or None
        The text, and whether it is XMP.
    """
    known = (*_USER_TEXT, *_COMMENT, "PRIV")
    if frame.name not in known:
        return None
    where = f"ID3v2.{frame.version} {frame.name}"
    try:
        body = content(frame, unsynchronised, where)
    except Unreadable as error:
        # Its description cannot be read either, so it may be anything.
        return Held(index, where, b"", frame.name, problem=str(error)), False
    if frame.name == "PRIV":
        owner, _, packet = body.partition(b"\0")
        return (Held(index, f"{where} 'XMP'", packet), True) if owner == _XMP_OWNER else None
    skipped = 3 if frame.name in _COMMENT else 0
    encoding, texts = body[:1], body[1 + skipped :]
    if encoding > b"\3":
        return Held(index, where, b"", frame.name, problem="its encoding is unknown"), False
    description, text = _split(texts, encoding[0] if encoding else _LATIN)
    if frame.name in _COMMENT:
        return Held(index, where, text.encode(), "COMM"), False
    return Held(index, f"{where} {description[:79]!r}", text.encode(), description, own=True), False


def content(frame: Frame, unsynchronised: bool, where: str) -> bytes:
    """Give a frame's body as it was before it was unsynchronised, compressed or put in a group.

    Parameters
    ----------
    frame : Frame
        The frame.
    unsynchronised : bool
        Whether the tag says so of every frame.
    where : str
        For messages.

    Raises
    ------
    Unreadable
        The frame is encrypted, or its text cannot be inflated.
    """
    compressed, encrypted, grouped, unsynchronised_flag, counted = (
        bool(frame.flags & bit) for bit in _FLAGS[frame.version]
    )
    body = frame.body
    if unsynchronised_flag or (unsynchronised and frame.version == 4):
        body = body.replace(b"\xff\0", b"\xff")
    if encrypted:
        raise Unreadable(f"{where}: the frame is encrypted")
    # Version 3 puts the inflated size first and the group behind it, version 4 the other way.
    extra = int(grouped) + 4 * int(counted or (compressed and frame.version == 3))
    return Held(0, where, body[extra:], deflated=compressed).content()


def new_text(version: int, description: str, text: bytes) -> bytes:
    """Write a text frame of the user's own (TXXX).

    Parameters
    ----------
    version : int
        3 or 4.
    description : str
        What it is called.
    text : bytes
        In UTF-8.
    """
    parts = (description, text.decode())
    if all(part.isascii() for part in parts):
        return _framed(version, b"TXXX", bytes([_LATIN]) + "\0".join(parts).encode())
    if version == 4:
        return _framed(version, b"TXXX", bytes([_UTF_8]) + "\0".join(parts).encode())
    coded = b"\0\0".join(codecs.BOM_UTF16_LE + part.encode("utf-16-le") for part in parts)
    return _framed(version, b"TXXX", bytes([_UTF_16]) + coded)


def new_private(version: int, owner: str, content: bytes) -> bytes:
    """Write a private frame (PRIV).

    Parameters
    ----------
    version : int
        3 or 4.
    owner : str
        Whose it is.
    content : bytes
        What it holds.
    """
    return _framed(version, b"PRIV", owner.encode() + b"\0" + content)


def synchsafe(number: int) -> bytes:
    """Write a number of up to 28 bits in four bytes below 0x80.

    Parameters
    ----------
    number : int
        What to write.
    """
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def _framed(version: int, name: bytes, body: bytes) -> bytes:
    size = synchsafe(len(body)) if version == 4 else struct.pack(">I", len(body))
    # A player that changes the sound must not throw the frame away: no flag is set.
    return name + size + b"\0\0" + body


def _split(texts: bytes, encoding: int) -> tuple[str, str]:
    """Decode a description and the text behind it; half a character is replaced."""
    wide = encoding in (1, 2)
    end = _end(texts, wide)
    description, text = texts[:end], texts[end + (2 if wide else 1) :]
    return _decoded(description, encoding), _decoded(text, encoding)


def _end(texts: bytes, wide: bool) -> int:
    if not wide:
        end = texts.find(b"\0")
        return len(texts) if end < 0 else end
    at = texts.find(b"\0\0")
    while at >= 0 and at % 2:
        at = texts.find(b"\0\0", at + 1)
    return len(texts) if at < 0 else at


def _decoded(text: bytes, encoding: int) -> str:
    name = _ENCODINGS[encoding]
    if encoding == _UTF_16 and text[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        # Some writers leave out the mark before the text; all of those are little-endian.
        name = "utf-16-le"
    found = text.decode(name, "replace").rstrip("\0")
    # Half a surrogate pair is text to nothing behind this.
    return found.encode("utf-8", "replace").decode()
