"""What a sound is like before it is marked: how deep a mark it bears, and which word suits it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._payload import code_words
from genlabel.audio._codeword import phase_sums
from genlabel.audio._depth import bearable
from genlabel.audio._listener import Heard
from genlabel.audio._measure import statistic, tile_map
from genlabel.audio._shaper import DEEPEST
from genlabel_kernels.audio.layout import (
    BANDS,
    FRAME,
    FRAMES,
    RATE,
    layout,
    pilot_map,
)
from genlabel_kernels.audio.residual import own_powers
from genlabel_kernels.chips import signs

#: Of a longer sound, so many seconds at its beginning stand for the whole.
ANALYSED = 30
# Rows of the detector's map per frame that are averaged here.
_HOPS = 4
# The part of a mark on the measurement that one on the sound leaves: tiles run into each other, and
# pilots carry nothing.
_KEPT = 0.9
_TRIAL = b"audio/trial/1"
# Noise in which the word has to suit the sound as well, against the tiles' mean power: what the
# quiet tiles say for a word is lost there, and there a word is needed most.
_NOISE = 0.5
# Energy of the detector's window over that of the embedder's.
_WINDOWS = np.float32(0.375)
_SILENT = np.float32(1e-20)
# Of what the embedder changes, what the detector's tiles have too: .45 to .53 of all of 37 sounds;
# steady tones, organs and clicks have .04 to .42.
_LEAST_OWN = 0.44
# By what factor the estimate of what such sounds carry, and of what is steady, was too high at
# most; and that of what is nearly so, by the nepers that there are to spare.
_MOST_EXCESS, _EXCESS_NEAR, _NEAR = 10.0, 3.5, 1.0
# How much the pilots' agreement with the sound counts against that of the message; and in a piece
# that is read with others, which must be found before it helps.
_PILOT_WEIGHT, _PILOT_WEIGHT_OF_PIECES = 0.7, 2.0
# Of the pilots' correlation, so that noise gives it unit variance.
_PILOT_SCALE = math.sqrt(FRAMES * BANDS / len(layout().pilots))
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Host:
    """A sound to be marked.

    Parameters
    ----------
    depth : float
        Of the mark that it bears, as `Shaper` takes it.
    carried : float
        Correlation, in standard deviations per root of a second, that such a mark gives.
    tiles : (108, 41) float32 array
        What a detector would see in the unmarked sound, as it is and in noise, superframes summed.
    pilots : (108,) float32 array
        How far the sound agrees with the pilots where each row of a superframe comes first, in
        standard deviations.
    excess : float
        By what factor `carried` may be too high: what is steady and what clicks is between tiles
        rather than in them.
    """

    depth: float
    carried: float
    tiles: NDArray[np.float32]
    pilots: NDArray[np.float32]
    excess: float

    @property
    def doubtful(self) -> bool:
        """Whether `carried` says hardly anything."""
        return self.excess == _MOST_EXCESS

    def choose(
        self, payload: bytes, secrets: ChipSecrets, *, salted: bool
    ) -> tuple[NDArray[np.int8], int]:
        """Choose the word and the phase that the sound agrees with already.

        Parameters
        ----------
        payload : bytes
            8, 16 or 32 bytes.
        secrets : ChipSecrets
            Of the key.
        salted : bool
            Whether any of the payload's words will do, or the first only.

        Returns
        -------
        word : (1024,) int8 array of -1 and +1
        phase : int
            Row of the superframe at which the sound begins.
        """
        words = code_words(payload, secrets.payload)[: None if salted else 1]
        favours = phase_sums(self.turned, secrets) @ words.T.astype(np.float32)
        weight = _PILOT_WEIGHT if salted else _PILOT_WEIGHT_OF_PIECES
        favours += np.float32(weight) * self.pilots[:, None]
        phase, index = divmod(int(np.argmax(favours)), len(words))
        return words[index], phase

    @property
    def turned(self) -> NDArray[np.float32]:
        """The tiles as they are where each row of a superframe comes first, (108, 108, 41)."""
        rows = np.arange(FRAMES)
        turned: NDArray[np.float32] = self.tiles[(rows[None] - rows[:, None]) % FRAMES]
        return turned


def analyse(heard: Sequence[Heard], treble: float) -> Host:
    """Look at a sound before it is marked.

    Parameters
    ----------
    heard : sequence of Heard
        The blocks of about the first `ANALYSED` seconds.
    treble : float
        From `lenience`.

    Returns
    -------
    Host
    """
    sound = np.concatenate([block.sound for block in heard], axis=1)
    powers = np.concatenate([block.spectra.powers for block in heard])
    depths = np.concatenate([block.depths for block in heard])
    depth, spare = bearable(powers, depths, treble)
    finer = own_powers(tile_map(sound, hop=FRAME // _HOPS), _HOPS)
    rows = np.ascontiguousarray(finer[::_HOPS][: len(powers)])
    powers, depths = powers[: len(rows)], depths[: len(rows)]
    values = statistic(rows, hops=1)
    noisy = statistic(rows + np.float32(_NOISE * rows.mean(dtype=np.float64)), hops=1)
    clean, loud = _folded(values), _folded(noisy)
    # Of a short sound no noise would leave enough.
    share = np.float32(min(1.0, len(rows) * FRAME / (ANALYSED * RATE)))
    tiles = clean + share * loud
    # What leaks into a tile of the embedder's and not into the detector's changes nothing there.
    own = np.minimum(rows / (_WINDOWS * powers + _SILENT), np.float32(1.0))
    limited = np.minimum(depths * depth, DEEPEST)
    changed = limited * own
    carried = _carried(rows, values, changed)
    if spare < 0 or changed.sum() < _LEAST_OWN * limited.sum():
        excess = _MOST_EXCESS
    else:
        excess = _EXCESS_NEAR if spare < _NEAR else 1.0
    return Host(depth, carried, tiles, _pilots(clean, loud, share), excess)


def _pilots(
    clean: NDArray[np.float32], loud: NDArray[np.float32], share: np.float32
) -> NDArray[np.float32]:
    """Say how far tiles agree with the pilots at every phase: in noise no less than without."""
    here, there = _agreement(clean), _agreement(loud)
    least = np.minimum(here, there) * np.float32(math.sqrt(2.0))
    return np.asarray(here + share * (least - here), np.float32)


def _agreement(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlate tiles of unit norm with the pilots at every phase, in standard deviations."""
    rows = np.arange(FRAMES)
    products = tiles @ pilot_map().T
    sums = products[(rows[None] - rows[:, None]) % FRAMES, rows[None]].sum(axis=1)
    return np.asarray(sums * np.float32(_PILOT_SCALE), np.float32)


def _folded(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum superframes, and bring the sum to unit norm; (108, 41) float32 array."""
    rows = np.pad(values, ((0, -len(values) % FRAMES), (0, 0)))
    tiles = rows.reshape(-1, FRAMES, BANDS).sum(axis=0)
    return np.asarray(tiles / np.float32(np.linalg.norm(tiles) + _TINY), np.float32)


def _carried(
    rows: NDArray[np.float32], values: NDArray[np.float32], depths: NDArray[np.float32]
) -> float:
    """Estimate what correlation a second of a mark gives, by a mark on the measurement itself."""
    if not len(rows):
        return 0.0
    trial = signs(_TRIAL, rows.size).reshape(rows.shape).astype(np.float32)
    marked = statistic(rows * np.exp(2.0 * depths * trial), hops=1)
    gained = float((trial * (marked - values)).sum(dtype=np.float64))
    norm = math.sqrt(float((marked * marked).sum(dtype=np.float64))) + _TINY
    return _KEPT * gained / norm * math.sqrt(RATE / FRAME / len(rows))
