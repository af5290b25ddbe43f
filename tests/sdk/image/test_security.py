"""What must hold against somebody who knows the scheme and has no key.

Figures are in docs/security.md; here are the properties, on few pictures. The attacker's tools see
pixels only: a test that hands one a key would not type-check.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import forgery
from benchmarks.image.security import adversary
from genlabel import Key
from genlabel._payload import payload_secrets, unpack
from genlabel.image import detect, embed
from genlabel.image._codeword import bit_sums, mark_secrets
from genlabel.image._measure import measure_upright
from genlabel.image._pixels import luma
from genlabel_kernels.code.polar import frozen_mask, list_decode
from genlabel_kernels.plane.layout import CODE_BITS
from tests.sdk.image.conftest import PAYLOAD, Picture, Pixels

THREE = ["07", "15", "23"]
TARGET = "19"
PAYLOADS = [PAYLOAD, bytes(8), b"8 bytes."]
#: Above what the best of 2^96 words reaches in noise, as far as the list decoder finds it.
LINKED = 14.0


@pytest.fixture(scope="module")
def marked_three(kodak: Picture, key: Key) -> list[Pixels]:
    """Three pictures of one key and three payloads."""
    pairs = zip(THREE, PAYLOADS, strict=True)
    return [embed(kodak(number), payload, key) for number, payload in pairs]


@pytest.fixture(scope="module")
def exposed(marked_three: list[Pixels]) -> list[forgery.Chips]:
    return [adversary.exposed_chips(pixels) for pixels in marked_three]


def most_likely_message(pixels: Pixels, key: Key) -> forgery.Message:
    """Decode a whole picture without asking for the tag."""
    sums = bit_sums(measure_upright(luma(pixels)), mark_secrets(key))
    candidates, _ = list_decode(sums, frozen_mask(CODE_BITS, forgery.MESSAGE_BITS), 8)
    return candidates[0]


def test_a_product_of_three_marks_is_a_code_word_and_still_rejected(
    kodak: Picture, key: Key, marked_three: list[Pixels], exposed: list[forgery.Chips]
) -> None:
    """With a linear checksum in the tag's place this would be a payload that nobody issued."""
    forged = adversary.paste(kodak(TARGET), forgery.product(*exposed))
    first, second, third = (most_likely_message(pixels, key) for pixels in marked_three)
    message = most_likely_message(forged, key)
    np.testing.assert_array_equal(message, first ^ second ^ third)
    assert unpack(message, payload_secrets(key)) is None
    assert not detect(forged, key).found


def test_a_chosen_payload_without_its_tag_is_rejected(
    kodak: Picture, key: Key, marked_three: list[Pixels], exposed: list[forgery.Chips]
) -> None:
    change = np.zeros(forgery.MESSAGE_BITS, np.uint8)
    change[[3, 17, 40]] = 1
    forged = adversary.paste(kodak(TARGET), adversary.turned(exposed[2], change))
    message = most_likely_message(forged, key)
    np.testing.assert_array_equal(message, most_likely_message(marked_three[2], key) ^ change)
    assert not detect(forged, key).found


def test_two_marks_of_one_key_tell_no_payload_to_who_knows_the_other(
    key: Key, marked_three: list[Pixels], exposed: list[forgery.Chips]
) -> None:
    """The secret signs cancel in a product: what it says is public, and must say nothing."""
    size = len(PAYLOAD)
    product = adversary.product_of_two(exposed[0], exposed[2])
    messages = [most_likely_message(pixels, key) for pixels in marked_three]
    np.testing.assert_array_equal(product.message, messages[0] ^ messages[2])
    difference = np.packbits(product.message).tobytes()[:size]
    plain = bytes(a ^ b for a, b in zip(PAYLOADS[0], PAYLOADS[2], strict=True))
    assert difference != plain
    # Nor do two pictures of one payload betray that it is one.
    assert difference != bytes(size)


def test_a_mark_copied_tile_by_tile_is_found_and_never_passes_for_the_picture_s_own(
    kodak: Picture, key: Key, marked_three: list[Pixels], exposed: list[forgery.Chips]
) -> None:
    for binding in (adversary.exposed_binding(marked_three[2]), adversary.no_binding()):
        for number in (TARGET, *THREE[:2]):
            found = detect(adversary.paste(kodak(number), exposed[2], binding), key)
            assert found.payload == PAYLOADS[2]
            # Chips read from one picture are too noisy for more: the mark arrives half as strong.
            assert found.content in ("unbound", "unknown")


def test_an_average_gives_an_issued_payload_or_none(
    kodak: Picture, key: Key, exposed: list[forgery.Chips]
) -> None:
    """Copying cannot be prevented by the mark; making payloads up must be."""
    forged = adversary.paste(kodak(TARGET), np.asarray(np.mean(exposed, axis=0), np.float32))
    assert detect(forged, key).payload in {None, *PAYLOADS}


@pytest.mark.parametrize("gains", [(1.0, 0.0), (1.15, 0.0)])
def test_subtracting_the_fine_tile_leaves_the_coarse_layer(
    key: Key, marked_three: list[Pixels], gains: tuple[float, float]
) -> None:
    left = adversary.without_own_tiles(marked_three[2], *gains)
    assert detect(left, key).payload == PAYLOADS[2]


def test_a_whole_picture_is_read_without_its_tones(key: Key, marked_three: list[Pixels]) -> None:
    left = adversary.without_tones(marked_three[2])
    assert detect(left, key).payload == PAYLOADS[2]


def test_two_keys_marks_lie_side_by_side(
    key: Key, other_key: Key, marked_three: list[Pixels]
) -> None:
    over = embed(marked_three[2], b"another.", other_key)
    assert detect(over, key).payload == PAYLOADS[2]
    assert detect(over, other_key).payload == b"another."
    both = detect(over, [other_key, key])
    assert (both.key, both.payload) in {
        (key.name, PAYLOADS[2]),
        (other_key.name, b"another."),
    }


def test_marking_again_gives_one_of_the_two_payloads(key: Key, marked_three: list[Pixels]) -> None:
    again = embed(marked_three[2], b"another.", key)
    assert detect(again, key).payload in {b"another.", PAYLOADS[2]}


def test_pictures_of_two_keys_cannot_be_linked(
    kodak: Picture, other_key: Key, exposed: list[forgery.Chips]
) -> None:
    foreign = adversary.exposed_chips(embed(kodak(TARGET), PAYLOADS[1], other_key))
    assert all(adversary.product_of_two(foreign, own).correlation < LINKED for own in exposed)
