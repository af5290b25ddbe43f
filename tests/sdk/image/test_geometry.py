"""Where the detector says that the marked original lies in the picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from PIL import Image

from genlabel import Detection, Key
from genlabel._plane.rectify import scaling
from genlabel._plane.scales import Scales
from genlabel.image import detect
from genlabel.image._geometry import search
from genlabel.image._pixels import luma
from genlabel_kernels.image.layout import COARSE_FRAME, FINE_FRAMES, LAYERS
from genlabel_kernels.plane.layout import TILE
from tests.sdk.image.conftest import Picture

WIDTH, HEIGHT = 768, 512
IDENTITY = np.eye(3)
MIRROR = np.array([[-1.0, 0, WIDTH - 1], [0, 1, 0], [0, 0, 1]])


def resized(width: int, height: int) -> np.ndarray:
    """Original pixels to those of a resized copy; pixel centres, as every resampler has them."""
    across, down = width / WIDTH, height / HEIGHT
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])


def quarter_turns(count: int) -> np.ndarray:
    matrix, width, height = IDENTITY, WIDTH, HEIGHT
    for _ in range(count):
        matrix = np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]]) @ matrix
        width, height = height, width
    return matrix


def turned(degrees: float) -> np.ndarray:
    """About the centre, counter-clockwise, y pointing down."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
    turn = np.array([[cosine, sine], [-sine, cosine]])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = np.array([x, y]) - turn @ [x, y]
    return matrix


def frame_to_original(frame: int) -> np.ndarray:
    scale = WIDTH / frame
    return np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1]])


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    mapped = matrix @ np.vstack([points.T, np.ones(len(points))])
    return (mapped[:2] / mapped[2]).T


def corners(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    return np.array([[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]], float)


def whole_error(found: Detection, truth: np.ndarray) -> float:
    """Greatest error at the original's corners, in the picture's pixels, with the best frame."""
    assert found.geometry is not None
    geometry = np.array(found.geometry)
    errors = []
    for frame in FINE_FRAMES:
        in_frame = moved(np.linalg.inv(frame_to_original(frame)), corners())
        errors.append(np.abs(moved(geometry, in_frame) - moved(truth, corners())).max())
    return float(min(errors))


def cut_error(found: Detection, truth: np.ndarray, shape: tuple[int, ...]) -> float:
    """Greatest error at the picture's corners, in frame pixels, up to whole tiles."""
    assert found.geometry is not None
    points = corners(shape[1], shape[0])
    # Kodak pictures are as large as their frame.
    got = moved(np.linalg.inv(np.array(found.geometry)), points)
    difference = got - moved(np.linalg.inv(truth), points)
    repeats = TILE * np.rint(difference.mean(axis=0) / TILE)
    return float(np.abs(difference - repeats).max())


@pytest.mark.parametrize(
    ("width", "height"), [(768, 512), (461, 307), (600, 400), (1152, 768), (1000, 667)]
)
def test_resized_picture_s_corners_are_known(
    marked_kodak: Picture, key: Key, width: int, height: int
) -> None:
    picture = Image.fromarray(marked_kodak("23")).resize((width, height), Image.Resampling.LANCZOS)
    found = detect(np.asarray(picture), key)
    assert whole_error(found, resized(width, height)) < 1


@pytest.mark.parametrize("mirrored", [False, True], ids=["", "mirrored"])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_turned_and_mirrored_picture_s_corners_are_known(
    marked_kodak: Picture, key: Key, turns: int, mirrored: bool
) -> None:
    pixels = marked_kodak("23")[:, ::-1] if mirrored else marked_kodak("23")
    found = detect(np.ascontiguousarray(np.rot90(pixels, turns)), key)
    truth = quarter_turns(turns) @ (MIRROR if mirrored else IDENTITY)
    assert whole_error(found, truth) < 0.01


@pytest.mark.parametrize("degrees", [5, -3, 45, 100, 190])
def test_rotation_is_known_up_to_repeats(marked_kodak: Picture, key: Key, degrees: int) -> None:
    truth = turned(degrees)
    pixels = cv2.warpAffine(marked_kodak("23"), truth[:2], (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    assert cut_error(detect(pixels, key), truth, pixels.shape) < 2


@pytest.mark.parametrize(("top", "left"), [(0, 0), (3, 5), (113, 171), (150, 225)])
def test_crop_is_known_up_to_repeats(marked_kodak: Picture, key: Key, top: int, left: int) -> None:
    pixels = np.ascontiguousarray(marked_kodak("23")[top : top + 362, left : left + 543])
    truth = np.array([[1.0, 0, -left], [0, 1, -top], [0, 0, 1]])
    found = detect(pixels, key)
    # Found by the coarse layer first, to two pixels of its frame.
    assert cut_error(found, truth, pixels.shape) < 2 * WIDTH / COARSE_FRAME


def test_mirrored_rotation_is_known_up_to_repeats(marked_kodak: Picture, key: Key) -> None:
    truth = turned(8) @ MIRROR
    pixels = cv2.warpAffine(marked_kodak("23"), truth[:2], (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    found = detect(pixels, key)
    assert cut_error(found, truth, pixels.shape) < 2
    assert found.geometry is not None
    assert np.linalg.det(np.array(found.geometry)) < 0


@pytest.mark.parametrize("layer", LAYERS)
def test_search_gives_few_poses_the_best_first(
    kodak: Picture, marked_kodak: Picture, layer: str
) -> None:
    crop = np.s_[60:430, 100:700]
    marked = list(search(Scales(luma(marked_kodak("23")[crop])), layer))
    unmarked = list(search(Scales(luma(kodak("23")[crop])), layer))
    for poses in (marked, unmarked):
        values = [pose.coherence for pose in poses]
        assert 0 < len(values) <= 48
        assert values == sorted(values, reverse=True)
        assert all(np.isfinite(pose.matrix).all() for pose in poses)
    assert marked[0].coherence > 9 > 8 > unmarked[0].coherence


@pytest.mark.parametrize("shape", [(217, 326), (307, 461), (362, 543)], ids=str)
def test_coarse_pose_of_a_cropped_thumbnail_is_the_true_one(
    marked_kodak: Picture, shape: tuple[int, int]
) -> None:
    top, left, ratio = 40, 90, 0.6
    rows, columns = (round(side / ratio) for side in shape)
    crop = marked_kodak("23")[top : top + rows, left : left + columns]
    pixels = cv2.resize(crop, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    best = next(search(Scales(luma(pixels)), "coarse"))
    back = np.linalg.inv(scaling(shape[1] / crop.shape[1], shape[0] / crop.shape[0]))
    cut = np.array([[1.0, 0, left], [0, 1, top], [0, 0, 1]])
    truth = scaling(COARSE_FRAME / WIDTH, COARSE_FRAME / WIDTH) @ cut @ back
    points = corners(shape[1], shape[0])
    off = moved(best.matrix, points) - moved(truth, points)
    off -= TILE * np.rint(off.mean(axis=0) / TILE)
    # In pixels of a frame whose shortest waves are 5 long.
    assert np.abs(off).max() < 2
