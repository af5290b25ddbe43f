"""Marking planes of luma in place."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest

from benchmarks.image.metrics import psnr_hvs_m
from genlabel import CapacityError, Key, UnsupportedError
from genlabel.video import Embedder, detect
from tests.sdk.video.conftest import FPS
from tests.sdk.video.films import PAYLOAD


def test_marks_no_more_than_the_eye_allows(room: np.ndarray, marked_room: np.ndarray) -> None:
    levels = [psnr_hvs_m(*pair) for pair in zip(room, marked_room, strict=True)]
    assert 44.0 <= np.mean(levels) <= 46.0
    # The change of scene masks the first.
    assert 39.0 <= levels[0] < 40.5
    assert min(levels[1:]) >= 43.8


def test_what_stands_still_keeps_one_pattern_and_does_not_flicker(key: Key) -> None:
    picture = np.random.default_rng(0).integers(60, 190, (144, 256)).astype(np.uint8)
    embedder = Embedder(256, 144, 8, PAYLOAD, key)
    planes = [picture.copy() for _ in range(48)]
    assert [embedder.push(luma) for luma in planes] == [True] + 47 * [False]
    # Its strength changes twice: after the first picture, and when that is made up for.
    changes = [not np.array_equal(one, two) for one, two in itertools.pairwise(planes)]
    assert np.flatnonzero(changes).tolist() == [0, 19]
    first, others, last = (planes[number] - picture.astype(float) for number in (0, 1, 47))
    assert np.corrcoef(first.ravel(), last.ravel())[0, 1] > 0.95
    assert 1.6 < np.std(first) / np.std(last) < 1.8
    assert np.abs(others - last).max() <= 1.0


def test_calm_places_of_a_first_picture_are_marked_no_stronger(key: Key) -> None:
    picture = np.full((256, 256), 128, np.uint8)
    picture[:, 128:] = np.random.default_rng(0).integers(60, 190, (256, 128))
    embedder = Embedder(256, 256, 25, PAYLOAD, key)
    first, other = picture.copy(), picture.copy()
    embedder.push(first)
    embedder.push(other)
    added = [np.std(one.astype(float) - picture, axis=0) for one in (first, other)]
    calm, lively = (
        np.mean(added[0][at]) / np.mean(added[1][at]) for at in (slice(100), slice(156, None))
    )
    assert calm < 1.1 and 1.6 < lively < 1.8


def test_a_cut_is_told_and_gets_a_pattern_of_its_own(room: np.ndarray, key: Key) -> None:
    other = np.ascontiguousarray(255 - room[0][::-1])
    film = [room[0].copy(), room[1].copy(), other, other.copy()]
    embedder = Embedder(room.shape[2], room.shape[1], FPS, PAYLOAD, key)
    assert [embedder.push(luma) for luma in film] == [True, False, True, False]


@pytest.mark.parametrize("full_range", [False, True])
def test_samples_stay_within_what_is_legal(key: Key, *, full_range: bool) -> None:
    rng = np.random.default_rng(1)
    picture = rng.choice(np.array([0, 16, 235, 255], np.uint8), (128, 128))
    luma = picture.copy()
    Embedder(128, 128, 25, PAYLOAD, key, strength=4.0, full_range=full_range).push(luma)
    if full_range:
        assert (luma[picture == 16] < 16).any()
    else:
        assert luma[picture == 16].min() == 16
        assert luma[picture == 235].max() == 235
        # What was beyond stays there, or comes nearer.
        assert luma[picture == 0].max() < 128 < luma[picture == 255].min()


def test_views_of_any_strides_are_marked_alike(room: np.ndarray, key: Key) -> None:
    height, width = room.shape[1:]

    def marked(luma: np.ndarray) -> np.ndarray:
        Embedder(width, height, FPS, PAYLOAD, key).push(luma)
        return luma

    expected = marked(room[0].copy())
    wide = np.zeros((height, width + 64), np.uint8)
    wide[:, :width] = room[0]
    np.testing.assert_array_equal(marked(wide[:, :width]), expected)
    assert not wide[:, width:].any()
    np.testing.assert_array_equal(marked(np.asfortranarray(room[0])), expected)
    upside_down = np.ascontiguousarray(room[0][::-1])[::-1]
    np.testing.assert_array_equal(marked(upside_down), expected)


def test_ten_bits_carry_the_same_mark_finer(
    room: np.ndarray, marked_room: np.ndarray, key: Key
) -> None:
    planes = 4 * room.astype(np.uint16)
    embedder = Embedder(planes.shape[2], planes.shape[1], FPS, PAYLOAD, key, bit_depth=10)
    for luma in planes:
        embedder.push(luma)
    difference = planes / 4 - marked_room
    assert np.abs(difference).mean() < 0.4
    assert detect(iter(planes), key, fps=FPS).payload == PAYLOAD


def test_goes_on_where_a_copy_of_it_would(room: np.ndarray, key: Key) -> None:
    embedder = Embedder(room.shape[2], room.shape[1], FPS, PAYLOAD, key)
    embedder.push(room[0].copy())
    other = pickle.loads(pickle.dumps(embedder))
    one, two = room[1].copy(), room[1].copy()
    assert embedder.push(one) == other.push(two)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("size", "extra"),
    [
        ((256, 256), {"strength": 9.0}),
        ((256, 256), {"bit_depth": 7}),
        ((256, 256), {"fps": 0}),
        ((256, 256), {"payload": b"short"}),
    ],
)
def test_what_cannot_be_served_is_said(
    size: tuple[int, int], extra: dict[str, object], key: Key
) -> None:
    given = {"fps": 25, "payload": PAYLOAD, "key": key, **extra}
    with pytest.raises(UnsupportedError):
        Embedder(*size, **given)


def test_small_pictures_are_refused(key: Key) -> None:
    with pytest.raises(CapacityError, match="128 px"):
        Embedder(320, 90, 25, PAYLOAD, key)


@pytest.mark.parametrize(
    "luma",
    [
        np.zeros((128, 129), np.uint8),
        np.zeros((128, 128), np.uint16),
        np.zeros((128, 128, 3), np.uint8),
        np.broadcast_to(np.uint8(3), (128, 128)),
        [[1, 2], [3, 4]],
    ],
)
def test_planes_that_are_not_the_film_s_are_refused(luma: np.ndarray, key: Key) -> None:
    with pytest.raises(UnsupportedError):
        Embedder(128, 128, 25, PAYLOAD, key).push(luma)
