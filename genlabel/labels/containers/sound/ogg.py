"""Ogg Vorbis and Ogg Opus: the comment packet of a stream's header, on pages of its own.

References
----------
RFC 3533; RFC 5334 (media types); Vorbis I specification, 5 and annex A; RFC 7845, 3 and 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from genlabel._data import Data, Piece
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers.contents import Contents, Edits
from genlabel.labels.containers.sound import ogg_pages, vorbis_comment
from genlabel.labels.containers.sound.ogg_pages import Page
from genlabel.labels.containers.sound.vorbis_comment import Comments, DamagedComments

# A first packet's beginning, the comment packet's, and how many packets the header has behind it.
_CODINGS = {b"\x01vorbis": ("Vorbis", b"\x03vorbis", 2), b"OpusHead": ("Opus", b"OpusTags", 1)}
_FILMS = (b"\x80theora", b"BBCD\0", b"OVP80")
_SKELETON = b"fishead\0"
# Streams one behind the other, as a recording of a radio programme has them.
MAX_STREAMS = 1 << 12


@dataclass(frozen=True, slots=True)
class _Stream:
    """One stream of sound: its pages by number, those of its header, and its comments."""

    coding: str
    serial: int
    pages: tuple[int, ...]
    header: tuple[int, ...]
    prefix: bytes
    comments: Comments
    others: tuple[bytes, ...]
    left: int
    first: int

    @property
    def numbers(self) -> range:
        """Numbers of its comments."""
        return range(self.first, self.first + len(self.comments.comments))


def read(data: Data, *, name: str) -> Contents:
    """Take an Ogg file apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every comment of every stream of sound is a place.

    Raises
    ------
    MediaError
        A page is cut short or fails its checksum, or a stream's header is damaged.
    UnsupportedError
        There is neither Vorbis nor Opus sound, or there is a film.
    """
    _, streams, _ = _streams(data, name)
    return Contents.of(
        place
        for stream in streams
        for place in stream.comments.places(stream.first, f"Ogg {stream.coding}")
    )


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[Iterator[Piece], tuple[str, ...]]:
    """Put an Ogg file together again; new texts are comments of its first stream.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (iterator of bytes or range, tuple of str)
        The new file, and a warning where an index of it would be out of date.
    """
    pages, streams, indexed = _streams(data, name)
    headers: dict[int, bytes] = {}
    shifts: dict[int, int] = {}
    for stream in streams:
        mine = edits if stream is streams[0] else edits.without_new()
        new = mine.new_text is not None or mine.new_xmp is not None
        if new or mine.touch(stream.numbers):
            header, shift = _rebuilt(data, pages, stream, mine)
            headers |= header
            later = (n for n in stream.pages if n > stream.header[-1])
            shifts |= dict.fromkeys(later, shift) if shift else {}
    warnings = ("its Skeleton index may point beside the sound now",) if indexed else ()
    return _pieces(data, pages, headers, shifts), warnings


def _pieces(
    data: Data, pages: list[Page], headers: Mapping[int, bytes], shifts: Mapping[int, int]
) -> Iterator[Piece]:
    """Give the new file a page after the other, runs of old ones at once."""
    kept = 0
    for number, page in enumerate(pages):
        if number not in headers and number not in shifts:
            continue
        if kept < page.start:
            yield range(kept, page.start)
        kept = page.end
        if number in headers:
            yield headers[number]
        else:
            stored = data[page.start : page.end]
            yield ogg_pages.renumbered(stored, page.sequence + shifts[number])
    yield range(kept, len(data))


def _rebuilt(
    data: Data, pages: list[Page], stream: _Stream, edits: Edits
) -> tuple[dict[int, bytes], int]:
    """Give the pages of a stream's header, and by how much the numbers of all others change."""
    comment = stream.prefix + stream.comments.edited(stream.first, edits)
    start = pages[stream.header[0]].sequence
    last = pages[stream.header[-1]]
    header = ogg_pages.paged(data, last, stream.left, start, [comment, *stream.others])
    replaced = dict.fromkeys(stream.header, b"")
    replaced[stream.header[0]] = b"".join(header)
    return replaced, len(header) - len(stream.header)


def _streams(data: Data, name: str) -> tuple[list[Page], list[_Stream], bool]:
    """List pages and streams of sound, and say whether there is an index of them."""
    pages = ogg_pages.read(data, name)
    members = _members(pages, name)
    found: list[_Stream] = []
    first = 0
    indexed = False
    for numbers in members:
        head, _ = next(ogg_pages.packets(data, (pages[n] for n in numbers)), (b"", 0))
        if head.startswith(_FILMS):
            raise UnsupportedError("is a film, which this version does not serve", path=name)
        indexed = indexed or head.startswith(_SKELETON)
        for mark, (coding, prefix, count) in _CODINGS.items():
            if head.startswith(mark):
                stream = _header(data, pages, numbers, (coding, prefix, count, first), name)
                found.append(stream)
                first = stream.numbers.stop
    if not found:
        raise UnsupportedError("is an Ogg file of neither Vorbis nor Opus sound", path=name)
    return pages, found, indexed


def _members(pages: list[Page], name: str) -> list[list[int]]:
    """Sort pages into streams; a serial number may come again once its stream has ended."""
    found: list[list[int]] = []
    current: dict[int, list[int]] = {}
    for number, page in enumerate(pages):
        if page.flags & ogg_pages.FIRST:
            current[page.serial] = []
            found.append(current[page.serial])
            if len(found) > MAX_STREAMS:
                raise MediaError(
                    f"is a damaged Ogg file: more than {MAX_STREAMS} streams", path=name
                )
        if page.serial not in current:
            raise MediaError(
                f"is a damaged Ogg file: the page at byte {page.start} belongs to no stream",
                path=name,
            )
        current[page.serial].append(number)
    return found


def _header(
    data: Data,
    pages: list[Page],
    numbers: list[int],
    kind: tuple[str, bytes, int, int],
    name: str,
) -> _Stream:
    coding, prefix, count, first = kind
    # The first packet has the first page to itself.
    mine: list[int] = []
    found: list[bytes] = []
    remaining = 0

    def walked() -> Iterator[Page]:
        """Give the stream's pages after its first, and note which were read."""
        for number in numbers[1:]:
            mine.append(number)
            yield pages[number]

    for packet, left in ogg_pages.packets(data, walked()):
        found.append(packet)
        remaining = left
        if len(found) == count:
            break
    if len(found) < count or not found[0].startswith(prefix):
        raise MediaError(f"is a damaged Ogg file: its {coding} header is not whole", path=name)
    try:
        comments = vorbis_comment.read(found[0][len(prefix) :])
    except DamagedComments as error:
        raise MediaError(f"is a damaged Ogg file: {error}", path=name) from None
    serial = pages[numbers[0]].serial
    return _Stream(
        coding,
        serial,
        tuple(numbers),
        tuple(mine),
        prefix,
        comments,
        tuple(found[1:]),
        remaining,
        first,
    )
