"""What c2pa-python would lose of a file as it puts a manifest in, and how to keep it from that.

Version 0.38 writes ID3 tags and RIFF forms anew, from what it understood of them: of a tag with one
frame that it cannot read it keeps none.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

from genlabel._data import AnyData, Data, joined
from genlabel._errors import MediaError
from genlabel.labels.containers import boxes, riff
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.documents import pdf
from genlabel.labels.containers.documents.types import PDF
from genlabel.labels.containers.pictures import gif, heif_file, tiff
from genlabel.labels.containers.sound import front_tags, id3_forms
from genlabel.labels.containers.sound.id3 import DamagedTag

_TAGGED = ("audio/mpeg", "audio/flac")
_HEIF = ("image/avif", "image/heic")
_SVG_MANIFEST = re.compile(
    rb"""<metadata>\s*<c2pa:manifest[^>]*>[^<]*</c2pa:manifest>\s*</metadata>"""
    rb'''|<c2pa:manifest[^>]*>[^<]*</c2pa:manifest>|\s*xmlns:c2pa="[^"]*"'''
)
_GIF_MANIFEST = b"C2PA_GIF"
_MANIFEST_TYPES = (b"application/c2pa", b"application/x-c2pa-manifest-store")


def prepared(data: AnyData, media_type: str, name: str) -> AnyData:
    """Give a file in a form that the library carries on without loss, as far as there is one.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    media_type : str
        Its MIME type.
    name : str
        For messages.

    Raises
    ------
    MediaError
        An ID3 tag holds a frame that the library cannot read.
    """
    if not isinstance(data, bytes):
        return data
    if media_type in _HEIF:
        # Of offsets that count from elsewhere the library moves both, and the picture is gone.
        return joined(data, heif_file.plain(data, name))
    if media_type not in _TAGGED:
        return data
    tags, _, _ = front_tags.read(data, name)
    if not tags:
        return data
    first = tags[0]
    try:
        tag = id3_forms.plain(first.tag)
    except DamagedTag as error:
        raise MediaError(
            f"cannot be signed: its ID3 tag would be lost: {error}", path=name
        ) from None
    return joined(data, [tag.edited(0, Edits()), range(first.tag.size, len(data))])


def check_carried(before: Data, after: Data, media_type: str, name: str) -> None:
    """Make sure that signing has kept everything else.

    Parameters
    ----------
    before, after : bytes or Mapped
        The file as it went to the library and as it came back.
    media_type : str
        Its MIME type.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A frame or chunk is gone.
    """
    parts = _PARTS.get(media_type)
    if parts is None or not (isinstance(before, bytes) and isinstance(after, bytes)):
        return
    lost = Counter(parts(before, name)) - Counter(parts(after, name))
    if lost:
        names = ", ".join(dict.fromkeys(kind for kind, _ in lost))
        raise MediaError(f"cannot be signed: c2pa-python would lose {names}", path=name)


def _frames(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Name the frames of all tags; their texts are coded anew, and cannot be compared."""
    tags, end, _ = front_tags.read(data, name)
    for each in tags:
        for frame in each.tag.frames:
            kind, _, _ = frame.body[1:].partition(b"\0")
            if frame.name != "GEOB" or kind not in _MANIFEST_TYPES:
                yield frame.name, b""
    yield "the sound", _digest(data, end, len(data))


def _digest(data: bytes, start: int, end: int) -> bytes:
    return hashlib.blake2b(memoryview(data)[start:end]).digest()


def _chunks(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    form = riff.walk(data, b"WAVE", "WAV", name)
    for chunk in form.chunks:
        if chunk.kind != b"C2PA":
            yield chunk.kind.decode("latin-1"), _digest(data, chunk.payload, chunk.end)
    yield "what follows the form", _digest(data, form.end, len(data))


def _blocks(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    for start, end in gif.read(data, name=name).pieces[1:]:
        if not data.startswith(_GIF_MANIFEST, start + 3):
            yield "a block", _digest(data, start, end)


def _fields(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    for what, start, end in tiff.parts(data, name):
        yield what, _digest(data, start, end)


def _items(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    for what, start, end in heif_file.parts(data, name):
        yield what, _digest(data, start, end)


def _boxes(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    for box in boxes.walk(data, 0, len(data), name, nested=False):
        if box.kind != b"jumb":
            yield f"box {box.kind.decode('latin-1')!r}", _digest(data, box.payload, box.end)


def _text(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    yield "a part of the text", hashlib.blake2b(_SVG_MANIFEST.sub(b"", data)).digest()


_PARTS = {
    PDF: pdf.parts,
    **dict.fromkeys(_TAGGED, _frames),
    "audio/wav": _chunks,
    "image/gif": _blocks,
    "image/tiff": _fields,
    "image/jxl": _boxes,
    "image/svg+xml": _text,
    **dict.fromkeys(_HEIF, _items),
}
