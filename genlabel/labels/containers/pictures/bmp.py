"""BMP: a picture and nothing beside it.

References
----------
Microsoft, Bitmap Storage (BITMAPFILEHEADER and the headers behind it); no specification has a
place for metadata in it.
"""

from __future__ import annotations

from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Contents, Edits

_HEADER_BYTES = 14


def read(data: bytes, *, name: str) -> Contents:
    """Say that there is no place.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        Its samples begin beyond its end.
    """
    if int.from_bytes(data[10:_HEADER_BYTES], "little") >= len(data):
        raise MediaError("is cut short: it ends before its samples", path=name)
    return Contents(carrier=False)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Give the file as it is: its contents say that there is no carrier.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The same file.
    """
    return data, ()
