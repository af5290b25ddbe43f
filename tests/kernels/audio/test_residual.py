"""What the detector's map is made of, against slow twins."""

from __future__ import annotations

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio import residual
from genlabel_kernels.audio.layout import BANDS
from tests.reference import audio as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=5 if PLAIN else 15)
SEED = st.integers(0, 2**32)
ROWS = st.integers(1, 6 if PLAIN else 60)


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


@FEW
@given(SEED, ROWS)
def test_band_powers_equal_their_twin(seed: int, rows: int) -> None:
    spectra = drawn(seed, rows, 256)
    out, expected = np.ones((rows, BANDS), np.float32), np.ones((rows, BANDS))
    residual.add_band_powers(spectra, out)
    twin.add_band_powers(spectra, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-5)


@FEW
@given(SEED, ROWS, st.sampled_from([1, 4, 8]))
def test_residuals_equal_their_twin(seed: int, rows: int, hops: int) -> None:
    powers, table = drawn(seed, rows, BANDS), residual.neighbour_table(hops)
    weights = drawn(seed + 1, len(table), BANDS)
    out, expected = np.empty_like(powers), np.empty(powers.shape)
    residual.residuals(powers, table, weights, out)
    twin.residuals(powers, table, weights, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-3, atol=1e-4)


@FEW
@given(SEED, ROWS, st.sampled_from([1, 4, 8]))
def test_weighing_equals_its_twin(seed: int, rows: int, hops: int) -> None:
    values, gates = drawn(seed, rows, BANDS), np.abs(drawn(seed + 1, rows, BANDS))
    squares, expected = np.empty_like(values), np.empty(values.shape)
    residual.squares_across(values, squares)
    twin.squares_across(values, expected)
    np.testing.assert_allclose(squares, expected, rtol=1e-4)
    weighed = values.astype(float)
    residual.weigh(values, squares, gates, hops)
    twin.weigh(weighed, squares, gates, hops)
    np.testing.assert_allclose(values, weighed, rtol=1e-3, atol=1e-4)


@FEW
@given(SEED, ROWS, st.integers(0, 6))
def test_averages_equal_their_twin(seed: int, rows: int, reach: int) -> None:
    powers = np.exp(3 * drawn(seed, rows, BANDS))
    out, expected = np.empty_like(powers), np.empty(powers.shape)
    residual.mean_rows(powers, reach, out)
    twin.mean_rows(powers, reach, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-5)


@FEW
@given(SEED, ROWS)
def test_averages_across_equal_their_twin(seed: int, rows: int) -> None:
    powers = np.exp(3 * drawn(seed, rows, BANDS))
    out, expected = np.empty_like(powers), np.empty(powers.shape)
    residual.mean_across(powers, out)
    twin.mean_across(powers, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-5)
    residual.mean_across(powers, powers)
    np.testing.assert_array_equal(powers, out)


@FEW
@given(SEED, ROWS)
def test_the_gate_equals_its_twin(seed: int, rows: int) -> None:
    own, noise = np.exp(3 * drawn(seed, rows, BANDS)), np.exp(drawn(seed + 1, BANDS))
    around, foretold = np.exp(2 * drawn(seed + 2, rows, BANDS)), 4 * drawn(seed + 3, rows, BANDS)
    out, expected = np.empty_like(own), np.empty(own.shape)
    residual.gate(own, around, foretold, noise, out)
    twin.gate(own, around, foretold, noise, expected)
    residual.gate(own, around, foretold, noise, foretold)
    np.testing.assert_array_equal(foretold, out)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


def test_noise_counts_little_and_what_stands_out_of_it_counts() -> None:
    own = np.ones((30, BANDS), np.float32)
    own[10:20] = 100.0
    around = own.copy()
    own[15, 7] = 0.0
    out = np.empty_like(own)
    residual.gate(own, around, around, np.full(BANDS, 0.01, np.float32), out)
    assert out[14].min() > 0.98
    # A hole counts little, and so does noise.
    assert out[15, 7] < 0.05
    residual.gate(own, around, around, np.ones(BANDS, np.float32), out)
    assert out[0].max() < 0.11 and out[14].min() > 0.96


def test_the_prediction_leaves_a_mark_standing_out_as_far_as_any_does() -> None:
    table = residual.neighbour_table(1)
    powers = drawn(1, 1500, BANDS)
    # Every tile is half of what came one frame before, and noise, a part of which is of many bands.
    powers[:, 1:-1] += 0.3 * (powers[:, 2:] + powers[:, :-2])
    for row in range(1, len(powers)):
        powers[row] = 0.5 * powers[row - 1] + 0.1 * powers[row]
    neighbours = [np.roll(powers, (-down, -across), (0, 1)) for down, across in table]
    inner = np.stack([tiles[2:-2, 3:-3] for tiles in neighbours])
    footprint = np.array(residual._FOOTPRINT[:-1])

    def stands_out(weights: np.ndarray) -> float:
        left = powers[2:-2, 3:-3] - np.tensordot(weights, inner, 1)
        return float((1 - weights @ footprint) ** 2 / left.var())

    fitted = residual.prediction_weights(powers, table).mean(axis=1)
    least = np.linalg.lstsq(inner.reshape(len(table), -1).T, powers[2:-2, 3:-3].reshape(-1))[0]
    before = np.array([0.5 * (list(pair) == [-1, 0]) for pair in table])
    assert stands_out(fitted) > 1.02 * stands_out(least)
    assert stands_out(fitted) > 1.2 * stands_out(before)


def test_too_little_sound_predicts_nothing() -> None:
    weights = residual.prediction_weights(
        np.ones((3, BANDS), np.float32), residual.neighbour_table(8)
    )
    assert not weights.any()
