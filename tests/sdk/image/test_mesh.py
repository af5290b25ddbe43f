"""Pictures taken at an angle, and bent ones: laid out flat again, and read."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.image.attacks import attack, random_for
from genlabel import Key
from genlabel._plane.rectify import Rectified
from genlabel._plane.scales import Scales
from genlabel.image import detect
from genlabel.image._codeword import decode, mark_secrets
from genlabel.image._evidence import promising
from genlabel.image._hypotheses import MEASUREMENTS, at_rectified
from genlabel.image._mesh import unbend
from genlabel.image._pixels import luma
from genlabel_kernels.plane.layout import TILE
from tests.sdk.image.conftest import Picture
from tests.sdk.image.drawings import clouds

#: Kodak pictures are as large as their frame, so frame pixels are the marked original's.
KODAK = ["05", "15", "23"]
WARPS = ["perspective-0.06", "bend-4"]


def warped(pixels: np.ndarray, warp: str) -> np.ndarray:
    return attack(warp).apply(pixels, random_for("a test", warp))


def difference(picture: Rectified, original: np.ndarray, down: int, across: int) -> float:
    """Median difference where both are, with the original moved by whole tiles."""
    placed = np.full(picture.plane.shape, np.nan)
    top, left = picture.top + down * TILE, picture.left + across * TILE
    rows, columns = (np.arange(n) for n in placed.shape)
    inside_rows = (rows + top >= 0) & (rows + top < original.shape[0])
    inside_columns = (columns + left >= 0) & (columns + left < original.shape[1])
    shown = np.ix_(rows[inside_rows], columns[inside_columns])
    placed[shown] = original[np.ix_(rows[inside_rows] + top, columns[inside_columns] + left)]
    both = picture.inside & np.isfinite(placed)
    if both.mean() < 0.25:
        return np.inf
    return float(np.median(np.abs(picture.plane[both] - placed[both])))


@pytest.mark.parametrize("number", KODAK)
def test_picture_taken_at_an_angle_is_laid_out_as_it_was_marked(
    marked_kodak: Picture, number: str
) -> None:
    original = luma(marked_kodak(number))
    plane = luma(warped(marked_kodak(number), "perspective-0.06"))
    bent = unbend(Scales(plane))
    assert bent is not None
    shifts = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    flat = min(difference(bent.picture, original, *shift) for shift in shifts)
    as_taken = Rectified(plane, np.ones(plane.shape, bool), 0, 0)
    assert flat < 0.5 * difference(as_taken, original, 0, 0)


@pytest.mark.parametrize("warp", WARPS)
@pytest.mark.parametrize("number", KODAK)
def test_warped_picture_is_read(
    marked_kodak: Picture, key: Key, payload: bytes, number: str, warp: str
) -> None:
    pixels = warped(marked_kodak(number), warp)
    # By whatever the detector tries first, and by this alone.
    assert detect(pixels, key).payload == payload
    bent = unbend(Scales(luma(pixels)))
    assert bent is not None
    assert np.abs(bent.matrix[:2, :2] - np.eye(2)).max() < 0.2
    np.testing.assert_array_equal(bent.matrix[2], [0, 0, 1])
    secrets = mark_secrets(key)
    messages = [
        decode(reading.sums, secrets, MEASUREMENTS)
        for evidence in at_rectified(bent.picture, bent.matrix)
        for reading in promising(evidence, [secrets])
    ]
    assert {message.payload for message in messages if message is not None} == {payload}


@pytest.mark.parametrize("fate", ["bend-8", "perspective-0.06+jpeg-75", "perspective-0.1"])
def test_stronger_warps_are_survived_where_the_picture_carries_much(
    marked_kodak: Picture, key: Key, payload: bytes, fate: str
) -> None:
    assert detect(warped(marked_kodak("15"), fate), key).payload == payload


@pytest.mark.parametrize("warp", ["none", *WARPS])
def test_unmarked_picture_has_nothing_to_follow(kodak: Picture, warp: str) -> None:
    assert unbend(Scales(luma(warped(kodak("19"), warp)))) is None


def test_other_keys_see_the_tones_but_find_nothing(marked_kodak: Picture, other_key: Key) -> None:
    pixels = warped(marked_kodak("23"), "bend-4")
    assert unbend(Scales(luma(pixels))) is not None
    assert not detect(pixels, other_key).found


@pytest.mark.parametrize("shape", [(100, 900), (900, 100), (40, 40), (16, 3000)])
def test_strips_and_stamps_have_too_few_blocks(shape: tuple[int, int]) -> None:
    assert unbend(Scales(clouds(*shape).astype(np.float32))) is None
