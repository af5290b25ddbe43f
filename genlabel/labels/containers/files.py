"""Whole files: recognised, taken apart and put together again by their container's module."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from genlabel._data import AnyData, Data, Mapped, Piece, Scratch, joined
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import MEDIA_TYPES, SNIFFED_BYTES, behind_tags, sniff
from genlabel.labels.containers.contents import Contents, Edits
from genlabel.labels.containers.documents import formats as documents
from genlabel.labels.containers.films import avi, bmff, flv, matroska, mpegts
from genlabel.labels.containers.pictures import bmp, gif, heif, jpeg, jxl, png, svg, tiff, webp
from genlabel.labels.containers.sound import flac, mpeg, ogg, wav

_READERS: dict[str, Callable[..., Contents]] = {
    "png": png.read,
    "jpeg": jpeg.read,
    "webp": webp.read,
    "gif": gif.read,
    "tiff": tiff.read,
    "avif": heif.read,
    "heic": heif.read,
    "jxl": jxl.read,
    "svg": svg.read,
    "bmp": bmp.read,
    "wav": wav.read,
    "flac": flac.read,
    "ogg": ogg.read,
    "mp3": mpeg.read,
    "mp4": bmff.read,
    "matroska": matroska.read,
    "avi": avi.read,
    "flv": flv.read,
    "mpegts": mpegts.read,
    **documents.READERS,
}
_WRITERS: dict[str, Callable[..., tuple[bytes | Iterable[Piece], tuple[str, ...]]]] = {
    "png": png.write,
    "jpeg": jpeg.write,
    "webp": webp.write,
    "gif": gif.write,
    "tiff": tiff.write,
    "avif": heif.write,
    "heic": heif.write,
    "jxl": jxl.write,
    "svg": svg.write,
    "bmp": bmp.write,
    "wav": wav.write,
    "flac": flac.write,
    "ogg": ogg.write,
    "mp3": mpeg.write,
    "mp4": bmff.write,
    "matroska": matroska.write,
    "avi": avi.write,
    "flv": flv.write,
    "mpegts": mpegts.write,
    **documents.WRITERS,
}
_ID3 = b"ID3"
# The header of Matroska is shorter.
_DOCTYPE_BYTES = 64
# Licences and document types stand before the first element.
_SVG_HEAD_BYTES = 1 << 16
# A byte stream of ITU-T H.264 or H.265, annex B: a start code, then an access unit delimiter or a
# set of parameters.
_BARE_FILM = re.compile(rb"\x00{2,3}\x01(?:[\x09\x27\x67]|[\x40\x46]\x01)")
_KINDS = {
    "image": "a PNG, JPEG, WebP, GIF, TIFF, AVIF, HEIC, JPEG XL, SVG or BMP picture",
    "audio": "WAV, FLAC, Ogg, MP3 or MP4 sound",
    "video": "an MP4, MOV, MKV, WebM, AVI, FLV or MPEG-TS film",
    "text": "a text or document (bare text is told by its name: .txt, .md, .html, .srt, .vtt)",
}


def recognise(data: Data, *, name: str, media: Literal["image", "audio"] | None = None) -> str:
    """Recognise a whole file, or refuse it.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.
    media : {"image", "audio"} or None
        What is wanted; None takes either.

    Returns
    -------
    str
        A key of `MEDIA_TYPES`.

    Raises
    ------
    MediaError
        The file is empty.
    UnsupportedError
        It is another kind of file.
    """
    if not data:
        raise MediaError("is empty", path=name)
    kind = sniff(data[:SNIFFED_BYTES] if isinstance(data, Mapped) else data)
    if isinstance(data, Mapped) and data[: len(_ID3)] == _ID3:
        # What is mapped may have got a tag that is longer than its head.
        kind = behind_tags(data)
    # A byte order mark of UTF-16 could begin MPEG sound of a layer nobody uses.
    if isinstance(data, bytes) and (kind is None or data.startswith(codecs.BOM_UTF16_LE)):
        kind = documents.sniff_document(data, name) or kind
    if kind is None and isinstance(data, bytes) and svg.is_svg(data[:_SVG_HEAD_BYTES]):
        kind = "svg"
    if kind is None and _BARE_FILM.match(data[:SNIFFED_BYTES]):
        raise UnsupportedError(
            "is a bare H.264 or H.265 stream, which tells no times and has no place for a label: "
            "put it into a container first, as ffmpeg -i IN -c copy OUT.mp4 does",
            path=name,
        )
    if kind is None or (media is not None and not MEDIA_TYPES[kind].startswith(media)):
        wanted = ", nor ".join(_KINDS.values()) if media is None else _KINDS[media]
        raise UnsupportedError(f"is not {wanted}", path=name)
    return kind


def read(data: Data, *, name: str) -> Contents:
    """Take a file apart.

    Parameters
    ----------
    data : bytes or Mapped
        A file of a kind in `MEDIA_TYPES`.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every place that can hold text; of pictures, their pieces. The media type is there.

    Raises
    ------
    MediaError
        The file is empty, cut short or damaged.
    UnsupportedError
        It is another kind of file.
    """
    kind = recognise(data, name=name)
    contents = _READERS[kind](data, name=name)
    return contents if contents.media_type else replace(contents, media_type=MEDIA_TYPES[kind])


def write(
    data: AnyData, contents: Contents, edits: Edits, *, name: str, scratch: Scratch | None = None
) -> tuple[AnyData, tuple[str, ...]]:
    """Put a file together again, edited.

    Parameters
    ----------
    data : bytes or Mapped
        The file `contents` was read from.
    contents : Contents
        As `read` gave it.
    edits : Edits
        What to change.
    name : str
        For messages.
    scratch : Scratch or None
        Where a new file comes that is too large for memory.

    Returns
    -------
    tuple of (bytes or Mapped, tuple of str)
        The new file, in memory if the old one is, and warnings.

    Raises
    ------
    LabelError
        A packet or text does not fit where the container puts it.
    UnsupportedError
        The container's own form of text cannot hold it.
    """
    new, warnings = _WRITERS[recognise(data, name=name)](data, contents, edits, name=name)
    pieces = [new] if isinstance(new, bytes) else new
    return joined(data, pieces, scratch), warnings


def damaged_film(head: bytes) -> str | None:
    """Guess what kind of film a damaged file was.

    Parameters
    ----------
    head : bytes
        Its beginning.

    Returns
    -------
    str or None
        Its MIME type; None where it is no film.
    """
    kind = sniff(head)
    if kind == "mp4":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if kind == "matroska":
        return "video/webm" if b"webm" in head[:_DOCTYPE_BYTES] else "video/matroska"
    media_type = MEDIA_TYPES.get(kind or "", "")
    return media_type if media_type.startswith("video/") else None
