"""The image watermark on arrays: `embed` and `detect`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    # Resolved on first use: the kernels cost a second to import.
    if name not in _HOME:
        raise AttributeError(f"module 'genlabel.image' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
