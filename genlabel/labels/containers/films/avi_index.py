"""Indices of AVI: what in them counts bytes from the beginning of the file.

References
----------
AVI RIFF File Reference (Microsoft; idx1, AVIOLDINDEX); OpenDML AVI File Format Extensions 1.02,
3.0 (index locations, AVISUPERINDEX, AVISTDINDEX).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from genlabel._data import Data
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers.boxes import Patch, Shift
from genlabel.labels.containers.riff import Chunk

# What an index is of: other indices, or chunks.
_OF_INDICES, _OF_CHUNKS = 0, 1
_HEAD_BYTES = 24
_ENTRY_BYTES = 16
_OLD_BATCH = 4096


def patches(data: Data, indices: Sequence[Chunk], shift: Shift, name: str) -> Iterator[Patch]:
    """Move what OpenDML's indices say along with it.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    indices : sequence of Chunk
        Those of the streams' headers.
    shift : Shift
        Where bytes come to stand.
    name : str
        For messages.

    Raises
    ------
    MediaError
        An index is damaged.
    UnsupportedError
        It is of a kind that is not known.
    """
    for index in indices:
        kind, count, _ = _head(data, index.payload, index.end, name)
        if kind == _OF_CHUNKS:
            yield from _base(data, index.payload, index.end, shift, name)
        elif kind == _OF_INDICES:
            for number in range(count):
                at = index.payload + _HEAD_BYTES + number * _ENTRY_BYTES
                place, size = struct.unpack("<QI", data[at : at + 12])
                if not place:
                    continue
                if place + 8 + _HEAD_BYTES > len(data):
                    raise MediaError("is a damaged AVI: its index points beyond it", path=name)
                yield Patch(at, at + 8, struct.pack("<Q", shift.moved(place)))
                end = min(place + max(size, 8 + _HEAD_BYTES), len(data))
                yield from _base(data, place + 8, end, shift, name)
        else:
            raise UnsupportedError("has an index of an unknown kind", path=name)


def old_patches(data: Data, index: Chunk, movie: Chunk, shift: Shift) -> Iterator[Patch]:
    """Move what the old index says, where it counts from the beginning of the file.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    index : Chunk
        The chunk idx1.
    movie : Chunk
        The list it is of.
    shift : Shift
        Where bytes come to stand.
    """
    step = _OLD_BATCH * _ENTRY_BYTES
    end = index.end - (index.end - index.payload) % _ENTRY_BYTES
    if not _absolute(data, index.payload, end, movie):
        return
    for start in range(index.payload, end, step):
        stop = min(start + step, end)
        entries = bytearray(data[start:stop])
        for at in range(8, len(entries), _ENTRY_BYTES):
            (place,) = struct.unpack_from("<I", entries, at)
            struct.pack_into("<I", entries, at, shift.moved(place) & 0xFFFFFFFF)
        yield Patch(start, stop, bytes(entries))


def _absolute(data: Data, start: int, end: int, movie: Chunk) -> bool:
    """Tell by its first entry which of the two ways an old index counts."""
    if start + _ENTRY_BYTES > end:
        return False
    kind = data[start : start + 4]
    (place,) = struct.unpack("<I", data[start + 8 : start + 12])
    # Most count from the list's name on.
    at = movie.payload + place
    if at < movie.end and data[at : at + 4] == kind:
        return False
    return data[place : place + 4] == kind


def _head(data: Data, start: int, end: int, name: str) -> tuple[int, int, int]:
    """Give an index's kind, how many entries it has, which are there, and their size."""
    if end - start < _HEAD_BYTES:
        raise MediaError("is a damaged AVI: an index is cut short", path=name)
    longs, kind, count = struct.unpack("<HxBI", data[start : start + 8])
    if start + _HEAD_BYTES + 4 * longs * count > end or (kind == _OF_INDICES and longs != 4):
        raise MediaError(f"is a damaged AVI: an index claims {count} entries", path=name)
    return kind, count, 4 * longs


def _base(data: Data, start: int, end: int, shift: Shift, name: str) -> Iterator[Patch]:
    """Move where an index of chunks begins to count."""
    kind, count, step = _head(data, start, end, name)
    if kind != _OF_CHUNKS or step < 8:
        raise UnsupportedError("has an index of an unknown kind", path=name)
    if not count:
        return
    base, first = struct.unpack("<Q4xI", data[start + 12 : start + 28])
    # The base may stand anywhere; what it is the base of moves as one.
    growth = shift.moved(base + first) - base - first
    if 0 <= base + growth < 1 << 64:
        yield Patch(start + 12, start + 20, struct.pack("<Q", base + growth))
        return
    entries = bytearray(data[start + _HEAD_BYTES : start + _HEAD_BYTES + step * count])
    for at in range(0, len(entries), step):
        (offset,) = struct.unpack_from("<I", entries, at)
        struct.pack_into("<I", entries, at, (offset + growth) & 0xFFFFFFFF)
    yield Patch(start + _HEAD_BYTES, start + _HEAD_BYTES + len(entries), bytes(entries))
