"""From a key and a payload to code words on chips, and back from chips to a payload."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
from genlabel_kernels.chips import fold_chips, signs, spread
from genlabel_kernels.code.polar import encode_batch, frozen_mask, list_decode
from genlabel_kernels.image.layout import CODE_BITS, layout
from numpy.typing import NDArray

from genlabel._key import Key
from genlabel._payload import FORMATS, PayloadSecrets, pack_all, payload_secrets, unpack

LAYERS = ("fine", "coarse")
LIST_SIZE = 16


@dataclass(frozen=True, slots=True)
class MarkSecrets:
    """What one key contributes to image marks; see `mark_secrets`.

    Parameters
    ----------
    name : str
        The key's name.
    chip_signs : (2, n) int8 array
        Signs of the fine and of the coarse layer's chips.
    payload : PayloadSecrets
        For messages.
    """

    name: str
    chip_signs: NDArray[np.int8] = field(repr=False)
    payload: PayloadSecrets = field(repr=False)


@functools.lru_cache(maxsize=512)
def mark_secrets(key: Key) -> MarkSecrets:
    """Derive a key's image secrets, once per key."""
    rows = [signs(key.derive(f"image/signs/{layer}/1"), layout().chips) for layer in LAYERS]
    return MarkSecrets(key.name, np.stack(rows), payload_secrets(key))


def code_words(payload: bytes, secrets: MarkSecrets) -> NDArray[np.int8]:
    """Encode a payload under every salt.

    Returns
    -------
    (256, 1024) int8 array of -1 and +1

    Raises
    ------
    UnsupportedError
        A payload has 8, 16 or 32 bytes.
    """
    messages = pack_all(payload, secrets.payload)
    words = encode_batch(messages, frozen_mask(CODE_BITS, messages.shape[1]))
    return 1 - 2 * words.view(np.int8)


def word_chips(word: NDArray[np.int8], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Spread a code word over both layers' chips.

    Returns
    -------
    (2, n) float32 array of -1 and +1
    """
    return np.stack([spread(word, row, layout().bit_of_chip) for row in secrets.chip_signs])


def bit_sums(chips: NDArray[np.float32], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Sum both layers' chips into code bits under a key.

    Parameters
    ----------
    chips : (2, n) float32 array
        Measured, each layer at its weight.

    Returns
    -------
    (1024,) float32 array
        Positive speaks for bit 0.
    """
    bits = layout().bit_of_chip
    return fold_chips(
        chips.ravel(), secrets.chip_signs.ravel(), np.concatenate([bits, bits]), CODE_BITS
    )


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message whose tag was right.

    Parameters
    ----------
    payload : bytes
        Its payload.
    correlation : float
        Correlation of its code word with the measured chips, in standard deviations of what
        keyed signs give on any fixed measurement.
    bits : int
        Bits that tell messages apart: payload and salt.
    """

    payload: bytes
    correlation: float
    bits: int


def decode(chips: NDArray[np.float32], secrets: MarkSecrets) -> Decoded | None:
    """Decode measured chips under one key, trying every payload size.

    Parameters
    ----------
    chips : (2, n) float32 array
        Measured, each layer at its weight.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    Decoded or None
        None where no candidate's tag is right.
    """
    sums = bit_sums(chips, secrets)
    norm = float(np.linalg.norm(chips))
    if norm == 0.0:
        return None
    for form in FORMATS:
        frozen = frozen_mask(CODE_BITS, form.bits)
        candidates, _ = list_decode(sums, frozen, LIST_SIZE)
        for candidate in candidates:
            payload = unpack(candidate, secrets.payload)
            if payload is not None:
                word = 1.0 - 2.0 * encode_batch(candidate[None], frozen)[0]
                told_apart = 8 * (form.payload_bytes + form.salt_bytes)
                return Decoded(payload, float(word @ sums) / norm, told_apart)
    return None
