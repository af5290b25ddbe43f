"""Sounds that were played faster or slower, higher or lower: by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel.audio._measure import HOP, fitted_weights, statistic
from genlabel.audio._track import Values
from genlabel_kernels.audio.layout import (
    BANDS,
    BINS_PER_BAND,
    FIRST_BIN,
    FRAME,
    FRAMES,
    RATE,
    pilot_map,
)
from genlabel_kernels.audio.resampling import lowpass, resampled
from genlabel_kernels.audio.scaling import drifting_agreement, scaled_bands

#: Of a longer sound, so many seconds in its middle are searched.
SEARCHED = 20
# Pitches are told apart by 2 %, half a tile at 4 kHz; tempos by .4 %, a frame in six seconds.
_PITCH_STEP, _TEMPO_STEP = 0.02, 0.004
# Where both change, each in its own way: tempos to +-10 %. A path follows the drift within steps.
_COARSE_TEMPO, _COARSE_STEPS = 0.016, 6
_TEMPO_REACH, _PITCH_REACH, _SPEED_REACH = math.log(1.28), math.log(1.14), math.log(1.36)
# Rows of the search's map, and of its folding, per frame.
_HOPS, _STEPS = 4, 2
_SPECTRUM = 2 * FRAME
_BLOCK = 32 * _STEPS
_FINE_TEMPO, _FINE_STEPS = 0.0006, 9
#: Scales that are read, at most.
MOST = 3
_LEAST_ROWS = 40 * _HOPS
# Median deviations above the median at which a scale is read: noise seldom reaches as much.
_RARE = 4.4


@dataclass(frozen=True, slots=True)
class Scale:
    """How a sound was scaled.

    Parameters
    ----------
    pitch, tempo : float
        Factors; 1 where nothing changed.
    score : float
        Agreement with the pilots, in standard deviations about.
    """

    pitch: float
    tempo: float
    score: float


def likely_scales(sound: NDArray[np.float32]) -> Iterator[Scale]:
    """Search the ways in which a sound is scaled: tempo, pitch, both alike, or each in its own way.

    Parameters
    ----------
    sound : (C, n) float32 array
        At `RATE`.

    Yields
    ------
    Scale
        The likeliest first; never the sound as it is.
    """
    length = SEARCHED * RATE
    start = max(0, (sound.shape[1] - length) // 2)
    cumulative = _cumulative(sound[:, start : start + length])
    if len(cumulative) < _LEAST_ROWS:
        return
    found: list[Scale] = []
    # One prediction serves all pitches: voices and instruments hardly differ by it.
    weights = fitted_weights(_powers(cumulative, 1.0), hops=_HOPS)
    for pitch, tempos in _hypotheses():
        values = _values(cumulative, pitch, weights)
        for tempo in tempos:
            found.append(Scale(pitch, tempo, _score(values, tempo)))
    scores = np.array([scale.score for scale in found])
    middle = float(np.median(scores))
    least = middle + _RARE * float(np.median(np.abs(scores - middle)))
    found.sort(key=lambda scale: -scale.score)
    for scale in _apart([scale for scale in found if scale.score > least]):
        yield _refined(cumulative, scale, weights)


def _refined(cumulative: NDArray[np.float32], scale: Scale, weights: NDArray[np.float32]) -> Scale:
    """Find the scale at which all of the sound agrees, not only its pieces."""
    pitches = [scale.pitch * math.exp(part * _PITCH_STEP / 3) for part in (-1, 0, 1)]
    maps = [_values(cumulative, pitch, weights) for pitch in pitches]
    best = int(np.argmax([_score(values, scale.tempo) for values in maps]))
    tempos = scale.tempo * np.exp(_FINE_TEMPO * np.arange(-_FINE_STEPS, _FINE_STEPS + 1))
    scores = [_score(maps[best], tempo, len(maps[best])) for tempo in tempos.tolist()]
    finest = int(np.argmax(scores))
    return Scale(pitches[best], float(tempos[finest]), scores[finest])


def rescaled(sound: NDArray[np.float32], scale: Scale) -> tuple[NDArray[np.float32], float]:
    """Bring a sound's pitch back to what it was.

    Parameters
    ----------
    sound : (C, n) float32 array
        At `RATE`.
    scale : Scale
        How it was scaled.

    Returns
    -------
    sound : (C, m) float32 array
        Of the original's pitch when played at `RATE`.
    hop : float
        Samples of it from one row of a map to the next.
    """
    rate = round(RATE * scale.pitch)
    restored = resampled(sound, lowpass(RATE, rate)) if rate != RATE else sound
    return restored, HOP * rate / (RATE * scale.tempo)


def _hypotheses() -> Iterator[tuple[float, list[float]]]:
    steps = round(_SPEED_REACH / _PITCH_STEP)
    for index in range(-steps, steps + 1):
        pitch = math.exp(index * _PITCH_STEP)
        middle = index * _PITCH_STEP
        tempos = [math.exp(middle + part * _TEMPO_STEP) for part in range(-2, 3)]
        if index and abs(middle) <= _PITCH_REACH:
            parts = range(-_COARSE_STEPS, _COARSE_STEPS + 1)
            tempos += [math.exp(part * _COARSE_TEMPO) for part in parts]
        if index == 0:
            reach = round(_TEMPO_REACH / _TEMPO_STEP)
            tempos = [math.exp(part * _TEMPO_STEP) for part in range(-reach, reach + 1) if part]
        yield pitch, tempos


def _cumulative(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure running sums of power over frequency, rows a quarter of a frame apart."""
    hop = FRAME // _HOPS
    rows = max(0, (sound.shape[1] - FRAME) // hop + 1)
    out = np.zeros((rows, FRAME + 1), np.float32)
    window = np.hanning(FRAME + 1)[:FRAME].astype(np.float32)
    frames = np.zeros((rows, _SPECTRUM), np.float32)
    for channel in sound:
        if rows:
            view = np.lib.stride_tricks.sliding_window_view(channel, FRAME)[::hop]
            np.multiply(view, window, out=frames[:, :FRAME])
            packed = cv2.dft(frames, flags=cv2.DFT_ROWS)[:, 1:-1]
            squares = (packed * packed).reshape(rows, FRAME - 1, 2).sum(axis=2)
            out[:, 2:] += np.cumsum(squares, axis=1)
    return out


def _values(cumulative: NDArray[np.float32], pitch: float, weights: NDArray[np.float32]) -> Values:
    return statistic(_powers(cumulative, pitch), hops=_HOPS, weights=weights)


def _powers(cumulative: NDArray[np.float32], pitch: float) -> Values:
    # Bin i of the doubled spectrum has its power between i - 1/2 and i + 1/2.
    low = 2 * FIRST_BIN - 1 + 2 * BINS_PER_BAND * np.arange(BANDS + 1)
    edges = np.minimum(low * pitch + 0.5, FRAME).astype(np.float32)
    powers = np.empty((len(cumulative), BANDS), np.float32)
    scaled_bands(cumulative, edges, powers)
    return powers


def _score(values: Values, tempo: float, block: int = _BLOCK) -> float:
    step = _HOPS / (_STEPS * tempo)
    rows = np.rint(np.arange(0.0, len(values) - 1, step)).astype(np.int64)
    chosen = values[rows]
    power = float(np.mean(chosen * chosen)) * len(chosen)
    products = np.ascontiguousarray(chosen @ pilot_map().T)
    work = np.empty((2, FRAMES * _STEPS), np.float32)
    return drifting_agreement(products, _STEPS, block, work) / math.sqrt(power + 1e-20)


def _apart(scales: list[Scale]) -> list[Scale]:
    """Keep the best of every neighbourhood."""
    kept: list[Scale] = []
    for scale in scales:
        near = (
            abs(math.log(scale.pitch / other.pitch)) < 1.5 * _PITCH_STEP
            and abs(math.log(scale.tempo / other.tempo)) < 1.5 * _TEMPO_STEP
            for other in kept
        )
        if not any(near):
            kept.append(scale)
        if len(kept) == MOST:
            break
    return kept
