"""PNG: chunks.

References
----------
W3C PNG (Third Edition), 5 and 11.3; XMP Specification Part 3, 1.1.5 (keyword of the packet).
"""

from __future__ import annotations

import struct
import zlib

from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Contents, Edits, Held, splice

XMP_KEYWORD = "XML:com.adobe.xmp"
# ImageMagick writes packets that it does not know to be XMP in hexadecimal.
_PROFILE_KEYWORD = "Raw profile type xmp"
# An encoder that writes 4 kB chunks needs these for 1 GB.
MAX_CHUNKS = 1 << 18
_SIGNATURE_BYTES = 8
_FRAME_BYTES = 12
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
_XMP_HEAD = XMP_KEYWORD.encode() + b"\0\0\0\0\0"


def read(data: bytes, *, name: str) -> Contents:
    """Cut a PNG into its signature, its chunks and what follows them.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Texts are not inflated yet.

    Raises
    ------
    MediaError
        A chunk runs beyond the end, a critical chunk is missing or fails its CRC, or there are
        more than `MAX_CHUNKS`.
    """
    pieces = [(0, _SIGNATURE_BYTES)]
    kinds: set[bytes] = set()
    xmp: list[Held] = []
    texts: list[Held] = []
    exif: Held | None = None
    position = _SIGNATURE_BYTES
    while b"IEND" not in kinds:
        kind, start, end = _chunk(data, position, name)
        if len(pieces) == 1 and (kind != b"IHDR" or end - start != 13):
            raise MediaError("is a damaged PNG: it does not begin with IHDR", path=name)
        problem = _checked(data, kind, start, end, name)
        index, position = len(pieces), end + 4
        pieces.append((start - 8, position))
        kinds.add(kind)
        if len(pieces) > MAX_CHUNKS:
            raise MediaError(f"is a damaged PNG: more than {MAX_CHUNKS} chunks", path=name)
        if kind in _TEXT_CHUNKS:
            held = _text(kind, data[start:end], index, problem)
            packet = held.keyword == XMP_KEYWORD or held.hexadecimal
            (xmp if packet else texts).append(held)
        elif kind == b"eXIf" and exif is None:
            exif = Held(index, "PNG eXIf", data[start:end], problem=problem)
    if b"IDAT" not in kinds:
        raise MediaError("is a damaged PNG: it holds no picture", path=name)
    if position < len(data):
        pieces.append((position, len(data)))
    return Contents(tuple(pieces), tuple(xmp), (), exif, tuple(texts))


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put a PNG together again; a new packet comes right behind IHDR.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file; there are no warnings.
    """
    replaced = dict.fromkeys(edits.drop, b"")
    replaced |= {index: _framed(b"iTXt", _XMP_HEAD + text) for index, text in edits.xmp.items()}
    if edits.exif is not None and contents.exif is not None:
        replaced[contents.exif.index] = _framed(b"eXIf", edits.exif)
    inserted = {}
    if edits.new_xmp is not None:
        inserted[1] = _framed(b"iTXt", _XMP_HEAD + edits.new_xmp)
    return b"".join(splice(data, contents.pieces, replaced, inserted)), ()


def _chunk(data: bytes, position: int, name: str) -> tuple[bytes, int, int]:
    """Give the type of the chunk at a position, and where its payload begins and ends."""
    if position + _FRAME_BYTES > len(data):
        raise MediaError("is cut short: it ends before IEND", path=name)
    size, kind = struct.unpack_from(">I4s", data, position)
    if not kind.isalpha():
        raise MediaError(f"is a damaged PNG: no chunk begins at byte {position}", path=name)
    end = position + 8 + size
    if end + 4 > len(data):
        raise MediaError(
            f"is cut short: its {kind.decode()} chunk claims {size} bytes, "
            f"{len(data) - position - 8} are there",
            path=name,
        )
    return kind, position + 8, end


def _checked(data: bytes, kind: bytes, start: int, end: int, name: str) -> str | None:
    """Check a chunk's CRC; only a critical chunk's makes the file unreadable."""
    stored = int.from_bytes(data[end : end + 4], "big")
    if zlib.crc32(memoryview(data)[start - 4 : end]) == stored:
        return None
    if kind[:1].isupper():
        raise MediaError(f"is a damaged PNG: its {kind.decode()} chunk fails its CRC", path=name)
    return "the chunk fails its CRC"


def _text(kind: bytes, payload: bytes, index: int, problem: str | None) -> Held:
    keyword, _, rest = payload.partition(b"\0")
    label = keyword[:79].decode("latin-1")
    where = f"PNG {kind.decode()} {label!r}"
    deflated = kind == b"zTXt"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        deflated = rest[:1] == b"\1"
        # Compression flag and method, then language and translated keyword, a NUL behind each.
        parts = rest[2:].split(b"\0", 2)
        rest = parts[2] if len(parts) == 3 else b""
        if len(parts) != 3:
            problem = problem or "the chunk lacks its language or translated keyword"
    profile = label == _PROFILE_KEYWORD
    return Held(index, where, rest, label, deflated, problem, hexadecimal=profile)


def _framed(kind: bytes, payload: bytes) -> bytes:
    crc = zlib.crc32(payload, zlib.crc32(kind))
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", crc)
