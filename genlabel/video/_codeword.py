"""From a key and a payload to code words on chips, and back from chips to code bits."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel import _chip_secrets
from genlabel._chip_secrets import ChipSecrets, chip_secrets
from genlabel._key import Key
from genlabel_kernels.chips import dealt_order, spread
from genlabel_kernels.plane.layout import CODE_BITS
from genlabel_kernels.video.layout import layout


@functools.lru_cache(maxsize=512)
def mark_secrets(key: Key) -> ChipSecrets:
    """Derive a key's video secrets, once per key."""
    return chip_secrets(key, "video/signs/1", layout().chips, _dealt())


def word_chips(word: NDArray[np.int8], secrets: ChipSecrets) -> NDArray[np.float32]:
    """Spread a code word over the chips.

    Returns
    -------
    (n,) float32 array of -1 and +1
    """
    return spread(word, secrets.chip_signs, layout().bit_of_chip)


def key_sums(chips: NDArray[np.float32], secrets: Sequence[ChipSecrets]) -> NDArray[np.float32]:
    """Sum measured chips into code bits under every key, as `_chip_secrets.key_sums`."""
    return _chip_secrets.key_sums(chips, secrets, _dealt())


@functools.cache
def _dealt() -> NDArray[np.int32]:
    return dealt_order(layout().bit_of_chip, CODE_BITS)
