"""Laying pictures out on a frame: where every pixel goes, and which ones the picture covers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genlabel._plane.measure import resize
from genlabel._plane.rectify import (
    GRAIN,
    Rectified,
    frame_window,
    rectify,
    rectify_by_map,
    scaling,
)
from genlabel._plane.tile import draw_tile
from genlabel_kernels.image.layout import COARSE_FRAME, FINE_FRAMES, LAYERS, layout
from genlabel_kernels.plane.tile import as_chips

HEIGHT, WIDTH = 150, 210
#: The slope of the picture every test can predict, in grey levels per pixel.
ACROSS, DOWN = 0.6, 0.5

FEW = settings(max_examples=30)
SIDES = st.integers(30, 240)


def ramp(points: np.ndarray) -> np.ndarray:
    """Give the predictable picture's value at any (..., 2) points (x, y)."""
    return 20 + ACROSS * points[..., 0] + DOWN * points[..., 1]


def grid(height: int, width: int, top: int = 0, left: int = 0) -> np.ndarray:
    y, x = np.mgrid[top : top + height, left : left + width]
    return np.stack([x, y], axis=-1).astype(float)


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:2, :2].T + matrix[:2, 2]


def sources(picture: Rectified, matrix: np.ndarray) -> np.ndarray:
    """Where in the original each pixel of a rectified picture comes from."""
    return moved(np.linalg.inv(matrix), grid(*picture.plane.shape, picture.top, picture.left))


PICTURE = ramp(grid(HEIGHT, WIDTH)).astype(np.float32)


@st.composite
def affine_maps(draw: st.DrawFn) -> np.ndarray:
    """Draw turns by any angle, scales, stretches, shears and mirrorings, shifted anywhere."""
    angle = draw(st.floats(-np.pi, np.pi))
    x, y = draw(st.floats(0.4, 2.2)), draw(st.floats(0.4, 2.2))
    assume(0.6 < x / y < 1.6)
    cosine, sine = np.cos(angle), np.sin(angle)
    linear = np.array([[cosine, -sine], [sine, cosine]]) @ np.diag([x, y])
    linear = linear @ np.array([[1, draw(st.floats(-0.2, 0.2))], [0, 1]])
    matrix = np.eye(3)
    matrix[:2, :2] = linear @ np.diag([draw(st.sampled_from([-1, 1])), 1])
    matrix[:2, 2] = draw(st.floats(-900, 900)), draw(st.floats(-900, 900))
    return matrix


@given(st.floats(0.1, 9), st.floats(0.1, 9), st.floats(0.1, 9), st.floats(0.1, 9))
def test_scaling_keeps_the_picture_s_outline(x: float, y: float, u: float, v: float) -> None:
    matrix = scaling(x, y)
    # Pixels are squares about their centres: the first one's outer corner is (-1/2, -1/2).
    np.testing.assert_allclose(matrix @ [-0.5, -0.5, 1], [-0.5, -0.5, 1], atol=1e-12)
    np.testing.assert_allclose(matrix @ [9.5, 4.5, 1], [10 * x - 0.5, 5 * y - 0.5, 1], atol=1e-12)
    np.testing.assert_allclose(scaling(u, v) @ matrix, scaling(u * x, v * y), atol=1e-9)
    np.testing.assert_allclose(scaling(1 / x, 1 / y) @ matrix, np.eye(3), atol=1e-9)


@FEW
@given(SIDES, SIDES)
def test_scaling_is_what_resizing_does(rows: int, columns: int) -> None:
    # Both ways at once is never asked for, and OpenCV's area averages then lie elsewhere.
    assume((rows <= HEIGHT and columns <= WIDTH) or (rows >= HEIGHT and columns >= WIDTH))
    small = resize(PICTURE, rows, columns)
    matrix = scaling(columns / WIDTH, rows / HEIGHT)
    expected = ramp(moved(np.linalg.inv(matrix), grid(rows, columns)))
    # Beyond the outermost centres there is nothing to go on with.
    inner = np.s_[4:-4, 4:-4]
    np.testing.assert_allclose(small[inner], expected[inner], atol=0.3)


@given(
    st.lists(st.tuples(st.floats(-9000, 9000), st.floats(-9000, 9000)), min_size=1, max_size=5).map(
        np.array
    )
)
def test_window_is_the_smallest_of_whole_grains(points: np.ndarray) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    window = frame_window(points)
    if window is None:
        extent = high - low
        assert extent.min() < 24 or extent.max() > 4 * FINE_FRAMES[0] - 2 * GRAIN
        return
    top, left, rows, columns = window
    assert [side % GRAIN for side in window] == [0] * 4
    first, end = np.array([left, top]), np.array([left + columns, top + rows])
    assert (first <= low).all()
    assert (low < first + GRAIN).all()
    assert (end - GRAIN < high).all()
    assert (high <= end).all()


def test_every_coarse_ratio_keeps_grains_whole() -> None:
    assert all(GRAIN * COARSE_FRAME % frame == 0 for frame in FINE_FRAMES)


def test_identity_changes_nothing() -> None:
    picture = rectify(PICTURE, np.eye(3))
    assert picture is not None
    assert (picture.top, picture.left) == (0, 0)
    np.testing.assert_allclose(picture.plane[:HEIGHT, :WIDTH], PICTURE, atol=1e-3)
    assert picture.inside[8 : HEIGHT - 8, 8 : WIDTH - 8].all()
    assert not picture.inside[HEIGHT:].any()


@FEW
@given(affine_maps())
def test_every_pixel_lies_where_the_map_says(matrix: np.ndarray) -> None:
    picture = rectify(PICTURE, matrix)
    assert picture is not None
    assert (picture.plane.dtype, picture.inside.dtype) == (np.float32, np.bool_)
    assert picture.plane.shape == picture.inside.shape
    assert [n % GRAIN for n in (*picture.plane.shape, picture.top, picture.left)] == [0] * 4
    came_from = sources(picture, matrix)
    # What counts as inside comes from within the picture ...
    seen = came_from[picture.inside]
    assert seen.min() >= -1
    assert (seen.max(axis=0) <= (WIDTH, HEIGHT)).all()
    # ... and is its value there, though the edge's reflection is smoothed in.
    away = picture.inside & (came_from > 4).all(axis=-1)
    away &= (came_from < (WIDTH - 5, HEIGHT - 5)).all(axis=-1)
    np.testing.assert_allclose(picture.plane[away], ramp(came_from[away]), atol=0.3)
    # All but a margin is used.
    scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    reach = 14 / scale
    core = (came_from > reach) & (came_from < (WIDTH - reach, HEIGHT - reach))
    assert picture.inside[core.all(axis=-1)].all()


@pytest.mark.parametrize("scale", [0.01, 0.05, 60.0])
def test_unreasonable_poses_are_none(scale: float) -> None:
    shift = np.array([[1.0, 0, 1], [0, 1, 1], [0, 0, 1]])
    assert rectify(PICTURE, shift @ scaling(scale, scale)) is None
    assert rectify(PICTURE, shift @ scaling(scale, 1.0)) is None


@FEW
@given(affine_maps())
def test_map_pixel_by_pixel_does_what_the_affine_one_does(matrix: np.ndarray) -> None:
    # Shrinking averages first, which a map cannot ask for.
    assume(abs(np.linalg.det(matrix[:2, :2])) > 0.7)
    expected = rectify(PICTURE, matrix)
    assert expected is not None
    across, down = np.moveaxis(sources(expected, matrix), -1, 0).astype(np.float32)
    across, down = np.ascontiguousarray(across), np.ascontiguousarray(down)
    picture = rectify_by_map(PICTURE, across, down, expected.top, expected.left)
    assert (picture.top, picture.left) == (expected.top, expected.left)
    both = picture.inside & expected.inside
    np.testing.assert_allclose(picture.plane[both], expected.plane[both], atol=0.1)
    assert (picture.inside != expected.inside).mean() < 0.15
    assert across[picture.inside].min() > 0
    assert across[picture.inside].max() < WIDTH - 1
    assert down[picture.inside].min() > 0
    assert down[picture.inside].max() < HEIGHT - 1


@pytest.mark.parametrize("frame", FINE_FRAMES)
@FEW
@given(st.integers(-40, 40), st.integers(-40, 40), st.integers(7, 20), st.integers(7, 20))
def test_shrunk_frame_is_the_coarse_one(
    frame: int, top: int, left: int, rows: int, columns: int
) -> None:
    ratio = COARSE_FRAME / frame
    top, left, rows, columns = (GRAIN * n for n in (top, left, rows, columns))
    plane = ramp(grid(rows, columns, top, left)).astype(np.float32)
    inside = np.ones(plane.shape, bool)
    inside[: rows // 2, : columns // 3] = False
    small = Rectified(plane, inside, top, left).shrunk(ratio)
    assert small is not None
    assert (small.top, small.left) == (top * ratio, left * ratio)
    assert small.plane.shape == (rows * ratio, columns * ratio) == small.inside.shape
    came_from = sources(small, scaling(ratio, ratio))
    np.testing.assert_allclose(small.plane, ramp(came_from), rtol=1e-3, atol=0.3)
    places = np.rint(came_from - (left, top)).astype(int)
    near = inside[places[..., 1], places[..., 0]]
    # Only pixels that are inside as a whole are.
    assert not (small.inside & ~near).any()
    assert (small.inside != near).mean() < 0.2


def test_hardly_anything_is_not_shrunk() -> None:
    small = Rectified(np.zeros((24, 600), np.float32), np.ones((24, 600), bool), 0, 0)
    assert small.shrunk(1 / 2) is None


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_is_read_wherever_the_window_lies_and_only_inside(layer: str) -> None:
    rng = np.random.default_rng(2)
    chips = rng.choice(np.array([-1, 1], np.float32), layout(layer).chips)
    binding = rng.choice(np.array([-1, 1], np.float32), 2 * len(layout(layer).binding))
    tile = draw_tile(layout(layer), chips, binding)
    top, left = -36, 156
    plane = np.roll(np.tile(tile, (3, 4)), (-top, -left), (0, 1))[:540, :780]
    plane = np.float32(128) + 6 * plane
    inside = np.ones(plane.shape, bool)
    plane[:, 500:] = 128 + 12 * rng.standard_normal((540, 280))
    inside[:, 480:] = False
    there = as_chips(Rectified(plane, inside, top, left).bins(layout(layer)))
    elsewhere = as_chips(Rectified(plane, inside, top, left + GRAIN).bins(layout(layer)))
    everything = as_chips(Rectified(plane, np.ones_like(inside), top, left).bins(layout(layer)))
    agreement = [float(chips @ c / np.linalg.norm(c)) for c in (there, everything, elsewhere)]
    assert agreement[0] > 0.6 * np.sqrt(len(chips))
    assert agreement[0] > agreement[1]
    assert abs(agreement[2]) < 5


def test_pictures_are_averaged_before_they_shrink() -> None:
    """A checkerboard of single pixels is grey from afar, not another checkerboard."""
    board = 255.0 * (np.indices((300, 400)).sum(axis=0) % 2).astype(np.float32)
    for degrees in (0, 30):
        turn = cv2.getRotationMatrix2D((0, 0), degrees, 0.4)
        picture = rectify(board, np.vstack([turn, [0, 0, 1]]))
        assert picture is not None
        assert np.abs(picture.plane[picture.inside] - 127.5).max() < 30
