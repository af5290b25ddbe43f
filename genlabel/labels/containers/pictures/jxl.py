"""JPEG XL: boxes around a codestream, of which one holds the XMP packet.

References
----------
ISO/IEC 18181-2:2024, 9 (boxes: signature, ftyp, jxlc, jxlp, Exif, xml, brob); a bare codestream
is one of level 5, as is one in boxes that declare no level.
"""

from __future__ import annotations

from collections.abc import Iterable

from genlabel._data import Piece
from genlabel._errors import MediaError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box, Patch
from genlabel.labels.containers.contents import Contents, Edits, Held

BARE = b"\xff\x0a"
SIGNATURE = b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a"
_FILE_TYPE = boxes.framed(b"ftyp", b"jxl " + bytes(4) + b"jxl ")
_XML, _COMPRESSED, _EXIF = b"xml ", b"brob", b"Exif"
_CODESTREAM = (b"jxlc", b"jxlp")
# Any XML may be in these boxes.
_SIGNS = (b"xmpmeta", b":RDF")


def read(data: bytes, *, name: str) -> Contents:
    """Find what a JPEG XL file holds besides its picture.

    Parameters
    ----------
    data : bytes
        The file, boxes or a bare codestream.
    name : str
        For messages.

    Returns
    -------
    Contents
        Places have the numbers of their boxes. One that is compressed with Brotli is damaged to
        us: nothing here can look into it.

    Raises
    ------
    MediaError
        The file is cut short, a box is damaged, or there is no picture.
    """
    if data.startswith(BARE):
        return Contents()
    found = boxes.walk(data, 0, len(data), name, nested=False)
    if not any(box.kind in _CODESTREAM for box in found):
        raise MediaError("is a damaged JPEG XL: it holds no picture", path=name)
    xmp = [
        held for index, box in enumerate(found) if (held := _packet(data, box, index)) is not None
    ]
    start, end = _exif(data, found)
    exif = Held(-1, "JPEG XL box 'Exif'", data[start:end]) if start else None
    return Contents(xmp=tuple(xmp), exif=exif)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[Iterable[Piece], tuple[str, ...]]:
    """Put a JPEG XL file together again; a bare codestream gets boxes around it.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (iterable of bytes or range, tuple of str)
        The new file, in pieces; there are no warnings.

    Raises
    ------
    MediaError
        A box grows beyond what its size can say.
    """
    if data.startswith(BARE):
        if edits.new_xmp is None:
            return [range(len(data))], ()
        packet = boxes.framed(_XML, edits.new_xmp)
        size = (boxes.HEADER_BYTES + len(data)).to_bytes(4, "big")
        return [SIGNATURE, _FILE_TYPE, packet, size, b"jxlc", range(len(data))], ()
    found = boxes.walk(data, 0, len(data), name, nested=False)
    patches = [
        Patch(found[index].payload, found[index].end, packet, (found[index],))
        for index, packet in edits.xmp.items()
    ]
    if edits.exif is not None and contents.exif is not None:
        start, end = _exif(data, found)
        patches.append(Patch(start, end, edits.exif))
    if edits.new_xmp is not None:
        # Who reads from the beginning knows what it is before it is shown.
        at = next(box.start for box in found if box.kind in _CODESTREAM)
        patches.append(Patch(at, at, boxes.framed(_XML, edits.new_xmp)))
    return boxes.applied(data, boxes.resized(patches, data, name)), ()


def _packet(data: bytes, box: Box, index: int) -> Held | None:
    where = f"JPEG XL box {box.kind.decode('latin-1')!r}"
    if box.kind == _COMPRESSED and data[box.payload : box.payload + 4] == _XML:
        problem = "it is compressed with Brotli, which this version does not read"
        return Held(index, where, b"", problem=problem)
    content = data[box.payload : box.end] if box.kind == _XML else b""
    return Held(index, where, content) if any(sign in content for sign in _SIGNS) else None


def _exif(data: bytes, found: list[Box]) -> tuple[int, int]:
    box = boxes.first(found, _EXIF)
    if box is None:
        return 0, 0
    # The first four bytes say how many others come before the block.
    start = box.payload + 4 + int.from_bytes(data[box.payload : box.payload + 4], "big")
    return (start, box.end) if start < box.end else (0, 0)
