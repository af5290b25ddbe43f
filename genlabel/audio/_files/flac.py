"""FLAC files: samples out, new samples in, every metadata block kept.

References
----------
RFC 9639, 8 (metadata blocks) and 8.2 (STREAMINFO).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np

from genlabel._errors import MediaError, UnsupportedError
from genlabel.audio._files import sndfile
from genlabel.audio._files.pcm import packed, quantised
from genlabel.audio._files.sndfile import Form
from genlabel.audio._files.sound import (
    Block,
    Coding,
    Material,
    Sound,
    check_shape,
    count_frames,
    opened,
    scratch_file,
)
from genlabel.audio._files.tags import id3v1_bytes, id3v2_bytes, without_manifest

_STREAMINFO, _PADDING, _SEEKTABLE = 0, 1, 3
_STREAMINFO_BYTES = 34
_MAX_BLOCKS = 10_000
# libFLAC takes other depths, libsndfile does not.
_DEPTHS = (8, 16, 24)


class MetadataBlock(NamedTuple):
    """A metadata block's type, and what it holds."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """What a FLAC file holds but samples.

    Parameters
    ----------
    prefix, suffix : bytes
        ID3 tags before and behind the stream.
    blocks : tuple of MetadataBlock
        All of them, in order.
    md5 : bytes
        Of the samples; zeros where the encoder did not tell.
    """

    prefix: bytes
    suffix: bytes
    blocks: tuple[MetadataBlock, ...]
    md5: bytes


def read(material: Material, name: str) -> Sound:
    """Open a FLAC file.

    Raises
    ------
    MediaError
        It is damaged or cut short.
    UnsupportedError
        Its samples have an unusual depth.
    """
    with opened(material) as stream:
        prefix = id3v2_bytes(stream)
        found, _ = _blocks(stream, name)
        suffix = id3v1_bytes(stream)
    info = next((block.body for block in found if block.kind == _STREAMINFO), b"")
    if len(info) < _STREAMINFO_BYTES:
        raise MediaError("is a damaged FLAC file: it has no STREAMINFO", path=name)
    packed = int.from_bytes(info[10:18], "big")
    bits = (packed >> 36 & 31) + 1
    rate, channels, frames = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    if bits not in _DEPTHS:
        raise UnsupportedError(f"has {bits} bits a sample, not 8, 16 or 24", path=name)
    # A stream written into a pipe does not tell its length; the decoder counts.
    frames = frames or count_frames(sndfile.decode(material, name), rate, name)
    check_shape(channels, rate, frames, name)
    layout = Layout(prefix, suffix, tuple(found), info[18:34])
    coding = Coding("flac", lossless=True, bits=bits)
    return Sound(name, "audio/flac", material, rate, channels, frames, coding, layout)


def blocks(sound: Sound) -> Iterator[Block]:
    """Give a FLAC file's samples, block by block.

    Raises
    ------
    MediaError
        It is damaged: the samples' checksum comes last.
    """
    bits = sound.coding.bits
    digest = hashlib.md5(usedforsecurity=False)
    width = (bits + 7) // 8
    for block in sndfile.decode(sound.material, sound.name, dtype="int32"):
        steps = block >> (32 - bits)
        digest.update(packed(steps, width))
        yield steps.astype(np.float32) * np.float32(2.0 ** (1 - bits))
    told = sound.layout.md5
    if any(told) and digest.digest() != told:
        raise MediaError("is damaged: its samples do not fit their checksum", path=sound.name)


def write(sound: Sound, new: Iterator[Block], target: BinaryIO) -> None:
    """Write a FLAC file anew, with other samples.

    Raises
    ------
    MediaError
        The new samples do not fit.
    """
    layout: Layout = sound.layout
    bits = sound.coding.bits
    depth = {8: "PCM_S8", 16: "PCM_16", 24: "PCM_24"}[bits]
    with scratch_file() as coded:
        sndfile.encode(
            coded,
            (quantised(block, bits) << (32 - bits) for block in new),
            sound.rate,
            sound.channels,
            Form("FLAC", depth),
            sound.name,
        )
        coded.seek(0)
        fresh, _ = _blocks(coded, sound.name)
        kept = [_renewed(block, fresh[0].body) for block in layout.blocks]
        target.write(without_manifest(layout.prefix) + b"fLaC")
        for index, block in enumerate(kept):
            last = 0x80 if index == len(kept) - 1 else 0
            target.write(bytes([block.kind | last]) + len(block.body).to_bytes(3, "big"))
            target.write(block.body)
        shutil.copyfileobj(coded, target)
    target.write(layout.suffix)


def _renewed(block: MetadataBlock, streaminfo: bytes) -> MetadataBlock:
    if block.kind == _STREAMINFO:
        return MetadataBlock(_STREAMINFO, streaminfo)
    if block.kind == _SEEKTABLE:
        # Its points are off by now. Players do without; a later program can put new ones here.
        return MetadataBlock(_PADDING, bytes(len(block.body)))
    return block


def _blocks(stream: BinaryIO, name: str) -> tuple[list[MetadataBlock], int]:
    """List the metadata blocks; the stream is left at the first frame."""
    if stream.read(4) != b"fLaC":
        raise MediaError("is a damaged FLAC file: its stream does not begin", path=name)
    found: list[MetadataBlock] = []
    while len(found) < _MAX_BLOCKS:
        head = stream.read(4)
        size = int.from_bytes(head[1:], "big")
        body = stream.read(size)
        if len(head) < 4 or len(body) < size:
            raise MediaError("is cut short: it ends in its metadata", path=name)
        found.append(MetadataBlock(head[0] & 0x7F, body))
        if head[0] & 0x80:
            return found, stream.tell()
    raise MediaError(f"is a damaged FLAC file: more than {_MAX_BLOCKS} blocks", path=name)
