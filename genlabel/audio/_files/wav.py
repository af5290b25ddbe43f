"""WAV files, RF64 among them: samples out, new samples in, every other chunk kept.

References
----------
Microsoft, Multiple Channel Audio Data and WAVE Files (WAVE_FORMAT_EXTENSIBLE); EBU Tech 3306 v2
(RF64); ITU-R BS.2088 (BW64).
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from genlabel._data import copy_bytes
from genlabel._errors import MediaError, UnsupportedError
from genlabel.audio._files.pcm import Stored, to_bytes, to_floats
from genlabel.audio._files.sound import (
    BLOCK_FRAMES,
    Block,
    Coding,
    Material,
    Sound,
    check_shape,
    opened,
    size_of,
)

#: Chunks that say something about the old samples, or about where things were: a signed manifest,
#: peaks, a checksum; RF64's sizes are made anew.
_STALE = frozenset((b"C2PA", b"PEAK", b"MD5 ", b"ds64"))
_MAX_CHUNKS = 10_000
_MAX_FMT_BYTES = 4096
_UNTOLD = 0xFFFFFFFF
# Some such programs write a little less than what 31 or 32 bits can say.
_SURELY_UNTOLD = 0x7FFFF000
# Some writers count the header in.
_OVERCOUNT = 8
_KINDS = {1: "int", 3: "float", 6: "alaw", 7: "ulaw"}
_EXTENSIBLE = 0xFFFE
_WIDTHS = {"int": (1, 2, 3, 4), "float": (4, 8), "alaw": (1,), "ulaw": (1,)}


class Chunk(NamedTuple):
    """A chunk's type, and where its content is."""

    kind: bytes
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in a WAV file.

    Parameters
    ----------
    form : bytes
        ``RIFF``, ``RF64`` or ``BW64``.
    chunks : tuple of Chunk
        All of them, in order.
    data : Chunk
        The one with the samples.
    stored : Stored
        How they are stored.
    end : int
        Where the last chunk ends: what follows belongs to somebody else.
    """

    form: bytes
    chunks: tuple[Chunk, ...]
    data: Chunk
    stored: Stored
    end: int


def read(material: Material, name: str) -> Sound:
    """Open a WAV file.

    Raises
    ------
    MediaError
        It is damaged or cut short.
    UnsupportedError
        Its samples are stored in a way this version does not know.
    """
    with opened(material) as stream:
        form, chunks, end = _walk(stream, size_of(material), name)
        fmt = _only(chunks, b"fmt ", name)
        data = _only(chunks, b"data", name)
        stream.seek(fmt.start)
        channels, rate, stored = _format(stream.read(min(fmt.size, _MAX_FMT_BYTES)), name)
    frames = data.size // (channels * stored.width)
    check_shape(channels, rate, frames, name)
    coding = Coding("pcm", lossless=True, bits=stored.bits)
    layout = Layout(form, tuple(chunks), data, stored, end)
    return Sound(name, "audio/wav", material, rate, channels, frames, coding, layout)


def blocks(sound: Sound) -> Iterator[Block]:
    """Give a WAV file's samples, block by block."""
    layout: Layout = sound.layout
    frame_bytes = sound.channels * layout.stored.width
    with opened(sound.material) as stream:
        stream.seek(layout.data.start)
        for start in range(0, sound.frames, BLOCK_FRAMES):
            count = min(BLOCK_FRAMES, sound.frames - start)
            raw = stream.read(count * frame_bytes)
            if len(raw) < count * frame_bytes:
                raise MediaError("was cut short while it was read", path=sound.name)
            yield to_floats(raw, layout.stored, sound.channels)


def write(sound: Sound, new: Iterator[Block], target: BinaryIO) -> None:
    """Write a WAV file anew, with other samples in its data chunk.

    Raises
    ------
    MediaError
        The new samples do not fit.
    """
    layout: Layout = sound.layout
    frame_bytes = sound.channels * layout.stored.width
    # Half a frame at the end belongs to nobody, and stays.
    odd = layout.data.size % frame_bytes
    size = sound.frames * frame_bytes + odd
    kept = [
        Chunk(chunk.kind, chunk.start, size) if chunk == layout.data else chunk
        for chunk in layout.chunks
        if chunk.kind not in _STALE
    ]
    body = 4 + sum(8 + chunk.size + (chunk.size & 1) for chunk in kept)
    large = layout.form != b"RIFF" or body + 8 >= _UNTOLD
    form = (layout.form if layout.form != b"RIFF" else b"RF64") if large else b"RIFF"
    if large:
        body += 36
    target.write(form + struct.pack("<I", _UNTOLD if large else body) + b"WAVE")
    if large:
        sizes = struct.pack("<QQQI", body, size, sound.frames, 0)
        target.write(b"ds64" + struct.pack("<I", len(sizes)) + sizes)
    with opened(sound.material) as stream:
        for chunk in kept:
            is_data = chunk.start == layout.data.start
            told = _UNTOLD if large and is_data else chunk.size
            target.write(chunk.kind + struct.pack("<I", told))
            if is_data:
                for block in new:
                    target.write(to_bytes(block, layout.stored))
                stream.seek(layout.data.start + layout.data.size - odd)
                target.write(stream.read(odd))
            elif chunk.kind == b"fact" and chunk.size >= 4 and size != layout.data.size:
                stream.seek(chunk.start + 4)
                target.write(struct.pack("<I", min(sound.frames, _UNTOLD)))
                copy_bytes(stream, chunk.size - 4, target)
            else:
                stream.seek(chunk.start)
                copy_bytes(stream, chunk.size, target)
            if chunk.size & 1:
                target.write(b"\0")
        stream.seek(layout.end)
        shutil.copyfileobj(stream, target)


def _walk(stream: BinaryIO, size: int, name: str) -> tuple[bytes, list[Chunk], int]:
    """List the chunks, and say where they end; one that is not all there is refused."""
    head = stream.read(12)
    if len(head) < 12:
        raise MediaError("is cut short: it ends in its RIFF header", path=name)
    form, told = head[:4], int.from_bytes(head[4:8], "little")
    # A program that writes into a pipe cannot go back to tell the sizes.
    streamed = form == b"RIFF" and (told == 0 or (told >= _SURELY_UNTOLD and 8 + told > size))
    limit = size if streamed or form != b"RIFF" else 8 + told
    if limit > size + _OVERCOUNT:
        raise MediaError(f"is cut short: RIFF claims {limit} bytes, {size} are there", path=name)
    limit = min(limit, size)
    chunks: list[Chunk] = []
    long_data: int | None = None
    position = 12
    while position + 8 <= limit:
        stream.seek(position)
        kind, length = struct.unpack("<4sI", stream.read(8))
        if kind == b"ds64" and form != b"RIFF":
            long_data = int.from_bytes(stream.read(16)[8:16], "little")
        if kind == b"data" and long_data is not None and length == _UNTOLD:
            length = long_data
        elif kind == b"data" and (
            (length == 0 and streamed)
            or (length >= _SURELY_UNTOLD and position + 8 + length > limit)
        ):
            length = limit - position - 8
        if position + 8 + length > limit:
            raise MediaError(
                f"is cut short: its {kind.decode('latin-1')!r} chunk claims {length} bytes, "
                f"{limit - position - 8} are there",
                path=name,
            )
        chunks.append(Chunk(kind, position + 8, length))
        if len(chunks) > _MAX_CHUNKS:
            raise MediaError(f"is damaged: more than {_MAX_CHUNKS} chunks", path=name)
        position += 8 + length + (length & 1)
    return form, chunks, min(position, size)


def _only(chunks: list[Chunk], kind: bytes, name: str) -> Chunk:
    found = [chunk for chunk in chunks if chunk.kind == kind]
    if len(found) != 1:
        raise MediaError(f"has {len(found)} {kind.decode().strip()} chunks, not one", path=name)
    return found[0]


def _format(fmt: bytes, name: str) -> tuple[int, int, Stored]:
    """Read channels, rate and the way samples are stored."""
    if len(fmt) < 16:
        raise MediaError("is damaged: its fmt chunk is too short", path=name)
    tag, channels, rate, _, align, bits = struct.unpack("<HHIIHH", fmt[:16])
    valid = bits
    if tag == _EXTENSIBLE:
        if len(fmt) < 40:
            raise MediaError("is damaged: its fmt chunk is too short", path=name)
        valid = int.from_bytes(fmt[18:20], "little") or bits
        tag = int.from_bytes(fmt[24:26], "little")
    kind = _KINDS.get(tag)
    if kind is None:
        raise UnsupportedError(f"is a WAV file of coding {tag:#x}, not of plain samples", path=name)
    width = align // channels if channels else 0
    if align != width * channels or width not in _WIDTHS[kind]:
        if not channels:
            raise MediaError("declares 0 channels", path=name)
        raise UnsupportedError(f"has samples of {align} / {channels} bytes", path=name)
    if not 1 <= valid <= 8 * width:
        raise MediaError(f"declares {valid} bits in {width} bytes a sample", path=name)
    return channels, rate, Stored(kind, width, valid)
