"""Tracks of MP4: what they hold, and where in the file their samples lie.

References
----------
ISO/IEC 14496-12, 8.4.3 (hdlr), 8.7.2 (data references), 8.7.5 (chunk offsets), 8.7.9 (saio) and
8.11.3 (iloc).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from genlabel._data import Data
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box, Patch, Shift

_CHUNKS = {b"stco": (4, ">{}I"), b"co64": (8, ">{}Q")}
_SELF_CONTAINED = 1
# As numbers they take ten times the room they have in the file.
_BATCH = 1 << 16


def kind(data: Data, track: Box, name: str) -> bytes:
    """Give what a track holds, as ``soun``.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    track : Box
        A box trak.
    name : str
        For messages.
    """
    handler = boxes.inside(data, track, (b"mdia", b"hdlr"), name)
    return b"" if handler is None else data[handler.payload + 8 : handler.payload + 12]


def offset_patches(data: Data, tracks: Sequence[Box], shift: Shift, name: str) -> list[Patch]:
    """Move what points to samples along with them.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    tracks : sequence of Box
        All boxes trak.
    shift : Shift
        Where bytes come to stand.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A table is damaged, or an offset outgrows its 32 bits.
    UnsupportedError
        A track is kept in another file, or is encrypted in a way that has offsets of its own.
    """
    return [patch for track in tracks for patch in _track_patches(data, track, shift, name)]


def _track_patches(data: Data, track: Box, shift: Shift, name: str) -> Iterator[Patch]:
    tables = boxes.inside(data, track, (b"mdia", b"minf", b"stbl"), name)
    if tables is None:
        return
    references = boxes.inside(data, track, (b"mdia", b"minf", b"dinf", b"dref"), name)
    if references is not None:
        for entry in boxes.walk(data, references.payload + 8, references.end, name):
            if not data[entry.payload + 3] & _SELF_CONTAINED:
                raise UnsupportedError("has a track that is kept in another file", path=name)
    for table in boxes.walk(data, tables.payload, tables.end, name):
        if table.kind == b"saio":
            raise UnsupportedError(
                "has encrypted samples, whose offsets this version does not move", path=name
            )
        if table.kind in _CHUNKS:
            yield _moved(data, table, shift, name)


def _moved(data: Data, table: Box, shift: Shift, name: str) -> Patch:
    width, form = _CHUNKS[table.kind]
    start = table.payload + 8
    count = int.from_bytes(data[table.payload + 4 : start], "big")
    end = start + width * count
    if end > table.end:
        raise MediaError(
            f"is a damaged MP4: its table of chunks claims {count} in "
            f"{table.end - table.payload} bytes",
            path=name,
        )
    new = bytearray()
    for at in range(start, end, width * _BATCH):
        stop = min(at + width * _BATCH, end)
        batch = form.format((stop - at) // width)
        try:
            new += struct.pack(batch, *map(shift.moved, struct.unpack(batch, data[at:stop])))
        except struct.error:
            raise MediaError(
                "would grow beyond what its chunk offsets can say", path=name
            ) from None
    return Patch(start, end, bytes(new))
