"""The image watermark on arrays: `embed` and `detect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel._lazy import attributes

__all__ = ["detect", "embed", "warmup"]

if TYPE_CHECKING:
    from genlabel.image._detect import detect
    from genlabel.image._embed import embed
    from genlabel.image._warmup import warmup

_HOME = {
    "detect": "genlabel.image._detect",
    "embed": "genlabel.image._embed",
    "warmup": "genlabel.image._warmup",
}

__getattr__ = attributes(__name__, _HOME)
