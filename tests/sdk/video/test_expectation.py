"""What is said of films that hide their mark, and of those that do not."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlabel import CapacityError, Key
from genlabel.video import Embedder, detect
from genlabel.video._expectation import shortfall
from tests.sdk.video.films import PAYLOAD, encoded, planes_of

FPS = 10
CLIPS = (
    "anim_bbb_720p25.mp4", "film_bw_480p30.mp4", "gen_ship_480p8.mp4", "gen_train_dark_480p8.mp4",
    "handheld_crystal_480p30.mp4", "natural_flower_720p30.264", "natural_macro_540p30.mp4",
    "screen_pdf_768p25.264", "static_room_432p10.mp4",
)  # fmt: skip
FLAT = {
    "black": np.full((144, 256), 16, np.uint8),
    "grey": np.full((144, 256), 128, np.uint8),
    "white": np.full((144, 256), 235, np.uint8),
    "gradient": np.tile(np.linspace(40, 90, 256).astype(np.uint8), (144, 1)),
    "near black": np.random.default_rng(3).integers(16, 19, (144, 256)).astype(np.uint8),
}


def pushed(planes: np.ndarray, key: Key, fps: float = FPS) -> tuple[Embedder, np.ndarray]:
    out = planes.copy()
    embedder = Embedder(planes.shape[2], planes.shape[1], fps, PAYLOAD, key)
    for luma in out:
        embedder.push(luma)
    return embedder, out


def texture(sigma: float) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(5).normal(0, 1, (216, 384)), (0, 0), sigma)
    return np.clip(128 + 45 * noise / noise.std(), 16, 235).astype(np.uint8)


@pytest.mark.parametrize("name", CLIPS)
def test_no_real_film_is_doubted(media: Callable[[str], Path], name: str, key: Key) -> None:
    planes = planes_of(media(f"video/{name}"), 13)
    # A second and a half, wherever it stands still or moves.
    embedder, _ = pushed(planes[::4], key, fps=2.5)
    assert embedder.seconds_needed < embedder.seconds == 1.6


@pytest.mark.parametrize("name", FLAT)
def test_flat_films_are_marked_well_and_read_after_coding(name: str, key: Key) -> None:
    embedder, marked = pushed(np.repeat(FLAT[name][None], FPS, axis=0), key)
    assert embedder.seconds_needed < 1.0
    assert detect(encoded(marked, FPS, 26), key).payload == PAYLOAD


def test_still_texture_hides_the_mark_however_long_it_stands(key: Key) -> None:
    embedder, marked = pushed(np.repeat(texture(1.5)[None], 4 * FPS, axis=0), key)
    assert embedder.seconds_needed == math.inf
    assert not detect(iter(marked), key, fps=FPS).found


def test_moving_texture_needs_its_time(key: Key) -> None:
    plane = texture(2.0)
    planes = np.stack([np.roll(plane, 7 * number, axis=1) for number in range(4 * FPS)])
    embedder, _ = pushed(planes, key)
    assert embedder.seconds == 4.0
    assert 4.0 < embedder.seconds_needed < math.inf


def test_nothing_is_known_before_the_first_plane(key: Key) -> None:
    embedder = Embedder(256, 144, FPS, PAYLOAD, key)
    assert (embedder.seconds, embedder.seconds_needed) == (0.0, math.inf)


def test_what_is_short_is_refused_or_said() -> None:
    assert shortfall(5.0, 4.9, carries=lambda: False, name="a") == ()
    (text,) = shortfall(5.0, 7.2, carries=lambda: False, name="a")
    assert "about 8 s of such film" in text
    with pytest.raises(CapacityError) as refused:
        shortfall(5.0, 11.0, carries=lambda: False, name="a.mp4")
    assert refused.value.required == "about 11 s of such film"
    assert refused.value.path == "a.mp4"
    (text,) = shortfall(5.0, math.inf, carries=lambda: True, name="a")
    assert "pictures that move" in text
