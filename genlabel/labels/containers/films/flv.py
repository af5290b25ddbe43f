"""FLV: labels and XMP among the metadata of the film.

References
----------
Adobe Flash Video File Format Specification 10.1, E.2 to E.4 (header, tags, script data), E.5
(onMetaData), E.6 (XMP metadata).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from genlabel._data import Data, Piece, forget
from genlabel._errors import LabelError, MediaError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Patch, Shift
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.films import amf
from genlabel.labels.containers.films.amf import DamagedScript, Script, Value

_HEADER_BYTES = 9
_TAG_BYTES, _BEHIND_BYTES = 11, 4
_SCRIPT = 18
_TYPE_BITS = 0x1F
_HAS_VIDEO, _HAS_AUDIO = 1, 4
_METADATA, _XMP, _PACKET = "onMetaData", "onXMPData", "liveXML"
_COMMENT = "comment"
_MAX_SIZE = 0xFFFFFF
# What in the metadata counts bytes from the beginning of the file, or all of them.
_PLACES = (("keyframes", "filepositions"), ("lastkeyframelocation",))
_SIZE = ("filesize",)
#: Ten hours of picture and sound have some three million.
MAX_TAGS = 1 << 22
#: More scripts than that are left unread.
MAX_SCRIPTS = 1 << 10


@dataclass(frozen=True, slots=True)
class _Tag:
    """A script: where it stands, its bytes, and what is known of it."""

    start: int
    end: int
    head: bytes
    content: bytes
    script: Script
    first: int

    @property
    def texts(self) -> list[Value]:
        """Strings under names of the script's own."""
        strings = (amf.STRING, amf.LONG_STRING)
        return [v for v in self.script.values if v.marker in strings and len(v.path) == 1]

    @property
    def numbers(self) -> range:
        """Numbers of its texts."""
        return range(self.first, self.first + len(self.texts))


def read(data: Data, *, name: str) -> Contents:
    """Take an FLV apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every text of a script is a place.

    Raises
    ------
    MediaError
        The file is cut short, or a script with metadata is damaged.
    """
    scripts, flags = _scripts(data, name)
    sound = flags & (_HAS_VIDEO | _HAS_AUDIO) == _HAS_AUDIO
    media_type = "audio/x-flv" if sound else "video/x-flv"
    return Contents.of(_held(scripts), media_type, _COMMENT)


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[Iterable[Piece], tuple[str, ...]]:
    """Put an FLV together again, with the places of key frames following them.

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
        A script grows beyond what a tag can hold.
    """
    scripts, _ = _scripts(data, name)
    own = next((tag for tag in scripts if tag.script.name == _METADATA), None)
    mine = edits.without_new()
    made = {tag.start: _edited(tag, edits if tag is own else mine) for tag in scripts}
    patches: list[Patch] = []
    if own is None and (texts := _new(edits)):
        script = amf.new(_METADATA, b"".join(amf.named(*text) for text in texts), len(texts))
        patches.append(Patch(_first(data), _first(data), _tag(b"", script, name)))
    rebuilt = [tag for tag in scripts if made[tag.start] != tag.content]
    sized = [Patch(t.start, t.end, _tag(t.head, made[t.start], name)) for t in rebuilt]
    shift = Shift([*patches, *sized])
    if shift.from_first:
        size = len(data) + sum(patch.growth for patch in (*patches, *sized))
        made = {start: _moved(content, shift, size) for start, content in made.items()}
    rebuilt = [tag for tag in scripts if made[tag.start] != tag.content]
    patches += [Patch(t.start, t.end, _tag(t.head, made[t.start], name)) for t in rebuilt]
    return boxes.applied(data, patches), ()


def _first(data: Data) -> int:
    return int.from_bytes(data[5:_HEADER_BYTES], "big") + _BEHIND_BYTES


def _scripts(data: Data, name: str) -> tuple[list[_Tag], int]:
    """List the file's scripts, and give its flags."""
    if not _HEADER_BYTES + _BEHIND_BYTES <= _first(data) <= len(data):
        raise MediaError("is cut short: it ends in its FLV header", path=name)
    found: list[_Tag] = []
    at, count, places = _first(data), 0, 0
    while at + _TAG_BYTES <= len(data):
        head = data[at : at + _TAG_BYTES]
        start = at + _TAG_BYTES
        end = start + int.from_bytes(head[1:4], "big")
        stop = end + _BEHIND_BYTES
        if end > len(data):
            raise MediaError(
                f"is cut short: a tag at byte {at} claims {end - start} bytes, "
                f"{len(data) - start} are there",
                path=name,
            )
        if head[0] & _TYPE_BITS == _SCRIPT and len(found) < MAX_SCRIPTS:
            tag = _script(data[start:end], head, (at, min(stop, len(data))), places, name)
            if tag is not None:
                found.append(tag)
                places = tag.numbers.stop
        at, count = stop, count + 1
        forget(data, count)
        if count > MAX_TAGS:
            raise MediaError(f"is a damaged FLV: more than {MAX_TAGS} tags", path=name)
    if at < len(data):
        raise MediaError("is cut short: it ends in a tag's header", path=name)
    return found, data[4]


def _script(
    content: bytes, head: bytes, place: tuple[int, int], first: int, name: str
) -> _Tag | None:
    """Take a script apart; one of another name than those of metadata may be of any form."""
    try:
        script = amf.read(content)
    except DamagedScript as error:
        if any(known.encode() in content[:32] for known in (_METADATA, _XMP)):
            raise MediaError(f"is a damaged FLV: its metadata {error}", path=name) from None
        return None
    if script.name not in (_METADATA, _XMP):
        return None
    return _Tag(*place, head, content, script, first)


def _held(scripts: list[_Tag]) -> Iterator[tuple[Held, bool]]:
    own = True
    for tag in scripts:
        script = tag.script.name
        for index, value in zip(tag.numbers, tag.texts, strict=True):
            keyword = value.path[0]
            text = amf.string(tag.content, value)
            where = f"FLV {script} {keyword[:79]!r}"
            held = Held(index, where, text, keyword, own=own and script == _METADATA)
            yield held, keyword == _PACKET
        own = own and script != _METADATA


def _new(edits: Edits) -> list[tuple[str, bytes]]:
    """Give what is new to the metadata.

    XMP would have a script of its own, of which FFmpeg makes a stream of data that other containers
    do not take; exiftool reads it here, too.
    """
    packets = [] if edits.new_xmp is None else [(_PACKET, edits.new_xmp)]
    return [*edits.new_texts, *packets]


def _edited(tag: _Tag, edits: Edits) -> bytes:
    """Write a script anew."""
    out: list[bytes] = []
    at = names = 0
    for index, value in zip(tag.numbers, tag.texts, strict=True):
        new = edits.texts.get(index, edits.xmp.get(index))
        if new is not None:
            out += [tag.content[at : value.start - 1], amf.coded(new)]
        elif index in edits.drop:
            out.append(tag.content[at : value.head])
            names -= 1
        else:
            continue
        at = value.end
    out.append(tag.content[at : tag.script.last])
    for text in _new(edits):
        out.append(amf.named(*text))
        names += 1
    out.append(tag.content[tag.script.last :])
    content = bytearray(b"".join(out))
    if tag.script.count and names:
        (count,) = struct.unpack_from(">I", content, tag.script.count)
        struct.pack_into(">I", content, tag.script.count, max(0, count + names) & 0xFFFFFFFF)
    return bytes(content)


def _moved(content: bytes, shift: Shift, size: int) -> bytes:
    """Write numbers that are places in the file anew."""
    new = bytearray(content)
    for value in amf.read(content).values:
        if value.marker != amf.NUMBER:
            continue
        (number,) = struct.unpack_from(">d", content, value.start)
        if value.path == _SIZE:
            struct.pack_into(">d", new, value.start, float(size))
        elif value.path in _PLACES and 0 <= number < 1 << 53:
            struct.pack_into(">d", new, value.start, float(shift.moved(int(number))))
    return bytes(new)


def _tag(head: bytes, content: bytes, name: str) -> bytes:
    """Write a script's tag, and its size behind it."""
    if len(content) > _MAX_SIZE:
        raise LabelError("does not fit into a tag of FLV", path=name)
    head = head or bytes([_SCRIPT]) + bytes(_TAG_BYTES - 1)
    sized = head[:1] + len(content).to_bytes(3, "big") + head[4:]
    return sized + content + struct.pack(">I", _TAG_BYTES + len(content))
