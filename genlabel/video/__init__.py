"""The video watermark on luma planes and files: `Embedder` and `detect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel._lazy import attributes

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

__getattr__ = attributes(__name__, _HOME)
