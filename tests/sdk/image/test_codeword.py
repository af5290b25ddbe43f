"""Code words on chips: what is spread is decoded, and what is not there is not found."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel import Key
from genlabel._decoding import correlation_at
from genlabel._detection import FOUND_LOG10_P
from genlabel._payload import code_words, payload_secrets
from genlabel.image._codeword import (
    MarkSecrets,
    bit_sums,
    decode,
    log10_bound,
    mark_secrets,
    word_chips,
)
from genlabel.image._measure import measure_upright
from genlabel.image._pixels import luma
from genlabel_kernels.image.layout import LAYERS, layout
from genlabel_kernels.plane.layout import CODE_BITS
from tests.reference import polar as polar_twin
from tests.sdk.image.conftest import Picture
from tests.sdk.image.drawings import UNMARKED, grey

SECRETS = mark_secrets(Key("one", bytes(range(32))))
OTHER = mark_secrets(Key("two", bytes(range(1, 33))))
CHIPS = sum(layout(layer).chips for layer in LAYERS)

PAYLOADS = st.sampled_from([8, 16, 32]).flatmap(
    lambda size: st.binary(min_size=size, max_size=size)
)
SALT = st.integers(0, 255)
FEW = settings(max_examples=15)


def unit_sums(chips: np.ndarray, secrets: MarkSecrets) -> np.ndarray:
    return bit_sums(chips, secrets) / np.float32(np.linalg.norm(chips))


def marked_chips(payload: bytes, salt: int, amplitude: float, seed: int = 0) -> np.ndarray:
    word = code_words(payload, SECRETS.payload)[salt]
    noise = np.random.default_rng(seed).normal(0, 1, CHIPS)
    return (amplitude * word_chips(word, SECRETS) + noise).astype(np.float32)


def test_words_of_all_salts_are_polar_code_words() -> None:
    words = code_words(b"8 bytes!", SECRETS.payload)
    assert words.shape == (256, CODE_BITS)
    assert set(np.unique(words)) == {-1, 1}
    assert len(np.unique(words, axis=0)) == 256
    # Arıkan's transform is its own inverse: frozen bits come back as zeros.
    inputs = (words[::50] < 0) @ polar_twin.generator(CODE_BITS).astype(int) % 2
    frozen = polar_twin.frozen_mask(CODE_BITS, 96).astype(bool)
    assert not inputs[:, frozen].any()


def test_keys_share_neither_words_nor_signs() -> None:
    for mine, theirs in (
        (code_words(bytes(8), SECRETS.payload), code_words(bytes(8), OTHER.payload)),
        (SECRETS.chip_signs[None], OTHER.chip_signs[None]),
    ):
        agreement = (mine.astype(int) * theirs).mean(axis=1)
        assert np.abs(agreement).max() < 5 / math.sqrt(mine.shape[1])


def test_layers_have_signs_of_their_own() -> None:
    fine, coarse = np.split(SECRETS.chip_signs.astype(int), [layout("fine").chips])
    shared = min(len(fine), len(coarse))
    assert abs((fine[:shared] * coarse[:shared]).mean()) < 5 / math.sqrt(shared)


def test_secrets_are_derived_once_and_never_shown() -> None:
    assert mark_secrets(Key("two", bytes(32))) is mark_secrets(Key("two", bytes(32)))
    assert "array" not in repr(SECRETS)
    assert payload_secrets(Key("one", bytes(range(32)))).tag.hex() not in repr(SECRETS)


@FEW
@given(PAYLOADS, SALT)
def test_spread_word_sums_to_itself(payload: bytes, salt: int) -> None:
    word = code_words(payload, SECRETS.payload)[salt]
    chips = word_chips(word, SECRETS)
    assert chips.shape == (CHIPS,)
    assert set(np.unique(np.abs(chips))) == {1.0}
    per_bit = sum(np.bincount(layout(layer).bit_of_chip, minlength=CODE_BITS) for layer in LAYERS)
    np.testing.assert_array_equal(bit_sums(chips, SECRETS), word * per_bit)


@FEW
@given(PAYLOADS, SALT, st.floats(0.25, 3.0), st.booleans())
def test_decoding_gives_what_was_spread_also_inverted(
    payload: bytes, salt: int, amplitude: float, inverted: bool
) -> None:
    chips = marked_chips(payload, salt, amplitude) * (-1 if inverted else 1)
    decoded = decode(unit_sums(chips, SECRETS), SECRETS, 1000)
    assert decoded is not None
    assert decoded.payload == payload
    assert decoded.log10_p <= FOUND_LOG10_P
    # The word that was sent, whatever became of the picture's tones.
    np.testing.assert_array_equal(decoded.word, code_words(payload, SECRETS.payload)[salt])
    assert decode(unit_sums(chips, OTHER), OTHER, 1000) is None


@pytest.mark.parametrize("size", [8, 16, 32])
def test_faint_words_are_decoded_exactly_or_not_at_all(size: int) -> None:
    payload = bytes(range(size))
    found = []
    for seed, amplitude in enumerate(np.linspace(0.02, 0.3, 30)):
        chips = marked_chips(payload, 3, amplitude, seed)
        decoded = decode(unit_sums(chips, SECRETS), SECRETS, 1000)
        found.append(decoded is not None)
        assert decoded is None or decoded.payload == payload
    assert not any(found[:4])
    assert all(found[-8:])


@pytest.mark.parametrize(("size", "apart"), [(8, 72), (16, 136), (32, 264)])
def test_bound_counts_both_polarities_and_all_formats(size: int, apart: int) -> None:
    chips = word_chips(code_words(bytes(size), SECRETS.payload)[0], SECRETS)
    decoded = decode(unit_sums(chips, SECRETS), SECRETS, 100)
    assert decoded is not None
    # Of unit norm, the chips' correlation is the square root of their number.
    expected = log10_bound(math.sqrt(CHIPS), apart, 100 * 2 * 3)
    assert decoded.log10_p == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ["black", "grey"])
def test_flat_picture_has_no_chips(name: str) -> None:
    chips = measure_upright(luma(grey(UNMARKED[name])))
    assert chips.shape == (CHIPS,)
    assert not chips.any()


def test_nothing_is_decoded_from_noise_or_nothing() -> None:
    assert decode(np.zeros(CODE_BITS, np.float32), SECRETS, 1) is None
    for seed in range(10):
        chips = np.random.default_rng(seed).normal(0, 1, CHIPS).astype(np.float32)
        assert decode(unit_sums(chips, SECRETS), SECRETS, 1) is None


def test_more_trials_ask_for_more_evidence() -> None:
    sums = unit_sums(marked_chips(bytes(8), 0, 0.13), SECRETS)
    few = decode(sums, SECRETS, 1)
    assert few is not None
    many = decode(sums, SECRETS, 1000)
    assert many is not None
    assert many.log10_p == pytest.approx(few.log10_p + 3)
    assert decode(sums, SECRETS, 10 ** math.ceil(-few.log10_p)) is None


def test_word_with_another_key_s_tag_is_not_a_message() -> None:
    # The right signs, the wrong tag: whoever knew the signs alone could not forge.
    forged = replace(SECRETS, payload=OTHER.payload)
    word = code_words(bytes(8), forged.payload)[0]
    sums = unit_sums(word_chips(word, SECRETS), SECRETS)
    assert decode(sums, forged, 1) is not None
    assert decode(sums, SECRETS, 1) is None


def test_product_of_three_marks_is_no_mark() -> None:
    """The code is linear: the product of three words is a word, but its tag is wrong."""
    words = [code_words(bytes([n]) * 8, SECRETS.payload)[n] for n in range(3)]
    chips = np.prod([word_chips(word, SECRETS) for word in words], axis=0)
    word = unit_sums(chips, SECRETS)
    assert decode(word, SECRETS, 1) is None


@given(st.floats(0, 200), st.floats(0, 200), st.integers(1, 300), st.integers(1, 10**6))
def test_bound_is_the_sharper_of_two_with_a_union(
    one: float, two: float, bits: int, trials: int
) -> None:
    value = log10_bound(one, bits, trials)
    hoeffding = -one * one / 2
    gaussian = math.log(3.178661 / math.sqrt(2 * math.pi) / one) + hoeffding if one else 0.0
    union = bits * math.log10(2) + math.log10(trials)
    exact = min(hoeffding, gaussian) * math.log10(math.e) + union
    assert value == pytest.approx(min(0.0, exact), abs=1e-6)
    assert log10_bound(-one, bits, trials) == 0.0
    if one <= two:
        assert log10_bound(two, bits, trials) <= value
    assert log10_bound(one, bits + 1, trials) >= value
    assert log10_bound(one, bits, trials + 1) >= value


@pytest.mark.parametrize("chips", [1, 2, 3, 7, 16])
def test_bound_holds_for_few_chips(chips: int) -> None:
    """All signs, counted: also where the sum is nothing like normal."""
    rng = np.random.default_rng(chips)
    signs = 1.0 - 2.0 * (np.arange(1 << chips)[:, None] >> np.arange(chips) & 1)
    for weights in (np.ones(chips), rng.random(chips), np.arange(1.0, chips + 1)):
        sums = np.sort(signs @ (weights / np.linalg.norm(weights)))
        reached = np.arange(len(sums), 0, -1) / len(sums)
        for value, share in zip(sums.tolist(), reached.tolist(), strict=True):
            assert math.log10(share) <= log10_bound(value - 1e-9, 0, 1) + 1e-9


@given(st.floats(0.01, 1000))
def test_correlation_at_a_bound_is_its_inverse(nats: float) -> None:
    assert log10_bound(correlation_at(nats), 0, 1) == pytest.approx(-nats / math.log(10), rel=1e-4)


@pytest.mark.parametrize("kind", ["photo", "calm photo", "tiled 64", "stripes", "dots"])
def test_null_distribution_is_the_one_the_bound_assumes(kodak: Picture, kind: str) -> None:
    """Under the signs of keys that marked nothing, any picture's correlation is noise.

    A periodic picture puts a quarter of its energy into ten chips; the signs make it harmless too.
    """
    photos = {"photo": "13", "calm photo": "23"}
    pixels = kodak(photos[kind]) if kind in photos else grey(UNMARKED[kind])
    chips = measure_upright(luma(pixels))
    word = code_words(bytes(8), SECRETS.payload)[0].astype(np.float32)
    keys = (Key(str(n), n.to_bytes(32, "big")) for n in range(2000))
    drawn = np.sort([float(word @ unit_sums(chips, mark_secrets(key))) for key in keys])
    normal = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in drawn])
    ranks = np.arange(2001) / 2000
    distance = max(np.abs(ranks[1:] - normal).max(), np.abs(ranks[:-1] - normal).max())
    # Kolmogorov: exceeded once in a thousand.
    assert distance * math.sqrt(2000) < 1.95
    for deviations in (1.0, 1.5, 2.0, 2.5, 3.0):
        assert (drawn > deviations).mean() <= math.exp(-deviations * deviations / 2)
        assert (drawn < -deviations).mean() <= math.exp(-deviations * deviations / 2)
