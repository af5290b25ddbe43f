"""Samples in any of the accepted shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlabel._errors import UnsupportedError

#: Hertz.
RATES = (8000, 192_000)
MOST_CHANNELS = 64
# Whatever full scale is; squares of sums must stay finite.
_LOUDEST = 1e9

_KINDS = (np.dtype(np.float32), np.dtype(np.float64))

Samples = NDArray[Any]


def check_rate(rate: object) -> int:
    """Refuse rates that cannot be marked.

    Raises
    ------
    UnsupportedError
        Not a whole number of hertz from 8,000 to 192,000.
    """
    if isinstance(rate, bool) or not isinstance(rate, int | np.integer):
        raise UnsupportedError(f"a rate is a whole number of hertz, not {rate!r}")
    if not RATES[0] <= rate <= RATES[1]:
        raise UnsupportedError(f"a rate is {RATES[0]} to {RATES[1]} Hz, not {rate}")
    return int(rate)


def check_samples(samples: object) -> Samples:
    """Refuse anything but the accepted arrays.

    Parameters
    ----------
    samples : object
        (frames,) or (frames, channels) array of float32 or float64.

    Raises
    ------
    UnsupportedError
        Not such an array, or it holds NaN or values beyond 1e9.
    """
    if not isinstance(samples, np.ndarray):
        raise UnsupportedError(f"samples are a numpy array, not {type(samples).__name__}")
    if samples.dtype not in _KINDS or not samples.dtype.isnative:
        raise UnsupportedError(f"samples are float32 or float64, not {samples.dtype}")
    if samples.ndim not in (1, 2) or (
        samples.ndim == 2 and not 1 <= samples.shape[1] <= MOST_CHANNELS
    ):
        raise UnsupportedError(
            f"samples are (frames,) or (frames, 1 to {MOST_CHANNELS}), not {samples.shape}"
        )
    # NaN compares as false.
    if samples.size and not -_LOUDEST <= samples.min() <= samples.max() <= _LOUDEST:
        raise UnsupportedError(f"samples hold NaN, or more than {_LOUDEST:.0e}")
    return samples


def planar(samples: Samples) -> NDArray[np.float32]:
    """Lay samples out by channel.

    Parameters
    ----------
    samples : array
        As `check_samples` accepts.

    Returns
    -------
    (C, n) float32 array
        C-contiguous.
    """
    rows = samples.reshape(1, -1) if samples.ndim == 1 else samples.T
    return np.ascontiguousarray(rows, np.float32)


def added(samples: Samples, delta: NDArray[np.float32]) -> Samples:
    """Add what `planar` laid out by channel to samples as they were given.

    Parameters
    ----------
    samples : array
        As `check_samples` accepts; not changed.
    delta : (C, n) float32 array
        What to add.

    Returns
    -------
    array
        Same shape and dtype as `samples`.
    """
    out = samples.copy()
    if samples.ndim == 1:
        out += delta[0].astype(samples.dtype, copy=False)
    else:
        out += delta.T
    return out
