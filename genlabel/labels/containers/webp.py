"""WebP: RIFF chunks.

References
----------
WebP Container Specification (RFC 9649), 2.7: chunk order, VP8X flags and canvas; RFC 6386, 9.1:
size of a key frame.
"""

from __future__ import annotations

import struct

from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Contents, Edits, Held, splice
from genlabel.labels.containers.riff import framed

# An animation has one chunk per frame.
MAX_CHUNKS = 1 << 16
_HEADER_BYTES = 12
_PICTURE_CHUNKS = (b"VP8 ", b"VP8L", b"ANMF")
# Chunks whose presence a VP8X header declares, and the flag for each.
_FLAGS = {b"ANIM": 0x02, b"XMP ": 0x04, b"EXIF": 0x08, b"ALPH": 0x10, b"ICCP": 0x20}
_EXIF_PREFIX = b"Exif\0\0"


def read(data: bytes, *, name: str) -> Contents:
    """Cut a WebP into its header, its chunks and what follows them.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Piece 0 is the RIFF header.

    Raises
    ------
    MediaError
        The file is cut short, a chunk runs beyond the end, there are more than `MAX_CHUNKS`, or
        there is no picture.
    """
    xmp: list[Held] = []
    exif: Held | None = None
    chunks, end = _walk(data, name)
    pieces = [(0, _HEADER_BYTES)]
    # Pieces run in step with the chunks: piece n is chunk n - 1.
    for index, (kind, start, stop) in enumerate(chunks, 1):
        payload = data[start + 8 : start + 8 + _size(data, start)]
        pieces.append((start, stop))
        if kind == b"XMP ":
            xmp.append(Held(index, "WebP XMP chunk", payload))
        elif kind == b"EXIF" and exif is None:
            exif = Held(index, "WebP EXIF chunk", payload.removeprefix(_EXIF_PREFIX))
    if not any(kind in _PICTURE_CHUNKS for kind, _, _ in chunks):
        raise MediaError("is a damaged WebP: it holds no picture", path=name)
    rest = pieces[-1][1]
    pieces += [span for span in ((rest, end), (end, len(data))) if span[0] < span[1]]
    return Contents(tuple(pieces), tuple(xmp), (), exif)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put a WebP together again, its VP8X header made or amended.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file; there are no warnings.

    Raises
    ------
    MediaError
        The picture's own header is damaged, or the file grows beyond what RIFF can hold.
    """
    chunks, end = _walk(data, name)
    # A last chunk without its padding may not be the last one any more.
    replaced = {
        index: data[start:stop] + b"\0"
        for index, (_, start, stop) in enumerate(chunks, 1)
        if (stop - start) & 1
    }
    replaced |= dict.fromkeys(edits.drop, b"")
    replaced |= {index: framed(b"XMP ", text) for index, text in edits.xmp.items()}
    if edits.exif is not None and contents.exif is not None:
        start, _ = contents.pieces[contents.exif.index]
        payload = data[start + 8 : start + 8 + _size(data, start)]
        kept = payload[: len(payload) - len(contents.exif.raw)]
        replaced[contents.exif.index] = framed(b"EXIF", kept + edits.exif)
    inserted: dict[int, bytes] = {}
    if edits.new_xmp is not None:
        inserted[_place(chunks)] = framed(b"XMP ", edits.new_xmp)
    has_xmp = edits.new_xmp is not None or bool(contents.xmp)
    header = _extended_header(data, chunks, has_xmp, name)
    if chunks[0][0] == b"VP8X":
        replaced[1] = header
        header = b""
    parts = list(splice(data, contents.pieces, replaced, inserted))[1:]
    body = b"".join([header, *parts])
    size = 4 + len(body) - (len(data) - end)
    if size > 0xFFFFFFF6:
        raise MediaError("would grow beyond what a RIFF file can hold", path=name)
    return b"RIFF" + struct.pack("<I", size) + b"WEBP" + body, ()


def _walk(data: bytes, name: str) -> tuple[list[tuple[bytes, int, int]], int]:
    """List chunks as (type, start, end with padding), and say where the RIFF part ends."""
    if len(data) < _HEADER_BYTES:
        raise MediaError("is cut short: it ends in its RIFF header", path=name)
    limit = 8 + _size(data, 0)
    if limit > len(data):
        raise MediaError(
            f"is cut short: RIFF claims {limit} bytes, {len(data)} are there", path=name
        )
    chunks: list[tuple[bytes, int, int]] = []
    position = _HEADER_BYTES
    while position + 8 <= limit:
        kind, size = data[position : position + 4], _size(data, position)
        if position + 8 + size > limit:
            raise MediaError(
                f"is a damaged WebP: its {kind.decode('latin-1')!r} chunk claims {size} bytes, "
                f"{limit - position - 8} are there",
                path=name,
            )
        # Some writers leave the last chunk's padding out.
        stop = min(position + 8 + size + (size & 1), limit)
        chunks.append((kind, position, stop))
        position = stop
        if len(chunks) > MAX_CHUNKS:
            raise MediaError(f"is a damaged WebP: more than {MAX_CHUNKS} chunks", path=name)
    if not chunks:
        raise MediaError("is a damaged WebP: it holds no chunk", path=name)
    return chunks, limit


def _place(chunks: list[tuple[bytes, int, int]]) -> int:
    """Find the piece a new packet comes behind: Exif, else the picture."""
    before = [
        index
        for index, (kind, _, _) in enumerate(chunks, 1)
        if kind == b"EXIF" or kind in _PICTURE_CHUNKS
    ]
    return max(before)


def _extended_header(
    data: bytes, chunks: list[tuple[bytes, int, int]], has_xmp: bool, name: str
) -> bytes:
    """Amend the VP8X chunk, or make one where a simple file needs it."""
    kind, start, stop = chunks[0]
    if kind == b"VP8X":
        if _size(data, start) < 10:
            raise MediaError("is a damaged WebP: its VP8X chunk is too short", path=name)
        flags = data[start + 8] | _FLAGS[b"XMP "] if has_xmp else data[start + 8]
        return data[start : start + 8] + bytes([flags]) + data[start + 9 : stop]
    if not has_xmp:
        return b""
    width, height, alpha = _canvas(data, chunks, name)
    flags = _FLAGS[b"XMP "] | (_FLAGS[b"ALPH"] if alpha else 0)
    for kind, _, _ in chunks:
        flags |= _FLAGS.get(kind, 0)
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return framed(b"VP8X", bytes([flags, 0, 0, 0]) + size)


def _canvas(data: bytes, chunks: list[tuple[bytes, int, int]], name: str) -> tuple[int, int, bool]:
    """Read width, height and the presence of alpha from the picture's own header."""
    kind, start, _ = next(chunk for chunk in chunks if chunk[0] in _PICTURE_CHUNKS)
    head = data[start + 8 : start + 8 + min(_size(data, start), 10)]
    if kind == b"VP8 " and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        # The two high bits of each are the scale, which WebP does not use.
        width, height = struct.unpack("<HH", head[6:10])
        if width & 0x3FFF and height & 0x3FFF:
            return width & 0x3FFF, height & 0x3FFF, False
    if kind == b"VP8L" and len(head) >= 5 and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    raise MediaError("is a damaged WebP: its picture has no readable header", path=name)


def _size(data: bytes, start: int) -> int:
    return int.from_bytes(data[start + 4 : start + 8], "little")
