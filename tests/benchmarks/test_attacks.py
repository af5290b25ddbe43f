from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.image import Pixels
from benchmarks.image.attacks import STEPS, attack, random_for
from benchmarks.image.suites import FOUNDATION, SUITES

WIDTH, HEIGHT = 160, 96

ALL = sorted(
    {one.name: one for rows in SUITES.values() for row in rows for one in row.attacks}.values(),
    key=lambda one: one.name,
)


def apply(name: str, pixels: Pixels) -> Pixels:
    return attack(name).apply(pixels, random_for("picture", name))


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    grain = np.random.default_rng(5).normal(0, 12, (HEIGHT, WIDTH, 3))
    ramp = np.stack([columns, rows, columns + rows], axis=-1)
    return np.clip(ramp + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_repeats_exactly_and_leaves_its_input_alone(one, pixels):
    before = pixels.copy()
    first = one.apply(pixels, random_for("picture", one.name))
    second = one.apply(pixels, random_for("picture", one.name))
    assert np.array_equal(first, second)
    assert np.array_equal(pixels, before)
    assert not np.shares_memory(first, pixels)
    assert first.dtype == np.uint8 and first.ndim == 3 and first.shape[2] == 3
    assert first.flags.c_contiguous and first.flags.writeable
    if one.name != "none" and not one.name.startswith("long-side-1080+"):
        assert first.shape != pixels.shape or not np.array_equal(first, pixels)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_says_its_exact_parameters(one):
    assert "{" not in one.parameters
    for _, value in one.steps:
        assert value is None or f"{value:g}" in one.parameters


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("none", (160, 96)),
        ("jpeg-60", (160, 96)),
        ("resize-0.6", (96, 58)),
        ("resize-bilinear-0.32", (51, 31)),
        ("resize-2", (320, 192)),
        ("long-side-80", (80, 48)),
        ("long-side-512", (160, 96)),
        ("aspect-1.2", (192, 96)),
        ("aspect-0.8", (128, 96)),
        ("rotate-38", (160, 96)),
        ("rotate-any", (160, 96)),
        ("turn-90", (96, 160)),
        ("turn-180", (160, 96)),
        ("rotate-nearest-90", (96, 160)),
        ("rotate-nearest-45", (160, 96)),
        ("mirror", (160, 96)),
        ("crop-linear-0.5", (80, 48)),
        ("crop-area-0.25", (80, 48)),
        ("perspective-0.06", (160, 96)),
        ("bend-4", (160, 96)),
        ("screenshot-1.5", (240, 144)),
        ("logo-0.25", (160, 96)),
        ("crop-area-0.25+long-side-40+jpeg-75", (40, 24)),
    ],
)
def test_gives_the_stated_size(name, size, pixels):
    height, width = apply(name, pixels).shape[:2]
    assert (width, height) == size


@pytest.mark.parametrize("degrees", [1, 5, 17, 38, 45, 60, 77, 90, 133, 211, 290])
def test_inner_rotation_has_no_black_and_wastes_little(degrees):
    white = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    inner = apply(f"rotate-inner-{degrees}", white)
    assert inner.min() == 255
    # Its corners nearly touch the turned picture's border: one that is 6 px larger sticks out.
    angle = math.radians(degrees)
    half_height, half_width = (np.array(inner.shape[:2]) + 6) / 2
    across = half_width * abs(math.cos(angle)) + half_height * abs(math.sin(angle))
    down = half_width * abs(math.sin(angle)) + half_height * abs(math.cos(angle))
    assert across > WIDTH / 2 or down > HEIGHT / 2


def test_rotation_directions_agree(pixels):
    square = np.ascontiguousarray(pixels[:, :HEIGHT])
    assert np.array_equal(apply("turn-90", square), apply("rotate-nearest-90", square))
    assert np.abs(apply("turn-90", square).astype(int) - apply("rotate-90", square)).max() <= 1


def test_exact_edits_undo_themselves(pixels):
    for name in ("mirror", "turn-180", "invert"):
        assert np.array_equal(apply(name, apply(name, pixels)), pixels)
    assert np.array_equal(apply("turn-270", apply("turn-90", pixels)), pixels)
    for neutral in ("brightness-1", "contrast-1", "saturation-1", "gamma-1"):
        assert np.array_equal(apply(neutral, pixels), pixels)
    assert np.abs(apply("hue-1", pixels).astype(int) - pixels).max() <= 1


def test_crops_are_windows_at_places_that_depend_on_the_picture(pixels):
    places = set()
    for name in ("one", "two", "three"):
        crop = attack("crop-area-0.25").apply(pixels, random_for(name, "crop-area-0.25"))
        windows = np.lib.stride_tricks.sliding_window_view(pixels, crop.shape)[:, :, 0]
        found = np.argwhere((windows == crop).all(axis=(2, 3, 4)))
        assert len(found) == 1
        places.add(tuple(found[0]))
    assert len(places) == 3


def test_screenshot_contains_the_picture_unscaled(pixels):
    page = apply("screenshot-1.5", pixels)
    windows = np.lib.stride_tricks.sliding_window_view(page, pixels.shape)[:, :, 0]
    assert any(
        np.array_equal(windows[row, column], pixels)
        for row in range(windows.shape[0])
        for column in range(windows.shape[1])
        if np.array_equal(windows[row, column, 0, 0], pixels[0, 0])
    )


def test_noise_and_bend_have_the_stated_strength(pixels):
    gray = np.full((400, 400, 3), 128, dtype=np.uint8)
    assert apply("noise-10", gray).std() == pytest.approx(10, rel=0.02)
    # A ramp of one level per pixel turns displacement into level differences.
    ramp = np.repeat(np.arange(200, dtype=np.uint8)[None, :, None], 200, axis=0).repeat(3, axis=2)
    bent = apply("bend-4", ramp)[8:-8, 8:-8].astype(int) - ramp[8:-8, 8:-8]
    assert 1 <= np.abs(bent).max() <= 5


def test_foundation_has_the_agreed_attacks_each_in_its_own_row():
    rows = {row.attacks[0].name: row for row in FOUNDATION if row.target is not None}
    for name in ("jpeg-60", "resize-0.6", "rotate-5", "crop-area-0.5+jpeg-75"):
        assert len(rows[name].attacks) == 1
        assert rows[name].target == 11 / 12


def test_names_are_unique_within_a_row_and_titles_within_a_suite():
    for rows in SUITES.values():
        titles = [row.title for row in rows]
        assert len(set(titles)) == len(titles)
        for row in rows:
            names = [one.name for one in row.attacks]
            assert len(set(names)) == len(names)


def test_every_step_is_used_by_a_suite():
    used = {id(step) for one in ALL for step, _ in one.steps}
    assert [word for word, step in STEPS.items() if id(step) not in used] == []


@pytest.mark.parametrize(
    "name", ["", "jpeg", "jpeg-", "jpeg-high", "gray-1", "nonsense-3", "jpeg-60+", "JPEG-60"]
)
def test_unknown_names_are_refused(name):
    with pytest.raises(ValueError):
        attack(name)


def test_chain_is_its_steps_in_order(pixels):
    chained = apply("mirror+turn-90+gamma-0.6", pixels)
    stepwise = apply("gamma-0.6", apply("turn-90", apply("mirror", pixels)))
    assert np.array_equal(chained, stepwise)
    assert attack("mirror+turn-90").family == "chain"
    assert attack("mirror").family == "rotation"
