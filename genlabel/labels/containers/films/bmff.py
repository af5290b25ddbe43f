"""MP4, MOV, M4V and M4A: labels under the movie's metadata keys, XMP in a box of its own.

References
----------
ISO/IEC 14496-12, 4.2, 8.1 (free), 8.2 (moov), 8.8 (mvex), 8.10 (udta) and 8.11 (meta);
QuickTime File Format, metadata; XMP Specification Part 3, 1.2 (box uuid of the XMP identifier,
XMP_ in QuickTime).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from genlabel._data import Data, Piece
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import bmff_fragments, bmff_tracks, boxes
from genlabel.labels.containers.boxes import Box, Patch, Shift
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.films import bmff_meta
from genlabel.labels.containers.films.bmff_meta import Meta

_XMP_ID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# Pictures among chapters make no film of these.
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
_QUICKTIME_BRAND = b"qt  "
_FREE = (b"free", b"skip")
_COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class _Movie:
    """A file taken apart; places are numbered XMP first, then metadata, then QuickTime's texts."""

    top: tuple[Box, ...]
    movie: Box
    inside: tuple[Box, ...]
    user: Box | None
    packets: tuple[tuple[Box, int, tuple[Box, ...]], ...]
    metas: tuple[Meta, ...]
    user_texts: tuple[Box, ...]

    @property
    def firsts(self) -> list[int]:
        """Numbers of the first text of each metadata box, and of the text after the last."""
        counts = [len(self.packets)]
        for meta in self.metas:
            counts.append(counts[-1] + len(meta.items))
        return counts

    @property
    def tracks(self) -> list[Box]:
        """Boxes of tracks."""
        return [box for box in self.inside if box.kind == b"trak"]

    @property
    def fragmented(self) -> bool:
        """Whether samples lie in fragments behind the movie box."""
        return any(box.kind == b"mvex" for box in self.inside)


def read(data: Data, *, name: str) -> Contents:
    """Take an MP4 apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every XMP packet and every item of the movie's metadata is a place; the media type tells
        films from sound.

    Raises
    ------
    MediaError
        The file is cut short, or a box is damaged.
    UnsupportedError
        It holds neither picture nor sound.
    """
    movie = _movie(data, name)
    media_type = _media_type(data, movie, name)
    return Contents.of(_places(data, movie, name), media_type, _COMMENT)


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[Iterable[Piece], tuple[str, ...]]:
    """Put an MP4 together again, with everything that points to samples following them.

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
        It grows beyond what a size or an offset in it can say.
    UnsupportedError
        It has offsets that this version cannot move, or labels within fragments.
    """
    movie = _movie(data, name)
    patches = [
        patch
        for meta, first in zip(movie.metas, movie.firsts, strict=False)
        for patch in meta.patches(first, edits)
    ]
    for index, box in enumerate(movie.user_texts, movie.firsts[-1]):
        if index in edits.texts or index in edits.drop:
            text = edits.texts.get(index)
            new = b"" if text is None else bmff_meta.new_user_text(box.kind, text)
            patches.append(
                Patch(box.start, box.end, new, (movie.movie, *filter(None, [movie.user])))
            )
    for index, (box, start, around) in enumerate(movie.packets):
        if index in edits.xmp:
            within = (*around, box)
            patches.append(Patch(start, box.end, edits.xmp[index], within))
        elif index in edits.drop:
            patches.append(Patch(box.start, box.end, b"", around))
    if edits.new_texts:
        patches += _new_texts(data, movie, edits.new_texts, name)
    if not movie.fragmented:
        patches += _room(movie, patches)
    if edits.new_xmp is not None:
        # Nothing can follow a box that reaches to the end of the file, and the index of fragments
        # is found from there.
        last = movie.top[-1]
        at = last.start if last.open or last.kind == b"mfra" else last.end
        patches.append(Patch(at, at, boxes.framed(b"uuid", _XMP_ID + edits.new_xmp)))
    bmff_fragments.check_within(movie.top, patches, name)
    shift = Shift(patches)
    moved: list[Patch] = []
    if shift.from_first:
        moved += bmff_tracks.offset_patches(data, movie.tracks, shift, name)
        moved += bmff_fragments.offset_patches(data, movie.top, shift, name)
    return boxes.applied(data, [*boxes.resized(patches, data, name), *moved]), ()


def _movie(data: Data, name: str) -> _Movie:
    top = boxes.walk(data, 0, len(data), name, nested=False)
    movie = boxes.first(top, b"moov")
    if movie is None:
        raise MediaError("is a damaged MP4: it holds no movie", path=name)
    inside = boxes.walk(data, movie.payload, movie.end, name)
    user = boxes.first(inside, b"udta")
    below = [] if user is None else boxes.walk(data, user.payload, user.end, name)
    packets: list[tuple[Box, int, tuple[Box, ...]]] = [
        (box, box.payload + len(_XMP_ID), ())
        for box in top
        if box.kind == b"uuid"
        and data[box.payload : min(box.payload + len(_XMP_ID), box.end)] == _XMP_ID
    ]
    metas: list[tuple[Box, ...]] = []
    if user is not None:
        around = (movie, user)
        packets += [(box, box.payload, around) for box in below if box.kind == b"XMP_"]
        metas += [(*around, box) for box in below if box.kind == b"meta"]
    metas += [(movie, box) for box in inside if box.kind == b"meta"]
    taken = tuple(bmff_meta.read(data, around, name) for around in metas)
    texts = tuple(box for box in below if bmff_meta.is_user_text(box.kind))
    return _Movie(tuple(top), movie, tuple(inside), user, tuple(packets), taken, texts)


def _media_type(data: Data, movie: _Movie, name: str) -> str:
    kinds = {bmff_tracks.kind(data, track, name) for track in movie.tracks}
    brand = data[8:12] if movie.top[0].kind == b"ftyp" else _QUICKTIME_BRAND
    if b"vide" in kinds and brand not in _SOUND_BRANDS:
        return "video/quicktime" if brand == _QUICKTIME_BRAND else "video/mp4"
    if b"soun" not in kinds:
        raise UnsupportedError("is an MP4 with neither picture nor sound", path=name)
    return "audio/mp4"


def _places(data: Data, movie: _Movie, name: str) -> Iterator[tuple[Held, bool]]:
    for index, (box, start, _) in enumerate(movie.packets):
        problem = boxes.too_long(box.end - start)
        packet = b"" if problem else data[start : box.end]
        yield Held(index, f"MP4 box {box.kind.decode()!r}", packet, problem=problem), True
    for meta, first in zip(movie.metas, movie.firsts, strict=False):
        path = ".".join(box.kind.decode("latin-1") for box in meta.around)
        for held in meta.places(data, first, f"MP4 {path}", name):
            yield held, False
    for index, box in enumerate(movie.user_texts, movie.firsts[-1]):
        keyword = bmff_meta.title(box.kind)
        where = f"MP4 moov.udta {keyword!r}"
        yield Held(index, where, bmff_meta.user_text(data, box), keyword), False


def _new_texts(
    data: Data, movie: _Movie, texts: Sequence[tuple[str, bytes]], name: str
) -> list[Patch]:
    """Put texts where the movie has keys of its own, or give them such a place."""
    for meta in movie.metas:
        if meta.keyed:
            return meta.addition(texts)
    new = bmff_meta.new(texts)
    inner, outer = movie.user, movie.movie
    if inner is None:
        at = boxes.end_of(movie.inside, outer.payload)
        return [Patch(at, at, boxes.framed(b"udta", new), (outer,))]
    # A list of iTunes has no keys of its own, and stays beside ours: exiftool and FFmpeg read both,
    # and of a list directly in the movie exiftool reads QuickTime's form only, which ISO forbids.
    below = boxes.walk(data, inner.payload, inner.end, name)
    # QuickTime may end the list with four zeros.
    at = boxes.end_of(below, inner.payload)
    return [Patch(at, at, new, (outer, inner))]


def _room(movie: _Movie, patches: list[Patch]) -> list[Patch]:
    """Take what a movie before its samples grows by out of free space, where there is enough."""
    samples = boxes.first(movie.top, b"mdat")
    if samples is None or samples.start < movie.movie.start:
        return []
    growth = sum(patch.growth for patch in patches if patch.end <= samples.start)
    if growth <= 0:
        return []
    for box, around in _free(movie, samples):
        left = box.end - box.start - growth
        if left == 0:
            return [Patch(box.start, box.end, b"", around)]
        if left >= boxes.HEADER_BYTES and box.end - growth >= box.payload:
            return [Patch(box.end - growth, box.end, b"", (*around, box))]
    return []


def _free(movie: _Movie, samples: Box) -> Iterator[tuple[Box, tuple[Box, ...]]]:
    for box in movie.top:
        if box.kind in _FREE and box.end <= samples.start:
            yield box, ()
    for box in movie.inside:
        if box.kind in _FREE:
            yield box, (movie.movie,)
