"""A file's samples, opened by the package of its medium."""

from __future__ import annotations

from genlabel._data import Data, Mapped, Scratch
from genlabel._errors import UnsupportedError
from genlabel._samples import Samples


def open_samples(data: Data, media_type: str, scratch: Scratch, *, name: str) -> Samples:
    """Open a file's samples.

    Parameters
    ----------
    data : bytes or Mapped
        The whole file.
    media_type : str
        MIME type by content.
    scratch : Scratch
        Where a film goes that is in memory.
    name : str
        For messages.

    Raises
    ------
    MediaError
        The file is damaged, cut short, or too large to decode.
    UnsupportedError
        It is one of an unusual coding, or a film, and PyAV is not there.
    """
    if media_type.startswith("video/"):
        try:
            from genlabel.video._files.samples import open_film_samples
        except ImportError as error:
            raise UnsupportedError("films need PyAV (pip install av)", path=name) from error
        return open_film_samples(data, media_type, scratch, name=name)
    if media_type.startswith("audio/"):
        from genlabel.audio._files.samples import open_sound_samples

        return open_sound_samples(data.path if isinstance(data, Mapped) else data, name=name)
    from genlabel.image._files.samples import open_picture_samples

    return open_picture_samples(data[:], name=name)
