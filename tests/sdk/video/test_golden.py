"""Films marked by every version are read for ever.

A failure here means that the wire format has changed: marks out in the world would be lost. If that
is meant, ``.venv/bin/python -m tests.golden.make_video``, and say so in the changelog's *Wire
format*.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel import Key
from genlabel.video import detect
from genlabel_kernels.video.layout import VERSION
from tests.golden.make_video import FPS, FRAMES, layout_digest, marked, meadow, projections
from tests.sdk.video.films import planes_of

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
RECORDS = sorted(GOLDEN.glob("video-*.json"))


@pytest.fixture(params=RECORDS, ids=lambda path: path.stem)
def record(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads(request.param.read_text())  # type: ignore[no-any-return]


def key_of(record: dict[str, Any]) -> Key:
    return Key(record["key"]["name"], bytes.fromhex(record["key"]["secret"]))


def test_a_marked_film_is_read_as_surely_as_ever(record: dict[str, Any]) -> None:
    found = detect(GOLDEN / record["film"], key_of(record))
    assert (found.payload.hex() if found.payload else None) == record["payload"]
    # A change of some of the format, half the chips say, would still be read: by less.
    assert found.log10_p < 0.8 * record["log10_p"]


@pytest.mark.parametrize("fate", ["turned", "cropped"])
def test_a_marked_film_is_found_in_any_shape(record: dict[str, Any], fate: str) -> None:
    """The tones are part of the format too."""
    planes = planes_of(GOLDEN / record["film"], FRAMES)
    seen = np.rot90(planes, axes=(1, 2)) if fate == "turned" else planes[:, 20:190, 30:340]
    found = detect(iter(np.ascontiguousarray(seen)), key_of(record), fps=FPS)
    assert (found.payload.hex() if found.payload else None) == record["payload"]


def test_this_version_has_its_golden_film_and_its_layout_is_the_same() -> None:
    path = GOLDEN / f"video-{VERSION}.json"
    assert path in RECORDS
    assert json.loads(path.read_text())["layout"] == layout_digest()


def test_the_embedder_adds_what_it_always_added() -> None:
    told = json.loads((GOLDEN / f"video-{VERSION}.json").read_text())
    plain = meadow()[:1]
    added = np.array(projections(plain, marked(plain, key_of(told))))
    # Roundings may differ between processors.
    off = np.linalg.norm(added - told["added"]) / np.linalg.norm(told["added"])
    assert off < 0.02


def test_the_film_without_the_mark_says_nothing(record: dict[str, Any]) -> None:
    assert not detect(iter(meadow()), key_of(record), fps=FPS, effort="quick").found


def test_golden_films_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.glob("video-*.mp4")) < 150_000 * len(RECORDS)
