"""Choosing the hypotheses of a search that are worth a closer look."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel._plane.candidates import distinct, strongest, tiled_hypotheses, translations
from genlabel._plane.search import _half_spectrum, centred_spectrum
from genlabel_kernels.image.layout import layout
from genlabel_kernels.plane.layout import TILE
from genlabel_kernels.plane.search import GROUP, LANES

TONES = layout("fine").tones.astype(np.float32)
PHASES = layout("fine").phases


def marked(linear: np.ndarray, shift: tuple[float, float], rows: int, columns: int) -> np.ndarray:
    """Noise with the tones, laid out by B = linear / TILE about the picture's centre."""
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    y, x = y - rows // 2, x - columns // 2
    plane = np.random.default_rng(3).normal(0, 1, (rows, columns))
    for tone, phase in zip(TONES, PHASES, strict=True):
        down, across = linear @ tone / TILE
        start = np.angle(phase) + 2 * np.pi * tone @ shift / TILE
        plane += 0.08 * np.cos(2 * np.pi * (down * y + across * x) + start)
    return plane.astype(np.float32)


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32))
def test_half_spectrum_is_numpy_s(rows: int, columns: int, seed: int) -> None:
    plane = np.random.default_rng(seed).normal(0, 1, (2 * rows, 2 * columns)).astype(np.float32)
    np.testing.assert_allclose(_half_spectrum(plane), np.fft.rfft2(plane), atol=2e-4)


def test_centred_spectrum_is_longer_than_the_picture_by_the_padding_and_of_unit_power() -> None:
    white = np.random.default_rng(1).normal(0, 1, (200, 311)).astype(np.float32)
    even, table = centred_spectrum(white, 1.75)
    down, across = even.shape[0], 2 * (even.shape[1] - 1)
    assert 350 <= down < 400
    assert 544 <= across < 600
    assert table.shape == even.shape
    assert 0.9 < (np.abs(even) ** 2).mean() < 1.1


@given(st.integers(1, 200))
def test_hypotheses_fill_whole_lanes_with_more_of_themselves(count: int) -> None:
    listed = np.arange(4.0 * count).reshape(4, count)
    tiled = tiled_hypotheses(listed)
    assert tiled.shape[1] % LANES == 0
    assert tiled.shape[1] - count < LANES
    assert set(tiled[0] * TILE) == set(listed[0])
    np.testing.assert_array_equal(tiled[:, :count] * TILE, listed)


def test_strongest_come_first_and_one_of_a_group() -> None:
    turn = np.radians(17.0)
    true = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    _, table = centred_spectrum(marked(true, (0, 0), 300, 380), 2.0)
    angles = turn + np.radians(np.arange(-60, 60) * 0.2)
    cosine, sine = np.cos(angles), np.sin(angles)
    hypotheses = tiled_hypotheses(np.stack([cosine, sine, -sine, cosine]))
    best = strongest(table, hypotheses, TONES, 5)
    assert best.shape == (5, 4)
    np.testing.assert_allclose(best[0] * TILE, true.ravel(), atol=0.004)
    places = [int(np.abs(hypotheses.T - row).sum(axis=1).argmin()) // GROUP for row in best]
    assert len(set(places)) == 5


@pytest.mark.parametrize("shift", [(40.0, 200.0), (41.0, 200.0), (41.0, 201.0)])
def test_translation_is_found_on_the_fine_grid(shift: tuple[float, float]) -> None:
    even, _ = centred_spectrum(marked(np.eye(2), shift, 300, 380), 2.0)
    chosen = (np.eye(2).reshape(1, 4) / TILE).astype(np.float32)
    value, pose = max(translations(even, chosen, TONES, PHASES), key=lambda peak: peak[0])
    assert value > 12
    np.testing.assert_allclose(pose, [*chosen[0], *shift], atol=1e-6)
    # On its head the picture shows the opposite frequencies.
    value, pose = max(translations(even, -chosen, TONES, PHASES), key=lambda peak: peak[0])
    assert value > 12
    np.testing.assert_allclose(pose, [*chosen[0], *shift], atol=1e-6)


def test_peaks_that_meet_count_once() -> None:
    first = np.array([1.0, 0, 0, 1.0, 10, 10])
    peaks = [
        (5.0, first + [0.001, 0, 0, 0, 2, 0]),
        (9.0, first),
        (7.0, first + [0.1, 0, 0, 0, 0, 0]),
        (6.0, first + [0, 0, 0, 0, 0, 90]),
    ]
    assert [value for value, _ in distinct(peaks, 0.01, 9)] == [9.0, 7.0, 6.0]
    assert [value for value, _ in distinct(peaks, 0.01, 2)] == [9.0, 7.0]
