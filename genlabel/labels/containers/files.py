"""Whole files: recognised, taken apart and put together again by their container's module."""

from __future__ import annotations

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import jpeg, png, sniff, webp
from genlabel.labels.containers.contents import Contents, Edits

_READERS = {"png": png.read, "jpeg": jpeg.read, "webp": webp.read}
_WRITERS = {"png": png.write, "jpeg": jpeg.write, "webp": webp.write}


def recognise(data: bytes, *, name: str) -> str:
    """Recognise a whole file, or refuse it.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

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
    kind = sniff(data[:12])
    if kind is None:
        raise UnsupportedError("is not a PNG, JPEG or WebP picture", path=name)
    return kind


def read(data: bytes, *, name: str) -> Contents:
    """Take a file apart.

    Parameters
    ----------
    data : bytes
        A PNG, JPEG or WebP file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Its pieces and every place that can hold text.

    Raises
    ------
    MediaError
        The file is empty, cut short or damaged.
    UnsupportedError
        It is another kind of file.
    """
    return _READERS[recognise(data, name=name)](data, name=name)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put a file together again, edited.

    Parameters
    ----------
    data : bytes
        The file `contents` was read from.
    contents : Contents
        As `read` gave it.
    edits : Edits
        What to change.
    name : str
        For messages.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file, and warnings.

    Raises
    ------
    LabelError
        A packet does not fit where the container puts it.
    """
    return _WRITERS[recognise(data, name=name)](data, contents, edits, name=name)
