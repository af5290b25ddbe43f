"""Labels found again: after resizing and JPEG, at any height; and none where there is none."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import genlabel
from genlabel import Key, Label
from genlabel.visible import Drawn, FoundLabel, VisibleLabel, draw, find

Media = Callable[[str], Path]
PLACES = ["bottom-right", "bottom-left", "top-right", "top-left", "top", "bottom", "left", "right"]


def edited(pixels: np.ndarray, scale: float, quality: int) -> np.ndarray:
    picture = Image.fromarray(pixels)
    size = round(picture.width * scale), round(picture.height * scale)
    buffer = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def lies_in(one: FoundLabel, drawn: Drawn, scale: float = 1.0) -> bool:
    left, top, width, height = (scale * side for side in drawn.box)
    across, down = one.box[0] + one.box[2] / 2, one.box[1] + one.box[3] / 2
    return left < across < left + width and top < down < top + height


@pytest.fixture(scope="module")
def photo(media: Media) -> np.ndarray:
    with Image.open(media("images/kodim13.png")) as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("language", ["zh", "ko", "en", "ja", "de", "el", "bg", "hu", "pl"])
@pytest.mark.parametrize(("scale", "quality"), [(1.0, 90), (0.5, 50), (2.0, 70)])
def test_found_after_resizing_and_jpeg(
    photo: np.ndarray, language: str, scale: float, quality: int
) -> None:
    position: Any = PLACES[(len(language) + ord(language[0])) % 8]
    drawn, where = draw(photo, VisibleLabel(language=language, position=position))
    found = find(edited(drawn, scale, quality))
    assert found and lies_in(found[0], where, scale)
    assert found[0].score > 0.7


@pytest.mark.parametrize("language", ["zh", "ko", "fr", "hi", "cs"])
def test_found_without_a_plate_on_a_busy_picture(photo: np.ndarray, language: str) -> None:
    # Stones and water: behind the letters is an outline, and round it what there was.
    label = VisibleLabel(language=language, position="bottom", plate="never", height=0.06)
    drawn, where = draw(photo, label)
    found = find(edited(drawn, 0.7, 60))
    assert found and lies_in(found[0], where, 0.7)


def test_found_on_the_first_of_many_lines(photo: np.ndarray) -> None:
    label = VisibleLabel(language="et", position="bottom-left", height=0.1)
    drawn, where = draw(photo[:, :600], label)
    found = find(edited(drawn, 1.0, 80))
    assert where.box[3] > 100 and found and lies_in(found[0], where)


def test_a_label_that_was_faded_by_a_third_is_found(photo: np.ndarray) -> None:
    drawn, where = draw(photo, VisibleLabel("AI生成", position="right"))
    faded = (drawn // 3 * 2 + 40).astype(np.uint8)
    assert [lies_in(one, where) for one in find(faded)] == [True]


@given(
    st.integers(256, 700),
    st.integers(256, 900),
    st.sampled_from(PLACES),
    st.floats(0.05, 0.1),
    st.sampled_from([0, 40, 128, 200, 255]),
    st.sampled_from(["uint8", "uint16", "float32"]),
)
@settings(max_examples=15)
def test_found_at_any_size_and_place_in_any_depth(
    height: int, width: int, position: Any, part: float, level: int, kind: str
) -> None:
    label = VisibleLabel("AI生成", position=position, height=part)
    pixels = np.full((height, width, 3), level, np.uint8)
    drawn, where = draw(pixels, label)
    deep = {"uint8": drawn, "uint16": drawn.astype(np.uint16) * 257}
    found = find(deep.get(kind, drawn.astype(np.float32) / 255))
    assert [one.text for one in found] == ["AI生成"]
    assert lies_in(found[0], where)


@pytest.mark.parametrize(
    "name",
    ["kodim01.png", "Storm.jpg", "text.png", "en-US_firefox.png", "ja-JP_gnome-packagekit.png"],
)
def test_nothing_is_found_where_nothing_is(media: Media, name: str) -> None:
    with Image.open(media(f"images/{name}")) as picture:
        assert find(np.asarray(picture.convert("RGB"))) == ()


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (40, 40), (3000, 12)])
@pytest.mark.parametrize("level", [0, 255])
def test_pictures_of_any_size_are_searched(shape: tuple[int, int], level: int) -> None:
    assert find(np.full(shape, level, np.uint8)) == ()
    assert find(np.random.default_rng(1).integers(0, 256, shape, np.uint8)) == ()


def test_a_label_in_a_stripped_copy_makes_it_suspected(
    media: Media, key: Key, check_schema: Callable[[Any], None]
) -> None:
    out = io.BytesIO()
    source = media("images/kodim23.png").read_bytes()
    receipt = genlabel.mark(source, out, label=Label("acme"), key=key, visible="auto")
    with Image.open(io.BytesIO(out.getvalue())) as picture:
        copy = edited(np.asarray(picture.convert("RGB")), 0.6, 60)
    buffer = io.BytesIO()
    Image.fromarray(copy).save(buffer, "PNG")
    report = genlabel.verify(buffer.getvalue())
    check_schema(report)
    layer = report.layers["visible"]
    assert (layer.state, report.verdict) == ("present", "suspected")
    assert layer.details["text"] == "AI生成" and layer.details["count"] == 1
    box = [side / 0.6 for side in layer.details["box"]]
    left, top, width, height = receipt.visible["box"]  # type: ignore[index]
    assert left < box[0] < left + width and top < box[1] + box[3] / 2 < top + height
    plain = genlabel.verify(source)
    assert plain.layers["visible"].details == {"searched": True}
    assert plain.verdict == "none"


def test_found_in_a_picture_that_is_turned_to_be_shown(media: Media, key: Key) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer, out = io.BytesIO(), io.BytesIO()
    with Image.open(media("images/kodim23.png")) as picture:
        picture.save(buffer, "JPEG", exif=exif)
    receipt = genlabel.mark(buffer.getvalue(), out, label=Label("acme"), key=key, visible="auto")
    layer = genlabel.verify(out.getvalue()).layers["visible"]
    assert layer.state == "present"
    left, top, width, height = receipt.visible["box"]  # type: ignore[index]
    assert left < layer.details["box"][0] < left + width
