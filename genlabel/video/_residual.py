"""What a picture's own surroundings do not predict, where its mark shows."""

from __future__ import annotations

import numpy as np

from genlabel._plane.measure import Plane
from genlabel_kernels.plane.prediction import predict
from genlabel_kernels.plane.whitening import whiten

# Strengths of prediction against that of still pictures. A strong one leaves less of textures, a
# weak one less of edges; codecs left films anything between.
_STRENGTHS = (0.5, 2.0)
# Differences of pictures count more than in still ones, from which no codec took their grain.
_GAIN = 1.5
# Standard deviation, in grey levels, below which a picture was darkened, and by how much at most.
_SPREAD, _DARKEST = 50.0, 2.0


def usual(plane: Plane) -> Plane:
    """Bring a picture to a usual contrast.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.

    Returns
    -------
    (H, W) float32 array
        As `residual` takes it.
    """
    spread = max(float(plane.std()), 1.0)
    return plane * np.float32(_GAIN * min(max(_SPREAD / spread, 1.0), _DARKEST))


def residual(plane: Plane) -> Plane:
    """Predict a picture twice, weakly and strongly, and whiten and add up what either leaves.

    Parameters
    ----------
    plane : (H, W) float32 array
        From `usual`.

    Returns
    -------
    (H, W) float32 array
        About zero mean; of no certain variance.
    """
    total = np.zeros(plane.shape, np.float32)
    for strength in map(np.float32, _STRENGTHS):
        total += whiten(plane - predict(plane / strength) * strength)
    return total
