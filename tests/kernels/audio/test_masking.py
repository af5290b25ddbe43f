"""The law of depths against its slow twin, and what a listener may rely on."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio.layout import BANDS
from genlabel_kernels.audio.masking import first_state, masking_matrix, maskings, tile_depths
from tests.reference import audio as twin

FEW = settings(max_examples=8)


def depths_of(powers: np.ndarray, totals: np.ndarray | None = None) -> np.ndarray:
    out = np.full_like(powers, np.nan)
    whole = powers.sum(axis=1) if totals is None else totals
    tile_depths(powers, whole, masking_matrix(), first_state(), out)
    return out


def powers_of(seed: int, rows: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(0, 2, (rows, BANDS)) + 4 * rng.normal(size=(rows, 1))).astype("f4")


@FEW
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_depths_equal_their_twin(seed: int, rows: int) -> None:
    powers = powers_of(seed, rows)
    totals = powers.sum(axis=1)
    expected, state = np.empty(powers.shape), first_state().astype(float)
    twin.tile_depths(powers, totals, masking_matrix(), state, expected)
    np.testing.assert_allclose(depths_of(powers), expected, rtol=2e-4)


@FEW
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_maskings_equal_their_twin(seed: int, rows: int) -> None:
    powers = powers_of(seed, rows)
    out, expected = np.empty_like(powers), np.empty(powers.shape)
    maskings(powers, masking_matrix(), out)
    twin.maskings(powers, masking_matrix(), expected)
    np.testing.assert_allclose(out, expected, rtol=1e-5)


def test_the_state_carries_over_any_cut() -> None:
    powers = powers_of(1, 9)
    state, parts = first_state(), []
    for piece in (powers[:4], powers[4:5], powers[5:]):
        out = np.empty_like(piece)
        tile_depths(piece, piece.sum(axis=1), masking_matrix(), state, out)
        parts.append(out)
    np.testing.assert_array_equal(np.concatenate(parts), depths_of(powers))


def test_silence_and_what_is_fainter_than_rounding_is_left_alone() -> None:
    assert not depths_of(np.zeros((3, BANDS), np.float32)).any()
    faint = np.full((2, BANDS), 1e-9, np.float32)
    assert not depths_of(faint, np.ones(2, np.float32)).any()


def test_the_law_does_not_depend_on_the_level() -> None:
    powers = powers_of(2, 5) + np.float32(1)
    np.testing.assert_allclose(depths_of(powers * np.float32(1e-2)), depths_of(powers), rtol=1e-3)


def test_what_was_loud_masks_what_follows() -> None:
    powers = np.full((3, BANDS), 1e-3, np.float32)
    powers[0] = 1.0
    heard = np.empty_like(powers)
    maskings(powers, masking_matrix(), heard)
    np.testing.assert_allclose(heard[2], 0.0625 * heard[0], rtol=1e-5)


def test_an_onset_out_of_quiet_is_changed_little() -> None:
    powers = np.full((4, BANDS), 1e-5, np.float32)
    powers[2:] = 10.0
    steady, onset, after = (depths_of(powers)[row].mean() for row in (1, 2, 3))
    assert onset < 0.02 * steady
    assert after > 20 * onset
