"""What embedding does to a picture, and what it leaves alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.image import metrics
from genlabel import CapacityError, Key, UnsupportedError
from genlabel.image import detect, embed
from genlabel.image._pattern import _sampled
from tests.sdk.image.conftest import Picture
from tests.sdk.image.drawings import clouds, grey

KODAK = ["01", "02", "04", "05", "07", "08", "11", "13", "15", "19", "21", "23"]


def as_kind(pixels: np.ndarray, kind: type) -> np.ndarray:
    if kind is np.float32:
        return pixels.astype(np.float32) / np.float32(255)
    return pixels.astype(kind) * (257 if kind is np.uint16 else 1)


@pytest.mark.parametrize("number", KODAK)
def test_marked_pictures_look_the_same(kodak: Picture, marked_kodak: Picture, number: str) -> None:
    before, after = kodak(number), marked_kodak(number)
    assert metrics.psnr(before, after) >= 42
    assert 45.0 < metrics.psnr_hvs_m(before, after) < 46.5
    # All channels move alike, but where clipping or half a grey level decides.
    difference = after.astype(int) - before
    inside = ((before > 12) & (before < 243)).all(axis=2)
    uneven = np.ptp(difference[inside], axis=-1)
    assert uneven.max() <= 1
    assert uneven.mean() < 1e-4


def test_rounding_is_part_of_what_may_be_seen(kodak: Picture, key: Key, payload: bytes) -> None:
    # Large and smooth: the mark is so weak that rounding it alone costs over a tenth of a decibel.
    before = cv2.resize(kodak("23"), None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    exact = embed(before / np.float32(255), payload, key) * np.float32(255)
    rounded = metrics.psnr_hvs_m(before, embed(before, payload, key))
    assert abs(rounded - metrics.psnr_hvs_m(before, exact)) < 0.06


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_kind_of_array_carries_the_mark(
    kodak: Picture, key: Key, payload: bytes, kind: type, channels: int
) -> None:
    pixels = as_kind(kodak("23")[:400, :512], kind)
    if channels == 1:
        pixels = pixels[..., 1]
    elif channels == 4:
        alpha = np.full(pixels.shape[:2], np.asarray(as_kind(np.uint8(255), kind)))
        pixels = np.concatenate([pixels, alpha[..., None]], axis=2)
    pixels = np.ascontiguousarray(pixels)
    before = pixels.copy()
    out = embed(pixels, payload, key)
    np.testing.assert_array_equal(pixels, before)
    assert out is not pixels
    assert out.dtype == pixels.dtype
    assert out.shape == pixels.shape
    assert out.min() >= 0
    assert out.max() <= (1 if kind is np.float32 else np.iinfo(kind).max)
    found = detect(out, key)
    assert (found.payload, found.key) == (payload, key.name)


def test_layout_in_memory_does_not_matter(kodak: Picture, key: Key, payload: bytes) -> None:
    pixels = kodak("07")
    expected = embed(pixels, payload, key)
    views = {
        "strided": np.repeat(pixels, 2, axis=1)[:, ::2],
        "turned": np.ascontiguousarray(np.rot90(pixels))[::-1].swapaxes(0, 1),
        "fortran": np.asfortranarray(pixels),
    }
    for name, view in views.items():
        assert not view.flags.c_contiguous, name
        np.testing.assert_array_equal(view, pixels)
        view.flags.writeable = False
        # Luma sums may differ in their last digit, and so may a value that was to be rounded.
        difference = np.abs(embed(view, payload, key).astype(int) - expected)
        assert difference.max() <= 1, name
        assert difference.mean() < 1e-4, name


def test_marking_is_repeatable_and_its_result_is_writable(
    kodak: Picture, marked_kodak: Picture, key: Key, payload: bytes
) -> None:
    again = embed(kodak("23"), payload, key)
    np.testing.assert_array_equal(again, marked_kodak("23"))
    assert again.flags.writeable
    assert again.flags.owndata


def test_transparency_is_left_alone(kodak: Picture, key: Key, payload: bytes) -> None:
    pixels = np.dstack([kodak("15"), np.full(kodak("15").shape[:2], 255, np.uint8)])
    pixels[:200, :300, 3] = 0
    pixels[:200, :300, :3] = (255, 0, 255)
    pixels[300:, 500:, 3] = 77
    out = embed(pixels, payload, key)
    np.testing.assert_array_equal(out[..., 3], pixels[..., 3])
    np.testing.assert_array_equal(out[:200, :300], pixels[:200, :300])
    assert (out[300:, 500:, :3] != pixels[300:, 500:, :3]).any()
    assert detect(out, key).payload == payload


def test_what_transparency_hides_does_not_matter(kodak: Picture, key: Key, payload: bytes) -> None:
    pixels = np.dstack([kodak("15"), np.full(kodak("15").shape[:2], 255, np.uint8)])
    pixels[:200, :300, 3] = 0
    other = pixels.copy()
    other[:200, :300, :3] = np.random.default_rng(0).integers(0, 256, (200, 300, 3))
    shown = pixels[..., 3] > 0
    one, two = (embed(picture, payload, key) for picture in (pixels, other))
    np.testing.assert_array_equal(one[shown], two[shown])
    assert detect(one, key).to_dict() == detect(two, key).to_dict()


@pytest.mark.parametrize("size", [8, 16, 32])
def test_payloads_of_every_size(kodak: Picture, key: Key, size: int) -> None:
    for payload in (bytes(size), b"\xff" * size, bytes(range(size))):
        found = detect(embed(kodak("23"), payload, key), key)
        assert found.payload == payload
        assert found.log10_p <= -9


@pytest.mark.parametrize(
    "payload", [b"", b"7 bytes", bytes(9), bytes(64), bytearray(8), "8 chars!", 8]
)
def test_payloads_of_other_sizes_are_refused(kodak: Picture, key: Key, payload: object) -> None:
    with pytest.raises(UnsupportedError, match="a payload is bytes, 8, 16, 32 long"):
        embed(kodak("23"), payload, key)  # type: ignore[arg-type]


def test_strength_trades_visibility_for_robustness(
    kodak: Picture, key: Key, payload: bytes
) -> None:
    pixels = kodak("07")
    quality, evidence = [], []
    for strength in (0.5, 1.0, 2.0, 4.0):
        out = embed(pixels, payload, key, strength=strength)
        quality.append(metrics.psnr(pixels, out))
        found = detect(out, key)
        assert found.payload == payload
        evidence.append(found.log10_p)
    # Twice the amplitude is 6 dB, less what clipping and rounding take.
    steps = -np.diff(quality)
    assert steps.min() > 4
    assert steps.max() < 6.5
    assert evidence == sorted(evidence, reverse=True)


def test_a_mark_too_weak_to_be_read_is_refused(kodak: Picture, key: Key, payload: bytes) -> None:
    with pytest.raises(CapacityError, match="too little texture") as caught:
        embed(kodak("13"), payload, key, strength=0.25)
    assert "a higher strength" in str(caught.value.required)


@pytest.mark.parametrize("strength", [0.0, -1.0, 0.2, 4.1, float("nan"), float("inf")])
def test_strength_out_of_range_is_refused(kodak: Picture, key: Key, strength: float) -> None:
    with pytest.raises(UnsupportedError, match=r"strength is 0\.25 to 4\.0, not"):
        embed(kodak("23"), bytes(8), key, strength=strength)


@pytest.mark.parametrize("shape", [(255, 900), (900, 255, 3), (1, 1), (0, 0), (0, 300, 3)])
def test_too_small_pictures_are_refused_with_what_would_fit(
    key: Key, shape: tuple[int, ...]
) -> None:
    with pytest.raises(CapacityError, match="are too few for the watermark") as caught:
        embed(np.full(shape, 100, np.uint8), bytes(8), key)
    assert caught.value.required == "a short side of at least 256 px"


def test_saturated_picture_is_refused_with_the_reason(key: Key) -> None:
    # Every pixel is black or white at random: half the mark is clipped, the rest is drowned.
    pixels = (np.random.default_rng(0).integers(0, 2, (300, 400)) * 255).astype(np.uint8)
    with pytest.raises(CapacityError, match="few pixels that may change") as caught:
        embed(pixels, bytes(8), key)
    assert "saturated" in str(caught.value.required)


def test_all_transparent_picture_is_refused(key: Key) -> None:
    with pytest.raises(CapacityError):
        embed(np.zeros((400, 400, 4), np.uint8), bytes(8), key)


@settings(max_examples=12)
@given(
    st.integers(256, 420),
    st.integers(256, 800),
    st.sampled_from([0.0, 2.0, 10.0, 45.0]),
    st.integers(0, 2**16),
)
def test_a_picture_is_marked_readably_or_refused(
    height: int, width: int, contrast: float, seed: int
) -> None:
    key = Key("property", seed.to_bytes(32, "big"))
    pixels = grey(clouds(height, width, seed, contrast))
    try:
        out = embed(pixels, bytes(8), key)
    except CapacityError as error:
        assert error.required
    else:
        assert detect(out, key).payload == bytes(8)


def test_smallest_and_longest_pictures(key: Key, payload: bytes) -> None:
    for height, width in ((256, 256), (256, 2600), (2600, 256)):
        out = embed(grey(clouds(height, width, 5, 12.0)), payload, key)
        assert detect(out, key).payload == payload


@pytest.mark.parametrize("number", ["23", "13"])
def test_grey_and_colour_copies_carry_the_same_mark(
    marked_kodak: Picture, key: Key, payload: bytes, number: str
) -> None:
    luma = marked_kodak(number) @ np.array([0.299, 0.587, 0.114])
    assert detect(grey(luma), key).payload == payload


@given(st.integers(256, 5000), st.integers(256, 5000))
def test_places_that_set_the_strength_lie_all_over_the_picture(height: int, width: int) -> None:
    down, across = height // 8, width // 8
    places = _sampled(height, width)
    tops, lefts = places.bands[places.band], places.lefts
    seen = np.zeros((down, across), int)
    assert not (tops % 8).any()
    assert not (lefts % 8).any()
    np.add.at(seen, (tops // 8, lefts // 8), 1)
    # Next to none is counted twice.
    assert (seen > 1).sum() <= 0.3 * seen.sum()
    assert seen.sum() == min(down * across, round(160 * (down * across) ** (1 / 3)))
    for part in (*np.array_split(seen, 4), *np.array_split(seen, 4, axis=1)):
        assert 0.7 < part.mean() / seen.mean() < 1.4
