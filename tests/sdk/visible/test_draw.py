"""A label drawn into pixels: high enough, told apart from what is behind, and where it is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont, features

from genlabel import CapacityError, GenlabelError, LabelError, MediaError, UnsupportedError
from genlabel import _wording as wording
from genlabel.visible import POSITIONS, VisibleLabel, draw, find
from genlabel.visible._content import face_like, text_like
from genlabel.visible._contrast import LEAST_RATIO, least_ratio
from genlabel.visible._fonts import _SHIPPED, WORDS, Run, is_shaped, render, runs, size_for
from genlabel.visible._stamp import LEAST_INK, make_stamp

needs_shaping = pytest.mark.skipif(not features.check("raqm"), reason="Pillow without FriBiDi")
CHINESE = VisibleLabel("AI生成", position="bottom-right")


def noise(height: int, width: int, *channels: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, *channels), np.uint8)


def letters_of(pixels: np.ndarray, label: VisibleLabel) -> tuple[np.ndarray, Any]:
    """Tell which drawn pixels are wholly letters."""
    drawn, where = draw(pixels, label)
    stamp = make_stamp(label.settled(()), *pixels.shape[:2])
    left, top, width, height = where.box
    return drawn[top : top + height, left : left + width], stamp


@pytest.mark.parametrize("side", [200, 256, 333, 640, 1080])
@pytest.mark.parametrize("text", ["AI生成", "本图片由人工智能合成", "AI 생성"])
def test_the_ink_is_at_least_five_percent_of_the_shortest_side(side: int, text: str) -> None:
    pixels = np.full((side, 2 * side), 128, np.uint8)
    box, stamp = letters_of(pixels, VisibleLabel(text, plate="always", position="top"))
    # Measured on the picture: rows in which letters are nearer to their colour than to the plate's.
    letters, plate = int(box[stamp.glyphs == 255][0]), int(box[stamp.ink // 4, box.shape[1] // 2])
    assert abs(letters - plate) > 100
    inked = np.abs(box.astype(int) - letters) < np.abs(box.astype(int) - plate)
    rows = np.flatnonzero((inked & (stamp.plate == 255)).any(axis=1))
    assert rows[-1] - rows[0] + 1 >= math.ceil(0.05 * side)


def test_every_ideograph_of_the_usual_text_is_high_enough() -> None:
    size = size_for(runs("AI生成"), 50)
    for character in "生成":
        coverage, _ = render(runs(character), size)
        rows = np.flatnonzero((coverage >= 128).any(axis=1))
        assert rows[-1] - rows[0] + 1 >= 50


@pytest.mark.parametrize("plate", ["auto", "always", "never"])
@pytest.mark.parametrize("kind", ["noise", "dark", "bright", "grey", "half"])
def test_letters_stand_out_from_all_that_is_round_them(plate: Any, kind: str) -> None:
    pixels = noise(400, 600, 3)
    if kind != "noise":
        pixels[:] = {"dark": 12, "bright": 250, "grey": 118, "half": 0}[kind]
    if kind == "half":
        pixels[:, ::7] = 255
    label = VisibleLabel("AI生成", plate=plate, position="bottom-right")
    box, stamp = letters_of(pixels, label)
    letters = stamp.glyphs == 255
    inked = box[letters]
    assert (inked == inked[0]).all()
    # The pixels round them, where no letter covers anything: what the eye compares.
    near = Image.fromarray((stamp.glyphs > 0).astype(np.uint8) * 255)
    ring = np.asarray(near.filter(ImageFilter.MaxFilter(3))) > 0
    ring &= stamp.glyphs == 0
    behind = box[ring].astype(np.float32) / 255
    assert least_ratio(float(inked[0][0]) / 255, behind) >= LEAST_RATIO


def test_what_is_told_of_the_contrast_is_true() -> None:
    pixels = noise(400, 600, 3)
    label = VisibleLabel("AI生成", plate="always", position="top-left")
    drawn, where = draw(pixels, label)
    stamp = make_stamp(label, 400, 600)
    left, top, width, height = where.box
    box = drawn[top : top + height, left : left + width]
    behind = box[(stamp.glyphs == 0) & (stamp.plate == 255)].astype(np.float32) / 255
    white = float(box[stamp.glyphs == 255][0][0] / 255)
    assert least_ratio(white, behind) == pytest.approx(where.contrast, rel=0.05)


@pytest.mark.parametrize("shape", [(300, 400), (300, 400, 3), (300, 400, 4)])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_shape_and_depth_stay_and_nothing_else_is_touched(shape: Any, kind: str) -> None:
    pixels: np.ndarray = noise(*shape)
    if kind == "uint16":
        pixels = pixels.astype(np.uint16) * 257
        pixels[pixels < 60000] += 3
    elif kind == "float32":
        pixels = pixels.astype(np.float32) / 255
    before = pixels.copy()
    drawn, where = draw(pixels, CHINESE)
    assert drawn.shape == pixels.shape and drawn.dtype == pixels.dtype
    assert (pixels == before).all()
    changed = (drawn != pixels).reshape(300, 400, -1).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    left, top, width, height = where.box
    assert left <= columns[0] and columns[-1] < left + width
    assert top <= rows[0] and rows[-1] < top + height
    white = {"uint8": 255, "uint16": 65535, "float32": 1.0}[kind]
    assert {float(drawn.min()), float(drawn.max())} <= {0.0, float(white)} or kind == "uint16"


def test_on_transparency_the_plate_is_opaque_and_the_rest_stays_transparent() -> None:
    pixels = np.zeros((300, 300, 4), np.uint8)
    drawn, where = draw(pixels, CHINESE)
    left, top, width, height = where.box
    inside = drawn[top + 6 : top + height - 6, left + 6 : left + width - 6]
    assert (inside[..., 3] == 255).all()
    drawn[top : top + height, left : left + width] = 0
    assert not drawn.any()
    bare, _ = draw(pixels, VisibleLabel("AI生成", plate="never"))
    assert bare[..., 3].max() == 255 and (bare[..., 3] > 0).mean() < 0.03


@given(
    st.integers(120, 500),
    st.integers(120, 500),
    st.sampled_from(POSITIONS),
    st.floats(0.02, 0.12),
    st.floats(0, 0.1),
)
@settings(max_examples=40)
def test_a_label_lies_within_the_picture_at_its_edge(
    height: int, width: int, position: Any, part: float, margin: float
) -> None:
    pixels = np.full((height, width), 200, np.uint8)
    label = VisibleLabel("AI生成", position=position, height=part, margin=margin)
    try:
        _, where = draw(pixels, label)
    except CapacityError as error:
        assert error.required
        return
    left, top, wide, high = where.box
    gap = round(margin * min(height, width))
    assert min(left, top, width - left - wide, height - top - high) == gap
    assert where.ink_height >= max(LEAST_INK, part * min(height, width))


def test_a_second_label_covers_the_first() -> None:
    busy = noise(400, 600, 3)
    busy[300:, 300:] = 90
    once, first = draw(busy, VisibleLabel("AI生成"))
    twice, second = draw(once, VisibleLabel("AI生成"))
    assert first.position == second.position and first.box == second.box
    assert [one.text for one in find(twice)] == ["AI生成"]


def test_auto_takes_the_calmest_corner_and_the_usual_one_where_all_are_alike() -> None:
    calm = np.full((400, 600, 3), 90, np.uint8)
    assert draw(calm, VisibleLabel("AI生成"))[1].position == "bottom-right"
    busy = noise(400, 600, 3)
    busy[:140, :200] = 90
    assert draw(busy, VisibleLabel("AI生成"))[1].position == "top-left"
    skin = calm.copy()
    skin[200:, 300:] = (224, 172, 138)
    assert draw(skin, VisibleLabel("AI生成"))[1].position == "bottom-left"


def pasted(canvas: np.ndarray, patch: np.ndarray) -> np.ndarray:
    """Put a patch into the corner at the bottom right."""
    out = canvas.copy()
    out[-patch.shape[0] :, -patch.shape[1] :] = patch
    return out


def corner_of(pixels: np.ndarray) -> str:
    return draw(pixels, VisibleLabel("AI生成"))[1].position


@pytest.mark.parametrize("canvas", ["kodim13.png", "kodim05.png", "kodim08.png"])
def test_faces_and_lettering_are_not_hidden_where_all_else_is_busy(
    media: Callable[[str], Path], canvas: str
) -> None:
    def picture(name: str) -> np.ndarray:
        return np.asarray(Image.open(media(f"images/{name}")).convert("RGB"))

    busy = picture(canvas)
    face = picture("astronaut.png")[15:190, 170:300]
    board = np.asarray(
        Image.fromarray(picture("qwen_readme_cn.png")[40:540, 40:680]).resize((256, 200))
    )
    assert corner_of(pasted(busy, face)) != "bottom-right"
    assert corner_of(pasted(busy, board)) != "bottom-right"


def test_what_looks_like_a_face_or_like_lettering(media: Callable[[str], Path]) -> None:
    with Image.open(media("images/astronaut.png")) as image:
        small = np.asarray(image.convert("RGB").resize((256, 256)))
    faces = face_like(small)
    assert faces[35:85, 95:145].all() and faces.mean() < 0.15
    # Skin's colour alone is no face: it has neither its shape nor light and shade.
    assert not face_like(np.full((256, 300, 3), (224, 172, 138), np.uint8)).any()
    page = Image.new("L", (340, 256), 240)
    ImageDraw.Draw(page).text((20, 100), "Some words here", 20, ImageFont.load_default(24))
    grey = np.asarray(page, np.float32)
    lettering = text_like(np.hypot(*np.gradient(grey)).astype(np.float32))
    # On the words, and nowhere else.
    assert lettering[100:130, 20:220].mean() > 0.25 and not lettering[:90].any()
    assert not lettering[140:].any() and not lettering[:, 240:].any()
    assert not text_like(np.zeros((256, 300), np.float32)).any()


@pytest.mark.parametrize("language", wording.notices())
def test_every_language_is_drawn_in_letters_that_there_are(language: str) -> None:
    text = VisibleLabel(language=language).settled(()).text
    assert text is not None
    # A character that no font has is refused, never drawn as a box.
    letters = "".join(run.text for run in runs(text))
    assert "".join(WORDS.get(one, one) for one in letters) == text
    drawn, _ = draw(np.full((400, 400), 255, np.uint8), VisibleLabel(language=language))
    assert (drawn == 0).sum() > 100


@needs_shaping
def test_devanagari_is_shaped() -> None:
    together, _ = render(runs("नि"), 60)
    apart, _ = render(runs("न ि"), 60)
    # The vowel sign is written before the consonant that it follows.
    assert together.shape != apart.shape


@needs_shaping
@pytest.mark.parametrize("word", WORDS.values())
def test_words_that_the_font_has_as_one_glyph_are_those_that_are_shaped(word: str) -> None:
    shaped, _ = render((Run(_SHIPPED[2], word),), 80)
    whole, _ = render(runs(word), 80)
    assert not is_shaped(runs(word)[0].text)
    # Letters are put at whole pixels one by one, a word as one.
    assert abs(shaped.shape[1] - whole.shape[1]) <= 1
    columns = min(shaped.shape[1], whole.shape[1])
    different = (shaped[:, :columns] >= 128) != (whole[:, :columns] >= 128)
    assert different.sum() < 0.06 * (whole >= 128).sum()


def test_the_fonts_are_small_and_their_licence_is_with_them() -> None:
    folder = files("genlabel.visible").joinpath("fonts")
    entries = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    fonts = {name: data for name, data in entries.items() if name.endswith((".ttf", ".otf"))}
    assert len(fonts) == 3 and sum(map(len, fonts.values())) < 400_000
    licence = entries["OFL.txt"].decode()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert all(name in licence for name in fonts)


def test_scripts_mix_on_a_line() -> None:
    assert [run.text for run in runs("AI生成 Ελλάδα")] == ["AI生成 ", "Ελλάδα"]
    assert len(runs("Généré par IA")) == 1


def test_a_long_text_takes_several_lines_and_one_too_long_is_refused() -> None:
    long = VisibleLabel(language="hu").settled(())
    one, two = make_stamp(long, 600, 1200), make_stamp(long, 600, 480)
    assert two.glyphs.shape[0] > 1.5 * one.glyphs.shape[0] * 480 / 600
    assert two.glyphs.shape[1] <= 480
    with pytest.raises(CapacityError, match="does not fit"):
        make_stamp(VisibleLabel("AI生成" * 60).settled(()), 300, 300)
    with pytest.raises(CapacityError):
        draw(np.zeros((24, 24), np.uint8), CHINESE)


@given(
    st.text(max_size=60),
    st.sampled_from([None, "ai", "ai-modified"]),
    st.integers(1, 300),
    st.integers(1, 600),
)
@settings(max_examples=60)
def test_any_text_on_any_picture_is_drawn_or_refused(
    text: str, icon: Any, height: int, width: int
) -> None:
    pixels = np.full((height, width, 3), 77, np.uint8)
    try:
        drawn, where = draw(pixels, VisibleLabel(text, icon=icon))
    except GenlabelError:
        return
    assert (drawn != pixels).any() or not text.strip()
    assert where.box[2] <= width


def test_a_text_for_a_huge_picture_is_refused_before_it_is_drawn() -> None:
    with pytest.raises(CapacityError, match="does not fit"):
        make_stamp(VisibleLabel("AI生成" * 100).settled(()), 12000, 12000)


@pytest.mark.parametrize("icon", ["ai", "ai-generated", "ai-modified"])
def test_icons_stand_alone_or_before_a_text(icon: str) -> None:
    pixels = np.full((500, 700, 3), 60, np.uint8)
    alone, one = draw(pixels, VisibleLabel(icon=icon))
    both, two = draw(pixels, VisibleLabel("AI生成", icon=icon))
    assert one.text is None and two.text == "AI生成" and one.icon == icon
    assert alone.max() == both.max() == 255 and two.box[2] > 0


def test_an_icon_alone_is_a_circle_or_a_pill() -> None:
    pixels = np.full((300, 500, 3), (90, 140, 90), np.uint8)
    for icon, is_circle in (("ai", True), ("ai-generated", False), ("ai-modified", False)):
        drawn, where = draw(pixels, VisibleLabel(icon=icon, plate="auto"))
        left, top, width, height = where.box
        assert (width == height) == is_circle and where.contrast >= LEAST_RATIO
        changed = (drawn != pixels).any(axis=2)[top : top + height, left : left + width]
        # Its corners are as far off as those of a circle as high as it is.
        radius = height / 2
        down, across = np.mgrid[:height, :height] + 0.5 - radius
        outside = np.hypot(down, across) > radius + 1
        assert not changed[:, : height // 2][outside[:, : height // 2]].any()
        assert changed[height // 2].all()


def test_an_icon_and_a_font_of_ones_own(tmp_path: Any) -> None:
    shape = np.zeros((40, 80, 4), np.uint8)
    shape[10:30, 20:60, 3] = 255
    Image.fromarray(shape).save(tmp_path / "icon.png")
    pixels = np.full((500, 500), 0, np.uint8)
    drawn, where = draw(pixels, VisibleLabel(icon=tmp_path / "icon.png"))
    assert drawn.max() == 255 and where.icon == str(tmp_path / "icon.png")
    dark = Image.new("L", (30, 30), 0)
    dark.save(tmp_path / "dark.png")
    assert draw(pixels, VisibleLabel(icon=tmp_path / "dark.png"))[0].max() == 255
    for bad in ("missing.ttf", "icon.png"):
        with pytest.raises(MediaError, match=bad):
            draw(pixels, VisibleLabel("AI", font=tmp_path / bad))
    with pytest.raises(MediaError, match="no icon"):
        draw(pixels, VisibleLabel(icon=tmp_path / "missing.png"))


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"position": "middle"}, UnsupportedError),
        ({"plate": True}, UnsupportedError),
        ({"height": 0.9}, UnsupportedError),
        ({"opacity": "much"}, UnsupportedError),
        ({"text": "龘"}, UnsupportedError),
        ({"text": "AI\n生成"}, LabelError),
        ({"text": " "}, LabelError),
        ({"language": "tlh"}, LabelError),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], kind: type[GenlabelError]) -> None:
    with pytest.raises(kind):
        draw(np.zeros((300, 300), np.uint8), VisibleLabel(**wrong))


@pytest.mark.parametrize(
    ("label", "clause"),
    [
        (VisibleLabel("AI"), "5.2"),
        (VisibleLabel("由模型生成"), "5.2"),
        (VisibleLabel(icon="ai-generated"), "5.2"),
        (VisibleLabel(language="de"), "5.2"),
        (VisibleLabel("AI生成", height=0.04), "5.2"),
    ],
)
def test_china_gets_what_its_standard_asks_for(label: VisibleLabel, clause: str) -> None:
    pixels = np.zeros((300, 300), np.uint8)
    with pytest.raises(LabelError) as refused:
        draw(pixels, label, profiles=("cn", "eu"))
    assert refused.value.clause == f"GB 45438-2025 {clause}"
    draw(pixels, label, profiles=("eu",))


def test_the_text_is_that_of_the_regimes_which_ask_for_one() -> None:
    pixels = np.zeros((300, 400), np.uint8)
    texts = [draw(pixels, profiles=names)[1].text for names in (("cn",), ("eu",), ("cn", "kr"))]
    assert texts == ["AI生成", "AI-generated", "AI生成 · AI 생성"]
    assert draw(pixels, VisibleLabel(language="fr"), profiles=("eu",))[1].text == "Généré par IA"
