"""What somebody without a key can do with the chips of any medium's marks.

A medium's chips are what its folded tiles show: signs of code bits under a key's secret signs.
Which chip says which bit is public, and so is the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from genlabel import Detection, _decoding
from genlabel._payload import CODE_BITS, FORMATS, PayloadSecrets, unpack
from genlabel_kernels.chips import fold_chips
from genlabel_kernels.code.polar import encode, frozen_mask, list_decode

Chips = NDArray[np.float32]
Message = NDArray[np.uint8]
Bits = NDArray[np.int32]

#: Bits of a message with the 8-byte payload: payload, salt, tag.
MESSAGE_BITS = FORMATS[0].bits
TAG_BITS = 8 * FORMATS[0].tag_bytes
_LIST = 32
_FROZEN = frozen_mask(CODE_BITS, MESSAGE_BITS)


@dataclass(frozen=True, slots=True)
class Product:
    """What the chips of two marks multiply to.

    Parameters
    ----------
    message : (96,) uint8 array
        Most likely XOR of the two messages.
    correlation : float
        Of its code word with the product, in standard deviations of chance.
    """

    message: Message
    correlation: float


def product(*factors: Chips) -> Chips:
    """Multiply chips of several marks, none of which may outweigh the others."""
    limited = [np.clip(chips, -1.0, 1.0) for chips in factors]
    return np.asarray(np.prod(limited, axis=0), np.float32)


def product_of_two(first: Chips, second: Chips, bits: Bits) -> Product:
    """Decode the product of two marks' chips: the key's secret signs cancel in it.

    Parameters
    ----------
    first, second : (n,) float32 array
        Chips of unit power.
    bits : (n,) int32 array
        The code bit of each.
    """
    chips = product(first, second)
    sums = fold_chips(chips / np.linalg.norm(chips), np.ones(len(bits)), bits, CODE_BITS)
    candidates, _ = list_decode(sums, _FROZEN, _LIST)
    correlations = [float(word(message) @ sums) for message in candidates]
    best = int(np.argmax(correlations))
    return Product(candidates[best], correlations[best])


def turned(chips: Chips, difference: Message, bits: Bits) -> Chips:
    """Change what chips say by a message: their signs change by a public code word."""
    return np.asarray(chips * word(difference)[bits], np.float32)


def aligned_average(marks: Sequence[Chips], bits: Bits) -> Chips:
    """Average chips of one key, whatever they say: each is first turned to say what the first does.

    Returns
    -------
    (n,) float32 array
        The first mark's chips, the better known the more marks there are.
    """
    first = marks[0]
    total = first.copy()
    for other in marks[1:]:
        total += turned(other, product_of_two(first, other, bits).message, bits)
    return np.asarray(total / len(marks), np.float32)


def word(message: Message) -> NDArray[np.int8]:
    """Encode a message to a code word of -1 and +1."""
    return np.asarray(1 - 2 * encode(message, _FROZEN).view(np.int8), np.int8)


def unit(chips: Chips) -> Chips:
    """Scale chips to unit power."""
    return np.asarray(chips / np.sqrt(np.mean(chips**2)), np.float32)


def norms(first: Chips, second: Chips) -> float:
    """Give what an inner product is divided by to be a correlation."""
    return float(np.linalg.norm(first) * np.linalg.norm(second))


def change(rng: np.random.Generator, *, guess_tag: bool) -> Message:
    """Draw a difference of messages, of the tags as well or not."""
    drawn = rng.integers(0, 2, MESSAGE_BITS, dtype=np.uint8)
    if not guess_tag:
        drawn[-TAG_BITS:] = 0
    return drawn


def read_untagged(sums: NDArray[np.float32]) -> tuple[Message, float]:
    """Decode code bits measured under a key, whatever the tag says; and the word's correlation."""
    candidates, _ = list_decode(sums, _FROZEN, _LIST)
    words = np.stack([word(message) for message in candidates])
    best = int(np.argmax(words @ sums))
    return candidates[best], float(words[best] @ sums)


def verdict(detection: Detection, issued: set[bytes]) -> str:
    """Say what a forgery is taken for: ``copy`` of an issued payload, ``forged``, ``nothing``."""
    if not detection.found:
        return "nothing"
    return "copy" if detection.payload in issued else "forged"


@contextmanager
def tags_checked() -> Iterator[set[bytes]]:
    """Collect the distinct messages whose tag the detector checks: each is a guess."""
    seen: set[bytes] = set()

    def counting(bits: Message, secrets: PayloadSecrets) -> bytes | None:
        seen.add(bytes(bits))
        return unpack(bits, secrets)

    with mock.patch.object(_decoding, "unpack", counting):
        yield seen
