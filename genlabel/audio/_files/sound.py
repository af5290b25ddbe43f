"""A sound file taken apart: what it holds, and how new samples are coded like the old ones."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from genlabel._errors import MediaError

#: Samples as genlabel handles them: (frames, channels), full scale at 1; float32, or float64 where
#: the file has more than 24 bits.
Block = npt.NDArray[Any]

#: Where a file's bytes come from: themselves, or a path that is opened for every pass.
Material: TypeAlias = bytes | Path

#: Frames handled at once, where nothing else says how many.
BLOCK_FRAMES = 1 << 16
#: More channels than any layout in use: what claims more is damaged.
MAX_CHANNELS = 64
MAX_RATE = 1_000_000
#: A day. Silence packs so well that a small file could keep a decoder busy for years.
MAX_SECONDS = 86_400
# What is being made is kept in memory up to here, and on the disk beyond.
_SPOOLED_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Coding:
    """How a file's samples are coded, so that new ones are coded alike.

    Parameters
    ----------
    codec : {"pcm", "flac", "alac", "mp3", "vorbis", "opus", "aac"}
        What coded them.
    lossless : bool
        No sample changes by encoding.
    bits : int
        Lossless only: bits that count in each sample.
    mode : {"constant", "average", "variable"} or None
        Lossy only: how the encoder spends its bits.
    bitrate : float or None
        Lossy only: mean bits a second of the samples' own packets, without tags and framing.
    """

    codec: str
    lossless: bool
    bits: int = 0
    mode: str | None = None
    bitrate: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A sound file, opened: its samples are decoded only when they are asked for.

    Parameters
    ----------
    name : str
        For messages.
    media_type : str
        MIME type by content.
    material : bytes or Path
        The file.
    rate : int
        Frames a second.
    channels : int
        Samples a frame.
    frames : int
        Length, exact: what encoders put before and behind is not counted.
    coding : Coding
        How to encode new samples.
    layout : object
        What the container's module knows of the file.
    warnings : tuple of str
        What cannot be kept when new samples are written.
    """

    name: str
    media_type: str
    material: Material = field(repr=False)
    rate: int
    channels: int
    frames: int
    coding: Coding
    layout: Any = field(repr=False, default=None)
    warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate


def opened(material: Material) -> BinaryIO:
    """Open a file for one pass."""
    if isinstance(material, Path):
        return open(material, "rb")
    return io.BytesIO(material)


@contextlib.contextmanager
def scratch_file() -> Iterator[BinaryIO]:
    """Open an empty file that is gone afterwards."""
    with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as stream:
        yield cast(BinaryIO, stream)


def size_of(material: Material) -> int:
    """Count a file's bytes."""
    return material.stat().st_size if isinstance(material, Path) else len(material)


def check_shape(channels: int, rate: int, frames: int, name: str) -> None:
    """Refuse what cannot be sound.

    Raises
    ------
    MediaError
        No channel, no rate or no sample, or beyond all reason.
    """
    if not 1 <= channels <= MAX_CHANNELS:
        raise MediaError(f"declares {channels} channels", path=name)
    if not 1 <= rate <= MAX_RATE:
        raise MediaError(f"declares {rate} frames a second", path=name)
    if frames < 1:
        raise MediaError("holds no samples", path=name)
    if frames > MAX_SECONDS * rate:
        raise MediaError(f"is too long: {frames / rate / 3600:.0f} hours", path=name)


def count_frames(blocks: Iterable[Block], rate: int, name: str) -> int:
    """Count the frames of a file that does not tell.

    Raises
    ------
    MediaError
        They do not end within a day.
    """
    frames = 0
    for block in blocks:
        frames += len(block)
        if frames > MAX_SECONDS * rate:
            raise MediaError("is too long: more than a day", path=name)
    return frames


def counted(blocks: Iterator[Block], sound: Sound) -> Iterator[Block]:
    """Pass on a file's samples, exactly as many as there are.

    Raises
    ------
    MediaError
        There are fewer; what a decoder gives beyond them is left out.
    """
    left = sound.frames
    # To the very end: what follows the last frame may be a checksum.
    for block in blocks:
        block = block[:left]
        left -= len(block)
        if len(block):
            yield block
    if left:
        raise MediaError(
            f"is cut short: {sound.frames - left} of {sound.frames} frames can be decoded",
            path=sound.name,
        )


def checked(blocks: Iterator[Block], sound: Sound) -> Iterator[Block]:
    """Pass on new samples, and see that they fit the file.

    Raises
    ------
    MediaError
        They have other channels, are more or fewer than the file's, or are not numbers.
    """
    done = 0
    for block in blocks:
        if block.ndim != 2 or block.shape[1] != sound.channels:
            raise MediaError("the new samples have other channels", path=sound.name)
        if not np.isfinite(block).all():
            raise MediaError("the new samples are not all numbers", path=sound.name)
        done += len(block)
        if done > sound.frames:
            break
        yield block
    if done != sound.frames:
        raise MediaError(
            f"the new samples are {done} frames, the file's are {sound.frames}", path=sound.name
        )
