"""Messages: what comes out is what went in, under the same key, or nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import GenlabelError, Key
from genlabel._payload import (
    FORMATS,
    SALTS,
    PayloadSecrets,
    pack,
    pack_all,
    payload_secrets,
    unpack,
)

KEY = Key("one", bytes(range(32)))
SECRETS = payload_secrets(KEY)
OTHER = payload_secrets(Key("one", bytes(range(1, 33))))

#: Bytes 0, 1, 2, ... with salt 7, under KEY.
WIRE = [
    "43fa6f0e9ed96901df4e7a05",
    "1382b37da67c397b7fc970ed3ca098d04dc643fdfb",
    "d001a4db7a25e61192434fab6a379db4890277e3c86fdcb7796d663295298ed8407d610c8e",
]

PAYLOADS = st.sampled_from([8, 16, 32]).flatmap(
    lambda size: st.binary(min_size=size, max_size=size)
)
SALT = st.integers(0, SALTS - 1)


@given(PAYLOADS, SALT)
def test_round_trip(payload: bytes, salt: int) -> None:
    bits = pack(payload, salt, SECRETS)
    assert bits.dtype == np.uint8
    assert unpack(bits, SECRETS) == payload


@given(PAYLOADS, SALT)
def test_any_flipped_bit_is_rejected(payload: bytes, salt: int) -> None:
    bits = pack(payload, salt, SECRETS)
    for place in range(len(bits)):
        bits[place] ^= 1
        assert unpack(bits, SECRETS) is None, place
        bits[place] ^= 1


@given(PAYLOADS, SALT)
def test_other_key_reads_nothing(payload: bytes, salt: int) -> None:
    assert unpack(pack(payload, salt, SECRETS), OTHER) is None


@given(st.data(), st.sampled_from([8, 16, 32]))
def test_combined_messages_are_no_message(data: st.DataObject, size: int) -> None:
    """Multiplying three marks XORs their messages: a linear check would accept the result."""
    drawn = st.tuples(st.binary(min_size=size, max_size=size), SALT)
    three = data.draw(st.lists(drawn, min_size=3, max_size=3, unique=True))
    first, second, third = (pack(payload, salt, SECRETS) for payload, salt in three)
    assert unpack(first ^ second ^ third, SECRETS) is None


@given(st.data(), st.sampled_from([8, 16, 32]))
def test_difference_of_two_messages_is_not_that_of_what_they_say(
    data: st.DataObject, size: int
) -> None:
    """The signs of two pictures' marks cancel, so anybody reads the XOR of their messages."""
    drawn = st.tuples(st.binary(min_size=size, max_size=size), SALT)
    two = data.draw(st.lists(drawn, min_size=2, max_size=2, unique=True))
    bodies = [pack(payload, salt, SECRETS)[: 8 * (size + 1)] for payload, salt in two]
    texts = [payload + bytes([salt]) for payload, salt in two]
    said = [np.unpackbits(np.frombuffer(text, np.uint8)) for text in texts]
    difference = bodies[0] ^ bodies[1] ^ said[0] ^ said[1]
    # Of 72 fair bits or more, so few are set once in a hundred million times.
    assert difference.sum() > 12
    other_key = pack(*two[0], OTHER)[: 8 * (size + 1)]
    assert (bodies[0] ^ other_key).sum() > 12


@pytest.mark.parametrize("payload", [bytes(8), b"16 bytes of text", b"\xff" * 32])
def test_messages_of_one_payload_differ_as_random_ones_do(payload: bytes) -> None:
    bodies = pack_all(payload, SECRETS)[:, : 8 * (len(payload) + 1)]
    pairs = np.triu_indices(SALTS, 1)
    differences = np.unique(np.packbits(bodies[pairs[0]] ^ bodies[pairs[1]], axis=1), axis=0)
    # Under a mask that is always the same there would be 255: of the salts alone.
    assert len(differences) == len(pairs[0])
    # Six standard deviations of 256 fair bits.
    assert np.abs(bodies.sum(axis=0) - SALTS / 2).max() < 48


@given(st.integers(0, 400), st.integers(0, 2**32))
def test_random_bits_of_any_length_read_as_nothing(length: int, seed: int) -> None:
    bits = np.random.default_rng(seed).integers(0, 2, length, dtype=np.uint8)
    assert unpack(bits, SECRETS) is None


def test_all_salts_are_distinct_messages_of_one_payload() -> None:
    rows = pack_all(b"8 bytes.", SECRETS)
    assert rows.shape == (256, 96)
    assert len({row.tobytes() for row in rows}) == SALTS
    for salt in (0, 1, 255):
        np.testing.assert_array_equal(rows[salt], pack(b"8 bytes.", salt, SECRETS))
    assert {unpack(row, SECRETS) for row in rows} == {b"8 bytes."}


def test_no_payload_makes_a_poor_word() -> None:
    for payload in (bytes(8), b"\xff" * 16, bytes(32)):
        bits = pack(payload, 0, SECRETS)
        # Six standard deviations of that many fair bits.
        assert abs(2 * int(bits.sum()) - len(bits)) < 6 * len(bits) ** 0.5


def test_formats_on_the_wire_never_change() -> None:
    """A change here orphans every marked file."""
    assert [form.bits for form in FORMATS] == [96, 168, 296]
    packed = [
        np.packbits(pack(bytes(range(form.payload_bytes)), 7, SECRETS)).tobytes().hex()
        for form in FORMATS
    ]
    assert packed == WIRE


def test_secrets_are_derived_once_and_not_shown() -> None:
    assert payload_secrets(Key("two", bytes(32))) is payload_secrets(Key("two", bytes(32)))
    assert isinstance(SECRETS, PayloadSecrets)
    assert repr(SECRETS) == "PayloadSecrets()"


@pytest.mark.parametrize(
    "payload", [b"", b"seven..", bytes(9), bytes(64), "8 chars.", bytearray(8)]
)
def test_other_payloads_are_refused(payload: bytes) -> None:
    for make in (lambda: pack(payload, 0, SECRETS), lambda: pack_all(payload, SECRETS)):
        with pytest.raises(GenlabelError, match="8, 16, 32"):
            make()
