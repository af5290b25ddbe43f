"""The label people see: drawn into pictures and frames, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel._lazy import attributes

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

__getattr__ = attributes(__name__, _HOME)
