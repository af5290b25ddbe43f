"""Benchmarks of the video watermark: clips, codecs, attacks, tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Film:
    """Planes of luma, and the file they came from if they were just decoded from one.

    Parameters
    ----------
    planes : (n, H, W) uint8 array
        In order.
    fps : Fraction
        Frames per second.
    data : bytes or None
        The encoded file.
    """

    planes: Planes
    fps: Fraction
    data: bytes | None = None

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(len(self.planes) / self.fps)

    def with_planes(self, planes: Any, fps: Fraction | None = None) -> Film:
        """Give the film after an edit."""
        edited = np.ascontiguousarray(planes, np.uint8)
        return replace(self, planes=edited, fps=fps or self.fps, data=None)
