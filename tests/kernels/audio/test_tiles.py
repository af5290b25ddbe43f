"""Tiles of the embedder against their slow twins, and what their change leaves alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio import tiles
from genlabel_kernels.audio.layout import BANDS, FRAME
from tests.reference import audio as twin

FEW = settings(max_examples=8)
SEED = st.integers(0, 2**32)
ROWS = st.integers(1, 3)


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


@FEW
@given(SEED, ROWS)
def test_cutting_equals_its_twin(seed: int, rows: int) -> None:
    sound, window = drawn(seed, 900), tiles.frame_window()
    starts = np.random.default_rng(seed).integers(0, 900 - len(window) + 1, rows)
    out, expected = np.ones((2, rows, tiles.SPECTRUM), np.float32)
    tiles.cut_rows(sound, starts, window, out)
    twin.cut_rows(sound, starts, window, expected)
    np.testing.assert_array_equal(out, expected)


@FEW
@given(SEED, ROWS)
def test_powers_equal_their_twin(seed: int, rows: int) -> None:
    spectra = drawn(seed, rows, tiles.SPECTRUM)
    out, expected = np.ones((rows, BANDS), np.float32), np.ones((rows, BANDS))
    tiles.tile_powers(spectra, out)
    twin.tile_powers(spectra, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-5)


@FEW
@given(SEED, ROWS)
def test_scaling_equals_its_twin(seed: int, rows: int) -> None:
    spectra, gains = drawn(seed, rows, tiles.SPECTRUM), drawn(seed + 1, rows, BANDS)
    expected = spectra.astype(float)
    tiles.scale_tiles(spectra, gains)
    twin.scale_tiles(expected, gains)
    np.testing.assert_allclose(spectra, expected, rtol=1e-5, atol=1e-6)


@FEW
@given(SEED, ROWS)
def test_overlap_equals_its_twin(seed: int, rows: int) -> None:
    sound, window = drawn(seed, rows, tiles.SPECTRUM), tiles.frame_window()
    out = np.zeros(rows * FRAME + tiles.CROSSFADE, np.float32)
    expected = np.zeros(len(out))
    tiles.overlap_add(sound, window, out)
    twin.overlap_add(sound, window, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-6)


@FEW
@given(SEED, ROWS)
def test_frame_powers_are_sums_of_squares(seed: int, rows: int) -> None:
    sound = drawn(seed, rows, tiles.SPECTRUM)
    out = np.zeros(rows, np.float32)
    tiles.frame_powers(sound, out)
    np.testing.assert_allclose(out, (sound[:, : tiles.REACH] ** 2).sum(axis=1), rtol=1e-4)


def test_squared_windows_sum_to_one() -> None:
    window = tiles.frame_window()
    total = np.zeros(4 * FRAME + tiles.CROSSFADE)
    for k in range(4):
        total[k * FRAME : k * FRAME + tiles.REACH] += window**2
    np.testing.assert_allclose(total[tiles.CROSSFADE : -tiles.CROSSFADE], 1, rtol=1e-6)


def test_bands_lie_between_490_hz_and_4_khz() -> None:
    middles = tiles.band_frequencies()
    assert middles[0] - 43 > 490 and middles[-1] + 43 < 4030
    assert len(middles) == BANDS
