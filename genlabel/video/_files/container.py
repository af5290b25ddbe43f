"""Containers of films: how FFmpeg reads and writes each, and how the old file was laid out."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from genlabel._data import Data, Mapped
from genlabel._errors import UnsupportedError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box
from genlabel.video._files.mp4 import number_of

#: By media type: FFmpeg's demuxer and muxer.
_FORMATS = {
    "video/mp4": ("mov", "mp4"),
    "video/quicktime": ("mov", "mov"),
    "video/matroska": ("matroska", "matroska"),
    "video/webm": ("matroska", "webm"),
    "video/x-msvideo": ("avi", "avi"),
    "video/x-flv": ("flv", "flv"),
    "video/mp2t": ("mpegts", "mpegts"),
}
_BIG, _HEADER, _LONG_HEADER = 1, 8, 16


@dataclass(frozen=True, slots=True)
class Mp4Track:
    """A track of an MP4 file.

    Parameters
    ----------
    coding : bytes
        Four bytes that name it, as ``avc1`` or ``tmcd``.
    chapters : frozenset of int
        Tracks that hold its chapters.
    """

    coding: bytes
    chapters: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Container:
    """A film's container.

    Parameters
    ----------
    demuxer, muxer : str
        FFmpeg's names.
    boxes : tuple of bytes
        MP4 and MOV: the types of the file's boxes, in order.
    brand : bytes
        MP4 and MOV: the major brand.
    tracks : mapping of int to Mp4Track
        MP4 and MOV: tracks by their numbers.
    """

    demuxer: str
    muxer: str
    boxes: tuple[bytes, ...] = ()
    brand: bytes = b""
    tracks: Mapping[int, Mp4Track] = field(default_factory=dict)

    def is_made_anew(self, number: int) -> bool:
        """Tell a track that the muxer writes by itself: time codes, and the list of chapters."""
        chapters = {each for track in self.tracks.values() for each in track.chapters}
        track = self.tracks.get(number)
        return number in chapters or (track is not None and track.coding == b"tmcd")


def container_of(media_type: str, source: Path, name: str) -> Container:
    """Say how a film is read and written.

    Parameters
    ----------
    media_type : str
        By content.
    source : Path
        The film.
    name : str
        For messages.

    Raises
    ------
    UnsupportedError
        It is no container that is written.
    """
    if media_type not in _FORMATS:
        raise UnsupportedError(f"is {media_type}, no film that this version marks", path=name)
    demuxer, muxer = _FORMATS[media_type]
    if demuxer != "mov":
        return Container(demuxer, muxer)
    data = Mapped(source)
    top = list(_top(data))
    brand = data[8:12] if top and top[0].kind == b"ftyp" else b""
    movie = boxes.first(top, b"moov")
    tracks: dict[int, Mp4Track] = {}
    if movie is not None:
        inside = boxes.walk(data, movie.payload, movie.end, name)
        tracks = dict(_track(data, box, name) for box in inside if box.kind == b"trak")
    return Container(demuxer, muxer, tuple(box.kind for box in top), brand, tracks)


def output_options(kind: Container, rates: Sequence[int] = ()) -> dict[str, str]:
    """Tell the muxer how the old file was laid out.

    Parameters
    ----------
    kind : Container
        What it was.
    rates : sequence of int
        Of its sounds, in hertz.
    """
    if kind.demuxer == "mov":
        flags = ["use_metadata_tags"]
        if b"moof" in kind.boxes:
            flags += ["frag_keyframe", "empty_moov", "default_base_moof"]
        elif _fast_start(kind.boxes):
            flags.append("faststart")
        options = {"movflags": "+" + "+".join(flags), "use_stream_ids_as_track_ids": "1"}
        if kind.brand.strip() and kind.brand.isascii() and kind.brand != b"qt  ":
            options["brand"] = kind.brand.decode()
        if rates:
            # Edit lists say in these units how long a sound is; FFmpeg's own are milliseconds.
            options["movie_timescale"] = str(max(rates))
        return options
    if kind.demuxer == "mpegts":
        return {"mpegts_copyts": "1"}
    return {}


def _fast_start(kinds: tuple[bytes, ...]) -> bool:
    return b"moov" in kinds and b"mdat" in kinds and kinds.index(b"moov") < kinds.index(b"mdat")


def _top(data: Data) -> Iterator[Box]:
    """List a file's boxes; the last one may be cut short."""
    at = 0
    while at + _LONG_HEADER <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        payload = at + _HEADER
        if size == _BIG:
            (size,) = struct.unpack_from(">Q", data, payload)
            payload = at + _LONG_HEADER
        end = at + size if size else len(data)
        if end < payload:
            return
        yield Box(kind, at, payload, min(end, len(data)))
        at = end


def _track(data: Data, track: Box, name: str) -> tuple[int, Mp4Track]:
    inside = boxes.walk(data, track.payload, track.end, name)
    chapters: frozenset[int] = frozenset()
    references = boxes.first(inside, b"tref")
    if references is not None:
        for box in boxes.walk(data, references.payload, references.end, name):
            if box.kind == b"chap":
                count = (box.end - box.payload) // 4
                chapters = frozenset(struct.unpack_from(f">{count}I", data, box.payload))
    entry = boxes.inside(data, track, (b"mdia", b"minf", b"stbl", b"stsd"), name)
    coding = b"" if entry is None else data[entry.payload + 12 : entry.payload + 16]
    return number_of(data, track, name), Mp4Track(coding, chapters)
