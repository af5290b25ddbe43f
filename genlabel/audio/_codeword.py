"""From a key and a payload to code words on tiles, and back from tiles to code bits."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel import _chip_secrets
from genlabel._chip_secrets import ChipSecrets, chip_secrets
from genlabel._key import Key
from genlabel._payload import CODE_BITS
from genlabel_kernels.audio.layout import BANDS, FRAMES, layout, pilot_map
from genlabel_kernels.chips import dealt_order, spread


@functools.lru_cache(maxsize=512)
def mark_secrets(key: Key) -> ChipSecrets:
    """Derive a key's audio secrets, once per key."""
    return chip_secrets(key, "audio/signs/1", len(layout().chips), _dealt())


def superframe_signs(word: NDArray[np.int8], secrets: ChipSecrets) -> NDArray[np.float32]:
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


def key_sums(tiles: NDArray[np.float32], secrets: Sequence[ChipSecrets]) -> NDArray[np.float32]:
    """Sum a superframe's tiles into code bits under every key.

    Parameters
    ----------
    tiles : (108, 41) float32 array
        Measured.
    secrets : sequence of ChipSecrets
        Of the keys.

    Returns
    -------
    (keys, 1024) float32 array
        Of chips scaled to unit norm; positive speaks for bit 0.
    """
    chips = tiles.reshape(-1)[layout().chips]
    return _chip_secrets.key_sums(chips, secrets, _dealt())


def phase_sums(tiles: NDArray[np.float32], secrets: ChipSecrets) -> NDArray[np.float32]:
    """Sum many superframes' tiles into code bits under one key.

    Parameters
    ----------
    tiles : (p, 108, 41) float32 array
        One measurement at p phases.
    secrets : ChipSecrets
        Of the key.

    Returns
    -------
    (p, 1024) float32 array
        As `key_sums`, but for the scale: all tiles have unit norm, pilots included.
    """
    flat = tiles.reshape(len(tiles), -1)
    norm = float(np.linalg.norm(flat[0])) if len(flat) else 0.0
    sums = np.zeros((len(flat), CODE_BITS), np.float32)
    for indices, drawn in zip(_dealt_tiles(), secrets.dealt_signs, strict=True):
        sums += flat.take(indices, axis=1) * drawn
    sums *= np.float32(1.0 / norm if norm > 0 else 0.0)
    return sums


@functools.cache
def _dealt() -> NDArray[np.int32]:
    return dealt_order(layout().bit_of_chip, CODE_BITS)


@functools.cache
def _dealt_tiles() -> NDArray[np.int32]:
    """Give the tile of every chip in dealt order; any where there is none."""
    return np.append(layout().chips, np.int32(0))[_dealt()]
