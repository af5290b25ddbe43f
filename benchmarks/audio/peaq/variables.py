"""The variables of a comparison (ITU-R BS.1387-1, annex 2, clauses 4 and 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio.peaq import ear
from benchmarks.audio.peaq.ear import BANDS, Array
from benchmarks.audio.peaq.patterns import Pair

#: Bins: sound has to reach the first for its bandwidth to count; noise is looked for from the
#: second on (4.4). Where it never does, the bandwidths are the least that the network knows.
_BANDWIDTH_COUNTS, _NOISE_FROM = 346, 921
_LEAST_BANDWIDTHS = (393.916656, 361.965332)
_LEAST_BIN_POWER = 1e-6
_LAGS = 256
#: Steps in dB that a listener detects half of the time: a polynomial of the level (4.7).
_DETECTION = (-0.198719, 0.0550197, -0.00102438, 5.05622e-6, 9.01033e-11)


def modulation_changes(pair: Pair, settled: int) -> tuple[Array, Array, Array]:
    """Give two differences of modulation for each frame, and the frame's weight (4.2)."""
    reference, test = pair.modulation_ref[settled:], pair.modulation_test[settled:]
    average = pair.average_ref[settled:]
    difference = np.abs(reference - test)
    first = 100 * (difference / (1 + reference)).mean(axis=1)
    louder = np.where(test >= reference, 1.0, 0.1)
    second = 100 * (louder * difference / (0.01 + reference)).mean(axis=1)
    weight = (average / (average + 100 * ear.bands().noise ** 0.3)).sum(axis=1)
    return first, second, weight


def noise_loudness(pair: Pair) -> Array:
    """Give the loudness of what was added, partly masked by the reference, by frame (4.3)."""
    noise = ear.bands().noise
    slope_ref, slope_test = 0.15 * pair.modulation_ref + 0.5, 0.15 * pair.modulation_test + 0.5
    reference, test = pair.adapted_ref, pair.adapted_test
    masking = np.exp(-1.5 * (test - reference) / reference)
    added = np.maximum(slope_test * test - slope_ref * reference, 0)
    partial = (1 + added / (noise + slope_ref * reference * masking)) ** 0.23 - 1
    return np.asarray(24 / BANDS * ((noise / slope_test) ** 0.23 * partial).sum(axis=1))


def bandwidths(pair: Pair) -> tuple[float, float]:
    """Give the mean bandwidths of reference and test in bins (4.4)."""
    reference, test = pair.reference.power, pair.test.power
    floor = test[:, _NOISE_FROM : ear.FRAME // 2].max(axis=1)[:, None]
    top = _highest(reference[:, :_NOISE_FROM] > 10 * floor)
    counts = top > _BANDWIDTH_COUNTS
    if not counts.any():
        return _LEAST_BANDWIDTHS
    below = np.arange(_NOISE_FROM) < top[:, None]
    top_test = _highest((test[:, :_NOISE_FROM] >= 10**0.5 * floor) & below)
    return float(top[counts].mean()), float(top_test[counts].mean())


def _highest(over: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give 1 + the highest column that is true in each row, 0 where none is."""
    count = over.shape[1]
    return np.asarray(np.where(over.any(axis=1), count - over[:, ::-1].argmax(axis=1), 0))


def noise_to_mask(pair: Pair) -> Array:
    """Give the noise-to-mask ratio of each frame and band (4.5)."""
    difference = np.sqrt(pair.reference.weighted) - np.sqrt(pair.test.weighted)
    bark = 27 / (BANDS - 1) * np.arange(BANDS)
    offset = 10 ** (np.where(bark <= 12, 3, 0.25 * bark) / 10)
    return np.asarray(ear.group(difference**2) * offset / pair.reference.excitation)


def detection(pairs: list[Pair]) -> tuple[Array, Array]:
    """Give each frame's steps above threshold and its probability of detection (4.7)."""
    probability = np.zeros_like(pairs[0].reference.excitation)
    steps = np.zeros_like(probability)
    for pair in pairs:
        reference, test = (10 * np.log10(h.excitation) for h in (pair.reference, pair.test))
        level = np.maximum(0.3 * np.maximum(reference, test) + 0.7 * test, 1e-9)
        step = 5.95072 * (6.39468 / level) ** 1.71332
        step += sum(factor * level**power for power, factor in enumerate(_DETECTION))
        difference = reference - test
        steepness = np.where(difference > 0, 4, 6)
        detected = 1 - 0.5 ** (np.abs(difference) / step) ** steepness
        probability = np.maximum(probability, detected)
        steps = np.maximum(steps, np.abs(np.trunc(difference)) / step)
    return steps.sum(axis=1), 1 - np.prod(1 - probability, axis=1)


def distorted_blocks(steps: Array, detection: Array) -> float:
    """Give the log of the mean steps of frames where the difference is heard (4.7)."""
    distorted = detection > 0.5
    if not distorted.any():
        return 0.0
    total = float(steps[distorted].mean())
    return float(np.log10(total)) if total > 0 else -0.5


def filtered_maximum(detection: Array) -> float:
    """Give the maximum of the smoothed probability of detection (4.7.2)."""
    state = most = 0.0
    for value in detection:
        state = 0.9 * state + 0.1 * float(value)
        most = max(most, state)
    return most


def harmonic_structure(pair: Pair, harmonic: NDArray[np.bool_]) -> float:
    """Look for a comb in the difference of the log spectra (4.8)."""
    if not harmonic.any():
        return 0.0
    spectra = [np.maximum(h.weighted[harmonic, : 2 * _LAGS], _LEAST_BIN_POWER)
               for h in (pair.reference, pair.test)]  # fmt: skip
    difference = np.log(spectra[1] / spectra[0])
    half = np.fft.rfft(difference[:, :_LAGS], 2 * _LAGS, axis=1)
    whole = np.fft.rfft(difference, axis=1)
    correlation = np.fft.irfft(whole * half.conj(), axis=1)[:, :_LAGS]
    energy = np.cumsum(difference**2, axis=1)
    energy = np.concatenate([np.zeros((len(energy), 1)), energy], axis=1)
    moving = energy[:, _LAGS : 2 * _LAGS] - energy[:, :_LAGS]
    norm = np.sqrt(moving[:, :1] * moving)
    correlation = np.divide(correlation, norm, out=np.zeros_like(norm), where=norm > 0)
    correlation -= correlation.mean(axis=1)[:, None]
    # The standard's window starts at lag zero; sqrt(8/3) keeps the energy.
    window = np.sqrt(8 / 3) / 2 * (1 - np.cos(2 * np.pi * np.arange(_LAGS) / (_LAGS - 1)))
    power = np.abs(np.fft.rfft(correlation * window / _LAGS, axis=1)) ** 2
    rising = power[:, 1:] > power[:, :-1]
    return 1000 * float(np.where(rising, power[:, 1:], 0).max(axis=1).mean())


def windowed(changes: Array) -> float:
    """Average over 100 ms, four frames, before squaring (5.2.4)."""
    if len(changes) < 4:
        return 0.0
    roots = np.sqrt(changes)
    means = np.convolve(roots, np.full(4, 0.25), mode="valid")
    return float(np.sqrt((means**4).mean()))


def weighted(values: Array, weights: Array) -> float:
    """Give a weighted mean over frames (5.2.1)."""
    return float((values * weights).sum() / weights.sum()) if len(values) else 0.0


def root_mean_square(values: Array) -> float:
    """Give the root of the mean square over frames (5.2.2)."""
    return float(np.sqrt((values**2).mean())) if len(values) else 0.0
