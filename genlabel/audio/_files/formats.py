"""Sound files: samples out, new samples in, and nothing else changed.

A file is recognised by its content, never by its name. Tags, pictures and other chunks do not pass
through a decoder: new samples are put where the old ones were, and everything around them stays.
All goes block by block, so that an hour takes no more memory than a second.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import BinaryIO

from genlabel._data import Data, Mapped, Scratch
from genlabel._errors import MediaError, UnsupportedError
from genlabel.audio._files import flac, m4a, mp3, ogg, wav
from genlabel.audio._files.sound import Block, Material, Sound, checked, counted, opened
from genlabel.audio._files.tags import id3v2_bytes
from genlabel.labels.containers import MEDIA_TYPES, sniff

#: Takes a file's sound, gives new samples: as many frames, in blocks of any size.
Process = Callable[[Sound], Iterable[Block]]

_LOSSLESS: dict[str, ModuleType] = {"audio/wav": wav, "audio/flac": flac}
_LOSSY: dict[str, ModuleType] = {
    "audio/mpeg": mp3,
    "audio/ogg": ogg,
    "audio/mp4": m4a,
}
_MODULES = _LOSSLESS | _LOSSY
_HEAD_BYTES = 16


def open_sound(material: Material, *, name: str) -> Sound:
    """Open a sound file, and see that it is whole.

    Parameters
    ----------
    material : bytes or Path
        The whole file: WAV (RF64 as well), FLAC, Ogg Vorbis, Ogg Opus, MP3 or M4A.
    name : str
        For messages.

    Returns
    -------
    Sound
        Rate, channels, exact length and coding; `blocks_of` gives its samples.

    Raises
    ------
    MediaError
        The file is damaged or cut short.
    UnsupportedError
        It is another kind of file, or one of an unusual coding.
    """
    try:
        with opened(material) as stream:
            kind = _recognise(stream)
    except OSError as error:
        raise MediaError(f"cannot be read: {error.strerror or error}", path=name) from error
    if kind is None:
        raise UnsupportedError("is no WAV, FLAC, Ogg, MP3 or M4A sound", path=name)
    sound: Sound = _MODULES[kind].read(material, name)
    return sound


def blocks_of(sound: Sound) -> Iterator[Block]:
    """Give a file's samples, from the first to the last.

    Parameters
    ----------
    sound : Sound
        The file.

    Yields
    ------
    ndarray, shape (frames, channels), float32 or float64
        Full scale at 1. Lossy files go a little beyond.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    return counted(_MODULES[sound.media_type].blocks(sound), sound)


def write(
    sound: Sound, new: Iterable[Block], target: BinaryIO, *, bitrate: float | None = None
) -> tuple[str, ...]:
    """Write a sound file anew, with other samples.

    Tags, pictures and chunks stay byte for byte. A C2PA manifest does not, since its hash covers
    the old samples. Lossless files keep their depth; lossy ones are encoded at the bitrate and in
    the mode they had.

    Parameters
    ----------
    sound : Sound
        The file; with another count of ``frames`` where it becomes longer or shorter.
    new : iterable of ndarray, shape (frames, channels)
        The new samples.
    target : binary file object
        Empty, and open for reading and seeking as well.
    bitrate : float or None
        For lossy files, mean bits a second; None keeps the file's own.

    Returns
    -------
    tuple of str
        What could not be kept.

    Raises
    ------
    MediaError
        The samples do not fit, the file is damaged, or what was written does not read back.
    UnsupportedError
        The encoder does not take such sound.
    """
    module = _MODULES[sound.media_type]
    blocks = checked(iter(new), sound)
    if sound.coding.lossless:
        module.write(sound, blocks, target)
    else:
        module.write(sound, blocks, target, bitrate)
    target.flush()
    return sound.warnings


def mark(
    sound: Sound,
    process: Process,
    *,
    bitrate: float | None = None,
    frames: int | None = None,
    scratch: Scratch | None = None,
) -> Data:
    """Give a sound file's samples to a process, and put what it makes of them in their place.

    Parameters
    ----------
    sound : Sound
        The file.
    process : callable
        Makes the new samples; it may go through the old ones as often as it likes.
    bitrate : float or None
        As in `write`.
    frames : int or None
        How many the process makes; None for as many as the file has.
    scratch : Scratch or None
        Where the new file comes if the old one is on the disk; None for in memory.

    Returns
    -------
    bytes or Mapped
        The new file.
    """
    new = process(sound)
    longer = sound if frames is None else dataclasses.replace(sound, frames=frames)
    if scratch is None or isinstance(sound.material, bytes):
        held = io.BytesIO()
        write(longer, new, held, bitrate=bitrate)
        return held.getvalue()
    path = scratch.path()
    with open(path, "x+b") as target:
        write(longer, new, target, bitrate=bitrate)
    return Mapped(path)


def _recognise(stream: BinaryIO) -> str | None:
    kind = sniff(id3v2_bytes(stream) + stream.read(_HEAD_BYTES))
    media_type = None if kind is None else MEDIA_TYPES[kind]
    return media_type if media_type in _MODULES else None
