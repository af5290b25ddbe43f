"""WebP: RIFF chunks.

References
----------
WebP Container Specification (RFC 9649), 2.7: chunk order, VP8X flags and canvas; RFC 6386, 9.1:
size of a key frame.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Contents, Edits, Held, splice
from genlabel.labels.containers.riff import Chunk, framed, gathered, walk

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
        The file is cut short, a chunk runs beyond the end, there are too many, or there is no
        picture.
    """
    xmp: list[Held] = []
    exif: Held | None = None
    chunks = walk(data, b"WEBP", "WebP", name).chunks
    pieces = [(0, _HEADER_BYTES)]
    # Pieces run in step with the chunks: piece n is chunk n - 1.
    for index, chunk in enumerate(chunks, 1):
        pieces.append((chunk.start, chunk.stop))
        if chunk.kind == b"XMP ":
            xmp.append(Held(index, "WebP XMP chunk", chunk.content(data)))
        elif chunk.kind == b"EXIF" and exif is None:
            payload = chunk.content(data).removeprefix(_EXIF_PREFIX)
            exif = Held(index, "WebP EXIF chunk", payload)
    if not any(chunk.kind in _PICTURE_CHUNKS for chunk in chunks):
        raise MediaError("is a damaged WebP: it holds no picture", path=name)
    rest = pieces[-1][1]
    if rest < len(data):
        pieces.append((rest, len(data)))
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
    form = walk(data, b"WEBP", "WebP", name)
    chunks = form.chunks
    # A last chunk without its padding may not be the last one any more.
    replaced = {
        index: gathered(data, chunk.stored)
        for index, chunk in enumerate(chunks, 1)
        if (chunk.stop - chunk.start) & 1
    }
    replaced |= dict.fromkeys(edits.drop, b"")
    replaced |= {index: framed(b"XMP ", text) for index, text in edits.xmp.items()}
    if edits.exif is not None and contents.exif is not None:
        payload = chunks[contents.exif.index - 1].content(data)
        kept = payload[: len(payload) - len(contents.exif.raw)]
        replaced[contents.exif.index] = framed(b"EXIF", kept + edits.exif)
    inserted: dict[int, bytes] = {}
    if edits.new_xmp is not None:
        inserted[_place(chunks)] = framed(b"XMP ", edits.new_xmp)
    has_xmp = edits.new_xmp is not None or bool(contents.xmp)
    header = _extended_header(data, chunks, has_xmp, name)
    if chunks[0].kind == b"VP8X":
        replaced[1] = header
        header = b""
    # What follows the form is put behind it again.
    pieces = contents.pieces[: len(chunks) + 1]
    parts = [bytes(part) for part in splice(data, pieces, replaced, inserted)][1:]
    return gathered(data, form.around(data, [header, *parts], name)), ()


def _place(chunks: Sequence[Chunk]) -> int:
    """Find the piece a new packet comes behind: Exif, else the picture."""
    before = [
        index
        for index, chunk in enumerate(chunks, 1)
        if chunk.kind == b"EXIF" or chunk.kind in _PICTURE_CHUNKS
    ]
    return max(before)


def _extended_header(data: bytes, chunks: Sequence[Chunk], has_xmp: bool, name: str) -> bytes:
    """Amend the VP8X chunk, or make one where a simple file needs it."""
    if chunks[0].kind == b"VP8X":
        content = chunks[0].content(data)
        if len(content) < 10:
            raise MediaError("is a damaged WebP: its VP8X chunk is too short", path=name)
        flags = content[0] | _FLAGS[b"XMP "] if has_xmp else content[0]
        return framed(b"VP8X", bytes([flags]) + content[1:])
    if not has_xmp:
        return b""
    width, height, alpha = _canvas(data, chunks, name)
    flags = _FLAGS[b"XMP "] | (_FLAGS[b"ALPH"] if alpha else 0)
    for chunk in chunks:
        flags |= _FLAGS.get(chunk.kind, 0)
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return framed(b"VP8X", bytes([flags, 0, 0, 0]) + size)


def _canvas(data: bytes, chunks: Sequence[Chunk], name: str) -> tuple[int, int, bool]:
    """Read width, height and the presence of alpha from the picture's own header."""
    picture = next(chunk for chunk in chunks if chunk.kind in _PICTURE_CHUNKS)
    kind, head = picture.kind, data[picture.payload : min(picture.end, picture.payload + 10)]
    if kind == b"VP8 " and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        # The two high bits of each are the scale, which WebP does not use.
        width, height = struct.unpack("<HH", head[6:10])
        if width & 0x3FFF and height & 0x3FFF:
            return width & 0x3FFF, height & 0x3FFF, False
    if kind == b"VP8L" and len(head) >= 5 and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    raise MediaError("is a damaged WebP: its picture has no readable header", path=name)
