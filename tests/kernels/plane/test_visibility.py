"""Visibility against the paper's formulas, block by block."""

from __future__ import annotations

import itertools
import math

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.image import metrics
from genlabel_kernels.plane import visibility as fast
from tests.reference import visibility as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=4 if PLAIN else 25)
LONGEST = 33 if PLAIN else 70

Case = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a picture with an edge, texture or nothing in it, and two patterns."""
    height, width = draw(st.integers(8, LONGEST)), draw(st.integers(8, LONGEST))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    plane = rng.normal(128, draw(st.sampled_from([0.0, 2.0, 30.0])), (height, width))
    if draw(st.booleans()):
        plane[:, width // 2 :] += 60
    patterns = rng.normal(0, 1, (2, height, width)).astype(np.float32)
    return np.clip(plane, 0, 255).astype(np.float32), *patterns


def pattern_case(seed: int = 0, height: int = 40, width: int = 56) -> Case:
    rng = np.random.default_rng(seed)
    plane = np.clip(rng.normal(120, 15, (height, width)), 0, 255).astype(np.float32)
    return plane, *rng.normal(0, 1, (2, height, width)).astype(np.float32)


def blocks_of(plane: np.ndarray) -> np.ndarray:
    """Cut a plane into 8x8 blocks, row by row: (n, 64)."""
    corners = itertools.product(range(0, plane.shape[0] - 7, 8), range(0, plane.shape[1] - 7, 8))
    return np.stack([plane[top : top + 8, left : left + 8].ravel() for top, left in corners])


def side_by_side(blocks: np.ndarray) -> np.ndarray:
    """Lay blocks out as kernels take them: groups of 64, sample by sample."""
    padded = np.zeros((-(-len(blocks) // 64) * 64, 64), np.float32)
    padded[: len(blocks)] = blocks
    return np.ascontiguousarray(padded.reshape(-1, 64, 64).swapaxes(1, 2))


def visibility(*planes: np.ndarray) -> fast.Visibility:
    blocks = [blocks_of(plane.astype(np.float32)) for plane in planes]
    return fast.Visibility(len(blocks[0]), *(side_by_side(part) for part in blocks))


def transformed(blocks: np.ndarray) -> np.ndarray:
    spectra = side_by_side(blocks).ravel()
    fast.transform_blocks(spectra, np.empty(64 * 64, np.float32))
    return spectra


def masking(blocks: np.ndarray) -> np.ndarray:
    spectra = transformed(blocks)
    hidden = np.empty(len(spectra) // 64, np.float32)
    fast.mask_blocks(spectra, hidden, np.empty(5 * 64, np.float32))
    assert not hidden[len(blocks) :].any()
    return hidden[: len(blocks)]


@FEW
@given(cases())
def test_spectra_equal_their_twin(case: Case) -> None:
    blocks = blocks_of(case[0])[:70]
    spectra = transformed(blocks).reshape(-1, 64, 64).swapaxes(1, 2).reshape(-1, 64)
    expected = [twin.dct(block.reshape(8, 8).astype(float)).ravel() for block in blocks]
    np.testing.assert_allclose(spectra[: len(blocks)], expected, rtol=1e-4, atol=1e-2)


@FEW
@given(cases())
def test_masking_equals_its_twin(case: Case) -> None:
    blocks = blocks_of(case[0])
    expected = [twin.masking(block.reshape(8, 8).astype(float)) for block in blocks]
    np.testing.assert_allclose(masking(blocks), expected, rtol=2e-3, atol=2e-3)


def test_flat_blocks_hide_nothing() -> None:
    for level in (0.0, 0.1, 77.7, 255.0):
        assert masking(np.full((1, 64), level, np.float32)).max() < 1e-3


@FEW
@given(st.integers(0, 2**32), st.integers(1, 20), st.floats(0, 50), st.floats(0, 50))
def test_mean_error_equals_its_twin(seed: int, blocks: int, one: float, two: float) -> None:
    rng = np.random.default_rng(seed)
    patterns = rng.normal(0, 1, (2, blocks, 64)).astype(np.float32)
    hidden = np.zeros(-(-blocks // 64) * 64, np.float32)
    hidden[:blocks] = rng.exponential(2, blocks)
    # The kernel weighs coefficients by contrast sensitivity, its twin takes them weighted.
    weighted = patterns * twin.SENSITIVITY.ravel()
    expected = twin.mean_visible_error(*weighted, hidden[:blocks], one, two)
    grouped = (side_by_side(pattern).ravel() for pattern in patterns)
    error = fast.visible_error(*grouped, hidden, one, two) / patterns[0].size
    assert math.isclose(error, expected, rel_tol=1e-3, abs_tol=1e-5)


@FEW
@given(cases(), st.floats(0, 5), st.floats(0, 5))
def test_level_is_the_measure_of_the_finished_picture(case: Case, one: float, two: float) -> None:
    plane, first, second = case
    marked = plane.astype(np.float64) + one * first + two * second
    level = visibility(*case).level(one, two)
    expected = twin.psnr_hvs_m(plane, marked)
    if min(level, expected) < 90:
        assert abs(level - expected) < 0.02


@FEW
@given(cases(), st.floats(0, 5))
def test_level_of_steps_is_the_measure_of_the_finished_picture(case: Case, one: float) -> None:
    plane, first, second = case
    steps = np.rint(one * first + second).astype(np.float32)
    level = visibility(*case).level_of(side_by_side(blocks_of(steps)))
    expected = twin.psnr_hvs_m(plane, plane.astype(np.float64) + steps)
    if min(level, expected) < 90:
        assert abs(level - expected) < 0.02


@FEW
@given(cases(), st.floats(0.2, 5))
def test_level_is_on_the_strict_side_of_the_published_measure(case: Case, one: float) -> None:
    plane, first, _ = case
    level = visibility(*case).level(one, 0.0)
    published = metrics.psnr_hvs_m(plane, plane.astype(np.float64) + one * first)
    assert min(level, metrics.IDENTICAL_DB) <= published + 0.02


@FEW
@given(cases(), st.floats(0, 4), st.floats(0.1, 3))
def test_more_is_never_less_visible(case: Case, strength: float, more: float) -> None:
    seen = visibility(*case)
    assert seen.level(0.0, strength + more) <= seen.level(0.0, strength) + 1e-6
    assert seen.level(0.0, 0.0) == math.inf


@FEW
@given(st.integers(0, 100), st.floats(30, 60))
def test_strength_meets_its_target(seed: int, target: float) -> None:
    seen = visibility(*pattern_case(seed))
    second = seen.strength(target)
    assert abs(seen.level(0.0, second) - target) < 0.05
    stricter = seen.strength(target + 3)
    assert stricter < second
    first = seen.strength(target, other=stricter)
    assert abs(seen.level(first, stricter) - target) < 0.05


def test_strength_has_limits() -> None:
    plane, first, second = pattern_case()
    seen = visibility(plane, first, second)
    # The other pattern alone is already beyond the target.
    assert seen.strength(45.0, other=50.0) == 0.0
    faint = visibility(plane, first * 1e-4, second * 1e-4)
    assert faint.level(0.0, 64.0) > 45.0
    assert 60.0 < faint.strength(45.0) <= 64.0


def test_texture_hides_what_flat_grey_shows() -> None:
    plane, first, second = pattern_case()
    flat = visibility(np.full_like(plane, 120.0), first, second)
    assert flat.level(1.0, 0.0) < visibility(plane, first, second).level(1.0, 0.0) - 3
