"""The depths of steady streams against their slow twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio.layout import BANDS
from genlabel_kernels.audio.masking import masking_matrix
from genlabel_kernels.audio.steadiness import first_steadiness, lower_steady
from tests.reference import audio as twin


def lowered(powers: np.ndarray, depths: np.ndarray) -> np.ndarray:
    out = depths.copy()
    lower_steady(powers, masking_matrix(), np.square(masking_matrix()), first_steadiness(), out)
    return out


@settings(max_examples=8)
@given(st.integers(0, 2**32), st.integers(1, 6), st.sampled_from([0.1, 1.0]))
def test_depths_equal_their_twin(seed: int, rows: int, moves: float) -> None:
    rng = np.random.default_rng(seed)
    powers = np.exp(moves * rng.normal(0, 2, (rows, BANDS))).astype("f4")
    depths = rng.uniform(0, 4, (rows, BANDS)).astype("f4")
    expected = depths.astype(float)
    twin.lower_steady(powers, masking_matrix(), first_steadiness().astype(float), expected)
    np.testing.assert_allclose(lowered(powers, depths), expected, rtol=1e-3)


def test_only_what_is_steady_is_lowered_and_only_after_it_was_heard() -> None:
    rng = np.random.default_rng(3)
    depths = np.ones((200, BANDS), np.float32)
    moves = np.exp(rng.normal(0, 2, (200, 1)))
    lively = (moves * rng.exponential(size=(200, BANDS))).astype("f4")
    np.testing.assert_array_equal(lowered(lively, depths), depths)
    after = lowered(np.ones((200, BANDS), np.float32), depths)
    assert after[0, 0] == 1
    assert after[-1, 0] < 0.3


def test_partials_with_nothing_between_them_are_lowered_at_once() -> None:
    rng = np.random.default_rng(3)
    depths = np.ones((200, BANDS), np.float32)
    moves = np.exp(rng.normal(0, 2, (200, 1))).astype("f4")
    alone = np.zeros((200, BANDS), np.float32)
    alone[:, ::12] = moves
    assert lowered(alone, depths).max() < 0.8


def test_the_state_carries_over_any_cut() -> None:
    rng = np.random.default_rng(4)
    powers = np.exp(rng.normal(0, 0.1, (9, BANDS))).astype("f4")
    depths = rng.uniform(2, 4, (9, BANDS)).astype("f4")
    state, parts = first_steadiness(), []
    for piece in (slice(0, 4), slice(4, 5), slice(5, 9)):
        part = depths[piece].copy()
        lower_steady(powers[piece], masking_matrix(), np.square(masking_matrix()), state, part)
        parts.append(part)
    np.testing.assert_array_equal(np.concatenate(parts), lowered(powers, depths))


def test_silence_is_no_sound() -> None:
    depths = np.zeros((3, BANDS), np.float32)
    assert not lowered(np.zeros((3, BANDS), np.float32), depths).any()
