"""The audio mark on the wire: every number a detector and an embedder must share.

The mark changes the level of *tiles*: pieces of sound `FRAME` samples long at `RATE` and two DFT
bins (86 Hz) high. `FRAMES` rows of `BANDS` tiles are a *superframe*, which carries the whole code
word; it repeats, the same each time, as long as the sound lasts. Whatever rate the sound has, it is
brought to `RATE` first, so that all of this is defined in seconds and hertz.

Some tiles of each superframe carry no code: they are public pilots, by which a detector finds out
where superframes begin. Nothing here depends on a key.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.chips import permutation, signs

VERSION = 1
#: Samples per second at which tiles are cut.
RATE = 11025
#: Samples of a tile: 23.2 ms.
FRAME = 256
#: First DFT bin of the lowest tile, at 43 Hz per bin: 517 Hz.
FIRST_BIN = 12
BINS_PER_BAND = 2
#: Tiles side by side: up to 4 kHz, which is what telephones and 8-kHz files carry.
BANDS = 41
#: Tiles in a row: 2.5 s.
FRAMES = 108
CODE_BITS = 1024
# One tile of so many is a pilot, so that superframes are found between cuts a second apart.
_PILOT_EVERY = 5.4
_SEED = b"audio/layout/1"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a superframe's pilots and chips lie; tile (k, b) has the index ``k * BANDS + b``.

    Parameters
    ----------
    pilots : (p,) int32 array
        Indices of the public tiles, ascending.
    pilot_signs : (p,) int8 array
        +1 where a pilot is louder than the sound was, -1 where it is softer.
    chips : (n,) int32 array
        Indices of the tiles that carry code, ascending.
    bit_of_chip : (n,) int32 array
        The code bit of each chip; every bit has chips all over the band.
    """

    pilots: NDArray[np.int32]
    pilot_signs: NDArray[np.int8]
    chips: NDArray[np.int32]
    bit_of_chip: NDArray[np.int32]


@functools.cache
def layout() -> Layout:
    """Give the layout of a superframe."""
    tiles = np.arange(FRAMES * BANDS, dtype=np.int32)
    pilot = np.zeros(tiles.size, bool)
    # Band by band, so that every band and every moment has its share.
    per_band = int(FRAMES / _PILOT_EVERY)
    for band in range(BANDS):
        where = permutation(_SEED + b"/pilots/%d" % band, FRAMES)[:per_band]
        pilot[where * BANDS + band] = True
    chips = tiles[~pilot]
    # Dealt out along the frequency, so that every code bit gets the same share of each band.
    by_band = np.argsort(chips % BANDS, kind="stable")
    dealt = np.empty(chips.size, np.int32)
    for start in range(0, chips.size, CODE_BITS):
        hand = permutation(_SEED + b"/bits/%d" % start, CODE_BITS)
        dealt[start : start + CODE_BITS] = hand[: chips.size - start]
    bit_of_chip = np.empty(chips.size, np.int32)
    bit_of_chip[by_band] = dealt
    drawn = signs(_SEED + b"/pilot signs", int(pilot.sum()))
    return Layout(tiles[pilot], drawn, chips, bit_of_chip)


@functools.cache
def pilot_map() -> NDArray[np.float32]:
    """Lay the pilots' signs out as tiles.

    Returns
    -------
    (108, 41) float32 array
        -1 and +1 at pilots, 0 elsewhere; of unit norm it is not.
    """
    plan = layout()
    tiles = np.zeros(FRAMES * BANDS, np.float32)
    tiles[plan.pilots] = plan.pilot_signs
    return tiles.reshape(FRAMES, BANDS)
