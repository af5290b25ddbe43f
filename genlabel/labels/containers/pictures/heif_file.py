"""HEIF files taken apart, and changes that every size and offset in them follows.

References
----------
ISO/IEC 14496-12, 8.11 (meta and the lists in it).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from genlabel._data import Piece
from genlabel._errors import MediaError
from genlabel.labels.containers import bmff_fragments, bmff_tracks, boxes
from genlabel.labels.containers.boxes import Box, Patch, Shift
from genlabel.labels.containers.pictures import heif_items, heif_locations
from genlabel.labels.containers.pictures.heif_items import Item
from genlabel.labels.containers.pictures.heif_locations import IN_FILE, IN_IDAT, Layout, Location

#: The MIME type of an XMP packet.
RDF = b"application/rdf+xml"


@dataclass(frozen=True, slots=True)
class File:
    """A file taken apart; packets are numbered as they are listed, those in boxes uuid last.

    Parameters
    ----------
    top : tuple of Box
        The file's boxes.
    meta : Box or None
        The one that lists items.
    inside : mapping of kind to Box
        What is in it.
    ends : mapping of kind to int
        Where more can stand in it, and in its list of items.
    items : tuple of Item
        What items are.
    layout : Layout
        How their places are written.
    locations : tuple of Location
        Where they are.
    primary : int or None
        Which item is the picture.
    describes : mapping of int to set of int
        What items describe.
    """

    top: tuple[Box, ...]
    meta: Box | None
    inside: Mapping[bytes, Box]
    ends: Mapping[bytes, int]
    items: tuple[Item, ...]
    layout: Layout
    locations: tuple[Location, ...]
    primary: int | None
    describes: Mapping[int, set[int]]

    @property
    def own(self) -> list[Item]:
        """Packets that speak of the picture, or of nothing in particular."""
        return [item for item in self.items if item.content == RDF and self._own(item)]

    @property
    def others(self) -> list[Item]:
        """Packets that speak of auxiliary pictures alone: depth and gain maps have such."""
        return [item for item in self.items if item.content == RDF and not self._own(item)]

    @property
    def uuids(self) -> list[Box]:
        """Boxes of private kinds, of which one may hold a packet."""
        return [box for box in self.top if box.kind == b"uuid"]

    def spans(self, item: Item) -> list[tuple[int, int]] | None:
        """Say where in the file an item lies.

        Parameters
        ----------
        item : Item
            Which.

        Returns
        -------
        list of (int, int) or None
            None where it lies elsewhere.
        """
        found = (each for each in self.locations if each.number == item.number)
        location = next(found, None)
        return (
            None if location is None else heif_locations.spans(location, self.inside.get(b"idat"))
        )

    def around(self, start: int, end: int) -> tuple[Box, ...] | None:
        """Give the boxes around some bytes of an item, where they are a place for such.

        Parameters
        ----------
        start, end : int
            Where the bytes are.
        """
        idat = self.inside.get(b"idat")
        if idat is not None and idat.payload <= start and end <= idat.end and self.meta:
            return (self.meta, idat)
        within = (box for box in self.top if box.payload <= start and end <= box.end)
        box = next(within, None)
        return None if box is None or box.kind != b"mdat" else (box,)

    def _own(self, item: Item) -> bool:
        about = self.describes.get(item.number)
        return not about or self.primary is None or self.primary in about


@dataclass(slots=True)
class Change:
    """What changes in a file.

    Parameters
    ----------
    placed_anew : bool
        Whether the list of places is written anew in any case.
    patches : list of Patch
        All changes but those of offsets and sizes.
    inside : dict of int to (int, int)
        Items whose bytes are replaced in their place: where that begins, and how many they become.
    behind : dict of int to bytes
        Items that are put behind all others.
    """

    placed_anew: bool = False
    patches: list[Patch] = field(default_factory=list)
    inside: dict[int, tuple[int, int]] = field(default_factory=dict)
    behind: dict[int, bytes] = field(default_factory=dict)


def take_apart(data: bytes, name: str) -> File:
    """Look into a file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is cut short, or a box is damaged.
    """
    top = tuple(boxes.walk(data, 0, len(data), name, nested=False))
    meta = boxes.first(top, b"meta")
    empty = Layout(0, 4, 4, 0, 0)
    if meta is None:
        return File(top, None, {}, {}, (), empty, (), None, {})
    listed = boxes.walk(data, meta.payload + 4, meta.end, name)
    inside = {box.kind: box for box in reversed(listed)}
    info, places = inside.get(b"iinf"), inside.get(b"iloc")
    entries = [] if info is None else heif_items.entries(data, info, name)
    layout, found = (empty, []) if places is None else heif_locations.locations(data, places, name)
    ends = {b"meta": boxes.end_of(listed, meta.payload + 4)}
    if info is not None:
        ends[b"iinf"] = entries[-1].end if entries else info.end
    return File(
        top,
        meta,
        inside,
        ends,
        tuple(heif_items.items(data, entries)),
        layout,
        tuple(found),
        heif_items.primary(data, inside.get(b"pitm")),
        heif_items.described(data, inside.get(b"iref"), name),
    )


def plain(data: bytes, name: str) -> Iterable[Piece]:
    """Give a file whose items count from the beginning of the file, or of their box.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.
    """
    file = take_apart(data, name)
    if not file.layout.base:
        return [range(len(data))]
    return boxes.applied(data, settled(data, file, Change(placed_anew=True), name))


def parts(data: bytes, name: str) -> Iterator[tuple[str, int, int]]:
    """Name what a HEIF file holds besides its boxes, wherever in the file it is.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Yields
    ------
    tuple of (str, int, int)
        What it is, and where its bytes begin and end.
    """
    file = take_apart(data, name)
    for item in file.items:
        for start, end in file.spans(item) or ():
            yield f"item {item.number}", start, end


def settled(data: bytes, file: File, change: Change, name: str) -> list[Patch]:
    """Give all patches, with those of every size and offset that follow from them.

    Parameters
    ----------
    data : bytes
        The file.
    file : File
        The same, taken apart.
    change : Change
        What changes.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It grows beyond what a size or an offset in it can say.
    """
    patches = list(change.patches)
    last = file.top[-1]
    # Nothing can follow a box that reaches to the end of the file.
    end = last.start if last.open else last.end
    behind = b"".join(change.behind.values())
    if behind:
        patches.append(Patch(end, end, boxes.framed(b"mdat", behind)))
    places = file.inside.get(b"iloc")
    shift = Shift(patches)
    if (
        places is not None
        and file.meta is not None
        and (shift.from_first or change.behind or change.placed_anew)
    ):
        around = (file.meta, places)
        # It is as long with any numbers in it; once its own growth is known they are final.
        draft = _places(file, change, shift, end, name)
        others = patches
        shift = Shift([*others, Patch(places.payload, places.end, draft, around)])
        final = _places(file, change, shift, end, name)
        patches = [*others, Patch(places.payload, places.end, final, around)]
    moved: list[Patch] = []
    if shift.from_first:
        movie = boxes.first(file.top, b"moov")
        inside = [] if movie is None else boxes.walk(data, movie.payload, movie.end, name)
        tracks = [box for box in inside if box.kind == b"trak"]
        moved += bmff_tracks.offset_patches(data, tracks, shift, name)
        moved += bmff_fragments.offset_patches(data, file.top, shift, name)
    return [*boxes.resized(patches, data, name), *moved]


def _places(file: File, change: Change, shift: Shift, end: int, name: str) -> bytes:
    """Write where all items lie in the new file."""
    idat = file.inside.get(b"idat")
    plain = all(heif_locations.spans(old, idat) is not None for old in file.locations)
    base = 0 if plain else file.layout.base
    layout = replace(file.layout, offset=file.layout.offset or 4, base=base)
    origins = {IN_FILE: 0, IN_IDAT: 0 if idat is None else shift.moved(idat.payload)}
    at = shift.moved(end) - sum(map(len, change.behind.values()))
    new: dict[int, Location] = {}
    for number, packet in change.behind.items():
        new[number] = Location(number, IN_FILE, 0, 0, ((0, at, len(packet)),))
        at += len(packet)
    found = []
    for old in file.locations:
        spans = heif_locations.spans(old, idat)
        if old.number in new:
            found.append(new.pop(old.number))
        elif old.number in change.inside:
            start, length = change.inside[old.number]
            one = replace(old, extents=((old.extents[0][0], 0, length),))
            found.append(heif_locations.placed(one, [shift.moved(start)], origins[old.method]))
        elif spans is None:
            found.append(old)
        else:
            starts = [shift.moved(start) for start, _ in spans]
            found.append(heif_locations.placed(old, starts, origins[old.method]))
    try:
        return heif_locations.encoded(layout, [*found, *new.values()])
    except (OverflowError, struct.error):
        raise MediaError("would grow beyond what its list of items can say", path=name) from None
