"""How deep a mark a sound bears."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genlabel.audio._samples import Samples
from genlabel_kernels.audio.masking import masking_matrix, maskings

# The depth that a sound bears, fitted to the grades of BS.1387 and P.862.2 on speech, music and
# noises: nepers at none of what follows; per decibel by which the change of the louder tiles stands
# out of their masking, and per decibel by which the change does in the worst rows, quiet ones too;
# and per neper by which it moves what is heard.
_NEPERS = -2.27
_PER_LOUD, _PER_WORST, _PER_MOVED = 0.0218, -0.0528, -0.4457
_DEPTHS = (0.03, 0.26)
# And the most, fitted to the grades of 58 steady sounds made by formula: nepers where the change
# moves what stands still by as much as that moves, in inverse proportion to how much it does; and
# nepers of a sound whose tiles lie as high as their masking, and per neper by which they lie lower.
_OF_STILL = -0.57
_OF_DENSE, _PER_SPARSE = -0.44, -0.45
# Nepers of movement per row beside which a change is heard: of what moves, and of what stands
# still; and the powers of the power by which bands count.
_MOVING, _STILL = np.float32(1.0), np.float32(0.03)
# What is masked at least, against the loudest tiles: for the louder ones, and for all.
_QUIET_LOUD, _QUIET = 1e-3, 1e-5
_LOUDEST_TILES, _WORST_ROWS = 99.0, 98.0
# A tile lies no further below its masking than this.
_LEAST_SHARE = np.float32(1e-6)
# Rows from one to the next by which that is judged.
_SAMPLED = 2
# The grade of the same change is sterner where the treble reaches less far: nepers by which the
# depth of one grade differs, where it reaches so many kilohertz, as the network of BS.1387 has it.
# Below 13 kHz it has it twice as stern as sounds turn out to be graded.
_KILOHERTZ = (
    8.2, 8.5, 9.2, 10.0, 11.0, 12.0,
    13.1, 14.5, 15.9, 17.3, 18.3, 19.2, 20.2, 20.6, 21.1, 21.6,
)  # fmt: skip
_BY_REACH = (
    -0.63, -0.60, -0.53, -0.45, -0.35, -0.25,
    -0.17, -0.09, -0.04, 0.0, 0.04, 0.09, 0.17, 0.24, 0.33, 0.45,
)  # fmt: skip
# And nepers by which sounds of lower rates than this bear more, fitted as the rest.
_TELEPHONE, _BY_TELEPHONE = 11_025, 0.05
# Where the treble of rates below 43.2 and 47.9 kHz is taken to end, in kilohertz; at higher rates
# it ends where it sinks into what lies above 21.6 kHz.
_REACHES = ((43_200, 17.3), (47_900, 21.3))
_LEAST_REACH = 8.2
_TREBLE_HERTZ, _ABOVE_HERTZ, _OUT_OF_NOISE = 8100, 21_600, 10.0
_SPECTRUM, _SPECTRA = 2048, 64
_TINY = 1e-9


def lenience(samples: Samples, rate: int) -> float:
    """Say how much deeper than another a sound may be marked for its treble's sake.

    Parameters
    ----------
    samples : (n,) or (n, C) float array
        As much as is analysed.
    rate : int
        In hertz.

    Returns
    -------
    float
        Nepers.
    """
    if rate < _TELEPHONE:
        return _BY_TELEPHONE
    return float(np.interp(_treble_reach(samples, rate), _KILOHERTZ, _BY_REACH))


def _treble_reach(samples: Samples, rate: int) -> float:
    """Say how far a sound's treble reaches, in kilohertz."""
    for highest, reach in _REACHES:
        if rate < highest:
            return reach
    rows = samples.reshape(len(samples), -1).T
    size = min(_SPECTRUM, len(samples))
    starts = np.linspace(0, len(samples) - size, _SPECTRA).astype(np.int64)
    frames = rows[:, starts[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    power = np.abs(np.fft.rfft(frames)) ** 2
    hertz = np.fft.rfftfreq(size, 1.0 / rate)
    noise = power[..., hertz >= _ABOVE_HERTZ].max(axis=-1, initial=0.0, keepdims=True)
    out = (power > _OUT_OF_NOISE * noise + _TINY) & (hertz < _ABOVE_HERTZ)
    ends = (out * hertz).max(axis=-1, initial=0.0)
    ends = ends[ends > _TREBLE_HERTZ]
    return max(float(ends.mean()) / 1000.0, _LEAST_REACH) if ends.size else _LEAST_REACH


def bearable(
    powers: NDArray[np.float32], depths: NDArray[np.float32], treble: float
) -> tuple[float, float]:
    """Say how deep a mark a sound bears.

    Parameters
    ----------
    powers, depths : (K, 41) float32 arrays
        Of the sound's tiles, from `tile_depths`.
    treble : float
        From `lenience`.

    Returns
    -------
    depth : float
        As `Shaper` takes it.
    spare : float
        Nepers by which it could be more before the sound's being steady, or having little between
        its partials, forbids it; negative where these lower it.
    """
    heard = powers.sum(axis=1, dtype=np.float64) > 0
    if not heard.any():
        return _DEPTHS[0], 0.0
    powers, depths = powers[heard], depths[heard]
    noise = depths * depths * powers
    masked = np.empty_like(powers)
    maskings(powers, masking_matrix(), masked)
    peak = float(np.percentile(powers, _LOUDEST_TILES))
    loud = float((noise / (masked + _QUIET_LOUD * peak + _TINY)).mean())
    by_row = (noise / (masked + _QUIET * peak + _TINY)).mean(axis=1)
    worst = float(np.percentile(by_row, _WORST_ROWS))
    moving, still = _moved(powers, depths)
    nepers = _NEPERS + treble + _PER_MOVED * math.log(moving + _TINY)
    nepers += 10.0 * (_PER_LOUD * math.log10(loud + _TINY) + _PER_WORST * math.log10(worst + _TINY))
    # The treble hides nothing of what is heard of a steady sound.
    of_still = min(treble, 0.0) + _OF_STILL - math.log(still + _TINY)
    of_sparse = min(treble, 0.0) + _OF_DENSE + _PER_SPARSE * _sparseness(powers, masked, peak)
    spare = min(of_still, of_sparse) - min(nepers, math.log(_DEPTHS[1]))
    depth = math.exp(min(nepers, of_still, of_sparse))
    return min(max(depth, _DEPTHS[0]), _DEPTHS[1]), spare


def _moved(powers: NDArray[np.float32], depths: NDArray[np.float32]) -> tuple[float, float]:
    """Say by how much the change moves what is heard in a band, against how much that moves.

    Both of what moves anyhow, and of what nearly stands still.
    """
    spreading = masking_matrix() / masking_matrix().sum(axis=0)
    heard = powers @ spreading + np.float32(_TINY)
    changed = np.sqrt(np.square(depths * powers) @ np.square(spreading)) / heard
    steps = np.abs(np.diff(np.log(heard), axis=0, prepend=np.log(heard[:1])))
    steps[:-1] = np.maximum(steps[:-1], steps[1:])
    amplitudes = np.sqrt(heard)
    levels = np.sqrt(amplitudes)
    moving = float((levels * changed / (_MOVING + steps)).sum() / levels.sum())
    still = float((amplitudes * changed / (_STILL + steps)).sum() / amplitudes.sum())
    return moving, still


def _sparseness(powers: NDArray[np.float32], masked: NDArray[np.float32], peak: float) -> float:
    """Say how far a sound's tiles lie below what masks them, where that is anything, in nepers."""
    powers, masked = powers[::_SAMPLED], masked[::_SAMPLED]
    shares = np.log(powers / (masked + np.float32(_TINY)) + _LEAST_SHARE)
    counts = masked > _QUIET * peak
    return -float(shares[counts].mean()) if counts.any() else 0.0
