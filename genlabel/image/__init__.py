"""The image watermark on arrays: `embed` and `detect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["detect", "embed"]

if TYPE_CHECKING:
    from genlabel.image._detect import detect
    from genlabel.image._embed import embed


def __getattr__(name: str) -> Any:
    if name == "detect":
        from genlabel.image._detect import detect

        return detect
    if name == "embed":
        from genlabel.image._embed import embed

        return embed
    raise AttributeError(f"module 'genlabel.image' has no attribute {name!r}")
