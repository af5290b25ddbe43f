"""WAV: RIFF, RF64 and BW64 chunks; samples and every chunk of other programs stay as they are.

References
----------
Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), 2 (RIFF,
LIST INFO); EBU Tech 3306 (RF64); ITU-R BS.2088 (BW64); XMP Specification Part 3, 1.2 (chunk
_PMX).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from genlabel._data import Data, Piece
from genlabel._errors import LabelError, MediaError
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.riff import Chunk, Form, framed, gathered, walk
from genlabel.labels.containers.sound import id3, id3_forms
from genlabel.labels.containers.sound.id3 import DamagedTag, Tag

_XMP = b"_PMX"
_ID3 = (b"id3 ", b"ID3 ")
_INFO = b"INFO"
_COMMENT = "ICMT"
_DESCRIPTION_BYTES = 256
# Some writers count the header in.
_OVERCOUNT = 8
# Chunks that hold no text, or one of their own form.
_OTHERS = (b"fmt ", b"data", b"fact", b"ds64", b"bext", b"iXML", b"C2PA", b"JUNK", b"PEAK")
# A text for every name that was ever registered is less than a hundred.
MAX_ITEMS = 1 << 12


@dataclass(frozen=True, slots=True)
class _Part:
    """A chunk and the places in it, by number."""

    chunk: Chunk
    first: int
    items: tuple[Chunk, ...] = ()
    rest: bytes = b""
    tag: Tag | None = None

    @property
    def numbers(self) -> range:
        """Numbers of its texts."""
        count = 1
        if self.chunk.kind == b"LIST":
            count = len(self.items)
        elif self.chunk.kind in _ID3:
            count = 0 if self.tag is None else len(self.tag.frames)
        return range(self.first, self.first + count)


def read(data: Data, *, name: str) -> Contents:
    """Take a WAV apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every chunk is a place, every text of a LIST INFO and every frame of an ID3 tag.

    Raises
    ------
    MediaError
        The file is cut short, a chunk runs beyond the end, there is no format or no sound, or
        there are too many chunks.
    """
    form, parts = _parts(data, name)
    found = [pair for part in parts for pair in _places(data, part)]
    _check_format(data, form, name)
    # Readers show what a broadcaster describes as the comment, too, and only one of them.
    described = any(
        part.chunk.kind == b"bext" and part.chunk.content(data)[:_DESCRIPTION_BYTES].strip(b" \0")
        for part in parts
    )
    return Contents.of(found, comment="" if described else _COMMENT)


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[list[Piece], tuple[str, ...]]:
    """Put a WAV together again; new chunks come last, a comment into the LIST INFO that is there.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (list of bytes or range, tuple of str)
        The new file, and a warning where its header left its length open.

    Raises
    ------
    LabelError
        A text's keyword is no chunk's name.
    MediaError
        The file grows beyond what its header can say.
    """
    form, parts = _parts(data, name)
    new = b""
    if edits.new_text is not None:
        keyword, text = edits.new_text
        if len(keyword) != 4 or not keyword.isascii():
            raise LabelError(f"{keyword!r} is no name of a RIFF chunk", path=name)
        new += framed(keyword.encode(), text)
    if edits.new_xmp is not None:
        new += framed(_XMP, edits.new_xmp)
    comment = b"" if edits.new_comment is None else _text_item(*edits.new_comment)
    home = next((part for part in parts if part.items), None)
    if comment and home is None:
        new += framed(b"LIST", _INFO + comment)
    out: list[Piece] = []
    for part in parts:
        out += _edited(data, part, edits, name, more=comment if part is home else b"")
    # Nothing can follow samples whose length is unknown, and c2pa-python refuses such files.
    warnings = ("its header left its length open, which is filled in now",) if form.open else ()
    return form.around(data, [*out, new], name), warnings


def _parts(data: Data, name: str) -> tuple[Form, list[_Part]]:
    form = walk(data, b"WAVE", "WAV", name, overcount=_OVERCOUNT)
    parts = []
    first = 0
    for chunk in form.chunks:
        part = _Part(chunk, first)
        if chunk.kind == b"LIST":
            items, rest = _items(data, chunk)
            part = replace(part, items=items, rest=rest)
        elif chunk.kind in _ID3:
            part = replace(part, tag=_tag(data, chunk))
        parts.append(part)
        first = part.numbers.stop
    return form, parts


def _places(data: Data, part: _Part) -> Iterator[tuple[Held, bool]]:
    chunk = part.chunk
    kind = chunk.kind.decode("latin-1")
    if part.tag is not None:
        for held, is_xmp in part.tag.places(part.first):
            yield replace(held, own=False), is_xmp
    elif chunk.kind == b"LIST":
        for index, item in enumerate(part.items, part.first):
            keyword = item.kind.decode("latin-1")
            yield Held(index, f"RIFF INFO {keyword!r}", item.content(data), keyword), False
    elif chunk.kind == _XMP:
        yield Held(part.first, "RIFF chunk '_PMX'", chunk.content(data)), True
    elif chunk.kind not in _OTHERS and chunk.kind not in _ID3:
        text = chunk.content(data)
        yield Held(part.first, f"RIFF chunk {kind!r}", text, kind, own=True), False


def _text_item(keyword: str, text: bytes) -> bytes:
    return framed(keyword.encode(), text + b"\0")


def _edited(
    data: Data, part: _Part, edits: Edits, name: str, *, more: bytes = b""
) -> tuple[Piece, ...]:
    """Give what becomes of a chunk; `more` is for the end of a LIST INFO."""
    chunk = part.chunk
    if not more and not edits.touch(part.numbers):
        return chunk.stored
    mine = edits.without_new()
    if part.tag is not None:
        try:
            content = id3_forms.upgraded(part.tag).edited(part.first, mine)
        except DamagedTag as error:
            raise LabelError(f"its ID3 tag cannot take the label: {error}", path=name) from None
        return (framed(chunk.kind, content),) if content else ()
    if chunk.kind == b"LIST":
        kept = [
            _text_item(item.kind.decode("latin-1"), edits.texts[index])
            if index in edits.texts
            else gathered(data, item.stored)
            for index, item in enumerate(part.items, part.first)
            if index not in edits.drop
        ]
        kept += [more] if more else []
        return (framed(b"LIST", b"".join([_INFO, *kept, part.rest])),) if kept else ()
    if part.first in edits.drop:
        return ()
    texts = {**edits.xmp, **edits.texts}
    return (framed(chunk.kind, texts[part.first]),)


def _items(data: Data, chunk: Chunk) -> tuple[tuple[Chunk, ...], bytes]:
    """List the texts of a LIST INFO; one that cannot be walked is left as it is."""
    found: list[Chunk] = []
    at = chunk.payload + len(_INFO)
    if data[chunk.payload : at] != _INFO:
        return (), b""
    while at + 8 <= chunk.end and len(found) <= MAX_ITEMS:
        payload = at + 8
        end = payload + int.from_bytes(data[at + 4 : payload], "little")
        if end > chunk.end:
            return (), b""
        stop = min(end + (end - payload) % 2, chunk.end)
        found.append(Chunk(data[at : at + 4], at, payload, end, stop))
        at = stop
    return (tuple(found), data[at : chunk.end]) if len(found) <= MAX_ITEMS else ((), b"")


def _tag(data: Data, chunk: Chunk) -> Tag | None:
    """Take a tag apart; a damaged one is left as it is."""
    try:
        return id3.read(chunk.content(data), 0)
    except DamagedTag:
        return None


def _check_format(data: Data, form: Form, name: str) -> None:
    formats = [chunk for chunk in form.chunks if chunk.kind == b"fmt "]
    if not formats or not any(chunk.kind == b"data" for chunk in form.chunks):
        raise MediaError("is a damaged WAV: it holds no sound", path=name)
    fields = formats[0].content(data)
    if len(fields) < 14 or not int.from_bytes(fields[2:4], "little"):
        raise MediaError("is a damaged WAV: its format names no channels", path=name)
