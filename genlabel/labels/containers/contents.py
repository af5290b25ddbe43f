"""What every container module gives and takes: places that hold text, and edits to them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

#: A deflated text is inflated up to here and no further: 100 MB fit into 100 kB.
MAX_INFLATED_BYTES = 4 << 20
# A name, then the length in decimal.
_PROFILE = re.compile(rb"\s*\S{1,79}\s+([0-9]{1,9})\s")


class Unreadable(Exception):
    """One place's text cannot be read; the rest of the file can."""


@dataclass(frozen=True, slots=True)
class Held:
    """A place in a file that holds text.

    Parameters
    ----------
    index : int
        The piece of the file it is in, or the place's own number where places lie deeper than
        pieces do.
    where : str
        For people, for example ``"PNG iTXt 'AIGC'"``.
    raw : bytes
        As stored; in UTF-8 where the container says how it is encoded.
    keyword : str
        What the file calls the text; empty where the place has no keyword.
    deflated : bool
        Whether `raw` is a zlib stream.
    problem : str or None
        Why the place is damaged.
    own : bool
        Whether a new text of this keyword would be put here.
    hexadecimal : bool
        Whether the text is a profile as ImageMagick writes it: its name, its length, then its bytes
        in hexadecimal.
    """

    index: int
    where: str
    raw: bytes = field(repr=False)
    keyword: str = ""
    deflated: bool = False
    problem: str | None = None
    own: bool = False
    hexadecimal: bool = False

    def content(self, limit: int = MAX_INFLATED_BYTES) -> bytes:
        """Give the text's bytes, inflated.

        Parameters
        ----------
        limit : int
            How many bytes it may inflate to.

        Returns
        -------
        bytes
            As stored, or inflated.

        Raises
        ------
        Unreadable
            The place is damaged, or the text inflates beyond the limit.
        """
        if self.problem is not None:
            raise Unreadable(f"{self.where}: {self.problem}")
        text = (
            self._inflated(2 * limit if self.hexadecimal else limit) if self.deflated else self.raw
        )
        return self._profile(text) if self.hexadecimal else text

    def _inflated(self, limit: int) -> bytes:
        stream = zlib.decompressobj()
        try:
            text = stream.decompress(self.raw, limit + 1)
        except zlib.error:
            raise Unreadable(f"{self.where}: its deflated text is damaged") from None
        if len(text) > limit:
            raise Unreadable(f"{self.where}: its text inflates beyond {limit} bytes")
        if not stream.eof:
            raise Unreadable(f"{self.where}: its deflated text is cut short")
        return text

    def _profile(self, text: bytes) -> bytes:
        match = _PROFILE.match(text)
        try:
            content = bytes.fromhex(text[match.end() :].decode("ascii")) if match else b""
        except ValueError:
            content = b""
        if match is None or len(content) != int(match[1]):
            raise Unreadable(f"{self.where}: its profile is no hexadecimal text of its length")
        return content


@dataclass(frozen=True, slots=True)
class Contents:
    """A file cut into pieces, and what in it can hold text.

    Parameters
    ----------
    pieces : tuple of (start, end)
        Byte ranges that cover the file without gaps, in order; none where places have numbers of
        their own.
    xmp : tuple of Held
        XMP packets, in the order of the file; there should be at most one.
    extended_xmp : tuple of Held
        JPEG only: extended XMP, put together.
    exif : Held or None
        The Exif block, from its TIFF header on.
    texts : tuple of Held
        Every other place.
    media_type : str
        MIME type, where the container alone does not say it; else empty.
    named_fields : bool
        Whether there is no XMP: what would be its properties are texts of their own, named by
        prefix and local name.
    carrier : bool
        Whether there is any place for metadata.
    comment : str
        The keyword of the container's comment, where one can be added; else empty.
    """

    pieces: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    xmp: tuple[Held, ...] = ()
    extended_xmp: tuple[Held, ...] = ()
    exif: Held | None = None
    texts: tuple[Held, ...] = ()
    media_type: str = ""
    named_fields: bool = False
    carrier: bool = True
    comment: str = ""

    @classmethod
    def of(
        cls, found: Iterable[tuple[Held, bool]], media_type: str = "", comment: str = ""
    ) -> Contents:
        """Sort the places of a file that has no pieces.

        Parameters
        ----------
        found : iterable of (Held, bool)
            Places, and whether each holds XMP.
        media_type : str
            MIME type, where the container alone does not say it.
        comment : str
            The keyword of the container's comment.
        """
        places = list(found)
        return cls(
            xmp=tuple(held for held, is_xmp in places if is_xmp),
            texts=tuple(held for held, is_xmp in places if not is_xmp),
            media_type=media_type,
            comment=comment,
        )


@dataclass(frozen=True, slots=True)
class Edits:
    """What to change in a file; everything else stays byte for byte.

    Parameters
    ----------
    xmp : mapping of place to bytes
        New packets for places that hold one.
    new_xmp : bytes or None
        A packet for a file that has none.
    texts : mapping of place to bytes
        New texts, in UTF-8, for places of the container's own that hold one.
    new_text : (str, bytes) or None
        A keyword and its text, for a file that has no such place.
    fields : mapping of str to bytes
        Further keywords and texts, for a file with named fields.
    new_comment : (str, bytes) or None
        The same for the comment, of containers that name its keyword.
    exif : bytes or None
        A new Exif block, as long as the old one.
    drop : frozenset of int
        Places that go.
    """

    xmp: Mapping[int, bytes] = field(default_factory=dict)
    new_xmp: bytes | None = None
    texts: Mapping[int, bytes] = field(default_factory=dict)
    new_text: tuple[str, bytes] | None = None
    fields: Mapping[str, bytes] = field(default_factory=dict)
    new_comment: tuple[str, bytes] | None = None
    exif: bytes | None = None
    drop: frozenset[int] = frozenset()

    @property
    def new(self) -> dict[str, bytes]:
        """All texts that are new to the file, by keyword."""
        return {**dict([self.new_text] if self.new_text else []), **self.fields}

    def touch(self, places: range) -> bool:
        """Tell whether anything changes in some places.

        Parameters
        ----------
        places : range
            Their numbers.
        """
        changed = (self.drop, self.xmp, self.texts)
        return any(index in places for indices in changed for index in indices)

    def without_new(self) -> Edits:
        """Give the edits of places that are there, without what is new to the file."""
        return replace(self, new_xmp=None, new_text=None, new_comment=None)

    @property
    def new_texts(self) -> list[tuple[str, bytes]]:
        """All texts new to the file that have keywords, the label's first."""
        return [text for text in (self.new_text, self.new_comment) if text is not None]


def splice(
    data: bytes,
    pieces: Iterable[tuple[int, int]],
    replaced: Mapping[int, bytes],
    inserted: Mapping[int, bytes],
) -> Iterator[bytes | memoryview]:
    """Yield a file's pieces with some replaced and some put in.

    Parameters
    ----------
    data : bytes
        The file.
    pieces : iterable of (start, end)
        As in `Contents`.
    replaced : mapping of piece to bytes
        What stands instead of a piece; empty bytes where it goes.
    inserted : mapping of piece to bytes
        What comes right behind a piece.
    """
    view = memoryview(data)
    for index, (start, end) in enumerate(pieces):
        yield replaced.get(index, view[start:end])
        if index in inserted:
            yield inserted[index]
