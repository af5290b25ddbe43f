"""What a key does to chips: their signs, and the sums of signed chips that are code bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genlabel._key import Key
from genlabel._payload import CODE_BITS, PayloadSecrets, payload_secrets
from genlabel_kernels.chips import signed_sums, signs

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class ChipSecrets:
    """What one key contributes to the marks of sounds or films; see `chip_secrets`.

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


def chip_secrets(key: Key, context: str, chips: int, dealt: NDArray[np.int32]) -> ChipSecrets:
    """Derive a key's secrets.

    Parameters
    ----------
    key : Key
        Of the mark.
    context : str
        What the signs are for; other contexts have other signs.
    chips : int
        How many.
    dealt : (rounds, 1024) int32 array
        Their order, from `genlabel_kernels.chips.dealt_order`.

    Returns
    -------
    ChipSecrets
    """
    drawn = signs(key.derive(context), chips)
    rows = np.append(drawn, np.int8(0))[dealt]
    return ChipSecrets(key.name, drawn, np.ascontiguousarray(rows), payload_secrets(key))


def key_sums(
    chips: NDArray[np.float32], secrets: Sequence[ChipSecrets], dealt: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Sum measured chips into code bits under every key.

    Parameters
    ----------
    chips : (n,) float32 array
        As measured.
    secrets : sequence of ChipSecrets
        Of the keys.
    dealt : (rounds, 1024) int32 array
        As for `chip_secrets`.

    Returns
    -------
    (keys, 1024) float32 array
        Of chips scaled to unit norm; positive speaks for bit 0.
    """
    norm = max(float(np.linalg.norm(chips)), _NOTHING)
    unit = np.append(chips / np.float32(norm), np.float32(0.0))
    rows = np.stack([secret.dealt_signs for secret in secrets])
    out = np.empty((len(secrets), CODE_BITS), np.float32)
    signed_sums(np.ascontiguousarray(unit[dealt]), rows, out)
    return out
