"""The blind search against explicit sums over tones and translations."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.image.layout import layout
from genlabel_kernels.plane import search as fast
from genlabel_kernels.plane.layout import TILE
from tests.reference import search as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=3 if PLAIN else 20)
FEWEST = settings(max_examples=1 if PLAIN else 8)

TONES = layout("fine").tones.astype(np.float32)
PHASES = layout("fine").phases
SIDE = 64
SEED = st.integers(0, 2**32)


def normalised(spectrum: np.ndarray, power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    even, table = spectrum.copy(), np.full(spectrum.shape, 99, np.uint8)
    fast.normalise(even, power, table)
    return even, table


def even_spectrum(seed: int, side: int = SIDE, width: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Spectrum of noise and its table, as the search prepares them."""
    shape = (side, width or side)
    picture = np.random.default_rng(seed).normal(0, 1, (shape[0] // 2, shape[1] // 2))
    spectrum = twin.centred_spectrum(picture, shape).astype(np.complex64)
    power = np.full(spectrum.shape, np.mean(np.abs(spectrum) ** 2), np.float32)
    return normalised(spectrum, power)


def poses(seed: int, count: int, scale: tuple[float, float] = (0.5, 2.2)) -> np.ndarray:
    """Turned and stretched grids, some of whose tones lie beyond the picture's own pixels."""
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 2 * np.pi, count)
    grow = rng.uniform(*scale, (2, count)) / TILE
    cosine, sine = np.cos(turn), np.sin(turn)
    rows = [grow[0] * cosine, grow[0] * sine, -grow[1] * sine, grow[1] * cosine]
    return np.stack(rows, axis=1).astype(np.float32)


def undecided(hypothesis: np.ndarray, tones: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether a tone lies so near to a border between bins that rounding decides."""
    places = np.abs(twin.places(hypothesis, tones, shape)[:, :2])
    between = np.abs(2 * places - np.rint(2 * places))
    return bool(between.min() < 2e-3)


def planted(pose: np.ndarray, seed: int, side: int, picture: int) -> np.ndarray:
    """Give the even spectrum of noise in which the tones lie at a pose."""
    y, x = np.mgrid[0:picture, 0:picture] - picture // 2
    plane = np.random.default_rng(seed).normal(0, 3, (picture, picture))
    for (v, h), phase in zip(TONES, PHASES, strict=True):
        down, across = pose[0] * v + pose[1] * h, pose[2] * v + pose[3] * h
        start = np.angle(phase) + 2 * np.pi * (v * pose[4] + h * pose[5]) / TILE
        plane += np.cos(2 * np.pi * (down * y + across * x) + start)
    spectrum = twin.centred_spectrum(plane, (side, side)).astype(np.complex64)
    power = np.full(spectrum.shape, np.mean(np.abs(spectrum) ** 2), np.float32)
    return normalised(spectrum, power)[0]


@FEW
@given(SEED, st.floats(0.1, 30))
def test_even_spectrum_equals_its_twin(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    spectrum = (rng.normal(0, spread, (2, 16, 9)).T @ [1, 1j]).T.astype(np.complex64)
    power = rng.choice(np.float32([0, 1, spread]), (16, 9))
    even, table = normalised(spectrum, power)
    expected, expected_table = twin.normalise(spectrum, power)
    np.testing.assert_allclose(even, expected, rtol=1e-5, atol=1e-6)
    # The fraction is cut off, so rounding may take one from an entry.
    assert np.abs(table.astype(int) - expected_table).max() <= 1


def scored(table: np.ndarray, hypotheses: np.ndarray, tones: np.ndarray) -> np.ndarray:
    """Score (n, 4) hypotheses, each in a group of its own."""
    alone = np.repeat(hypotheses.T, fast.GROUP, axis=1)
    count = -(-alone.shape[1] // fast.LANES) * fast.LANES
    listed = np.ascontiguousarray(np.pad(alone, ((0, 0), (0, count - alone.shape[1])), "edge"))
    peaks = np.empty(count // fast.GROUP, np.int32)
    fast.tone_scores(table, listed, tones, peaks)
    return peaks[: len(hypotheses)] // fast.GROUP


@FEW
@given(SEED, st.integers(1, 8), st.integers(1, 48), st.sampled_from([32, 64, 90]))
def test_scores_equal_their_twin(seed: int, count: int, tones: int, width: int) -> None:
    table = np.random.default_rng(seed).integers(0, 256, (SIDE, width // 2 + 1)).astype(np.uint8)
    table[0, 0] = fast._UNIT
    hypotheses, chosen = poses(seed, count, (0.5, 4.0)), TONES[:tones]
    totals = scored(table, hypotheses, chosen)
    for hypothesis, total in zip(hypotheses, totals, strict=True):
        if not undecided(hypothesis, chosen, table.shape):
            assert total == twin.tone_score(table, hypothesis, chosen)


@FEW
@given(SEED)
def test_best_of_each_group_is_kept_and_named(seed: int) -> None:
    table = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE // 2 + 1)).astype(np.uint8)
    table[0, 0] = fast._UNIT
    tones = TONES[: 3 if PLAIN else 48]
    hypotheses = poses(seed, 2 * fast.LANES)
    totals = scored(table, hypotheses, tones).reshape(-1, fast.GROUP)
    peaks = np.empty(len(totals), np.int32)
    fast.tone_scores(table, np.ascontiguousarray(hypotheses.T), tones, peaks)
    assert (peaks // fast.GROUP == totals.max(axis=1)).all()
    assert (totals[np.arange(len(totals)), peaks % fast.GROUP] == totals.max(axis=1)).all()


def test_scores_of_noise_are_about_standard_normal() -> None:
    table = even_spectrum(1, 256)[1]
    totals = scored(table, poses(2, 40 if PLAIN else 4000, (0.8, 1.2)), TONES)
    scores = (totals - fast._UNIT * len(TONES)) / (fast._UNIT * np.sqrt(len(TONES)))
    # Saturation and cut-off fractions pull a little below zero.
    assert -0.9 < scores.mean() < 0.3
    assert 0.6 < scores.std() < 1.4


def test_tones_beyond_the_picture_s_pixels_count_as_noise() -> None:
    table = np.full((SIDE, SIDE // 2 + 1), 255, np.uint8)
    table[0, 0] = fast._UNIT
    far = np.float32([[9 / TILE, 0, 0, 9 / TILE]])
    assert scored(table, far, TONES) == fast._UNIT * len(TONES)


@FEWEST
@given(SEED, st.integers(1, 48))
def test_translations_equal_their_twin(seed: int, tones: int) -> None:
    even = even_spectrum(seed)[0]
    count = 1 if PLAIN else 3
    hypotheses = poses(seed, count, (0.5, 1.4))
    chosen, phases = TONES[:tones], PHASES[:tones]
    values, places = np.empty((count, 2), np.float32), np.empty((count, 2), np.int32)
    fast.best_translations(even, hypotheses, chosen, phases, values, places)
    for index, turned in np.ndindex(count, 2):
        hypothesis = hypotheses[index] * (1, -1)[turned]
        grid = twin.translations(even, hypothesis, chosen, phases)
        # Of two places about as good, either will do.
        found = grid[divmod(places[index, turned], fast.GRID)]
        np.testing.assert_allclose(values[index, turned], grid.max(), rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(found, grid.max(), rtol=1e-3, atol=1e-3)
        shift = np.array(divmod(places[index, turned], fast.GRID)) * (TILE / fast.GRID)
        pose = np.concatenate([hypothesis.astype(np.float64), shift])
        alone = fast.coherence(even, pose, chosen, phases)
        np.testing.assert_allclose(alone, values[index, turned], rtol=1e-3, atol=2e-3)


@FEW
@given(SEED, st.integers(1, 48), st.floats(-300, 300), st.floats(-300, 300))
def test_coherence_equals_its_twin(seed: int, tones: int, down: float, across: float) -> None:
    even = even_spectrum(seed)[0]
    for hypothesis in poses(seed, 3, (0.5, 1.4)):
        pose = np.array([*hypothesis, down, across], np.float64)
        value = fast.coherence(even, pose, TONES[:tones], PHASES[:tones])
        expected = twin.coherence(even, pose, TONES[:tones], PHASES[:tones])
        np.testing.assert_allclose(value, expected, rtol=1e-3, atol=2e-3)
        # Whole tiles further on lies the same pattern.
        pose[4:] += (TILE, -3 * TILE)
        again = fast.coherence(even, pose, TONES[:tones], PHASES[:tones])
        np.testing.assert_allclose(again, value, rtol=1e-3, atol=2e-3)


@FEW
@given(SEED)
def test_coherence_is_great_at_the_planted_pose_alone(seed: int) -> None:
    (hypothesis,) = poses(seed, 1, (0.7, 1.2))
    shift = np.random.default_rng(seed).uniform(0, TILE, 2)
    pose = np.concatenate([hypothesis, shift]).astype(np.float64)
    with_tones = planted(pose, seed, 256, 160)
    there = fast.coherence(with_tones, pose, TONES, PHASES)
    assert there > 15
    # The sum of 48 cosines of random phase is a tenth of theirs in phase, times a normal value.
    for step in ([0, 0, 0, 0, 17, 31], [0.06 / TILE, 0, 0, 0.06 / TILE, 0, 0]):
        assert abs(fast.coherence(with_tones, pose + step, TONES, PHASES)) < 0.5 * there


@FEW
@given(SEED, st.floats(0, 1))
def test_climbing_never_ends_below_its_start(seed: int, length: float) -> None:
    even = even_spectrum(seed)[0]
    (hypothesis,) = poses(seed, 1, (0.5, 1.4))
    pose = np.array([*hypothesis, 5.0, 9.0], np.float64)
    start = fast.coherence(even, pose, TONES, PHASES)
    steps = np.array([length / TILE / 20] * 4 + [length] * 2)
    value = fast.climb(even, pose, steps, TONES, PHASES, 6)
    assert value >= start
    assert math.isclose(value, fast.coherence(even, pose, TONES, PHASES), abs_tol=1e-4)


@FEWEST
@given(SEED)
def test_climbing_finds_the_planted_pose_as_its_twin_does(seed: int) -> None:
    side, picture = 256, 160
    (hypothesis,) = poses(seed, 1, (0.7, 1.2))
    rng = np.random.default_rng(seed)
    pose = np.concatenate([hypothesis, rng.uniform(0, TILE, 2)]).astype(np.float64)
    even = planted(pose, seed, side, picture)
    step = 0.4 / (61.5 * picture)
    start = pose + rng.uniform(-1, 1, 6) * [step, step, step, step, 1, 1]
    steps = np.array([step] * 4 + [0.7] * 2)
    climbed, compared = start.copy(), start.copy()
    value = fast.climb(even, climbed, steps.copy(), TONES, PHASES, 6)
    assert value > 0.97 * fast.coherence(even, pose, TONES, PHASES)
    assert np.abs(climbed[4:] - pose[4:]).max() < 1
    # Within a third of a bin at the outermost tone.
    assert np.abs(climbed[:4] - pose[:4]).max() < 0.33 / 61.5 / picture
    if not PLAIN:
        expected = twin.climb(even, compared, steps, TONES, PHASES, 6)
        assert abs(value - expected) < 0.02 * expected


@FEWEST
@given(SEED)
def test_improving_keeps_to_its_ways_and_finds_what_its_twin_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turn, shift = rng.uniform(0, 2 * np.pi), rng.uniform(0, TILE, 2)
    ways = np.zeros((3, 6))
    ways[0, :4] = np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn)
    ways[1, 4] = ways[2, 5] = 1.0
    pose = ways[0] / TILE
    pose[4:] = shift
    even = planted(pose, seed, 256, 160)
    step = 0.2 / (50 * 160)
    start = pose + np.array([3 * step, 1.5, -1.5]) @ ways
    improved, compared = start.copy(), start.copy()
    steps = np.array([step, 0.7, 0.7])
    value = fast.improve(even, improved, ways, steps.copy(), TONES, PHASES, 16)
    assert value > 0.97 * fast.coherence(even, pose, TONES, PHASES)
    assert math.isclose(value, fast.coherence(even, improved, TONES, PHASES), abs_tol=1e-4)
    moved = improved - start
    along = moved[:4] @ ways[0, :4] / (ways[0, :4] @ ways[0, :4])
    np.testing.assert_allclose(moved[:4], along * ways[0, :4], atol=1e-12)
    if not PLAIN:
        expected = twin.improve(even, compared, ways, steps, TONES, PHASES, 16)
        assert abs(value - expected) < 0.02 * expected


@pytest.mark.parametrize("turned", [0, 1], ids=["upright", "on its head"])
def test_search_finds_planted_tones_among_other_poses(turned: int) -> None:
    shift = np.array([38.0, 200.0])
    hypotheses = poses(7, 2 if PLAIN else 40, (0.7, 1.2))
    pose = np.concatenate([hypotheses[1] * (1, -1)[turned], shift]).astype(np.float64)
    even = planted(pose, 8, 256, 160)
    values = np.empty((len(hypotheses), 2), np.float32)
    places = np.empty((len(hypotheses), 2), np.int32)
    fast.best_translations(even, hypotheses, TONES, PHASES, values, places)
    assert np.unravel_index(values.argmax(), values.shape) == (1, turned)
    found = np.array(divmod(int(places[1, turned]), fast.GRID)) * (TILE / fast.GRID)
    assert np.abs(found - shift).max() <= 2
