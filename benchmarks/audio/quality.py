"""How far a marked sound is from the original."""

from __future__ import annotations

import math

import numpy as np
import soxr
from numpy.typing import ArrayLike, NDArray

from benchmarks.audio import peaq

#: What identical sounds get, dB.
IDENTICAL_DB = 120.0
_PESQ_RATE = 16_000
_SILENCE_SECONDS, _BORDER_SECONDS = 0.1, 0.025


def snr(reference: ArrayLike, test: ArrayLike) -> float:
    """Give the signal-to-difference ratio in dB, over all channels."""
    before, after = _columns(reference), _columns(test)
    return _decibels((before**2).sum(), ((after - before) ** 2).sum())


def si_snr(reference: ArrayLike, test: ArrayLike) -> float:
    """Give the scale-invariant SNR in dB, of mean-free samples, all channels in one vector.

    References: Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019.
    """
    before, after = _columns(reference), _columns(test)
    before, after = before - before.mean(axis=0), after - after.mean(axis=0)
    target = before * ((before * after).sum() / max((before**2).sum(), 1e-30))
    return _decibels((target**2).sum(), ((after - target) ** 2).sum())


def peaq_odg(reference: ArrayLike, test: ArrayLike, rate: int) -> float:
    """Give PEAQ's objective difference grade (basic version): 0 imperceptible to -4.

    Parameters
    ----------
    reference, test : (frames,) or (frames, channels) array-like
        Aligned, full scale +-1. Beyond two channels the worst pair counts.
    rate : int
        Frames a second; resampled to PEAQ's 48 kHz.

    Returns
    -------
    float
        About +0.2 for identical sounds; NaN where the reference is silent throughout.
    """
    before, after = _columns(reference), _columns(test)
    if before.shape != after.shape:
        raise ValueError(f"shapes differ: {before.shape} and {after.shape}")
    if rate != peaq.ear.RATE:
        # The best quality: images of a lesser one would count as bandwidth.
        before, after = (
            soxr.resample(samples, rate, peaq.ear.RATE, quality="VHQ")
            for samples in (before, after)
        )
    grades = []
    for first in range(0, before.shape[1], 2):
        movs = peaq.measure(before[:, first : first + 2], after[:, first : first + 2])
        grades += [] if movs is None else [peaq.grade(movs)]
    return min(grades, default=math.nan)


def pesq_wb(reference: ArrayLike, test: ArrayLike, rate: int) -> float:
    """Give PESQ's wideband score (ITU-T P.862.2) of the mean of the channels: 1 to 4.644.

    Parameters
    ----------
    reference, test : (frames,) or (frames, channels) array-like
        Aligned, full scale +-1.
    rate : int
        Frames a second; resampled to 16 kHz.

    Returns
    -------
    float
        NaN where PESQ finds no speech in the reference.

    Raises
    ------
    ModuleNotFoundError
        PESQ is not installed.
    """
    # Not with the other imports: it is built by a C compiler, which not every machine has.
    from pesq import NoUtterancesError, pesq

    before, after = (
        soxr.resample(_columns(samples).mean(axis=1), rate, _PESQ_RATE, quality="VHQ")
        for samples in (reference, test)
    )
    if not before.any():
        return math.nan
    try:
        return float(pesq(_PESQ_RATE, before, after, "wb"))
    except NoUtterancesError:
        return math.nan


def added_in_silence(reference: ArrayLike, test: ArrayLike, rate: int) -> float:
    """Give the largest sample found within digital silence of the original.

    Parameters
    ----------
    reference, test : (frames,) or (frames, channels) array-like
        Aligned.
    rate : int
        Frames a second.

    Returns
    -------
    float
        Zero where nothing was added. Silence is a run of zeros in every channel for 100 ms or
        more, less 25 ms at both ends: a codec or a resampler rings into it as well.
    """
    before, after = _columns(reference), _columns(test)
    silent = np.concatenate([[False], ~before.any(axis=1), [False]])
    edges = np.flatnonzero(np.diff(silent.astype(np.int8)))
    most = 0.0
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= _SILENCE_SECONDS * rate:
            border = round(_BORDER_SECONDS * rate)
            most = max(most, float(np.abs(after[start + border : end - border]).max(initial=0.0)))
    return most


def _columns(samples: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(samples, np.float64)
    return values[:, None] if values.ndim == 1 else values


def _decibels(signal: float, error: float) -> float:
    if error <= signal * 10 ** (-IDENTICAL_DB / 10):
        return IDENTICAL_DB
    return 10 * math.log10(max(signal, 1e-30) / error)
