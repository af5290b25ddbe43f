"""Arrays in every accepted shape: their luma, and a pattern added to it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genlabel import UnsupportedError
from genlabel.image._pixels import (
    Laid,
    add_luma,
    check_pixels,
    luma,
    luma_at,
    transparent,
)

WHITE = {np.uint8: 255, np.uint16: 65535, np.float32: 1}
KINDS = pytest.mark.parametrize("kind", list(WHITE), ids=lambda kind: kind.__name__)
SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(
    lambda sides: st.sampled_from([sides, (*sides, 3), (*sides, 4)])
)


@st.composite
def pictures(draw: st.DrawFn, longest: int = 0) -> np.ndarray:
    """Draw a small picture of any values, or a larger one of random ones."""
    kind = draw(st.sampled_from(list(WHITE)))
    if longest:
        sides = draw(st.integers(1, longest)), draw(st.integers(1, longest))
        shape = draw(st.sampled_from([sides, (*sides, 3), (*sides, 4)]))
        values = np.random.default_rng(draw(st.integers(0, 2**32))).random(shape)
        return (values * WHITE[kind]).astype(kind)
    elements = st.floats(0, 1, width=32) if kind is np.float32 else None
    return draw(hnp.arrays(kind, SHAPES, elements=elements))


@given(pictures())
def test_luma_is_bt601_from_0_to_255(pixels: np.ndarray) -> None:
    check_pixels(pixels)
    plane = luma(pixels)
    assert plane.dtype == np.float32
    assert plane.shape == pixels.shape[:2]
    scaled = pixels.astype(np.float64) * 255 / WHITE[pixels.dtype.type]
    if pixels.ndim == 2:
        expected = scaled
    else:
        expected = 0.299 * scaled[..., 0] + 0.587 * scaled[..., 1] + 0.114 * scaled[..., 2]
    shown = np.ones(plane.shape, bool)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        shown = pixels[..., 3] > 0
        if not shown.all():
            mean = expected[shown].mean() if shown.any() else 127.5
            np.testing.assert_allclose(plane[~shown], mean, atol=1e-2)
    np.testing.assert_allclose(plane[shown], expected[shown], atol=1e-2)


def test_overshoot_of_a_resampler_is_no_other_scale() -> None:
    for value in (-0.04, 1.04):
        check_pixels(np.full((3, 3), value, np.float32))
    for value in (-0.06, 1.06):
        with pytest.raises(UnsupportedError, match="lie in"):
            check_pixels(np.full((3, 3), value, np.float32))


@given(pictures(), st.floats(-40, 40, width=32))
def test_pattern_moves_luma_where_the_range_allows(pixels: np.ndarray, level: float) -> None:
    before = pixels.copy()
    pattern = np.full(pixels.shape[:2], level, np.float32)
    pattern[::2] *= -1
    out = add_luma(pixels, pattern)
    np.testing.assert_array_equal(pixels, before)
    assert out.dtype == pixels.dtype
    assert out.shape == pixels.shape
    white = WHITE[pixels.dtype.type]
    step = pattern.astype(np.float64) * white / 255
    colours = pixels[..., :3] if pixels.ndim == 3 else pixels
    expected = colours + (step if pixels.ndim == 2 else step[..., None])
    hidden = transparent(pixels)
    if hidden is not None:
        expected[hidden] = colours[hidden]
    got = out[..., :3] if out.ndim == 3 else out
    tolerance = 1e-5 if white == 1 else 0.51
    assert np.abs(got - np.clip(expected, 0, white)).max() <= tolerance
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        np.testing.assert_array_equal(out[..., 3], pixels[..., 3])
        gone = pixels[..., 3] == 0
        np.testing.assert_array_equal(out[gone], pixels[gone])


@settings(max_examples=30)
@given(pictures(50), st.data())
def test_luma_at_another_size_is_the_resampled_luma(
    pixels: np.ndarray, data: st.DataObject
) -> None:
    """A large picture is averaged in strips before it is luma: no other values come of it."""
    rows, columns = pixels.shape[:2]
    height, width = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60))
    plane = luma_at(pixels, height, width)
    assert (plane.dtype, plane.shape) == (np.float32, (height, width))
    down = height <= rows and width <= columns
    method = cv2.INTER_AREA if down or height * width < rows * columns else cv2.INTER_CUBIC
    expected = cv2.resize(luma(pixels), (width, height), interpolation=method)
    np.testing.assert_allclose(plane, expected.reshape(height, width), rtol=1e-3, atol=0.05)


@pytest.mark.parametrize("height", [100, 511, 700])
def test_strips_of_a_large_picture_have_no_seams(height: int) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (900, 40, 3), np.uint8)
    expected = cv2.resize(luma(pixels), (40, height), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(luma_at(pixels, height, 40), expected, rtol=1e-3, atol=0.05)


@settings(max_examples=30)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.integers(0, 2**32),
)
def test_pattern_is_laid_as_a_common_resampler_does_whatever_rows_are_asked(
    frame: tuple[int, int], size: tuple[int, int], seed: int
) -> None:
    pattern = np.random.default_rng(seed).normal(0, 3, frame).astype(np.float32)
    expected = cv2.resize(pattern, size[::-1], interpolation=cv2.INTER_CUBIC).reshape(size)
    other = pattern[: frame[0] // 2 + 1]
    expected = 2 * expected + cv2.resize(other, size[::-1], interpolation=cv2.INTER_CUBIC).reshape(
        size
    )
    laid = Laid(pattern, other, *size)
    for step in (size[0], 7):
        for top in range(0, size[0], step):
            rows = laid.rows(np.arange(top, min(top + step, size[0])), (2.0, 1.0))
            np.testing.assert_allclose(rows, expected[top : top + len(rows)], rtol=1e-3, atol=1e-2)


def test_pattern_of_a_frame_is_added_at_the_picture_s_size() -> None:
    pattern = np.random.default_rng(4).normal(0, 6, (300, 200)).astype(np.float32)
    pixels = np.full((700, 500, 3), 128, np.uint8)
    out = add_luma(pixels, pattern)
    expected = 128 + cv2.resize(pattern, (500, 700), interpolation=cv2.INTER_CUBIC)
    assert np.abs(out - expected[..., None]).max() <= 0.52


@given(pictures())
def test_no_pattern_changes_nothing(pixels: np.ndarray) -> None:
    nothing = np.zeros(pixels.shape[:2], np.float32)
    np.testing.assert_array_equal(add_luma(pixels, nothing), pixels)


@KINDS
def test_only_full_transparency_hides(kind: type) -> None:
    pixels = np.ones((2, 2, 4), kind)
    pixels[..., 3] = WHITE[kind]
    assert transparent(pixels) is None
    pixels[0, 0, 3] = 0
    hidden = transparent(pixels)
    assert hidden is not None
    assert hidden.tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        ([[1, 2], [3, 4]], "numpy array, not list"),
        (None, "numpy array, not NoneType"),
        (np.zeros((4, 4)), "not float64"),
        (np.zeros((4, 4), np.int16), "not int16"),
        (np.zeros((4, 4), bool), "not bool"),
        (np.zeros((4, 4), np.complex64), "not complex64"),
        (np.zeros((4, 4), object), "not object"),
        (np.zeros((4, 4), ">u2"), "not >u2"),
        (np.zeros((4, 4), np.float16), "not float16"),
        (np.zeros(4, np.uint8), r"not \(4,\)"),
        (np.zeros((4, 4, 1), np.uint8), r"not \(4, 4, 1\)"),
        (np.zeros((4, 4, 2), np.uint8), r"not \(4, 4, 2\)"),
        (np.zeros((3, 4, 4, 3), np.uint8), r"not \(3, 4, 4, 3\)"),
        (np.float32([[0.5, np.nan], [0.5, 0.5]]), r"lie in 0\.\.1, not in nan\.\.nan"),
        (np.float32([[0.5, np.inf], [0.5, 0.5]]), r"lie in 0\.\.1, not in 0\.5\.\.inf"),
        (np.float32([[0.5, -np.inf], [0.5, 0.5]]), r"lie in 0\.\.1, not in -inf\.\.0\.5"),
        (np.float32([[0, 255], [7, 9]]), r"lie in 0\.\.1, not in 0\.\.255"),
        (np.float32([[-1, 1], [0, 0]]), r"lie in 0\.\.1, not in -1\.\.1"),
    ],
)
def test_other_arrays_are_refused_with_the_reason(pixels: object, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        check_pixels(pixels)
