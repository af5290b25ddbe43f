"""MPEG transport streams: recognised, and without a place for labels.

References
----------
ISO/IEC 13818-1, 2.4.3 (packets) and 2.6 (descriptors, none of which is a text for people).
"""

from __future__ import annotations

from genlabel._data import Data
from genlabel.labels.containers.contents import Contents, Edits


def read(data: Data, *, name: str) -> Contents:
    """Say that there are no labels in a transport stream.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Without any place: what names a programme there is made for receivers, and no program
        carries it on.
    """
    return Contents(carrier=False)


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[list[range], tuple[str, ...]]:
    """Give a transport stream as it is.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (list of range, tuple of str)
        The file, in one piece, and no warnings: its contents say that there is no carrier.
    """
    return [range(len(data))], ()
