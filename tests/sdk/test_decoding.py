"""Decoding towards somebody who writes words with a key's chips and guesses tags."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from genlabel import Key, _decoding
from genlabel._decoding import decode
from genlabel._payload import CODE_BITS, FORMATS, PayloadSecrets, pack, payload_secrets, unpack
from genlabel_kernels.code.polar import encode_batch, frozen_mask

SECRETS = payload_secrets(Key("a", bytes(range(32))))
TRIALS = 726


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> set[bytes]:
    """Distinct messages whose tag has been computed."""
    seen: set[bytes] = set()

    def counting(bits: NDArray[np.uint8], secrets: PayloadSecrets) -> bytes | None:
        seen.add(bytes(bits))
        return unpack(bits, secrets)

    monkeypatch.setattr(_decoding, "unpack", counting)
    return seen


def _sums(messages: NDArray[np.uint8], correlation: float, seed: int) -> NDArray[np.float32]:
    frozen = frozen_mask(CODE_BITS, FORMATS[0].bits)
    words = 1.0 - 2.0 * encode_batch(messages, frozen)
    noise = np.random.default_rng(seed).normal(size=CODE_BITS) / np.sqrt(CODE_BITS)
    sums: NDArray[np.float32] = (words.sum(axis=0) * correlation / CODE_BITS + noise).astype("f4")
    return sums


def _forged(count: int) -> NDArray[np.uint8]:
    messages = np.random.default_rng(count).integers(0, 2, (count, FORMATS[0].bits))
    return messages.astype(np.uint8)


def test_a_strong_word_with_a_wrong_tag_is_hardly_more_than_one_guess(checked: set[bytes]) -> None:
    for seed in range(10):
        assert decode(_sums(_forged(1), 30.0, seed), SECRETS, TRIALS) is None
    # The longer formats' words lie closer together; their tags are longer too.
    assert sum(len(message) == FORMATS[0].bits for message in checked) == 1
    assert len(checked) < 250


def test_many_words_mixed_are_few_guesses(checked: set[bytes]) -> None:
    assert decode(_sums(_forged(12), 20.0, 1), SECRETS, TRIALS) is None
    assert len(checked) <= 4 * len(FORMATS)


def test_of_two_marks_of_a_key_laid_over_each_other_one_is_read() -> None:
    payloads = (b"one mark", b"another.")
    messages = np.array([pack(payload, 3, SECRETS) for payload in payloads])
    decoded = decode(_sums(messages, 20.0, 2), SECRETS, TRIALS)
    assert decoded is not None
    assert decoded.payload in payloads


def test_a_faint_word_is_read_among_its_neighbours() -> None:
    read = 0
    for seed in range(20):
        message = pack(seed.to_bytes(8, "big"), seed, SECRETS)[None]
        read += decode(_sums(message, 14.5, seed), SECRETS, TRIALS, thorough=True) is not None
    assert read >= 18
