"""Tags before and behind a stream of frames: found by their sizes, carried as they are.

References
----------
ID3v2.4.0 main structure, 3.1 and 3.4; ID3v1; APEv2, footer; Lyrics3 v2.00.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.sound import id3

_MAX_TAGS = 16
_APE_FOOTER_BYTES = 32
_HAS_FOOTER = 0x10
_MANIFEST_TYPES = (b"application/c2pa", b"application/x-c2pa-manifest-store")


def id3v2_bytes(stream: BinaryIO) -> bytes:
    """Read the ID3v2 tags at the beginning; the stream is left behind them."""
    found = b""
    for _ in range(_MAX_TAGS):
        start = stream.tell()
        head = stream.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:10]):
            stream.seek(start)
            break
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte
        footer = 10 if head[5] & _HAS_FOOTER else 0
        found += head + stream.read(size + footer)
    return found


def without_manifest(tags: bytes) -> bytes:
    """Take a signed C2PA manifest out of ID3v2 tags: it was about the old samples.

    References
    ----------
    C2PA Technical Specification 2.1, A.3 (embedding into ID3: a GEOB frame).
    """
    kept = b""
    start = 0
    while size := id3.tag_bytes(tags, start):
        stored = tags[start : start + size]
        start += size
        try:
            tag = id3.read(stored, 0)
        except id3.DamagedTag:
            kept += stored
            continue
        stale = {
            index
            for index, frame in enumerate(tag.frames)
            if frame.name == "GEOB" and any(kind in frame.body[:64] for kind in _MANIFEST_TYPES)
        }
        kept += tag.edited(0, Edits(drop=frozenset(stale))) if stale else stored
    return kept + tags[start:]


def id3v1_bytes(stream: BinaryIO) -> bytes:
    """Read the tag in the last 128 bytes, if there is one."""
    size = stream.seek(0, os.SEEK_END)
    if size < 128:
        return b""
    stream.seek(size - 128)
    tag = stream.read(128)
    return tag if tag[:3] == b"TAG" else b""


def tail_bytes(stream: BinaryIO) -> int:
    """Count the bytes of the tags at the end: ID3v1, APEv2 and Lyrics3."""
    size = stream.seek(0, os.SEEK_END)
    start = size - len(id3v1_bytes(stream))
    for _ in range(_MAX_TAGS):
        length = _ape_length(stream, start) or _lyrics_length(stream, start)
        if not length or length > start:
            break
        start -= length
    return size - start


def _ape_length(stream: BinaryIO, end: int) -> int:
    if end < _APE_FOOTER_BYTES:
        return 0
    stream.seek(end - _APE_FOOTER_BYTES)
    footer = stream.read(_APE_FOOTER_BYTES)
    if footer[:8] != b"APETAGEX":
        return 0
    has_header = int.from_bytes(footer[20:24], "little") >> 31
    return int.from_bytes(footer[12:16], "little") + _APE_FOOTER_BYTES * has_header


def _lyrics_length(stream: BinaryIO, end: int) -> int:
    if end < 15:
        return 0
    stream.seek(end - 15)
    foot = stream.read(15)
    if foot[6:] != b"LYRICS200" or not foot[:6].isdigit():
        return 0
    return int(foot[:6]) + 15
