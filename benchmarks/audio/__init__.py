"""Attacks, quality measures and the robustness runner for sound."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: (frames, channels) float32, full scale +-1: the one form every attack takes and gives.
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples with their rate.

    Parameters
    ----------
    samples : (frames, channels) float32
        Full scale is +-1.
    rate : int
        Frames a second.
    """

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate
