"""What the ending of a file's name promises."""

from __future__ import annotations

import os

_TYPES = {
    **dict.fromkeys((".png", ".apng"), ("image/png",)),
    **dict.fromkeys((".jpg", ".jpeg"), ("image/jpeg",)),
    **dict.fromkeys((".tif", ".tiff"), ("image/tiff",)),
    **{f".{kind}": (f"image/{kind}",) for kind in ("webp", "gif", "avif", "bmp", "jxl")},
    ".svg": ("image/svg+xml",),
    **{f".{kind}": (f"audio/{kind}",) for kind in ("wav", "flac")},
    **dict.fromkeys((".ogg", ".oga", ".opus"), ("audio/ogg",)),
    ".mp3": ("audio/mpeg",),
    **dict.fromkeys((".m4a", ".mp4", ".m4v"), ("audio/mp4", "video/mp4")),
    ".mov": ("video/quicktime",),
    **dict.fromkeys((".mkv", ".webm"), ("video/matroska", "audio/matroska", "video/webm")),
    ".avi": ("video/x-msvideo",),
    ".flv": ("video/x-flv", "audio/x-flv"),
    ".pdf": ("application/pdf",),
}


def misnamed(source: str, target: str, media_type: str) -> str | None:
    """Say that a target's name asks for another format than its source has.

    Parameters
    ----------
    source, target : str
        Names of files.
    media_type : str
        MIME type of both.

    Returns
    -------
    str or None
        None where the name promises nothing else, or no more than the source's own name did.
    """
    old, new = (os.path.splitext(name)[1].lower() for name in (source, target))
    if new == old or media_type in _TYPES.get(new, (media_type,)):
        return None
    return f"{target} is {media_type}, as its source is: formats are not changed by a name"
