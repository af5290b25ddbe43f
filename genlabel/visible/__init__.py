"""The label people see: drawn into pictures and frames, and found again."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["POSITIONS", "Drawn", "FoundLabel", "VisibleLabel", "draw", "find"]

if TYPE_CHECKING:
    from genlabel.visible._draw import Drawn, draw
    from genlabel.visible._find import FoundLabel, find
    from genlabel.visible._label import POSITIONS, VisibleLabel

_HOME = {
    "POSITIONS": "genlabel.visible._label",
    "Drawn": "genlabel.visible._draw",
    "VisibleLabel": "genlabel.visible._label",
    "FoundLabel": "genlabel.visible._find",
    "draw": "genlabel.visible._draw",
    "find": "genlabel.visible._find",
}


def __getattr__(name: str) -> Any:
    # Resolved on first use: describing a label takes no decoder.
    if name not in _HOME:
        raise AttributeError(f"module 'genlabel.visible' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
