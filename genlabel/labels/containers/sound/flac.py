"""FLAC: metadata blocks, and the ID3v2 tags that some writers put before them.

References
----------
RFC 9639, 8 (metadata blocks) and 9.1 (frame header).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from genlabel._data import Data, Piece
from genlabel._errors import LabelError, MediaError
from genlabel.labels.containers.contents import Contents, Edits
from genlabel.labels.containers.sound import front_tags, vorbis_comment
from genlabel.labels.containers.sound.vorbis_comment import Comments, DamagedComments

MAGIC = b"fLaC"
#: Sizes have 24 bits.
MAX_BLOCK_BYTES = (1 << 24) - 1
# One for every picture: more than a few dozen is damage.
MAX_BLOCKS = 1 << 12
_STREAMINFO, _VORBIS_COMMENT, _FORBIDDEN = 0, 4, 127
_STREAMINFO_BYTES = 34
_HEADER_BYTES = 4
_LAST = 0x80


@dataclass(frozen=True, slots=True)
class _Block:
    kind: int
    content: bytes
    comments: Comments | None
    first: int


def read(data: Data, *, name: str) -> Contents:
    """Take a FLAC apart as far as its first frame.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every frame of a tag and every comment is a place.

    Raises
    ------
    MediaError
        A block runs beyond the end, there is no STREAMINFO or no sound, a tag or the comments are
        damaged, or there are more than `MAX_BLOCKS`.
    """
    tags, start, first = front_tags.read(data, name)
    # New texts are comments, never frames of a tag.
    found = [(replace(held, own=False), is_xmp) for held, is_xmp in front_tags.places(tags)]
    for block in _blocks(data, start, first, name)[0]:
        if block.comments is not None:
            found += block.comments.places(block.first, "FLAC")
    return Contents.of(found)


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[list[Piece], tuple[str, ...]]:
    """Put a FLAC together again; new texts are comments.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (list of bytes or range, tuple of str)
        The new file, and a warning where a tag before it is of another version now.

    Raises
    ------
    LabelError
        The comments grow beyond `MAX_BLOCK_BYTES`.
    """
    tags, start, first = front_tags.read(data, name)
    blocks, sound = _blocks(data, start, first, name)
    if all(block.comments is None for block in blocks):
        # STREAMINFO comes first; without comments of its own the file gets a block for ours.
        blocks.insert(1, _Block(_VORBIS_COMMENT, b"", Comments(), first))
    front, warnings = front_tags.edited(data, tags, edits.without_new(), name)
    out: list[Piece] = [front, MAGIC]
    mine = edits
    for index, block in enumerate(blocks):
        content = block.content
        if block.comments is not None:
            content = block.comments.edited(block.first, mine)
            mine = edits.without_new()
        if len(content) > MAX_BLOCK_BYTES:
            raise LabelError(
                f"its comments would grow beyond the {MAX_BLOCK_BYTES} bytes of a FLAC block",
                path=name,
            )
        last = _LAST if index == len(blocks) - 1 else 0
        out += [bytes([block.kind | last]), len(content).to_bytes(3, "big"), content]
    return [*out, range(sound, len(data))], warnings


def _blocks(data: Data, start: int, first: int, name: str) -> tuple[list[_Block], int]:
    """List the blocks, and say where the sound begins."""
    if data[start : start + len(MAGIC)] != MAGIC:
        raise MediaError("is a damaged FLAC: it does not begin with fLaC", path=name)
    found: list[_Block] = []
    at, last = start + len(MAGIC), False
    while not last:
        header = data[at : at + _HEADER_BYTES].ljust(_HEADER_BYTES, b"\xff")
        last, kind = bool(header[0] & _LAST), header[0] & ~_LAST
        end = at + _HEADER_BYTES + int.from_bytes(header[1:], "big")
        if end > len(data):
            raise MediaError(
                f"is cut short: a metadata block at byte {at} ends {end - len(data)} bytes beyond "
                "the file",
                path=name,
            )
        content = data[at + _HEADER_BYTES : end]
        if kind == _FORBIDDEN or (kind == _STREAMINFO) != (not found):
            raise MediaError(f"is a damaged FLAC: a block of type {kind} at byte {at}", path=name)
        comments = _comments(content, name) if kind == _VORBIS_COMMENT else None
        found.append(_Block(kind, content, comments, first))
        first += 0 if comments is None else len(comments.comments)
        at = end
        if len(found) > MAX_BLOCKS:
            raise MediaError(f"is a damaged FLAC: more than {MAX_BLOCKS} blocks", path=name)
    _check_sound(data, found[0].content, at, name)
    return found, at


def _comments(content: bytes, name: str) -> Comments:
    try:
        return vorbis_comment.read(content)
    except DamagedComments as error:
        raise MediaError(f"is a damaged FLAC: {error}", path=name) from None


def _check_sound(data: Data, streaminfo: bytes, at: int, name: str) -> None:
    if len(streaminfo) != _STREAMINFO_BYTES:
        raise MediaError(
            f"is a damaged FLAC: its STREAMINFO has {len(streaminfo)} bytes", path=name
        )
    samples = int.from_bytes(streaminfo[13:18], "big") & (1 << 36) - 1
    head = data[at : at + 2]
    # A stream may leave its length open, and be empty.
    if (head or samples) and head not in (b"\xff\xf8", b"\xff\xf9"):
        raise MediaError("is a damaged FLAC: no sound follows its metadata", path=name)
