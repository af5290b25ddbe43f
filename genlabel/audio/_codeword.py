"""From a key and a payload to code words on tiles, and back from tiles to code bits."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genlabel._key import Key
from genlabel._payload import CODE_BITS, PayloadSecrets, pack_all, payload_secrets
from genlabel_kernels.audio.layout import BANDS, FRAMES, layout, pilot_map
from genlabel_kernels.chips import fold_chips, signs, spread
from genlabel_kernels.code.polar import encode_batch, frozen_mask


@dataclass(frozen=True, slots=True)
class MarkSecrets:
    """What one key contributes to audio marks; see `mark_secrets`.

    Parameters
    ----------
    name : str
        The key's name.
    chip_signs : (n,) int8 array
        Signs of the chips.
    payload : PayloadSecrets
        For messages.
    """

    name: str
    chip_signs: NDArray[np.int8] = field(repr=False)
    payload: PayloadSecrets = field(repr=False)


@functools.lru_cache(maxsize=512)
def mark_secrets(key: Key) -> MarkSecrets:
    """Derive a key's audio secrets, once per key."""
    drawn = signs(key.derive("audio/signs/1"), len(layout().chips))
    return MarkSecrets(key.name, drawn, payload_secrets(key))


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


def superframe_signs(word: NDArray[np.int8], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Lay a code word and the pilots out as tiles.

    Returns
    -------
    (108, 41) float32 array of -1 and +1
        +1 where the sound becomes louder.
    """
    plan = layout()
    tiles = pilot_map().reshape(-1).copy()
    tiles[plan.chips] = spread(word, secrets.chip_signs, plan.bit_of_chip)
    return tiles.reshape(FRAMES, BANDS)


def bit_sums(tiles: NDArray[np.float32], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Sum a superframe's tiles into code bits under a key.

    Parameters
    ----------
    tiles : (4428,) float32 array
        Measured.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    (1024,) float32 array
        Of chips scaled to unit norm; positive speaks for bit 0.
    """
    plan = layout()
    chips = tiles[plan.chips]
    norm = float(np.linalg.norm(chips))
    unit = chips * np.float32(1.0 / norm if norm > 0 else 0.0)
    return fold_chips(unit, secrets.chip_signs, plan.bit_of_chip, CODE_BITS)
