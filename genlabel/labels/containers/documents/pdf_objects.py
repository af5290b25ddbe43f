"""Objects of PDF, as they are written.

References
----------
ISO 32000-2, 7.3 (objects).
"""

from __future__ import annotations

from typing import Any


def unparsed(value: Any) -> bytes:
    """Write a value of a PDF as it stands there, indirect objects as references.

    Parameters
    ----------
    value : pikepdf.Object or a plain type
        The value.
    """
    import pikepdf

    return pikepdf.Object.unparse(value) if isinstance(value, pikepdf.Object) else _plain(value)


def entries_of(value: Any) -> dict[bytes, bytes]:
    """Give a dictionary's keys and values as they are written.

    Parameters
    ----------
    value : pikepdf.Dictionary
        The dictionary; of a stream its own.
    """
    # Iterating over a stream is refused.
    return {str(key).encode(): unparsed(value[key]) for key in list(value.keys())}


def dictionary(entries: dict[bytes, bytes]) -> bytes:
    """Write a dictionary.

    Parameters
    ----------
    entries : dict
        Keys with their slash, and values.
    """
    return b"<< " + b" ".join(key + b" " + value for key, value in entries.items()) + b" >>"


def stream(content: bytes, entries: dict[bytes, bytes] | None = None) -> bytes:
    """Write a stream.

    Parameters
    ----------
    content : bytes
        As stored.
    entries : dict or None
        Of its dictionary, beside the length.
    """
    head = dictionary({**(entries or {}), b"/Length": b"%d" % len(content)})
    return head + b"\nstream\n" + content + b"\nendstream"


def _plain(value: object) -> bytes:
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return b"null" if value is None else str(value).encode()
