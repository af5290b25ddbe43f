"""Matroska and WebM: labels among the tags, clusters where they are wherever that is possible.

References
----------
RFC 8794 (EBML); RFC 9559, 4.5 and 5.1 (segment), 6 (unknown sizes), 16 (positions), 25.1 (where
tags stand); WebM Container Guidelines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from genlabel._data import Data, Piece, forget
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Patch, Shift
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.films import ebml, matroska_index, matroska_tags
from genlabel.labels.containers.films.ebml import Element
from genlabel.labels.containers.films.matroska_index import CLUSTER, CUES, SEEK_HEAD
from genlabel.labels.containers.films.matroska_tags import TAGS, Tags

_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
_DOCUMENT_TYPE = 0x4282
_INFO, _TRACKS, _CHAPTERS, _ATTACHMENTS = 0x1549A966, 0x1654AE6B, 0x1043A770, 0x1941A469
# What ends a cluster of unknown size.
_TOP = (_EBML, _SEGMENT, SEEK_HEAD, _INFO, _TRACKS, CLUSTER, CUES, TAGS, _CHAPTERS, _ATTACHMENTS)
_TRACK, _TRACK_TYPE = 0xAE, 0x83
_VIDEO, _AUDIO = 1, 2
_COMMENT = "COMMENT"
_TYPES = {b"webm": "webm", b"matroska": "matroska"}
MAX_TRACKS_BYTES = 16 << 20
#: An hour has some thousand clusters.
MAX_CHILDREN = 1 << 20
# Moving what counts positions may make it longer, which moves it again.
_MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class _File:
    """A file taken apart."""

    kind: str
    segment: Element
    children: tuple[Element, ...]
    tags: tuple[Tags, ...]

    @property
    def firsts(self) -> list[int]:
        """Numbers of the first text of each element of tags, and of the text after the last."""
        counts = [0]
        for tags in self.tags:
            counts.append(counts[-1] + len(tags.texts))
        return counts

    @property
    def end(self) -> int:
        """Where the segment ends."""
        return self.children[-1].end if self.segment.open else self.segment.end

    def first(self, kind: int) -> Element | None:
        """Give the first element of a kind."""
        return ebml.named(self.children, kind)

    def room(self, element: Element) -> int:
        """Say where the empty space behind an element ends."""
        at = element.end
        for child in self.children[self.children.index(element) + 1 :]:
            if child.kind != ebml.VOID:
                break
            at = child.end
        return at


def read(data: Data, *, name: str) -> Contents:
    """Take a Matroska or WebM file apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every tag that has a name is a place; the media type tells films from sound.

    Raises
    ------
    MediaError
        The file is cut short, or an element is damaged.
    UnsupportedError
        It is another kind of EBML, or holds neither picture nor sound.
    """
    file = _file(data, name)
    media_type = _media_type(data, file, name)
    shown = "WebM" if file.kind == "webm" else "Matroska"
    places: Iterator[tuple[Held, bool]] = (
        place
        for tags, first in zip(file.tags, file.firsts, strict=False)
        for place in tags.places(data, first, shown)
    )
    return Contents.of(places, media_type, _COMMENT)


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[Iterable[Piece], tuple[str, ...]]:
    """Put a Matroska file together again, with everything that points to clusters following them.

    Tags come before the first cluster: exiftool looks no further.

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
        Its index cannot be moved.
    """
    file = _file(data, name)
    changes: list[tuple[Element | None, bytes]] = []
    mine = edits
    for tags, first in zip(file.tags, file.firsts, strict=False):
        new = tags.edited(data, first, mine)
        mine = edits.without_new()
        if new != data[tags.element.start : tags.element.end]:
            changes.append((tags.element, new))
    if not file.tags and (texts := matroska_tags.added(edits)):
        changes.append((None, ebml.framed(TAGS, matroska_tags.new_tag(texts))))
    patches = _patches(data, file, changes, name)
    return boxes.applied(data, [*patches, *_resized(file, patches)]), ()


def _patches(
    data: Data, file: _File, changes: list[tuple[Element | None, bytes]], name: str
) -> list[Patch]:
    """Change tags, and all that counts positions."""
    tags, homes = _placed(file, changes)
    indices = [child for child in file.children if child.kind in (SEEK_HEAD, CUES)]
    start = file.segment.payload
    written = {index.start: data[index.start : index.end] for index in indices}
    for _ in range(_MAX_ROUNDS):
        patches = [*tags, *(_filled(file, index, written[index.start]) for index in indices)]
        shift = Shift(patches)

        def move(position: int, shift: Shift = shift) -> int:
            """Give where what lay at a position now lies, counted from the segment's data."""
            home = homes.get(position + start)
            if home is None:
                return shift.moved(position + start) - start
            later = tags[tags.index(home) :]
            behind = sum(each.growth for each in later if each.start == each.end)
            return shift.moved(home.start) - behind - start

        again = {index.start: matroska_index.moved(data, index, move, name) for index in indices}
        if not shift.from_first:
            return tags
        if again == written:
            clusters = (child for child in file.children if child.kind == CLUSTER)
            for looks, cluster in enumerate(clusters, 1):
                patches += matroska_index.cluster_patches(data, cluster, move, name)
                forget(data, looks)
            return patches
        written = again
    raise MediaError("is a Matroska file whose index cannot be moved", path=name)


def _placed(
    file: _File, changes: list[tuple[Element | None, bytes]]
) -> tuple[list[Patch], dict[int, Patch]]:
    """Put tags where they stood or before the first cluster, and say which have moved there."""
    cluster = file.first(CLUSTER)
    front = file.end if cluster is None else cluster.start
    patches: list[Patch] = []
    homes: dict[int, Patch] = {}
    for old, new in changes:
        if old is not None and old.start < front:
            patches.append(_filled(file, old, new))
            continue
        patches.append(Patch(front, front, new))
        if old is not None:
            homes[old.start] = patches[-1]
            patches.append(Patch(old.start, old.end, b""))
    return patches, homes


def _filled(file: _File, old: Element, new: bytes) -> Patch:
    """Put an element in another's place, and fill what is left of the empty space behind it."""
    room = file.room(old)
    left = room - old.start - len(new)
    if room == old.end or left < 0 or left == 1:
        return Patch(old.start, old.end, new)
    return Patch(old.start, room, new + ebml.void(left))


def _resized(file: _File, patches: list[Patch]) -> list[Patch]:
    segment, growth = file.segment, sum(patch.growth for patch in patches)
    if segment.open or not growth:
        return []
    at = segment.start + len(ebml.identifier(_SEGMENT))
    size = segment.end - segment.payload + growth
    # Positions count from behind it: it may become longer.
    return [Patch(at, segment.payload, ebml.coded_size(size, segment.payload - at))]


def _file(data: Data, name: str) -> _File:
    head = ebml.read(data, 0, len(data), name)
    fields = ebml.walk(data, head.payload, head.end, name) if head.kind == _EBML else ()
    named = ebml.named(fields, _DOCUMENT_TYPE)
    kind = "" if named is None else _TYPES.get(named.content(data).rstrip(b"\0"), "")
    if not kind or head.open:
        raise UnsupportedError("is EBML of another kind than Matroska and WebM", path=name)
    behind = ebml.walk(data, head.end, len(data), name, unknown=True)
    segment = next((element for element in behind if element.kind != ebml.VOID), None)
    if segment is None or segment.kind != _SEGMENT:
        raise MediaError("is a damaged Matroska file: it holds no segment", path=name)
    children = tuple(_children(data, segment, name))
    found = (child for child in children if child.kind == TAGS)
    return _File(kind, segment, children, tuple(matroska_tags.read(data, t, name) for t in found))


def _children(data: Data, segment: Element, name: str) -> Iterator[Element]:
    """List a segment's elements; what has no size ends where the next of its level begins."""
    at, count = segment.payload, 0
    while at < segment.end:
        child = ebml.read(data, at, segment.end, name)
        count += 1
        forget(data, count)
        if count > MAX_CHILDREN:
            raise MediaError(
                f"is a damaged Matroska file: more than {MAX_CHILDREN} clusters", path=name
            )
        if segment.open and child.kind in (_EBML, _SEGMENT):
            return
        if child.open:
            if child.kind != CLUSTER:
                raise MediaError(
                    f"is a damaged Matroska file: the element at byte {at} has no size", path=name
                )
            child = replace(child, end=_end_of_cluster(data, child, name))
        yield child
        at = child.end


def _end_of_cluster(data: Data, cluster: Element, name: str) -> int:
    for item in ebml.walk(data, cluster.payload, cluster.end, name, unknown=True):
        if item.kind in _TOP:
            return item.start
        if item.open:
            raise MediaError(
                f"is a damaged Matroska file: the element at byte {item.start} has no size",
                path=name,
            )
    return cluster.end


def _media_type(data: Data, file: _File, name: str) -> str:
    tracks = file.first(_TRACKS)
    if tracks is None or tracks.end - tracks.payload > MAX_TRACKS_BYTES:
        raise MediaError("is a damaged Matroska file: it lists no tracks", path=name)
    kinds = set()
    for track in ebml.walk(data, tracks.payload, tracks.end, name):
        if track.kind == _TRACK:
            told = ebml.named(ebml.walk(data, track.payload, track.end, name), _TRACK_TYPE)
            kinds.add(0 if told is None else told.number(data))
    if not kinds & {_VIDEO, _AUDIO}:
        raise UnsupportedError("is a Matroska file with neither picture nor sound", path=name)
    return f"{'video' if _VIDEO in kinds else 'audio'}/{file.kind}"
