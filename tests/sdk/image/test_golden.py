"""Pictures marked by every version are read for ever.

A failure here means that the wire format has changed: marks out in the world would be lost. If that
is meant, ``.venv/bin/python -m tests.golden.make``, and say so in the changelog's *Wire format*.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from genlabel import Key
from genlabel.image import detect
from genlabel_kernels.image.layout import VERSION
from tests.golden.make import drawing, layout_digest

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
RECORDS = sorted(GOLDEN.glob("image-*.json"))


@pytest.fixture(params=RECORDS, ids=lambda path: path.stem)
def record(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads(request.param.read_text())  # type: ignore[no-any-return]


def opened(record: dict[str, Any]) -> tuple[np.ndarray, Key, bytes]:
    with Image.open(GOLDEN / record["picture"]) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    key = Key(record["key"]["name"], bytes.fromhex(record["key"]["secret"]))
    return pixels, key, bytes.fromhex(record["payload"])


def test_marked_picture_is_read_as_surely_as_ever(record: dict[str, Any]) -> None:
    pixels, key, payload = opened(record)
    found = detect(pixels, key)
    assert (found.payload, found.key) == (payload, key.name)
    # A change of some of the format, half the chips say, would still be read: by less.
    assert found.log10_p < 0.8 * record["log10_p"]


@pytest.mark.parametrize("fate", ["cropped", "turned", "stretched", "half the size"])
def test_marked_picture_is_found_in_any_pose(record: dict[str, Any], fate: str) -> None:
    """The tones and the coarse layer are part of the format too."""
    pixels, key, payload = opened(record)
    whole = Image.fromarray(pixels)
    edited = {
        "cropped": lambda: whole.crop((40, 60, 520, 390)),
        "turned": lambda: whole.rotate(7, Image.Resampling.BICUBIC),
        "stretched": lambda: whole.resize((640, 400), Image.Resampling.BICUBIC),
        "half the size": lambda: whole.resize((280, 200), Image.Resampling.LANCZOS),
    }[fate]()
    assert detect(np.asarray(edited), key).payload == payload


def test_this_version_has_its_golden_picture_and_its_layout_is_the_same() -> None:
    path = GOLDEN / f"image-{VERSION}.json"
    assert path in RECORDS
    assert json.loads(path.read_text())["layout"] == layout_digest()


def test_drawing_without_the_mark_says_nothing(record: dict[str, Any]) -> None:
    _, key, _ = opened(record)
    assert not detect(drawing(), key).found


def test_golden_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.glob("image-*.webp")) < 150_000 * len(RECORDS)
