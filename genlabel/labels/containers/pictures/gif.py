"""GIF: blocks, and the application extension that holds an XMP packet.

References
----------
GIF89a Specification, 15 to 27 (blocks and data sub-blocks); XMP Specification Part 3, 1.1.2
(the packet as it is, and the bytes behind it that lead any reader of sub-blocks to their end).
"""

from __future__ import annotations

from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Contents, Edits, Held, splice

# Each frame of an animation takes two or three.
MAX_BLOCKS = 1 << 18
_HEADER_BYTES = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_PLAIN_TEXT, _CONTROL, _COMMENT, _APPLICATION = 0x01, 0xF9, 0xFE, 0xFF
_XMP_ID = b"\x0bXMP DataXMP"
# Other tools write other bytes where the application would authenticate itself.
_ANY_XMP_ID = b"\x0bXMP Data"
# Wherever a reader of sub-blocks comes in here, each byte leads it to the last one.
_LEAD_OUT = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def read(data: bytes, *, name: str) -> Contents:
    """Cut a GIF into its header, its blocks and what follows them.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Piece 0 is the header with its colour table. A packet that is cut short with the file is
        a damaged place.

    Raises
    ------
    MediaError
        A block is cut short or unknown, or there are more than `MAX_BLOCKS`.
    """
    position = _HEADER_BYTES + _colours(data, 10, name)
    if position > len(data):
        raise MediaError("is cut short: it ends before its first block", path=name)
    pieces = [(0, position)]
    xmp: list[Held] = []
    texts: list[Held] = []
    # Many files lack the trailer, and every viewer shows them.
    while position < len(data) and data[position] != _TRAILER:
        start, index = position, len(pieces)
        if data[start] == _EXTENSION and data.startswith(_ANY_XMP_ID, start + 2):
            position, held = _packet(data, start, index)
            xmp.append(held)
        elif data[start] == _EXTENSION:
            position = _sub_blocks(data, start + 2, name)
            if data[start + 1] == _COMMENT:
                text = _joined(data, start + 2)
                texts.append(Held(index, "GIF comment", text, "Comment"))
        elif data[start] == _IMAGE:
            # Behind the descriptor and its colours is the width of the first codes.
            position = _sub_blocks(data, start + 11 + _colours(data, start + 9, name), name)
        else:
            raise MediaError(f"is a damaged GIF: no block begins at byte {start}", path=name)
        pieces.append((start, position))
        if len(pieces) > MAX_BLOCKS:
            raise MediaError(f"is a damaged GIF: more than {MAX_BLOCKS} blocks", path=name)
    if position < len(data):
        pieces.append((position, len(data)))
    return Contents(tuple(pieces), tuple(xmp), texts=tuple(texts))


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put a GIF together again; a new packet comes before the first picture.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file, of version 89a, which has extensions; there are no warnings.
    """
    replaced = dict.fromkeys(edits.drop, b"")
    replaced |= {index: _extension(packet) for index, packet in edits.xmp.items()}
    header = data[slice(*contents.pieces[0])]
    replaced[0] = b"GIF89a" + header[6:]
    inserted = {}
    if edits.new_xmp is not None:
        inserted[_place(data, contents) - 1] = _extension(edits.new_xmp)
    return b"".join(splice(data, contents.pieces, replaced, inserted)), ()


def _colours(data: bytes, at: int, name: str) -> int:
    """Say how long the colour table is that a byte of flags declares."""
    if at >= len(data):
        raise MediaError("is cut short: it ends within a header", path=name)
    return 3 << (data[at] & 7) + 1 if data[at] & 0x80 else 0


def _sub_blocks(data: bytes, position: int, name: str) -> int:
    """Find the end of a chain of sub-blocks."""
    end = _chain_end(data, position)
    if end is None:
        raise MediaError("is cut short: it ends within a block", path=name)
    return end


def _chain_end(data: bytes, position: int) -> int | None:
    size = len(data)
    while position < size:
        count = data[position]
        position += count + 1
        if not count:
            return position
    return None


def _joined(data: bytes, position: int) -> bytes:
    parts = []
    while count := data[position]:
        parts.append(data[position + 1 : position + 1 + count])
        position += count + 1
    return b"".join(parts)


def _packet(data: bytes, start: int, index: int) -> tuple[int, Held]:
    """Read the packet of an extension, whether it is stored as it is or in sub-blocks."""
    first = start + 2 + len(_XMP_ID)
    end = _chain_end(data, first)
    where = "GIF XMP extension"
    if end is None:
        packet, problem = data[first:], "it is cut short with the file"
        return len(data), Held(index, where, packet, problem=problem)
    raw = data[first:end]
    if raw.endswith(_LEAD_OUT):
        return end, Held(index, where, raw[: -len(_LEAD_OUT)])
    joined = _joined(data, first)
    if joined.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return end, Held(index, where, joined)
    problem = "what leads readers past it is damaged"
    return end, Held(index, where, raw, problem=problem)


def _place(data: bytes, contents: Contents) -> int:
    """Find the piece a new packet comes before: the first that shows something, or the end."""
    for index, (start, _) in enumerate(contents.pieces[1:], 1):
        shows = data[start] == _EXTENSION and data[start + 1] in (_PLAIN_TEXT, _CONTROL)
        if shows or data[start] in (_IMAGE, _TRAILER):
            return index
    return len(contents.pieces)


def _extension(packet: bytes) -> bytes:
    return bytes((_EXTENSION, _APPLICATION)) + _XMP_ID + packet + _LEAD_OUT
