"""The audio watermark on arrays: `embed` and `detect`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["detect", "embed", "warmup"]

if TYPE_CHECKING:
    from genlabel.audio._detect import detect
    from genlabel.audio._embed import embed
    from genlabel.audio._warmup import warmup

_HOME = {
    "detect": "genlabel.audio._detect",
    "embed": "genlabel.audio._embed",
    "warmup": "genlabel.audio._warmup",
}


def __getattr__(name: str) -> Any:
    # Resolved on first use: the kernels cost a second to import.
    if name not in _HOME:
        raise AttributeError(f"module 'genlabel.audio' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
