"""ID3v2 tags at the front of a file of another kind: MPEG sound, and now and then FLAC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genlabel._data import Data
from genlabel._errors import LabelError, MediaError, UnsupportedError
from genlabel.labels.containers.contents import Edits, Held
from genlabel.labels.containers.sound import id3, id3_forms
from genlabel.labels.containers.sound.id3 import DamagedTag, Tag

# One, and a second one where a program did not look.
MAX_TAGS = 8
_OLD = 2


@dataclass(frozen=True, slots=True)
class FrontTag:
    """A tag and where it stands.

    Parameters
    ----------
    tag : Tag
        Taken apart.
    start : int
        Where it begins.
    first : int
        The number of its first frame's place.
    """

    tag: Tag
    start: int
    first: int

    @property
    def numbers(self) -> range:
        """The numbers of its places."""
        return range(self.first, self.first + len(self.tag.frames))


def read(data: Data, name: str) -> tuple[tuple[FrontTag, ...], int, int]:
    """Take the tags at the front of a file apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    tuple of (tuple of FrontTag, int, int)
        The tags, where they end, and the number of the next place.

    Raises
    ------
    MediaError
        A tag is damaged, or there are more than `MAX_TAGS`.
    """
    found: list[FrontTag] = []
    start = first = 0
    while id3.tag_bytes(data, start):
        try:
            tag = id3.read(data, start)
        except DamagedTag as error:
            raise MediaError(f"has a damaged ID3 tag at byte {start}: {error}", path=name) from None
        found.append(FrontTag(tag, start, first))
        start, first = start + tag.size, first + len(tag.frames)
        if len(found) > MAX_TAGS:
            raise MediaError(f"is damaged: more than {MAX_TAGS} ID3 tags", path=name)
    return tuple(found), start, first


def places(tags: Sequence[FrontTag]) -> Iterator[tuple[Held, bool]]:
    """Give every frame that holds text, and whether that is XMP.

    Parameters
    ----------
    tags : sequence of FrontTag
        As read.
    """
    for each in tags:
        yield from each.tag.places(each.first)


def edited(
    data: Data, tags: Sequence[FrontTag], edits: Edits, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put the tags together again; what is new comes into the first one.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    tags : sequence of FrontTag
        As read.
    edits : Edits
        What to change.
    name : str
        For messages.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The tags, those in which nothing changes byte for byte as they were; and a warning where
        one was of version 2.2, which cannot hold XMP.

    Raises
    ------
    LabelError
        A tag grows beyond what it can hold.
    UnsupportedError
        A tag is of version 2.2, and holds what version 2.3 cannot.
    """
    new = edits.new_text is not None or edits.new_xmp is not None
    if new and not tags:
        return _put_together(Tag(4), 0, edits, name), ()
    out = []
    warnings: tuple[str, ...] = ()
    for index, each in enumerate(tags):
        stored = data[each.start : each.start + each.tag.size]
        mine = edits if index == 0 else edits.without_new()
        changed = mine.touch(each.numbers) or (new and index == 0)
        out.append(_put_together(each.tag, each.first, mine, name) if changed else stored)
        if changed and each.tag.version == _OLD:
            warnings = ("its ID3v2.2 tag is of version 2.3 now",)
    return b"".join(out), warnings


def _put_together(tag: Tag, first: int, edits: Edits, name: str) -> bytes:
    try:
        tag = id3_forms.upgraded(tag)
    except DamagedTag as error:
        raise UnsupportedError(
            f"has an ID3v2.2 tag, which cannot hold the label: {error}", path=name
        ) from None
    try:
        return tag.edited(first, edits)
    except DamagedTag as error:
        raise LabelError(f"its ID3 tag cannot take the label: {error}", path=name) from None
