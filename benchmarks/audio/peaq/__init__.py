"""PEAQ, basic version: how much a listener would mind a difference (ITU-R BS.1387-1).

Eleven variables of the ear model (``ear.py``) go through the standard's neural network and give the
objective difference grade: 0 imperceptible, -1 perceptible but not annoying, to -4 very annoying;
the same sound twice gives about +0.2. Like every open implementation this one is not certified
against the standard's conformance items, which are not free; docs/benchmarks.md says how it agrees
with another one.

Clauses are of annex 2; the readings of ambiguous ones are Kabal's (see ``ear.py``), except that the
variables are not clamped, and the window of the harmonic structure is the standard's. Two cases
that the standard leaves undefined are defined here: a sound without anything above 8.1 kHz has the
least bandwidth the network knows, and spectra are not told apart below -60 dB SPL in a bin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio.peaq import ear, variables
from benchmarks.audio.peaq.ear import HOP, Array, Heard
from benchmarks.audio.peaq.patterns import pair

#: Frames without weight at the start, 0.5 s (5.2.2), and after the sound becomes loud (5.2.3).
_SETTLING_FRAMES = 24
_LOUD_FRAMES = 3
_LOUD_SONE = 0.1
#: Samples that count as sound, and as enough of it for its harmonic structure, of full scale.
_AUDIBLE_SUM = 200 / 32768
_HARMONIC_ENERGY = 8000 / 32768**2

# The network (6.2): inputs in the order of `Movs`.
_LEAST = (393.916656, 361.965332, -24.045116, 1.110661, -0.206623, 0.074318, 1.113683, 0.950345,
          0.029985, 0.000101, 0.0)  # fmt: skip
_MOST = (921.0, 881.131226, 16.212030, 107.137772, 2.886017, 13.933351, 63.257874, 1145.018555,
         14.819740, 1.0, 1.0)  # fmt: skip
_HIDDEN = (
    (-0.502657, 0.436333, 1.219602),
    (4.307481, 3.246017, 1.123743),
    (4.984241, -2.211189, -0.192096),
    (0.051056, -1.762424, 4.331315),
    (2.321580, 1.789971, -0.754560),
    (-5.303901, -3.452257, -10.814982),
    (2.730991, -6.111805, 1.519223),
    (0.624950, -1.331523, -5.955151),
    (3.102889, 0.871260, -5.922878),
    (-1.051468, -0.939882, -0.142913),
    (-1.804679, -0.503610, -0.620456),
)
_HIDDEN_BIAS = (-2.518254, 0.654841, -2.207228)
_OUTPUT, _OUTPUT_BIAS = (-3.817048, 4.107138, 4.629582), -0.307594
_GRADE_LEAST, _GRADE_MOST = -3.98, 0.22


@dataclass(frozen=True, slots=True)
class Movs:
    """Model output variables of the basic version, averaged over channels (5.1).

    Parameters
    ----------
    bandwidth_ref, bandwidth_test : float
        FFT bins.
    total_nmr : float
        Noise to mask, dB.
    win_mod_diff, adb, ehs, avg_mod_diff_1, avg_mod_diff_2, rms_noise_loud, mfpd : float
        Changes of modulation, steps of distortion, its harmonics, its loudness, its detection.
    rel_dist_frames : float
        Share of frames with audible noise.
    """

    bandwidth_ref: float
    bandwidth_test: float
    total_nmr: float
    win_mod_diff: float
    adb: float
    ehs: float
    avg_mod_diff_1: float
    avg_mod_diff_2: float
    rms_noise_loud: float
    mfpd: float
    rel_dist_frames: float

    @property
    def values(self) -> tuple[float, ...]:
        """In the network's order."""
        return (
            self.bandwidth_ref,
            self.bandwidth_test,
            self.total_nmr,
            self.win_mod_diff,
            self.adb,
            self.ehs,
            self.avg_mod_diff_1,
            self.avg_mod_diff_2,
            self.rms_noise_loud,
            self.mfpd,
            self.rel_dist_frames,
        )


def measure(reference: Array, test: Array) -> Movs | None:
    """Compare a sound with what became of it.

    Parameters
    ----------
    reference, test : (n, channels) float64
        At 48 kHz, aligned, full scale +-1; one or two channels.

    Returns
    -------
    Movs or None
        None where the reference is silent throughout.
    """
    audible = np.flatnonzero(_is_audible(reference))
    if not len(audible):
        return None
    span = slice(int(audible[0]), int(audible[-1]) + 1)
    channels = range(reference.shape[1])
    heard = [(ear.hear(reference[:, c]), ear.hear(test[:, c])) for c in channels]
    loud_from = _loud_from(heard)
    pairs = [pair(*one, span) for one in heard]
    settled = max(0, _SETTLING_FRAMES - span.start)
    loud = max(settled, loud_from + _LOUD_FRAMES - span.start)
    steps, detection = variables.detection(pairs)
    harmonic = _is_harmonic(reference, test)[span]
    changes = [variables.modulation_changes(one, settled) for one in pairs]
    noise = [variables.noise_to_mask(one) for one in pairs]
    bandwidths = [variables.bandwidths(one) for one in pairs]
    return Movs(
        bandwidth_ref=_mean(reference for reference, _ in bandwidths),
        bandwidth_test=_mean(test for _, test in bandwidths),
        total_nmr=_mean(10 * np.log10(ratios.mean()) for ratios in noise),
        win_mod_diff=_mean(variables.windowed(first) for first, _, _ in changes),
        adb=variables.distorted_blocks(steps, detection),
        ehs=_mean(variables.harmonic_structure(one, harmonic) for one in pairs),
        avg_mod_diff_1=_mean(variables.weighted(first, weight) for first, _, weight in changes),
        avg_mod_diff_2=_mean(variables.weighted(second, weight) for _, second, weight in changes),
        rms_noise_loud=_mean(
            variables.root_mean_square(variables.noise_loudness(one)[loud:]) for one in pairs
        ),
        mfpd=variables.filtered_maximum(detection),
        rel_dist_frames=_mean((ratios.max(axis=1) > 10**0.15).mean() for ratios in noise),
    )


def _mean(values: Iterable[float]) -> float:
    """Average over channels."""
    return float(np.mean(list(values)))


def _is_audible(samples: Array) -> NDArray[np.bool_]:
    """Say which frames hold five samples in a row that add up to something (5.2.4.4)."""
    audible = []
    for channel in samples.T:
        sums = np.lib.stride_tricks.sliding_window_view(ear.frames(np.abs(channel)), 5, axis=1)
        audible.append((sums.sum(axis=2) >= _AUDIBLE_SUM).any(axis=1))
    return np.asarray(np.any(audible, axis=0))


def _is_harmonic(reference: Array, test: Array) -> NDArray[np.bool_]:
    """Say which frames have enough energy in their new half, in any channel (5.2.4.3)."""
    energies = [
        (ear.frames(channel)[:, HOP:] ** 2).sum(axis=1)
        for samples in (reference, test)
        for channel in samples.T
    ]
    return np.asarray(np.any([energy >= _HARMONIC_ENERGY for energy in energies], axis=0))


def _loud_from(heard: list[tuple[Heard, Heard]]) -> int:
    """Give the first frame in which both sounds of a channel are loud."""
    loud = [
        np.minimum(ear.loudness(r.excitation), ear.loudness(t.excitation)) > _LOUD_SONE
        for r, t in heard
    ]
    first = np.flatnonzero(np.any(loud, axis=0))
    return int(first[0]) if len(first) else len(loud[0])


def grade(movs: Movs) -> float:
    """Give the objective difference grade of model output variables (6)."""
    least, most = np.array(_LEAST), np.array(_MOST)
    scaled = (np.array(movs.values) - least) / (most - least)
    hidden = _sigmoid(scaled @ np.array(_HIDDEN) + np.array(_HIDDEN_BIAS))
    index = float(hidden @ np.array(_OUTPUT)) + _OUTPUT_BIAS
    return float(_GRADE_LEAST + (_GRADE_MOST - _GRADE_LEAST) * _sigmoid(np.array(index)))


def _sigmoid(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-values)))
