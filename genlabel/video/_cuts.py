"""Cuts of a film, seen from one coarse look at each picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# A cut: the mean change from picture to picture, in grey levels of a coarse look, and how many
# times as large as the last changes.
_CUT = 12.0
_SUDDEN = 3.0
_LOOK = 40


class Cuts:
    """Tells where scenes begin in a film that comes frame by frame.

    Parameters
    ----------
    scale : float
        Sample values of one grey level of 255.
    """

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._look: NDArray[np.int16] | None = None
        self._change: float | None = None

    def push(self, luma: NDArray[Any]) -> bool:
        """Look at the next plane of luma, and tell whether a scene begins with it."""
        step = max(1, min(luma.shape) // _LOOK)
        look = (luma[::step, ::step] / self._scale).astype(np.int16)
        before, self._look = self._look, look
        if before is None:
            return True
        change, usual = float(np.abs(look - before).mean()), self._change
        if usual is not None and change > _CUT and change > _SUDDEN * usual:
            # What is usual in the new scene, its second picture shows.
            self._change = None
            return True
        self._change = change if usual is None else 0.7 * usual + 0.3 * change
        return False
