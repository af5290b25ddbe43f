"""What FFmpeg does not carry from one MP4 file to the next, put into the new one as it was.

Tags as they were stored, XMP, dates, what tracks say of themselves, and what a picture's sample
entry says of light and space.

References
----------
ISO/IEC 14496-12, 8.2.2 (mvhd), 8.3.2 (tkhd), 8.4.2 (mdhd), 8.5.2 (stsd), 8.10.1 (udta), 8.11
(meta), 12.1.5 (mdcv, clli); Spherical Video V2 (st3d, sv3d).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from genlabel._data import Data, Piece
from genlabel.labels.containers import bmff_fragments, bmff_tracks, boxes
from genlabel.labels.containers.boxes import Box, Patch, Shift

_TOLD = (b"udta", b"meta")
# Of the picture: light and space, which hold however it is coded.
_SEEN = (b"mdcv", b"clli", b"cclv", b"amve", b"st3d", b"sv3d", b"vexu", b"hfov")
# Signatures over the old bytes.
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_SAMPLE_ENTRY_BYTES = 78


@dataclass(frozen=True, slots=True)
class _Movie:
    """A file's boxes."""

    data: Data
    top: list[Box]
    movie: Box
    inside: list[Box]
    tracks: dict[int, Box]


def grafted(old: Data, new: Data, name: str) -> Iterator[Piece]:
    """Give a new film with what only the old one has.

    Parameters
    ----------
    old, new : bytes or Mapped
        The source, and what FFmpeg made of it.
    name : str
        For messages.

    Yields
    ------
    bytes or range
        The new film, in pieces.

    Raises
    ------
    MediaError
        A box is damaged.
    """
    source, made = _movie(old, name), _movie(new, name)
    if source is None or made is None:
        yield range(len(new))
        return
    patches = [*_replaced(made, made.movie, source, source.movie, name)]
    patches += _dates(made, made.inside, source, source.inside, b"mvhd")
    for number, track in made.tracks.items():
        before = source.tracks.get(number)
        if before is not None:
            patches += _track(made, track, source, before, name)
    patches += _others(made, source)
    shift = Shift(patches)
    moved: list[Patch] = []
    if shift.from_first:
        moved += bmff_tracks.offset_patches(new, list(made.tracks.values()), shift, name)
        moved += bmff_fragments.offset_patches(new, made.top, shift, name)
    yield from boxes.applied(new, [*boxes.resized(patches, new, name), *moved])


def _movie(data: Data, name: str) -> _Movie | None:
    top = boxes.walk(data, 0, len(data), name, nested=False)
    movie = boxes.first(top, b"moov")
    if movie is None:
        return None
    inside = boxes.walk(data, movie.payload, movie.end, name)
    tracks = {number_of(data, box, name): box for box in inside if box.kind == b"trak"}
    return _Movie(data, top, movie, inside, tracks)


def number_of(data: Data, track: Box, name: str) -> int:
    """Read a track's number; 0 where it has none.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    track : Box
        A box trak.
    name : str
        For messages.
    """
    header = boxes.inside(data, track, (b"tkhd",), name)
    if header is None:
        return 0
    # Version 1 has dates of 64 bits in front of it.
    at = header.payload + (20 if data[header.payload] == 1 else 12)
    return int.from_bytes(data[at : at + 4], "big")


def _replaced(
    made: _Movie, into: Box, source: _Movie, out_of: Box, name: str, *around: Box
) -> Iterator[Patch]:
    """Put the old box's texts and tags in place of the new one's."""
    new = boxes.walk(made.data, into.payload, into.end, name)
    old = boxes.walk(source.data, out_of.payload, out_of.end, name)
    for box in new:
        if box.kind in _TOLD:
            yield Patch(box.start, box.end, b"", (*around, into))
    kept = b"".join(source.data[box.start : box.end] for box in old if box.kind in _TOLD)
    if kept:
        at = boxes.end_of(new, into.payload)
        yield Patch(at, at, kept, (*around, into))


def _dates(
    made: _Movie, new: list[Box], source: _Movie, old: list[Box], kind: bytes
) -> Iterator[Patch]:
    """Carry when something was made and changed, where both say it in 32 bits."""
    here, there = boxes.first(new, kind), boxes.first(old, kind)
    if here is None or there is None:
        return
    if made.data[here.payload] or source.data[there.payload]:
        return
    at = here.payload + 4
    yield Patch(at, at + 8, source.data[there.payload + 4 : there.payload + 12])


def _track(made: _Movie, track: Box, source: _Movie, before: Box, name: str) -> Iterator[Patch]:
    yield from _replaced(made, track, source, before, name, made.movie)
    new = boxes.walk(made.data, track.payload, track.end, name)
    old = boxes.walk(source.data, before.payload, before.end, name)
    yield from _dates(made, new, source, old, b"tkhd")
    here, there = boxes.first(new, b"mdia"), boxes.first(old, b"mdia")
    if here is not None and there is not None:
        inside = boxes.walk(made.data, here.payload, here.end, name)
        beside = boxes.walk(source.data, there.payload, there.end, name)
        yield from _dates(made, inside, source, beside, b"mdhd")
    yield from _seen(made, track, source, before, name)


def _seen(made: _Movie, track: Box, source: _Movie, before: Box, name: str) -> Iterator[Patch]:
    """Carry what the picture's sample entry says of light and space."""
    if bmff_tracks.kind(made.data, track, name) != b"vide":
        return
    path = (b"mdia", b"minf", b"stbl", b"stsd")
    table = boxes.inside(made.data, track, path, name)
    other = boxes.inside(source.data, before, path, name)
    if table is None or other is None:
        return
    new = boxes.walk(made.data, table.payload + 8, table.end, name)
    old = boxes.walk(source.data, other.payload + 8, other.end, name)
    if len(new) != 1 or len(old) != 1:
        return
    there = boxes.walk(made.data, new[0].payload + _SAMPLE_ENTRY_BYTES, new[0].end, name)
    kinds = {box.kind for box in there}
    kept = b"".join(
        source.data[box.start : box.end]
        for box in boxes.walk(source.data, old[0].payload + _SAMPLE_ENTRY_BYTES, old[0].end, name)
        if box.kind in _SEEN and box.kind not in kinds
    )
    if kept:
        around = [made.movie, track]
        for kind in path:
            inner = boxes.inside(made.data, around[-1], (kind,), name)
            assert inner is not None
            around.append(inner)
        at = boxes.end_of(there, new[0].payload + _SAMPLE_ENTRY_BYTES)
        yield Patch(at, at, kept, (*around, new[0]))


def _others(made: _Movie, source: _Movie) -> Iterator[Patch]:
    """Carry XMP and what other programs put into boxes of their own."""
    kept = [
        source.data[box.start : box.end]
        for box in source.top
        if box.kind == b"uuid" and source.data[box.payload : box.payload + 16] != _C2PA
    ]
    if kept:
        last = made.top[-1]
        at = last.start if last.kind == b"mfra" else last.end
        yield Patch(at, at, b"".join(kept))
