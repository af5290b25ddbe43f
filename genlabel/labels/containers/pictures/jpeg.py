"""JPEG: marker segments.

References
----------
ITU-T T.81, annex B; XMP Specification Part 3, 1.1.3 (packet and extended packet in APP1);
ISO/IEC 19566-5 (JUMBF in APP11, which C2PA uses: never touched here).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from genlabel._errors import LabelError, MediaError
from genlabel.labels.containers.contents import Contents, Edits, Held, splice
from genlabel.labels.containers.pictures import mpf

#: The largest XMP packet that one segment holds; larger ones would need extended XMP.
MAX_PACKET_BYTES = 65502
# A C2PA manifest of 1 GB needs this many.
MAX_SEGMENTS = 1 << 14
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF = b"Exif\0\0"
_OTHERS = (b"JFIF\0", b"JFXX\0", b"ICC_PROFILE\0", b"Photoshop 3.0\0", b"Adobe", b"JP", b"FPXR\0")
_SOI, _EOI, _SOS, _COM, _APP0, _APP1, _APP2 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0, 0xE1, 0xE2
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))
# In a scan, FF 00 is a sample byte and FF D0 to FF D7 are restart markers.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    payload: int
    end: int


def read(data: bytes, *, name: str) -> Contents:
    """Cut a JPEG into its segments, scans included, and what follows them.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Piece n is segment n; the first is SOI.

    Raises
    ------
    MediaError
        A segment is too short or runs beyond the end, there is no scan or no EOI, or there are
        more than `MAX_SEGMENTS`.
    """
    xmp: list[Held] = []
    extended: list[tuple[int, bytes]] = []
    texts: list[Held] = []
    exif: Held | None = None
    pieces = []
    end = 0
    for index, segment in enumerate(_segments(data, name)):
        end = segment.end
        pieces.append((segment.start, end))
        if segment.marker != _COM and not _APP0 <= segment.marker <= 0xEF:
            continue
        payload = data[segment.payload : end]
        app1 = segment.marker == _APP1
        if app1 and payload.startswith(_XMP):
            xmp.append(Held(index, "JPEG APP1 XMP", payload[len(_XMP) :]))
        elif app1 and payload.startswith(_EXTENDED):
            extended.append((index, payload[len(_EXTENDED) :]))
        elif app1 and payload.startswith(_EXIF):
            exif = exif or Held(index, "JPEG APP1 Exif", payload[len(_EXIF) :])
        elif not payload.startswith((*_OTHERS, mpf.SIGNATURE)):
            kind = "COM" if segment.marker == _COM else f"APP{segment.marker - _APP0}"
            texts.append(Held(index, f"JPEG {kind}", payload))
    if end < len(data):
        pieces.append((end, len(data)))
    return Contents(tuple(pieces), tuple(xmp), _joined(extended), exif, tuple(texts))


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put a JPEG together again; a new packet comes behind JFIF and Exif.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file, and a warning where further pictures behind it could not be kept reachable.

    Raises
    ------
    LabelError
        A packet is longer than `MAX_PACKET_BYTES`.
    """
    segments = list(_segments(data, name))
    replaced = dict.fromkeys(edits.drop, b"")
    replaced |= {index: _framed(_XMP, text, name) for index, text in edits.xmp.items()}
    if edits.exif is not None and contents.exif is not None:
        replaced[contents.exif.index] = _framed(_EXIF, edits.exif, name)
    inserted = {}
    if edits.new_xmp is not None:
        inserted[_place(data, segments)] = _framed(_XMP, edits.new_xmp, name)
    replaced, warnings = _keep_reachable(data, segments, replaced, inserted)
    return b"".join(splice(data, contents.pieces, replaced, inserted)), warnings


def _segments(data: bytes, name: str) -> Iterator[_Segment]:
    """Walk from SOI to EOI; a scan's samples belong to its SOS segment."""
    yield _Segment(_SOI, 0, 2, 2)
    position, count, scans = 2, 1, 0
    while True:
        marker, payload = _marker(data, position, name)
        if marker == _EOI and scans:
            yield _Segment(marker, position, payload, payload)
            return
        if marker in _BARE:
            end = payload
        elif marker in (_SOI, _EOI, 0x00):
            raise MediaError(f"is a damaged JPEG: no segment begins at byte {position}", path=name)
        else:
            size = int.from_bytes(data[payload : payload + 2].ljust(2, b"\xff"), "big")
            if size < 2:
                raise MediaError(
                    f"is a damaged JPEG: a segment at byte {position} is {size} bytes long",
                    path=name,
                )
            payload, end = payload + 2, payload + size
        if marker == _SOS:
            scans += 1
            match = _AFTER_SCAN.search(data, end)
            # An absent marker is cut data, which the next turn reports.
            end = match.start() if match else len(data)
        if end > len(data):
            raise MediaError(
                f"is cut short: a segment at byte {position} ends {end - len(data)} bytes "
                "beyond the file",
                path=name,
            )
        yield _Segment(marker, position, payload, end)
        position, count = end, count + 1
        if count > MAX_SEGMENTS:
            raise MediaError(f"is a damaged JPEG: more than {MAX_SEGMENTS} segments", path=name)


def _marker(data: bytes, position: int, name: str) -> tuple[int, int]:
    """Read the marker at a position, fill bytes before it included; say what follows it."""
    at = position
    while at < len(data) and data[at] == 0xFF:
        at += 1
    if at >= len(data):
        raise MediaError("is cut short: it ends before its EOI marker", path=name)
    if at == position:
        raise MediaError(f"is a damaged JPEG: no segment begins at byte {position}", path=name)
    return data[at], at + 1


def _place(data: bytes, segments: list[_Segment]) -> int:
    """Find the segment a new packet comes behind: Exif, else JFIF, else SOI."""
    place = 0
    for index, segment in enumerate(segments):
        head = data[segment.payload : segment.payload + len(_EXIF)]
        if segment.marker == _APP0 or (segment.marker == _APP1 and head == _EXIF):
            place = index
        elif segment.marker == _SOS:
            break
    return place


def _joined(parts: list[tuple[int, bytes]]) -> tuple[Held, ...]:
    """Put extended packets together: GUID, full length, offset, then bytes."""
    packets: dict[bytes, list[tuple[int, int, int, bytes]]] = {}
    for index, part in parts:
        if len(part) >= 40:
            total, offset = struct.unpack_from(">II", part, 32)
            packets.setdefault(part[:32], []).append((offset, index, total, part[40:]))
    return tuple(
        Held(pieces[0][1], "JPEG extended XMP", b"".join(part for *_, part in sorted(pieces)))
        for pieces in packets.values()
    )


def _keep_reachable(
    data: bytes,
    segments: list[_Segment],
    replaced: dict[int, bytes],
    inserted: dict[int, bytes],
) -> tuple[dict[int, bytes], tuple[str, ...]]:
    """Move what a multi-picture index points to by as much as the file grows."""
    found = [
        index
        for index, segment in enumerate(segments)
        if segment.marker == _APP2 and data.startswith(mpf.SIGNATURE, segment.payload, segment.end)
    ]
    if not found:
        return replaced, ()
    growth = {
        index: len(replaced.get(index, data[segment.start : segment.end]))
        - (segment.end - segment.start)
        + len(inserted.get(index, b""))
        for index, segment in enumerate(segments)
    }
    at = found[0]
    behind = sum(grown for index, grown in growth.items() if index >= at)
    head, payload = segments[at].start, segments[at].payload
    moved = mpf.moved(
        data[payload : segments[at].end], first_grows=sum(growth.values()), others_move=behind
    )
    if moved is None:
        return replaced, ("its multi-picture index is damaged and was left as it is",)
    return {**replaced, at: data[head:payload] + moved}, ()


def _framed(signature: bytes, content: bytes, name: str) -> bytes:
    if signature == _XMP and len(content) > MAX_PACKET_BYTES:
        raise LabelError(
            f"its XMP would be {len(content)} bytes long; a JPEG holds {MAX_PACKET_BYTES}",
            path=name,
            clause="XMP Specification Part 3, 1.1.3",
        )
    payload = signature + content
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
