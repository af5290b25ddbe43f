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
    count, marked = int(samples.shape[1]), int(change.shape[1])
    start, run = 0, zeros
    # Where a sample is not silent, no silence that is long enough has it inside: most are skipped.
    while start < count:
        stop = min(max(start + least - run, start + 1), count)
        heard = stop - 1
        while heard >= start and _is_silent(samples, heard):
            heard -= 1
        if heard >= start:
            start, run = heard + 1, 0
            continue
        while stop < count and _is_silent(samples, stop):
            stop += 1
        run += stop - start
        start = stop
        if run >= least:
            _clear(change, start - run, start)
    before = marked
    while before > 0 and _is_silent(samples, before - 1):
        before -= 1
    return marked - before if before else marked + zeros


@kernel
def _is_silent(samples: NDArray[np.float32], i: int) -> bool:
    silent = True
    for channel in range(samples.shape[0]):
        silent = silent and samples[channel, i] == 0
    return silent


@kernel
def _clear(change: NDArray[np.float32], start: int, stop: int) -> None:
    """Set the samples of all channels from `start` to `stop` to 0, as far as there are any."""
    for channel in range(change.shape[0]):
        for i in range(max(start, 0), min(stop, change.shape[1])):
            change[channel, i] = 0
