"""The mark of an image in films: animations sent on as MP4."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import genlabel
from genlabel import Key, image
from tests.sdk.video.films import PAYLOAD, encoded, planes_of

OTHER = Key("somebody else", bytes(range(1, 33)))


@pytest.fixture(scope="module")
def animation(media: Callable[[str], Path], key: Key) -> np.ndarray:
    """Frames of a moving picture, each with the mark of an image."""
    planes = planes_of(media("video/natural_macro_540p30.mp4"), 40)[::5]
    small = [cv2.resize(luma, (480, 270), interpolation=cv2.INTER_AREA) for luma in planes]
    return np.stack([image.embed(luma, PAYLOAD, key) for luma in small])


def picture_of(path: Path, *keys: Key) -> dict[str, object]:
    """What a film's picture is said to hold."""
    (part,) = genlabel.verify(path, keys=keys).layers["watermark"].details["parts"]
    return part


def test_an_animation_sent_on_as_a_film_gives_the_mark_of_its_keyframes(
    animation: np.ndarray, key: Key, tmp_path: Path
) -> None:
    path = tmp_path / "a.mkv"
    path.write_bytes(encoded(animation, 10, 28))
    part = picture_of(path, OTHER, key)
    assert (part["payload"], part["key"], part["mark"]) == (PAYLOAD.hex(), key.name, "image")
    (span,) = part["spans"]
    assert (span["start"], span["payload"]) == (0.0, PAYLOAD.hex())
    report = genlabel.verify(path, keys=[key])
    assert report.detection is not None
    assert (report.detection.payload, report.detection.geometry) == (PAYLOAD, None)
    assert report.verdict == "suspected"
    assert picture_of(path, OTHER) == {"part": "picture", "found": False}


def test_the_mark_of_a_film_needs_no_other(
    marked_room: np.ndarray, key: Key, tmp_path: Path
) -> None:
    path = tmp_path / "a.mkv"
    path.write_bytes(encoded(marked_room, 10, 28))
    part = picture_of(path, key)
    assert part["found"] and "mark" not in part


def test_keyframes_that_give_one_payload_are_spans(
    animation: np.ndarray, key: Key, tmp_path: Path
) -> None:
    there_and_back = np.concatenate([animation, animation[::-1]])
    path = tmp_path / "a.mkv"
    path.write_bytes(encoded(there_and_back, 2, 23, keyframes=8))
    (span,) = picture_of(path, key)["spans"]
    assert (span["start"], span["end"]) == (0.0, pytest.approx(8.0, abs=0.6))
