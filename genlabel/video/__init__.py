"""The video watermark on luma planes and files: `Embedder` and `detect`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["Embedder", "Encoding", "Overlay", "detect", "warmup"]

if TYPE_CHECKING:
    from genlabel.video._detect import detect
    from genlabel.video._embedder import Embedder
    from genlabel.video._files.encoding import Encoding
    from genlabel.video._label import Overlay
    from genlabel.video._warmup import warmup

_HOME = {
    "Embedder": "genlabel.video._embedder",
    "Encoding": "genlabel.video._files.encoding",
    "Overlay": "genlabel.video._label",
    "detect": "genlabel.video._detect",
    "warmup": "genlabel.video._warmup",
}


def __getattr__(name: str) -> Any:
    # Resolved on first use: the kernels cost a second to import.
    if name not in _HOME:
        raise AttributeError(f"module 'genlabel.video' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
