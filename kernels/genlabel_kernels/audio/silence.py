"""Digital silence, which stays as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel, kernel_part


@kernel
def keep_silence(
    samples: NDArray[np.float32], change: NDArray[np.float32], least: int, fade: int, zeros: int
) -> int:
    """Take a change back where a sound is digitally silent.

    It fades out before: cut off, it would be heard as a click.

    Parameters
    ----------
    samples : (C, n) float32 array
        The sound, further known than it is changed.
    change : (C, m) float32 array
        Of its first m <= n samples; set to 0 in silence.
    least : int
        Zeros in all channels, in a row, that are silence.
    fade : int
        Samples before silence over which the change becomes less.
    zeros : int
        How many came just before the samples.

    Returns
    -------
    int
        How many come just before sample m.
    """
    start, run = 0, zeros
    # Where a sample is not silent, no silence that is long enough has it inside: most are skipped.
    while start < samples.shape[1]:
        stop = min(start + max(least - run, 1), samples.shape[1])
        quiet = _silent_before(samples, stop, stop - start)
        if quiet < stop - start:
            start, run = stop - quiet, 0
            continue
        # What was silent before is cleared already, or now that there is enough of it.
        known = run if run < least else 0
        start, run = stop, run + quiet
        if run >= least:
            _clear(change, start - quiet - known, start)
            if run - quiet < least:
                _fade_out(change, start - run, fade)
    before = _silent_before(samples, change.shape[1], change.shape[1])
    return before if before < change.shape[1] else before + zeros


@kernel
def _silent_before(samples: NDArray[np.float32], stop: int, most: int) -> int:
    """Count the samples just before `stop` that are silent in all channels, `most` at most."""
    for count in range(most):
        for channel in range(samples.shape[0]):
            if samples[channel, stop - 1 - count] != 0:
                return count
    return most


@kernel_part
def _clear(change: NDArray[np.float32], start: int, stop: int) -> None:
    """Set the samples of all channels from `start` to `stop` to 0, as far as there are any."""
    for channel in range(change.shape[0]):
        for i in range(max(start, 0), min(stop, change.shape[1])):
            change[channel, i] = 0


@kernel_part
def _fade_out(change: NDArray[np.float32], stop: int, fade: int) -> None:
    """Let the samples of all channels before `stop` become less, as far as there are any."""
    two, three = np.float32(2.0), np.float32(3.0)
    for i in range(max(stop - fade, 0), min(stop, change.shape[1])):
        away = np.float32(stop - i) / np.float32(fade + 1)
        factor = away * away * (three - two * away)
        for channel in range(change.shape[0]):
            change[channel, i] *= factor
