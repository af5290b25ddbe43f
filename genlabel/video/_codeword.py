"""From a key and a payload to code words on chips, and back from chips to code bits."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genlabel._key import Key
from genlabel._payload import PayloadSecrets, payload_secrets
from genlabel_kernels.chips import dealt_order, signed_sums, signs, spread
from genlabel_kernels.plane.layout import CODE_BITS
from genlabel_kernels.video.layout import layout

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class MarkSecrets:
    """What one key contributes to video marks; see `mark_secrets`.

    Parameters
    ----------
    name : str
        The key's name.
    chip_signs : (n,) int8 array
        Signs of the chips.
    dealt_signs : (rounds, 1024) int8 array
        The same in dealt order, 0 where there is no chip.
    payload : PayloadSecrets
        For messages.
    """

    name: str
    chip_signs: NDArray[np.int8] = field(repr=False)
    dealt_signs: NDArray[np.int8] = field(repr=False)
    payload: PayloadSecrets = field(repr=False)


@functools.lru_cache(maxsize=512)
def mark_secrets(key: Key) -> MarkSecrets:
    """Derive a key's video secrets, once per key."""
    drawn = signs(key.derive("video/signs/1"), layout().chips)
    rows = np.append(drawn, np.int8(0))[_dealt()]
    return MarkSecrets(key.name, drawn, np.ascontiguousarray(rows), payload_secrets(key))


def word_chips(word: NDArray[np.int8], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Spread a code word over the chips.

    Returns
    -------
    (n,) float32 array of -1 and +1
    """
    return spread(word, secrets.chip_signs, layout().bit_of_chip)


def key_sums(chips: NDArray[np.float32], secrets: Sequence[MarkSecrets]) -> NDArray[np.float32]:
    """Sum measured chips into code bits under every key.

    Parameters
    ----------
    chips : (n,) float32 array
        As measured.
    secrets : sequence of MarkSecrets
        Of the keys.

    Returns
    -------
    (keys, 1024) float32 array
        Of chips scaled to unit norm; positive speaks for bit 0.
    """
    norm = max(float(np.linalg.norm(chips)), _NOTHING)
    unit = np.append(chips / np.float32(norm), np.float32(0.0))
    rows = np.stack([secret.dealt_signs for secret in secrets])
    out = np.empty((len(secrets), CODE_BITS), np.float32)
    signed_sums(np.ascontiguousarray(unit[_dealt()]), rows, out)
    return out


@functools.cache
def _dealt() -> NDArray[np.int32]:
    return dealt_order(layout().bit_of_chip, CODE_BITS)
