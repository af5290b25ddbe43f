"""Tiles against their slow twin: what is drawn is read back, wherever the picture was cut."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genlabel._plane.tile import draw_tile, tile_spectrum
from genlabel_kernels.image.layout import TONE_SHARE, layout
from genlabel_kernels.plane import tile as fast
from genlabel_kernels.plane.layout import TILE, Layout
from tests.reference import tile as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=5 if PLAIN else 25)
LONGEST = 40 if PLAIN else 700

FINE, COARSE = layout("fine"), layout("coarse")
PLANS = st.sampled_from([FINE, COARSE])
PLACE = st.integers(-1000, 1000)
SEED = st.integers(0, 2**32)


@st.composite
def small_layouts(draw: st.DrawFn) -> Layout:
    """Draw a layout of a few bins and tones from a real one, with and without binding."""
    rng = np.random.default_rng(draw(SEED))
    real = draw(PLANS)
    some = np.sort(rng.choice(len(real.bins) - 1, draw(st.integers(1, 6)), replace=False))
    tones = rng.choice(len(real.tones), draw(st.integers(1, 3)), replace=False)
    # The outermost bin: a tone's power is judged by bins that reach as far.
    bins = real.bins[np.append(some, len(real.bins) - 1)]
    binding = rng.permutation(real.binding)[: draw(st.integers(0, 3))]
    nobody = np.zeros(2 * len(bins), np.int32)
    return Layout(
        real.layer,
        bins,
        binding,
        nobody,
        real.tones[tones],
        real.phases[tones],
        real.tone_share,
    )


def planes(longest: int = LONGEST) -> st.SearchStrategy[np.ndarray]:
    shape = st.tuples(st.integers(1, longest), st.integers(1, longest))
    return st.builds(
        lambda seed, shape: np.random.default_rng(seed).normal(0, 50, shape).astype(np.float32),
        SEED,
        shape,
    )


def chips_of(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.float32), count)


@FEW
@given(small_layouts(), SEED)
def test_drawing_equals_its_twin(plan: Layout, seed: int) -> None:
    chips, binding = chips_of(seed, plan.chips), chips_of(seed + 1, 2 * len(plan.binding))
    pairs = [np.split(part, 2) for part in (chips, binding)]
    values = np.concatenate([cosines + 1j * sines for cosines, sines in pairs])
    places = np.concatenate([plan.bins, plan.binding])
    expected = twin.draw_tile(plan.layer, places, values, plan.tones, plan.phases)
    drawn = draw_tile(plan, chips, binding)
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn, expected, atol=1e-4)


@FEW
@given(small_layouts(), SEED)
def test_reading_equals_its_twin(plan: Layout, seed: int) -> None:
    tile = np.random.default_rng(seed).normal(0, 3, (TILE, TILE)).astype(np.float32)
    read = fast.read_tile(tile_spectrum(tile), plan)
    for values, places in zip(read, (plan.bins, plan.tones, plan.binding), strict=True):
        expected = twin.read_tile(tile, plan.bins, places)
        assert values.shape == expected.shape
        np.testing.assert_allclose(values, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("plan", [FINE, COARSE], ids=lambda plan: plan.layer)
def test_chips_drawn_are_the_chips_read(plan: Layout) -> None:
    chips, binding = chips_of(1, plan.chips), chips_of(2, 2 * len(plan.binding))
    tile = draw_tile(plan, chips, binding)
    assert abs(tile.mean()) < 1e-4
    assert abs(tile.std() - 1) < 1e-3
    read = fast.read_tile(tile_spectrum(tile), plan)
    # Every bin has unit power, half of it in either chip, whatever it carries.
    np.testing.assert_allclose(fast.as_chips(read.bins), chips / np.sqrt(2), atol=1e-3)
    np.testing.assert_allclose(fast.as_chips(read.binding), binding / np.sqrt(2), atol=1e-3)
    # Each tone is as many times stronger than a bin as its share of the energy is larger.
    share = TONE_SHARE[plan.layer]
    ratio = share / (1 - share) * (len(plan.bins) + len(plan.binding)) / len(plan.tones)
    expected = np.sqrt(2 * len(plan.tones) * ratio)
    assert abs(fast.tone_coherence(read.tones, plan) - expected) < 0.02 * expected


@FEW
@given(SEED, st.integers(1, 4), st.integers(1, 4))
def test_marks_that_are_there_twice_are_read_as_strongly(seed: int, down: int, across: int) -> None:
    if PLAIN:
        down = across = 1
    tile = draw_tile(FINE, chips_of(seed, FINE.chips), np.zeros(0, np.float32))
    folded = fast.fold(np.tile(tile, (down, across)))
    np.testing.assert_allclose(folded, down * across * tile, rtol=1e-5, atol=1e-4)


@FEW
@given(planes(), PLACE, PLACE)
def test_folding_equals_its_twin(plane: np.ndarray, top: int, left: int) -> None:
    expected = np.zeros((TILE, TILE))
    small = plane[:60, :]
    twin.fold_tiles(small, top, left, expected)
    np.testing.assert_allclose(fast.fold(small, top=top, left=left), expected, rtol=1e-5, atol=1e-3)


@FEW
@given(planes(), PLACE, PLACE, st.integers(-3, 3), st.integers(-3, 3))
def test_folding_knows_places_only_up_to_whole_tiles(
    plane: np.ndarray, top: int, left: int, down: int, across: int
) -> None:
    here = fast.fold(plane, top=top, left=left)
    there = fast.fold(plane, top=top + down * TILE, left=left + across * TILE)
    np.testing.assert_array_equal(here, there)
    moved = np.roll(fast.fold(plane), (top, left), (0, 1))
    np.testing.assert_allclose(here, moved, rtol=1e-5, atol=1e-3)


@FEW
@given(planes(), SEED, st.floats(-4, 4), PLACE, PLACE)
def test_folding_is_linear(
    plane: np.ndarray, seed: int, factor: float, top: int, left: int
) -> None:
    other = np.random.default_rng(seed).normal(0, 50, plane.shape).astype(np.float32)
    joint = fast.fold(plane + np.float32(factor) * other, top=top, left=left)
    parts = [fast.fold(part, top=top, left=left) for part in (plane, other)]
    np.testing.assert_allclose(joint, parts[0] + factor * parts[1], rtol=1e-3, atol=5e-3)


@FEW
@given(planes())
def test_folding_takes_views_and_read_only_planes(plane: np.ndarray) -> None:
    expected = fast.fold(plane[::2, ::-1].copy())
    view = plane[::2, ::-1]
    view.flags.writeable = False
    np.testing.assert_array_equal(fast.fold(view), expected)


@FEW
@given(st.floats(1e-3, 1e3))
def test_reading_does_not_depend_on_the_strength(factor: float) -> None:
    tile = np.random.default_rng(5).normal(0, 1, (TILE, TILE)).astype(np.float32)
    one = fast.read_tile(tile_spectrum(tile), COARSE)
    other = fast.read_tile(tile_spectrum(tile * np.float32(factor)), COARSE)
    for first, second in zip(one, other, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-2, atol=1e-3)
    np.testing.assert_allclose((np.abs(one.bins) ** 2).mean(), 1.0, atol=0.05)


def test_an_empty_tile_reads_as_zeros() -> None:
    read = fast.read_tile(tile_spectrum(np.zeros((TILE, TILE), np.float32)), COARSE)
    assert not any(values.any() for values in read)
    assert fast.tone_coherence(read.tones, COARSE) == 0.0


@FEW
@given(
    hnp.arrays(
        np.complex64, st.integers(0, 20), elements=st.complex_numbers(max_magnitude=9, width=64)
    )
)
def test_chips_are_cosines_then_sines(values: np.ndarray) -> None:
    chips = fast.as_chips(values)
    np.testing.assert_array_equal(chips[: len(values)] + 1j * chips[len(values) :], values)
    np.testing.assert_array_equal(fast.as_values(chips), values)
