"""How well what is being marked can be read, as far as one can tell before it is coded."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genlabel._decoding import least_correlation
from genlabel._errors import CapacityError
from genlabel._payload import message_format
from genlabel._plane.measure import Plane, read_layer
from genlabel.video._residual import residual, usual
from genlabel_kernels.plane.tile import as_chips
from genlabel_kernels.video.layout import layout

# Reciprocal of the first measurement's share of the risk, under a single key.
_TRIALS = 12
# What is left of a correlation after usual coding, where pictures hide the mark.
_LEFT = 0.8
# Below this share of new noise in each picture nothing moves, and length does not help.
_STILL = 0.05
# Correlation of noise: what is less cannot be told from it.
_LEAST = 1.0
# A film that is shorter than needed by this factor is given up.
_HOPELESS = 2.0


class Expectation:
    """Marked pictures, measured as the detector will.

    Parameters
    ----------
    chips : (n,) float32 array of -1 and +1
        That were embedded.
    payload : bytes
        Its length says what must be read.
    """

    def __init__(self, chips: NDArray[np.float32], payload: bytes) -> None:
        form = message_format(payload)
        self._needed = least_correlation(8 * (form.payload_bytes + form.salt_bytes), _TRIALS)
        self._embedded = chips
        self._sum = np.zeros_like(chips)
        self._energy = 0.0
        self._count = 0

    def add(self, frame: Plane) -> None:
        """Measure one more marked picture, on the frame."""
        chips = as_chips(read_layer(residual(usual(frame)), layout()).bins)
        self._sum += chips
        self._energy += float(chips @ chips)
        self._count += 1

    @property
    def correlation(self) -> float:
        """What all pictures together show of the mark, in standard deviations of noise."""
        norm = float(np.linalg.norm(self._sum))
        return float(self._sum @ self._embedded) / norm if norm > 0.0 else 0.0

    def seconds(self, seconds: float) -> float:
        """Give how many seconds of such film are needed.

        Parameters
        ----------
        seconds : float
            For which the pictures stand that were measured.

        Returns
        -------
        float
            Infinite where no length will do, because nothing moves.
        """
        correlation = max(self.correlation, _LEAST)
        more = (self._needed / (_LEFT * correlation)) ** 2
        if more <= 1.0:
            return more * seconds
        # As many pictures, if each has noise of its own; noise of a picture that stands still is
        # always the same.
        norm = float(self._sum @ self._sum)
        independent = self._count * self._energy / norm if norm > 0.0 else 1.0
        fresh = 1.0 if self._count == 1 else (independent - 1.0) / (self._count - 1)
        if fresh < _STILL:
            return math.inf
        wanted = 1.0 + (independent * more - 1.0) / fresh
        return wanted / self._count * seconds


def shortfall(
    seconds: float, needed: float, *, carries: Callable[[], bool], name: str
) -> tuple[str, ...]:
    """Say that pictures hide the mark, if they do.

    Parameters
    ----------
    seconds, needed : float
        How long the film is, and must be.
    carries : callable
        Tells whether the film gives the mark all the same, by its sound or since pictures were
        doubted without need; asked only where it would be given up.
    name : str
        Of the film.

    Returns
    -------
    tuple of str
        A warning, or nothing.

    Raises
    ------
    CapacityError
        The pictures will hardly give the mark, and the film does not.
    """
    if needed <= seconds:
        return ()
    required = "pictures that move, or less texture in them"
    if math.isfinite(needed):
        required = f"about {math.ceil(needed)} s of such film"
    reason = "the picture's own texture hides the watermark"
    if needed > _HOPELESS * seconds and not carries():
        raise CapacityError(reason, path=name, required=required)
    return (f"{reason}: it takes {required}; there are {seconds:.1f} s",)
