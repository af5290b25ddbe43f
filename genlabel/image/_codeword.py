"""From a key and a payload to code words on chips, and back from chips to a payload."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genlabel._decoding import Decoded, log10_bound
from genlabel._decoding import decode as proven
from genlabel._key import Key
from genlabel._payload import PayloadSecrets, payload_secrets
from genlabel_kernels.chips import dealt_order, fold_chips, signs, spread
from genlabel_kernels.image.layout import LAYERS, layout
from genlabel_kernels.plane.layout import CODE_BITS

__all__ = ["Decoded", "log10_bound"]


@dataclass(frozen=True, slots=True)
class MarkSecrets:
    """What one key contributes to image marks; see `mark_secrets`.

    Parameters
    ----------
    name : str
        The key's name.
    chip_signs : (n,) int8 array
        Signs of the fine layer's chips, then of the coarse layer's.
    dealt_signs : (rounds, 1024) int8 array
        The same in dealt order, layer by layer, 0 where there is no chip.
    binding : bytes
        Key of the signature that binds a mark to its picture.
    payload : PayloadSecrets
        For messages.
    """

    name: str
    chip_signs: NDArray[np.int8] = field(repr=False)
    dealt_signs: NDArray[np.int8] = field(repr=False)
    binding: bytes = field(repr=False)
    payload: PayloadSecrets = field(repr=False)


@functools.lru_cache(maxsize=512)
def mark_secrets(key: Key) -> MarkSecrets:
    """Derive a key's image secrets, once per key."""
    drawn = [signs(key.derive(f"image/signs/{layer}/1"), layout(layer).chips) for layer in LAYERS]
    pairs = zip(LAYERS, drawn, strict=True)
    rows = [np.append(row, np.int8(0))[dealt(layer)] for layer, row in pairs]
    return MarkSecrets(
        name=key.name,
        chip_signs=np.concatenate(drawn),
        dealt_signs=np.concatenate(rows),
        binding=key.derive("image/binding/1"),
        payload=payload_secrets(key),
    )


@functools.cache
def dealt(layer: str) -> NDArray[np.int32]:
    """Give the dealt order of a layer's chips, as `dealt_order` does."""
    return dealt_order(layout(layer).bit_of_chip, CODE_BITS)


@functools.cache
def _bit_of_chip() -> NDArray[np.int32]:
    return np.concatenate([layout(layer).bit_of_chip for layer in LAYERS])


def word_chips(word: NDArray[np.int8], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Spread a code word over both layers' chips.

    Returns
    -------
    (n,) float32 array of -1 and +1
        The fine layer's, then the coarse layer's.
    """
    return spread(word, secrets.chip_signs, _bit_of_chip())


def bit_sums(chips: NDArray[np.float32], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Sum both layers' chips into code bits under a key.

    Parameters
    ----------
    chips : (n,) float32 array
        Measured: the fine layer's, then the coarse layer's, each at its weight.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    (1024,) float32 array
        Positive speaks for bit 0.
    """
    return fold_chips(chips, secrets.chip_signs, _bit_of_chip(), CODE_BITS)


def decode(
    sums: NDArray[np.float32],
    secrets: MarkSecrets,
    trials: int,
    *,
    polarities: Sequence[int] = (1, -1),
    thorough: bool = False,
) -> Decoded | None:
    """Decode measured code bits under one key, trying every payload size.

    Parameters
    ----------
    sums : (1024,) float32 array
        Code bits of chips of unit norm, as from `bit_sums`.
    secrets : MarkSecrets
        Of the key.
    trials : int
        Measurements and keys that the whole search may look at.
    polarities : sequence of int
        Signs to try: a picture whose tones were inverted carries every chip with the other sign.
    thorough : bool
        Whether to keep many paths, which reads .3 dB deeper and takes ten times as long.

    Returns
    -------
    Decoded or None
        None where no candidate is proven.
    """
    return proven(sums, secrets.payload, trials, polarities=polarities, thorough=thorough)
