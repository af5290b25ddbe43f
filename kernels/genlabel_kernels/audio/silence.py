"""Digital silence, which stays as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel


@kernel
def keep_silence(
    samples: NDArray[np.float32], change: NDArray[np.float32], least: int, zeros: int
) -> int:
    """Take a change back where a sound is digitally silent.

    Parameters
    ----------
    samples : (C, n) float32 array
        The sound, further known than it is changed.
    change : (C, m) float32 array
        Of its first m <= n samples; set to 0 in silence.
    least : int
        Zeros in all channels, in a row, that are silence.
    zeros : int
        How many came just before the samples.

    Returns
    -------
    int
        How many come just before sample m.
    """
    channels, count = samples.shape
    run = before = zeros
    for i in range(count):
        silent = True
        for channel in range(channels):
            silent = silent and samples[channel, i] == 0
        if silent:
            run += 1
        else:
            if run >= least:
                _clear(change, i - run, i)
            run = 0
        if i == change.shape[1] - 1:
            before = run
    if run >= least:
        _clear(change, count - run, count)
    return before


@kernel
def _clear(change: NDArray[np.float32], start: int, stop: int) -> None:
    """Set the samples of all channels from `start` to `stop` to 0, as far as there are any."""
    for channel in range(change.shape[0]):
        for i in range(max(start, 0), min(stop, change.shape[1])):
            change[channel, i] = 0
