"""Whether a mark belongs to its picture: what binds, what unbinds, and what says nothing."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.image.attacks import attack, random_for
from genlabel import Key
from genlabel.image import detect
from genlabel.image._codeword import MarkSecrets, mark_secrets
from genlabel.image._content import (
    HASH_BITS,
    TOLERANCE,
    _neighbours,
    binding_chips,
    content_hash,
    judge,
)
from genlabel.image._pixels import luma
from genlabel_kernels.image.layout import BINDING
from tests.sdk.image.conftest import Picture
from tests.sdk.image.drawings import UNMARKED, clouds

SECRETS = mark_secrets(Key("one", bytes(range(32))))
OTHER = mark_secrets(Key("two", bytes(range(1, 33))))
CHIPS = 2 * BINDING["coarse"]
PLANE = clouds(240, 360, 5).astype(np.float32)
OWN = content_hash(PLANE)

#: Of one shape, and calm enough for a strong mark.
KODAK = ["02", "15", "23"]
WIDE = ["01", "02", "05", "07", "08", "11", "13", "15", "21", "23"]
HASH = st.integers(0, (1 << HASH_BITS) - 1)
PAYLOAD = st.sampled_from([8, 16, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


def after(pixels: np.ndarray, fate: str) -> np.ndarray:
    return attack(fate).apply(pixels, random_for("content", fate))


def hash_of(pixels: np.ndarray) -> int:
    return content_hash(luma(pixels))


def values_of(chips: np.ndarray) -> np.ndarray:
    cosines, sines = np.split(chips, 2)
    return (cosines + 1j * sines).astype(np.complex64)


def verdict(
    payload: bytes,
    content: int,
    *,
    amplitude: float = 1.0,
    noise: float = 1.0,
    seed: int = 0,
    secrets: MarkSecrets = SECRETS,
    plane: np.ndarray = PLANE,
) -> str:
    """Judge a mark made for some content in a plane; code and binding are equally strong."""
    chips = amplitude * binding_chips(payload, content, SECRETS)
    chips += noise * np.random.default_rng(seed).normal(0, 1, CHIPS)
    return judge(values_of(chips), amplitude, plane, payload, secrets)


def hash_by_formula(plane: np.ndarray) -> int:
    """Signs of DCT-II coefficients of the picture at 32 x 32, lowest frequencies first."""
    small = cv2.resize(plane, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float64)
    places = sorted(itertools.product(range(7), repeat=2), key=lambda vh: (vh[0] + vh[1], vh))
    centres = np.pi * (np.arange(32) + 0.5) / 32
    value = 0
    for bit, (v, h) in enumerate(places[1:17]):
        if np.cos(v * centres) @ small @ np.cos(h * centres) > 0:
            value |= 1 << bit
    return value


@settings(max_examples=20)
@given(st.integers(0, 2**20), st.integers(32, 300), st.integers(32, 300))
def test_hash_is_the_signs_of_the_coarsest_cosines(seed: int, height: int, width: int) -> None:
    plane = clouds(height, width, seed).astype(np.float32)
    assert content_hash(plane) == hash_by_formula(plane)


@pytest.mark.parametrize(
    "fate", ["jpeg-50", "resize-0.5", "brightness-0.6", "brightness-1.3", "gamma-1.5", "blur-2"]
)
def test_hash_survives_processing(kodak: Picture, fate: str) -> None:
    changed = [
        (hash_of(kodak(number)) ^ hash_of(after(kodak(number), fate))).bit_count()
        for number in WIDE
    ]
    assert max(changed) <= TOLERANCE


def test_marking_hardly_changes_the_hash(kodak: Picture, marked_kodak: Picture) -> None:
    for number in KODAK:
        assert (hash_of(kodak(number)) ^ hash_of(marked_kodak(number))).bit_count() <= 1


def test_pictures_differ_in_more_bits_than_are_forgiven(kodak: Picture) -> None:
    hashes = [hash_of(kodak(number)) for number in WIDE]
    apart = [(one ^ two).bit_count() for one, two in itertools.combinations(hashes, 2)]
    assert np.mean(apart) > 5
    # By chance one pair in 480 would.
    assert sum(bits <= TOLERANCE for bits in apart) <= 2


@pytest.mark.parametrize("name", ["black", "grey", "ramp", "checkerboard"])
def test_any_plane_has_a_hash(name: str) -> None:
    assert 0 <= content_hash(UNMARKED[name].astype(np.float32)) < 1 << HASH_BITS


@given(PAYLOAD, HASH, st.integers(0, HASH_BITS - 1))
def test_chips_of_neighbouring_hashes_keys_and_payloads_are_independent(
    payload: bytes, content: int, bit: int
) -> None:
    """Chips known for one picture do not help to make those of another that looks much like it."""
    own = binding_chips(payload, content, SECRETS)
    assert own.shape == (CHIPS,)
    assert set(np.unique(own)) == {-1.0, 1.0}
    np.testing.assert_array_equal(own, binding_chips(payload, content, SECRETS))
    last = payload[:-1] + bytes([payload[-1] ^ 1])
    for other in (
        binding_chips(payload, content ^ 1 << bit, SECRETS),
        binding_chips(last, content, SECRETS),
        binding_chips(payload, content, OTHER),
    ):
        # Six standard deviations.
        assert abs(float(own @ other)) < 6 * math.sqrt(CHIPS)


def test_chips_are_not_linear_in_the_hash() -> None:
    """No product of three pictures' chips is a fourth one's."""
    a, b, c = (binding_chips(bytes(8), value, SECRETS) for value in (0, 1, 2))
    assert abs(float(a * b * c @ binding_chips(bytes(8), 3, SECRETS))) < 6 * math.sqrt(CHIPS)


def test_neighbours_are_all_hashes_at_a_distance() -> None:
    for distance in range(TOLERANCE + 2):
        expected = [each for each in range(1 << HASH_BITS) if (each ^ OWN).bit_count() == distance]
        assert sorted(_neighbours(OWN, distance)) == expected


@given(PAYLOAD, st.sets(st.integers(0, HASH_BITS - 1), max_size=TOLERANCE), st.integers(0, 2**20))
def test_own_content_binds_whatever_few_bits_changed(
    payload: bytes, flipped: set[int], seed: int
) -> None:
    content = OWN ^ sum(1 << bit for bit in flipped)
    assert verdict(payload, content, seed=seed) == "bound"


def test_verdicts_are_seldom_wrong() -> None:
    """At any strength a mark made for another content is hardly ever called bound, nor the
    picture's own unbound."""
    far = OWN ^ 0b111 << 4
    for amplitude in (0.05, 0.15, 0.25, 0.4, 1.0):
        foreign, own = (
            [verdict(bytes([n] * 8), content, amplitude=amplitude, seed=n) for n in range(120)]
            for content in (far, OWN)
        )
        assert foreign.count("bound") <= 3
        assert own.count("unbound") <= 3
        if amplitude <= 0.05:
            assert foreign.count("unknown") >= 117
        if amplitude == 1.0:
            assert set(foreign) == {"unbound"}
            assert set(own) == {"bound"}


def test_another_payload_or_key_does_not_bind() -> None:
    chips = values_of(binding_chips(bytes(8), OWN, SECRETS))
    assert judge(chips, 1.0, PLANE, bytes(8), SECRETS) == "bound"
    assert judge(chips, 1.0, PLANE, bytes(7) + b"\x01", SECRETS) == "unbound"
    assert judge(chips, 1.0, PLANE, bytes(8), OTHER) == "unbound"


def test_inverted_picture_binds_by_the_hash_of_what_it_was() -> None:
    chips = values_of(-binding_chips(bytes(8), OWN, SECRETS))
    assert judge(chips, -1.0, 255 - PLANE, bytes(8), SECRETS) == "bound"
    assert judge(chips, -1.0, PLANE, bytes(8), SECRETS) == "unbound"


def test_nothing_measured_says_nothing() -> None:
    nothing = np.zeros(CHIPS // 2, np.complex64)
    assert judge(nothing, 0.0, PLANE, bytes(8), SECRETS) == "unknown"


@pytest.mark.parametrize(
    "fate",
    [
        *("none", "jpeg-50", "resize-0.5", "gamma-1.5", "gray"),
        *("turn-90", "turn-180", "turn-270", "mirror", "mirror+turn-90", "invert"),
    ],
)
@pytest.mark.parametrize("number", KODAK)
def test_a_whole_picture_of_its_own_is_bound(
    marked_kodak: Picture, key: Key, payload: bytes, number: str, fate: str
) -> None:
    found = detect(after(marked_kodak(number), fate), key)
    assert (found.payload, found.content) == (payload, "bound")


@pytest.mark.parametrize("number", WIDE)
def test_no_picture_of_its_own_is_unbound(marked_kodak: Picture, key: Key, number: str) -> None:
    assert detect(marked_kodak(number), key).content != "unbound"


@pytest.mark.parametrize("fate", ["crop-area-0.9", "crop-area-0.5", "rotate-5", "screenshot-1.4"])
def test_of_a_part_nothing_is_said(
    marked_kodak: Picture, key: Key, payload: bytes, fate: str
) -> None:
    found = detect(after(marked_kodak("23"), fate), key)
    assert (found.payload, found.content) == (payload, "unknown")


@pytest.mark.parametrize(("source", "target"), [("08", "15"), ("05", "23"), ("23", "15")])
@pytest.mark.parametrize("fate", ["none", "jpeg-75"])
def test_a_copied_mark_is_read_and_said_to_be_unbound(
    kodak: Picture,
    marked_kodak: Picture,
    key: Key,
    payload: bytes,
    source: str,
    target: str,
    fate: str,
) -> None:
    mark = marked_kodak(source).astype(int) - kodak(source)
    copy = np.clip(kodak(target) + mark, 0, 255).astype(np.uint8)
    found = detect(after(copy, fate), key)
    assert (found.payload, found.content) == (payload, "unbound")


def test_nothing_found_has_no_verdict_on_content(kodak: Picture, key: Key) -> None:
    assert detect(kodak("23"), key).content == "unknown"
