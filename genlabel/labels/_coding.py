"""Texts in UTF-16, where writers and standards disagree about how texts are coded.

References
----------
Unicode Standard, 3.10 (encoding schemes and the byte order mark); ISO 16684-1 (XMP), 7.1.
"""

from __future__ import annotations

import codecs


def utf_16(text: bytes) -> str | None:
    """Name the coding of a text that is UTF-16.

    Parameters
    ----------
    text : bytes
        It begins with a byte order mark, or with two characters of ASCII, as JSON and XML do.

    Returns
    -------
    str or None
        A name that `bytes.decode` knows; None for any other coding.
    """
    if text.startswith(codecs.BOM_UTF16_LE) or _is_wide(text, high=1):
        return "utf-16-le"
    if text.startswith(codecs.BOM_UTF16_BE) or _is_wide(text, high=0):
        return "utf-16-be"
    return None


def as_utf_8(text: bytes) -> bytes:
    """Give a text in UTF-8; what is not UTF-16 stays as it is.

    Parameters
    ----------
    text : bytes
        In either.
    """
    coding = utf_16(text)
    if coding is None:
        return text
    return text.decode(coding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")


def _is_wide(text: bytes, *, high: int) -> bool:
    head = text[:4]
    return len(head) == 4 and not any(head[high::2]) and all(head[1 - high :: 2])
