"""Decoding and encoding through libsndfile: FLAC, Ogg Vorbis, Ogg Opus and MP3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import soundfile

from genlabel._errors import MediaError, UnsupportedError
from genlabel.audio._files.sound import BLOCK_FRAMES, Block, Material, opened

# libsndfile overruns its stack when Vorbis gets a minute in one call.
_WRITTEN_FRAMES = 4096
# What libsndfile and its glue raise on damaged bytes.
_ERRORS = (soundfile.LibsndfileError, OSError, ValueError, OverflowError, AssertionError)


class Shape(NamedTuple):
    """What libsndfile says of a file."""

    rate: int
    channels: int
    frames: int
    subtype: str


class Form(NamedTuple):
    """What to encode.

    Parameters
    ----------
    format, subtype : str
        In libsndfile's terms.
    level : float or None
        0 to 1: from most bits to fewest, by each encoder's own rule.
    mode : str or None
        MP3 only: ``CONSTANT``, ``AVERAGE`` or ``VARIABLE``.
    """

    format: str
    subtype: str
    level: float | None = None
    mode: str | None = None


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # it comes without types
    """A file that is read from where one is to its end.

    soundfile seeks after every read, to where it is already: an MP3 decoder then begins anew,
    decodes slightly otherwise and complains on standard error.
    """

    def seekable(self) -> bool:
        """Say that nothing can be sought."""
        return False


def shape(material: Material, name: str) -> Shape:
    """Ask libsndfile what a file holds.

    Raises
    ------
    MediaError
        It cannot read the file.
    """
    with opened(material) as stream:
        try:
            with soundfile.SoundFile(stream) as file:
                return Shape(file.samplerate, file.channels, file.frames, file.subtype)
        except _ERRORS as error:
            raise _damaged(error, name) from error


def decode(
    material: Material, name: str, *, dtype: str = "float32", start: int = 0
) -> Iterator[Block]:
    """Give a file's samples, block by block.

    Parameters
    ----------
    material : bytes or Path
        The file.
    name : str
        For messages.
    dtype : {"float32", "int32"}
        Integers fill the upper bits.
    start : int
        The first frame wanted.

    Yields
    ------
    ndarray, shape (frames, channels)
        Valid also after the next one was asked for.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    with opened(material) as stream:
        try:
            with _Forward(stream) as file:
                if start:
                    file.seek(start)
                while True:
                    block = file.read(BLOCK_FRAMES, dtype, always_2d=True)
                    if not len(block):
                        return
                    yield block
        except _ERRORS as error:
            if isinstance(error, MediaError):
                raise
            raise _damaged(error, name) from error


def encode(
    target: BinaryIO, blocks: Iterable[Block], rate: int, channels: int, form: Form, name: str
) -> None:
    """Encode samples.

    Parameters
    ----------
    target : binary file object
        Empty, and open for reading and seeking as well.
    blocks : iterable of ndarray, shape (frames, channels)
        The samples, in blocks of any size.
    rate, channels : int
        Of the samples.
    form : Form
        What to encode.
    name : str
        For messages.

    Raises
    ------
    UnsupportedError
        The encoder does not take such samples.
    """
    with created(target, rate, channels, form, name) as file:
        for block in blocks:
            put(file, block)


def created(target: BinaryIO, rate: int, channels: int, form: Form, name: str) -> Any:
    """Begin to encode.

    Parameters
    ----------
    target : binary file object
        Empty, and open for reading and seeking as well.
    rate, channels : int
        Of the samples.
    form : Form
        What to encode.
    name : str
        For messages.

    Returns
    -------
    soundfile.SoundFile
        For `put`; to be closed behind the last samples.

    Raises
    ------
    UnsupportedError
        The encoder does not take such samples.
    """
    settings: dict[str, Any] = {}
    if form.level is not None:
        settings["compression_level"] = form.level
    if form.mode is not None:
        settings["bitrate_mode"] = form.mode
    try:
        return soundfile.SoundFile(
            target, "w", rate, channels, form.subtype, format=form.format, **settings
        )
    except _ERRORS as error:
        raise UnsupportedError(
            f"{form.format} {form.subtype} does not take {channels} channels at {rate} Hz",
            path=name,
        ) from error


def put(file: Any, block: Block) -> None:
    """Encode some more samples.

    Parameters
    ----------
    file : soundfile.SoundFile
        As `created`.
    block : ndarray, shape (frames, channels)
        The next ones.
    """
    for start in range(0, len(block), _WRITTEN_FRAMES):
        file.write(block[start : start + _WRITTEN_FRAMES])


def _damaged(error: Exception, name: str) -> MediaError:
    reason = getattr(error, "error_string", None) or str(error) or type(error).__name__
    return MediaError(f"cannot be decoded: {reason}", path=name)
