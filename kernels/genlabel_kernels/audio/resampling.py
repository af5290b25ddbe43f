"""Resampling between a sound's own rate and the one at which its tiles are cut.

References
----------
J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", IEEE ISCAS,
1974. R. E. Crochiere, L. R. Rabiner, "Interpolation and decimation of digital signals", Proc. IEEE
69(3), 1981.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel, kernel_fast

# Half the filter's length, in periods of the lower rate. The mark ends at 4.03 kHz, its first
# image at 11.025 kHz begins at 7.0 kHz: this wide a transition takes no more for 70 dB.
_HALF_LENGTH = 8
# Below 11.025 kHz the transition is narrow.
_HALF_LENGTH_NARROW = 24
_BETA = 6.8
_NARROW = 0.95
# Ratios with more phases are rounded to the nearest: no two files' rates differ by less.
_MOST_PHASES = 2048
# By how many taps half a filter's length can be divided.
_EVEN = 4
# Output samples of one phase that are summed up together, so that they stay close at hand; and taps
# that are added in one pass.
_TOGETHER, _TAPS = 1024, 2 * _EVEN


@dataclass(frozen=True, slots=True)
class Filter:
    """A polyphase low pass between two rates.

    Parameters
    ----------
    up, down : int
        Output rate over input rate, in lowest terms.
    half : int
        Taps on either side of an output sample.
    table : (phases, 2 half) float32 array
        Taps by the fraction of an input period at which an output sample lies.
    """

    up: int
    down: int
    half: int
    table: NDArray[np.float32]


@functools.lru_cache(maxsize=32)
def lowpass(rate_in: int, rate_out: int) -> Filter:
    """Design the filter from one rate to another.

    Parameters
    ----------
    rate_in, rate_out : int
        In hertz.

    Returns
    -------
    Filter
        Passes what lies below 4.03 kHz, where the lower rate is at least 11.025 kHz.
    """
    common = math.gcd(rate_in, rate_out)
    up, down = rate_out // common, rate_in // common
    lower = min(rate_in, rate_out)
    wide = lower >= 11025
    cutoff = lower / rate_in if wide else _NARROW * lower / rate_in
    reach = _HALF_LENGTH if wide else _HALF_LENGTH_NARROW
    width = math.ceil(reach * rate_in / lower)
    phases = min(up, _MOST_PHASES)
    # Tap j of phase p weighs the input sample j - width + 1 - p / phases periods away.
    away = np.arange(1 - width, width + 1)[None] - np.arange(phases)[:, None] / phases
    inside = np.clip(1.0 - (away / width) ** 2, 0.0, None)
    # Kaiser's window less its edge: far from the band 20 dB less is left of images, which in an
    # empty treble would stand alone.
    table = cutoff * np.sinc(cutoff * away) * (np.i0(_BETA * np.sqrt(inside)) - 1.0)
    table /= table.sum(axis=1, keepdims=True)
    # Taps fill whole vectors, the outermost with nothing.
    half = -(-width // _EVEN) * _EVEN
    padded = np.pad(table, ((0, 0), (half - width, half - width)))
    return Filter(up, down, half, np.ascontiguousarray(padded, np.float32))


def output_length(count: int, low: Filter) -> int:
    """Count the output samples that lie within `count` input samples."""
    return -(-count * low.up // low.down)


def resampled(samples: NDArray[np.float32], low: Filter) -> NDArray[np.float32]:
    """Resample a whole sound; beyond its ends lies silence.

    Parameters
    ----------
    samples : (C, n) float32 array
        Channels at the input rate.
    low : Filter
        From `lowpass`.

    Returns
    -------
    (C, m) float32 array
        Sample i lies at the same moment as input sample ``i * down / up``.
    """
    channels, count = samples.shape
    out = np.empty((channels, output_length(count, low)), np.float32)
    padded = np.pad(samples, ((0, 0), (low.half, low.half + 1)))
    for channel in range(channels):
        convolve_at(padded[channel], -low.half, low.table, low.up, low.down, 0, out[channel])
    return out


@kernel_fast
def convolve_at(
    samples: NDArray[np.float32],
    origin: int,
    table: NDArray[np.float32],
    up: int,
    down: int,
    first: int,
    out: NDArray[np.float32],
) -> None:
    """Compute output samples `first` onwards.

    Parameters
    ----------
    samples : (n,) float32 array
        Input; must reach `half` samples beyond what the outputs lie between.
    origin : int
        Index of the first of them since the sound's beginning.
    table : (phases, 2 half) float32 array
        From `Filter`.
    up, down : int
        From `Filter`.
    first : int
        Index of the first output sample.
    out : (m,) float32 array
        Filled.
    """
    phases, taps = table.shape
    if down == 1 and phases == up:
        _convolve_between(samples, origin, table, first, out)
        return
    flat = table.reshape(-1)
    # Unsigned indices cannot be negative, which lets the compiler use whole vectors.
    count = np.uint64(taps)
    step, part = down // up, down % up
    whole = first * down // up
    rest = first * down - whole * up
    for i in range(out.shape[0]):
        # A division takes as long as eight taps.
        phase = rest if phases == up else rest * phases // up
        row = np.uint64(phase * taps)
        start = np.uint64(whole - taps // 2 + 1 - origin)
        total = np.float32(0.0)
        for tap in range(count):
            total += flat[row + tap] * samples[start + tap]
        out[i] = total
        whole += step
        rest += part
        if rest >= up:
            rest -= up
            whole += 1


@kernel
def _convolve_between(
    samples: NDArray[np.float32],
    origin: int,
    table: NDArray[np.float32],
    first: int,
    out: NDArray[np.float32],
) -> None:
    """Compute output samples at a multiple of the input rate; as `convolve_at`.

    All outputs of one phase have the same taps: whole vectors of them are summed, not each alone.
    """
    up, taps = table.shape
    sums = np.empty(_TOGETHER, np.float32)
    for begin in range(0, out.shape[0], _TOGETHER * up):
        for i in range(begin, min(begin + up, out.shape[0])):
            count = min((out.shape[0] - i + up - 1) // up, _TOGETHER)
            whole = (first + i) // up
            row = table[first + i - whole * up]
            start = whole - taps // 2 + 1 - origin
            for k in range(count):
                sums[k] = 0
            for tap in range(0, taps, _TAPS):
                near, by = samples[start + tap : start + tap + count + _TAPS], row[tap:]
                for k in range(count):
                    total = sums[k] + by[0] * near[k] + by[1] * near[k + 1]
                    total += by[2] * near[k + 2] + by[3] * near[k + 3]
                    total += by[4] * near[k + 4] + by[5] * near[k + 5]
                    sums[k] = total + by[6] * near[k + 6] + by[7] * near[k + 7]
            places = out[i:]
            for k in range(count):
                places[k * up] = sums[k]
