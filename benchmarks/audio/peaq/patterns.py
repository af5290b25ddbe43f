"""What excitations become before they are compared (ITU-R BS.1387-1, annex 2, clause 3)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from benchmarks.audio.peaq import ear
from benchmarks.audio.peaq.ear import BANDS, HOP, RATE, Array, Heard


@dataclass(frozen=True, slots=True)
class Pair:
    """One channel, before and after, from its first to its last audible frame.

    Parameters
    ----------
    reference, test : Heard
        Excitations and spectra.
    adapted_ref, adapted_test : (frames, 109) float64
        Excitations, levels and spectral balance made alike (3.1).
    modulation_ref, modulation_test : (frames, 109) float64
        How fast each band's loudness changes (3.2).
    average_ref : (frames, 109) float64
        Smoothed loudness of the reference.
    """

    reference: Heard
    test: Heard
    adapted_ref: Array
    adapted_test: Array
    modulation_ref: Array
    modulation_test: Array
    average_ref: Array


def pair(reference: Heard, test: Heard, span: slice) -> Pair:
    """Prepare one channel for comparison; `span` holds the audible frames."""
    adapted = _adapt(reference.excitation, test.excitation)
    modulation_ref, average_ref = _modulation(reference.unsmeared)
    modulation_test, _ = _modulation(test.unsmeared)
    return Pair(
        _cut(reference, span),
        _cut(test, span),
        adapted[0][span],
        adapted[1][span],
        modulation_ref[span],
        modulation_test[span],
        average_ref[span],
    )


def _cut(heard: Heard, span: slice) -> Heard:
    return Heard(
        heard.power[span], heard.weighted[span], heard.unsmeared[span], heard.excitation[span]
    )


def _adapt(reference: Array, test: Array) -> tuple[Array, Array]:
    """Take out slow differences of level and of spectral balance (3.1)."""
    smooth = functools.partial(ear.smooth, least=0.008, at_100_hz=0.050)
    slow_ref, slow_test = smooth(reference), smooth(test)
    level = (np.sqrt(slow_ref * slow_test).sum(axis=1) / slow_test.sum(axis=1)) ** 2
    reference = reference / np.maximum(level, 1)[:, None]
    test = test * np.minimum(level, 1)[:, None]
    one = np.ones(BANDS)
    ratio = smooth(test * reference, gain=one) / smooth(reference**2, gain=one)
    # (51): a moving mean over three bands below and four above, fewer at the ends.
    inside = np.abs(np.subtract.outer(np.arange(BANDS), np.arange(BANDS)) - 0.5) <= 3.5
    mean = inside / inside.sum(axis=0)
    return (
        reference * smooth(np.minimum(ratio, 1) @ mean),
        test * smooth(np.minimum(1 / ratio, 1) @ mean),
    )


def _modulation(unsmeared: Array) -> tuple[Array, Array]:
    """Give the modulation of each band, and its smoothed loudness (3.2)."""
    compressed = unsmeared**0.3
    change = RATE / HOP * np.abs(np.diff(compressed, axis=0, prepend=np.zeros((1, BANDS))))
    slow = ear.smooth(compressed, 0.008, 0.050)
    return ear.smooth(change, 0.008, 0.050) / (1 + slow / 0.3), slow
