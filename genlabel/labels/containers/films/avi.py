"""AVI: labels among the texts of the file, XMP in a chunk of its own.

References
----------
AVI RIFF File Reference (Microsoft); OpenDML AVI File Format Extensions 1.02 (RIFF AVIX);
Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), 2 (LIST
INFO); XMP Specification Part 3, 1.2 (chunk _PMX).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from genlabel._data import Data, Piece
from genlabel._errors import LabelError, MediaError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Patch, Shift
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.films import avi_index
from genlabel.labels.containers.riff import MAX_CHUNKS, MAX_FORM_BYTES, Chunk, framed

_FRAME_BYTES = 8
_XMP, _LIST = b"_PMX", b"LIST"
_COMMENT = "ICMT"
#: Longer texts are not read.
MAX_TEXT_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class _Place:
    """A chunk that may hold text, and the lists around it."""

    chunk: Chunk
    around: tuple[Chunk, ...]
    info: bool


@dataclass(frozen=True, slots=True)
class _File:
    """A file taken apart."""

    forms: tuple[Chunk, ...]
    inside: tuple[Chunk, ...]
    info: Chunk | None
    places: tuple[_Place, ...]


def read(data: Data, *, name: str) -> Contents:
    """Take an AVI apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every text of a LIST INFO is a place, and every chunk that is named as the label or XMP.

    Raises
    ------
    MediaError
        The file is cut short, a chunk runs beyond the end, or there is no film.
    """
    file = _file(data, name)
    return Contents.of(_held(data, file), comment=_COMMENT)


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[Iterable[Piece], tuple[str, ...]]:
    """Put an AVI together again, with its indices following the film.

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
    LabelError
        A text's keyword is no chunk's name.
    MediaError
        The first part of the file grows beyond what its header can say, or an index is damaged.
    UnsupportedError
        It has an index of an unknown kind.
    """
    file = _file(data, name)
    changes = list(_changes(file, edits))
    changes += _new(file, changes, edits, name)
    changes += _room(data, file, changes)
    patches = [patch for patch, _ in changes]
    shift = Shift(patches)
    moved: list[Patch] = []
    if shift.from_first:
        moved += avi_index.patches(data, list(_indices(data, file, name)), shift, name)
        movie = _movie(data, file)
        old = next((chunk for chunk in file.inside if chunk.kind == b"idx1"), None)
        if old is not None and movie is not None:
            moved += avi_index.old_patches(data, old, movie, shift)
    return boxes.applied(data, [*patches, *_resized(changes, name), *moved]), ()


def is_whole(data: Data) -> bool:
    """Tell whether the file is one RIFF form and nothing behind it.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    """
    size = int.from_bytes(data[4:8], "little")
    return _FRAME_BYTES + size + (size & 1) >= len(data)


def _file(data: Data, name: str) -> _File:
    forms: list[Chunk] = []
    for form in _chunks(data, 0, len(data), name, at_most=None):
        if form.kind != b"RIFF" or _type(data, form) != (b"AVIX" if forms else b"AVI "):
            break
        forms.append(form)
    if not forms:
        raise MediaError("is cut short: it ends in its AVI header", path=name)
    first = forms[0]
    inside = tuple(_chunks(data, first.payload + 4, first.stop, name))
    places: list[_Place] = []
    info: Chunk | None = None
    for chunk in inside:
        if chunk.kind == _LIST and _type(data, chunk) == b"INFO":
            info = chunk if info is None else info
            # What pads a list of odd size pads its last text.
            items = _chunks(data, chunk.payload + 4, chunk.stop, name)
            places += [_Place(item, (first, chunk), True) for item in items]
        elif chunk.kind in (_XMP, b"AIGC"):
            places.append(_Place(chunk, (first,), False))
    return _File(tuple(forms), inside, info, tuple(places))


def _chunks(
    data: Data, start: int, end: int, name: str, *, at_most: int | None = MAX_CHUNKS
) -> Iterator[Chunk]:
    """List chunks one behind the other; what is less than a chunk's frame is left over."""
    at, count = start, 0
    while at + _FRAME_BYTES <= end:
        kind, size = struct.unpack("<4sI", data[at : at + _FRAME_BYTES])
        payload = at + _FRAME_BYTES
        if payload + size > end:
            if at_most is None and kind != b"RIFF":
                # Bytes behind the film are no part of it.
                return
            raise MediaError(
                f"is cut short: a chunk {kind.decode('latin-1')!r} at byte {at} claims {size} "
                f"bytes, {end - payload} are there",
                path=name,
            )
        yield Chunk(kind, at, payload, payload + size, min(payload + size + (size & 1), end))
        at = min(payload + size + (size & 1), end)
        count += 1
        if count > MAX_CHUNKS:
            raise MediaError(f"is a damaged AVI: more than {MAX_CHUNKS} chunks", path=name)


def _type(data: Data, chunk: Chunk) -> bytes:
    return data[chunk.payload : min(chunk.payload + 4, chunk.end)]


def _held(data: Data, file: _File) -> Iterator[tuple[Held, bool]]:
    for index, place in enumerate(file.places):
        chunk, kind = place.chunk, place.chunk.kind.decode("latin-1")
        long = chunk.end - chunk.payload > MAX_TEXT_BYTES
        problem = f"it is longer than {MAX_TEXT_BYTES >> 20} MiB" if long else None
        text = b"" if long else chunk.content(data)
        if place.info:
            where, text = f"RIFF INFO {kind!r}", text.rstrip(b"\0")
        else:
            where = f"RIFF chunk {kind!r}"
        held = Held(index, where, text, kind, problem=problem, own=place.info)
        yield held, chunk.kind == _XMP


def _changes(file: _File, edits: Edits) -> Iterator[tuple[Patch, tuple[Chunk, ...]]]:
    """Say what edits change in places that are there, and in which lists."""
    for index, place in enumerate(file.places):
        chunk = place.chunk
        new = edits.xmp.get(index)
        if index in edits.texts:
            new = edits.texts[index] + b"\0" * place.info
        if new is not None:
            yield Patch(chunk.start, chunk.stop, framed(chunk.kind, new)), place.around
        elif index in edits.drop:
            yield Patch(chunk.start, chunk.stop, b""), place.around


def _new(
    file: _File, changes: list[tuple[Patch, tuple[Chunk, ...]]], edits: Edits, name: str
) -> list[tuple[Patch, tuple[Chunk, ...]]]:
    """Put texts among those that are there or behind all others, and XMP last."""
    form, texts, last = file.forms[0], b"", b""
    for keyword, text in edits.new_texts:
        if len(keyword) != 4 or not keyword.isascii():
            raise LabelError(f"{keyword!r} is no name of a RIFF chunk", path=name)
        texts += framed(keyword.encode(), text + b"\0")
    found: list[tuple[Patch, tuple[Chunk, ...]]] = []
    if texts and file.info is not None:
        items = [place.chunk for place in file.places if file.info in place.around]
        found.append((_inserted(file.info, items, texts, changes), (form, file.info)))
    elif texts:
        last += framed(_LIST, b"INFO" + texts)
    if edits.new_xmp is not None:
        last += framed(_XMP, edits.new_xmp)
    if last:
        found.append((_inserted(form, file.inside, last, changes + found), (form,)))
    return found


def _inserted(
    within: Chunk,
    inside: Sequence[Chunk],
    new: bytes,
    changes: list[tuple[Patch, tuple[Chunk, ...]]],
) -> Patch:
    """Put chunks behind a list's last, which may have lost its padding.

    They come before what is less than a chunk at the list's end: behind it they would be read as
    a part of it.
    """
    if not inside:
        return Patch(within.payload + 4, within.payload + 4, new)
    last = inside[-1]
    size = last.stop - last.payload + sum(p.growth for p, lists in changes if last in lists)
    whole = any(patch.start == last.start for patch, _ in changes)
    return Patch(last.stop, last.stop, b"\0" * (not whole and size & 1) + new)


def _room(
    data: Data, file: _File, changes: list[tuple[Patch, tuple[Chunk, ...]]]
) -> list[tuple[Patch, tuple[Chunk, ...]]]:
    """Take what texts before the film grow by out of the empty space behind them."""
    movie = _movie(data, file)
    if movie is None:
        return []
    growth = sum(patch.growth for patch, _ in changes if patch.end <= movie.start)
    for chunk in file.inside:
        spare = chunk.end - chunk.payload - growth
        if chunk.kind == b"JUNK" and chunk.stop <= movie.start and growth > 0 and spare >= 0:
            head = Patch(chunk.payload - 4, chunk.payload, struct.pack("<I", spare))
            return [(head, ()), (Patch(chunk.end - growth, chunk.end, b""), file.forms[:1])]
    return []


def _movie(data: Data, file: _File) -> Chunk | None:
    lists = (chunk for chunk in file.inside if chunk.kind == _LIST)
    return next((chunk for chunk in lists if _type(data, chunk) == b"movi"), None)


def stream_headers(data: Data, *, name: str) -> list[Chunk]:
    """Find the header of every stream, in their order.

    Parameters
    ----------
    data : bytes or Mapped
        The whole file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    return [
        part
        for parts in _streams(data, _file(data, name), name)
        for part in parts
        if part.kind == b"strh"
    ]


def _streams(data: Data, file: _File, name: str) -> Iterator[list[Chunk]]:
    """Take the list of every stream apart."""
    for header in file.inside:
        if header.kind == _LIST and _type(data, header) == b"hdrl":
            for stream in _chunks(data, header.payload + 4, header.end, name):
                if stream.kind == _LIST and _type(data, stream) == b"strl":
                    yield list(_chunks(data, stream.payload + 4, stream.end, name))


def _indices(data: Data, file: _File, name: str) -> Iterator[Chunk]:
    """Find the indices in the headers of streams."""
    for parts in _streams(data, file, name):
        yield from (part for part in parts if part.kind == b"indx")


def _resized(changes: list[tuple[Patch, tuple[Chunk, ...]]], name: str) -> Iterator[Patch]:
    """Write the sizes of lists anew."""
    growth: dict[int, int] = {}
    around = {chunk.start: chunk for _, lists in changes for chunk in lists}
    for patch, lists in changes:
        for chunk in lists:
            growth[chunk.start] = growth.get(chunk.start, 0) + patch.growth
    for start, more in growth.items():
        size = around[start].stop - around[start].payload + more
        if size > MAX_FORM_BYTES:
            raise MediaError("would grow beyond what a RIFF file can hold", path=name)
        if more:
            yield Patch(start + 4, start + 8, struct.pack("<I", size))
