"""Attacks, quality measures and the robustness runner for pictures."""

import numpy as np
from numpy.typing import NDArray

#: (height, width, 3) 8-bit RGB: the one form every attack takes and gives.
Pixels = NDArray[np.uint8]
