"""What the audio mark withstands, and what it does not: properties, on few sounds.

Figures are in docs/security.md. The attacker's tools see no key.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks import forgery
from benchmarks.audio import Sound
from benchmarks.audio.security import adversary
from genlabel import Key
from genlabel.audio import detect, embed

OTHER = Key("other", bytes(range(32, 64)))
PAYLOADS = [bytes([number]) * 8 for number in range(1, 4)]
CLIPS = ["198-209-0000.hq.ogg", "wesnoth_sad.ogg", "Karissa_Hobbs_-_Lets_Go_Fishin.hq.ogg"]


def excerpt(path: Path) -> Sound:
    with soundfile.SoundFile(path) as file:
        samples = file.read(12 * file.samplerate, "float32", always_2d=True)
        return Sound(samples[: len(samples)], file.samplerate)


@pytest.fixture(scope="module")
def sounds(media: Callable[[str], Path]) -> list[Sound]:
    return [excerpt(media(f"audio/{name}")) for name in CLIPS]


@pytest.fixture(scope="module")
def marked(sounds: list[Sound], key: Key) -> list[Sound]:
    made = zip(sounds, PAYLOADS, strict=True)
    return [Sound(embed(one.samples, one.rate, sent, key), one.rate) for one, sent in made]


def test_a_mark_without_pilots_is_found_by_a_deep_search_only(
    marked: list[Sound], key: Key
) -> None:
    bare = adversary.without_pilots(marked[1])
    assert not detect(bare.samples, bare.rate, key).found
    found = detect(bare.samples, bare.rate, [OTHER, key], "deep")
    assert (found.payload, found.key) == (PAYLOADS[1], key.name)
    (span,) = found.spans
    # The piece begins softly.
    assert span.start < 1.5 and span.end > 11.5
    # Off the frames' grid as well.
    cut = bare.samples[bare.rate // 3 + 77 :]
    assert detect(cut, bare.rate, key, "deep").payload == PAYLOADS[1]
    assert not detect(bare.samples, bare.rate, OTHER, "deep").found


def test_a_deep_search_finds_nothing_where_nothing_is(sounds: list[Sound], key: Key) -> None:
    for one in sounds[:2]:
        assert not detect(one.samples, one.rate, key, "deep").found
    assert not detect(np.zeros((30_000, 1), np.float32), 8000, key, "deep").found


def test_two_sounds_of_a_key_show_their_difference_and_no_payload(
    marked: list[Sound], sounds: list[Sound]
) -> None:
    chips = [adversary.exposed(one).chips for one in marked]
    product = adversary.product_of_two(chips[1], chips[2])
    assert product.correlation > 14
    guess = np.packbits(product.message)[:8] ^ np.frombuffer(PAYLOADS[1], np.uint8)
    assert guess.tobytes() != PAYLOADS[2]
    foreign = embed(sounds[2].samples, sounds[2].rate, PAYLOADS[2], OTHER)
    other = adversary.exposed(Sound(foreign, sounds[2].rate)).chips
    assert adversary.product_of_two(chips[1], other).correlation < 13


def test_a_copy_is_accepted_and_a_payload_never_issued_is_not(
    marked: list[Sound], sounds: list[Sound], key: Key
) -> None:
    chips = np.sign(adversary.exposed(marked[2]).chips)
    copy = adversary.lay(sounds[1], adversary.tiles_of(chips))
    assert detect(copy.samples, copy.rate, key).payload == PAYLOADS[2]
    difference = forgery.change(np.random.default_rng(0), guess_tag=False)
    forged = adversary.lay(sounds[1], adversary.tiles_of(adversary.turned(chips, difference)))
    with forgery.tags_checked() as checked:
        assert not detect(forged.samples, forged.rate, key).found
    assert checked
