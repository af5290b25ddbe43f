"""What somebody can do who knows the scheme, has its code, and has no key.

Everything here uses public knowledge only: the layout of the tiles, the pilots, the polar code, the
embedder's own law of depths. Nothing takes a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks import forgery
from benchmarks.audio import Sound
from benchmarks.forgery import Chips, Message, Product
from genlabel.audio._depth import lenience
from genlabel.audio._host import ANALYSED, analyse
from genlabel.audio._listener import Listener
from genlabel.audio._measure import HOP, statistic, tile_map
from genlabel.audio._samples import planar
from genlabel.audio._shaper import Shaper
from genlabel.audio._track import folded, phase_scores
from genlabel_kernels.audio.folding import PHASES
from genlabel_kernels.audio.layout import BANDS, FRAME, FRAMES, RATE, layout, pilot_map
from genlabel_kernels.audio.resampling import lowpass, resampled

Tiles = NDArray[np.float32]

_BLOCK = 44
_HOPS = FRAME // HOP


@dataclass(frozen=True, slots=True)
class Exposed:
    """What one sound shows once its superframes are folded where the public pilots say.

    Parameters
    ----------
    tiles : (108, 41) float32 array
        Of unit power.
    phase : int
        Row of the map at which superframes begin.
    clarity : float
        Correlation of the pilots, in standard deviations.
    """

    tiles: Tiles = field(repr=False)
    phase: int
    clarity: float

    @property
    def chips(self) -> Chips:
        """The tiles that carry code, of unit power."""
        return forgery.unit(self.tiles.reshape(-1)[layout().chips])

    @property
    def row(self) -> int:
        """Row of the superframe with which the sound begins."""
        return round(-self.phase % PHASES / _HOPS) % FRAMES


def exposed(sound: Sound) -> Exposed:
    """Fold a sound."""
    values = _values(sound)
    scores = phase_scores(values, pilot_map(), _BLOCK)
    phase = int(np.argmax(scores.sum(axis=0)))
    tiles = forgery.unit(_folded(values, phase))
    return Exposed(tiles, phase, float(np.vdot(tiles, pilot_map())) / len(layout().pilots) ** 0.5)


def chips_at(sound: Sound, phase: int) -> Chips:
    """Fold a sound whose superframes begin at a known row of the map, and give its chips."""
    return _folded(_values(sound), phase).reshape(-1)[layout().chips]


def tiles_of(chips: Chips, *, pilots: bool = True) -> Tiles:
    """Lay chips of any values out as tiles of unit power, with the public pilots or none."""
    tiles = pilot_map().reshape(-1) * np.float32(pilots)
    tiles[layout().chips] = forgery.unit(chips)
    return tiles.reshape(FRAMES, BANDS)


def lay(sound: Sound, tiles: Tiles, row: int = 0, strength: float = 1.0) -> Sound:
    """Make tiles louder and softer, as deep as the embedder would.

    Parameters
    ----------
    sound : Sound
        Marked or not.
    tiles : (108, 41) float32 array
        Any values; a mark has -1 and +1.
    row : int
        Of the superframe, with which the sound begins.
    strength : float
        Below zero it takes off what it would put on.
    """
    samples, beginning = planar(sound.samples), sound.samples[: ANALYSED * sound.rate]
    listener = Listener(sound.rate, len(samples))
    heard = listener.push(planar(beginning))
    depth = strength * analyse([heard], lenience(beginning, sound.rate)).depth
    shaper = Shaper(listener, tiles, phase=row, depth=depth)
    parts = [shaper.add(heard), shaper.push(samples[:, len(beginning) :]), shaper.flush()]
    return Sound(np.ascontiguousarray(np.concatenate(parts, axis=1).T), sound.rate)


def without_pilots(sound: Sound, strength: float = 1.0) -> Sound:
    """Take off the public pilots."""
    return lay(sound, pilot_map(), exposed(sound).row, -strength)


def without_own_tiles(sound: Sound, strength: float) -> Sound:
    """Fold a sound and take off what it shows, pilots included."""
    seen = exposed(sound)
    return lay(sound, tiles_of(seen.chips), seen.row, -strength)


def without_learnt(sound: Sound, learnt: Chips, strength: float) -> Sound:
    """Take off the signs that were learnt from other sounds, turned to what this one says."""
    seen = exposed(sound)
    difference = product_of_two(learnt, seen.chips).message
    signs = np.sign(turned(learnt, difference))
    return lay(sound, tiles_of(signs), seen.row, -strength)


def product_of_two(first: Chips, second: Chips) -> Product:
    """Decode the product of two sounds' chips: the key's secret signs cancel in it."""
    return forgery.product_of_two(first, second, layout().bit_of_chip)


def turned(chips: Chips, difference: Message) -> Chips:
    """Change what chips say by a message."""
    return forgery.turned(chips, difference, layout().bit_of_chip)


def aligned_average(marks: Sequence[Chips]) -> Chips:
    """Average chips of one key, whatever they say, turned to say what the first sound does."""
    return forgery.aligned_average(marks, layout().bit_of_chip)


def _values(sound: Sound) -> Tiles:
    values = statistic(tile_map(resampled(planar(sound.samples), lowpass(sound.rate, RATE))))
    return values / np.float32(np.sqrt(np.mean(np.square(values), dtype=np.float64)))


def _folded(values: Tiles, phase: int) -> Tiles:
    return folded(values, np.full(-(-len(values) // _BLOCK), phase, np.int64), _BLOCK)
