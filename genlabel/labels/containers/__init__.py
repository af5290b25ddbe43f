"""Where labels are put: files as pieces, taken apart and put together without loss.

A container module knows bytes and segments, never what a label means.
"""

from __future__ import annotations

#: Containers this version serves, and their MIME types.
MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


def sniff(head: bytes) -> str | None:
    """Recognise a container by its first bytes.

    Parameters
    ----------
    head : bytes
        The beginning of a file, 12 bytes or more.

    Returns
    -------
    str or None
        A key of `MEDIA_TYPES`; None for anything else.
    """
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return None
