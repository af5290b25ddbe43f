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
from genlabel.audio._listener import Heard
from genlabel.audio._measure import statistic, tile_map
from genlabel.audio._samples import Samples
from genlabel.audio._shaper import DEEPEST
from genlabel_kernels.audio.layout import (
    BANDS,
    FRAME,
    FRAMES,
    RATE,
    layout,
    pilot_map,
)
from genlabel_kernels.audio.masking import masking_matrix, maskings
from genlabel_kernels.audio.residual import own_powers
from genlabel_kernels.chips import signs

#: Of a longer sound, so many seconds at its beginning stand for the whole.
ANALYSED = 30
# The depth that a sound bears, fitted to the grades of BS.1387 and P.862.2 on speech, music and
# noises: nepers at none of what follows; per decibel by which the change of the louder tiles stands
# out of their masking, and per decibel by which the change does in the worst rows, quiet ones too;
# and per neper by which it moves what is steady.
_NEPERS = -2.27
_PER_LOUD, _PER_WORST, _PER_MOVED = 0.0218, -0.0528, -0.4457
# The grade of the same change is sterner where the treble reaches less far: nepers by which the
# depth of one grade differs, where it reaches so many kilohertz, as the network of BS.1387 has it.
_KILOHERTZ = (13.1, 14.5, 15.9, 17.3, 18.3, 19.2, 20.2, 20.6, 21.1, 21.6)
_BY_REACH = (-0.17, -0.09, -0.04, 0.0, 0.04, 0.09, 0.17, 0.24, 0.33, 0.45)
# And nepers by which sounds of lower rates than this bear more, fitted as the rest.
_TELEPHONE, _BY_TELEPHONE = 11_025, 0.05
_DEPTHS = (0.08, 0.26)
# What is masked at least, against the loudest tiles: for the louder ones, and for all.
_QUIET_LOUD, _QUIET = 1e-3, 1e-5
_LOUDEST_TILES, _WORST_ROWS = 99.0, 98.0
# Where the treble of rates below 43.2 and 47.9 kHz is taken to end, in kilohertz; at higher rates
# it ends where it sinks into what lies above 21.6 kHz.
_REACHES = ((43_200, 17.3), (47_900, 21.3))
_LEAST_REACH = 13.5
_TREBLE_HERTZ, _ABOVE_HERTZ, _OUT_OF_NOISE = 8100, 21_600, 10.0
_SPECTRUM, _SPECTRA = 2048, 64
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
    doubtful : bool
        Whether `carried` cannot be trusted: steady tones and lone clicks are between tiles rather
        than in them.
    """

    depth: float
    carried: float
    tiles: NDArray[np.float32]
    pilots: NDArray[np.float32]
    doubtful: bool

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


def lenience(samples: Samples, rate: int) -> float:
    """Say how much deeper than another a sound may be marked for its treble's sake.

    Parameters
    ----------
    samples : (n,) or (n, C) float array
        At most `ANALYSED` seconds.
    rate : int
        In hertz.

    Returns
    -------
    float
        Nepers.
    """
    if rate < _TELEPHONE:
        return _BY_TELEPHONE
    return float(np.interp(_treble_reach(samples, rate), _KILOHERTZ, _BY_REACH))


def _treble_reach(samples: Samples, rate: int) -> float:
    """Say how far a sound's treble reaches, in kilohertz."""
    for highest, reach in _REACHES:
        if rate < highest:
            return reach
    rows = samples.reshape(len(samples), -1).T
    size = min(_SPECTRUM, len(samples))
    starts = np.linspace(0, len(samples) - size, _SPECTRA).astype(np.int64)
    frames = rows[:, starts[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    power = np.abs(np.fft.rfft(frames)) ** 2
    hertz = np.fft.rfftfreq(size, 1.0 / rate)
    noise = power[..., hertz >= _ABOVE_HERTZ].max(axis=-1, initial=0.0, keepdims=True)
    out = (power > _OUT_OF_NOISE * noise + _TINY) & (hertz < _ABOVE_HERTZ)
    ends = (out * hertz).max(axis=-1, initial=0.0)
    ends = ends[ends > _TREBLE_HERTZ]
    return max(float(ends.mean()) / 1000.0, _LEAST_REACH) if ends.size else _LEAST_REACH


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
    depth = _bearable(powers, depths, treble)
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
    doubtful = bool(changed.sum() < _LEAST_OWN * limited.sum())
    return Host(depth, carried, tiles, _pilots(clean, loud, share), doubtful)


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


def _bearable(powers: NDArray[np.float32], depths: NDArray[np.float32], treble: float) -> float:
    heard = powers.sum(axis=1, dtype=np.float64) > 0
    if not heard.any():
        return _DEPTHS[0]
    powers, depths = powers[heard], depths[heard]
    noise = depths * depths * powers
    masked = np.empty_like(powers)
    maskings(powers, masking_matrix(), masked)
    peak = float(np.percentile(powers, _LOUDEST_TILES))
    loud = float((noise / (masked + _QUIET_LOUD * peak + _TINY)).mean())
    by_row = (noise / (masked + _QUIET * peak + _TINY)).mean(axis=1)
    worst = float(np.percentile(by_row, _WORST_ROWS))
    nepers = _NEPERS + treble
    nepers += _PER_MOVED * math.log(_moved(powers, depths) + _TINY)
    nepers += 10.0 * (_PER_LOUD * math.log10(loud + _TINY) + _PER_WORST * math.log10(worst + _TINY))
    return min(max(math.exp(nepers), _DEPTHS[0]), _DEPTHS[1])


def _moved(powers: NDArray[np.float32], depths: NDArray[np.float32]) -> float:
    """Say by how much the change moves what is heard in a band, against how much that moves."""
    spreading = masking_matrix() / masking_matrix().sum(axis=0)
    heard = powers @ spreading + np.float32(_TINY)
    changed = np.sqrt(np.square(depths * powers) @ np.square(spreading)) / heard
    steps = np.abs(np.diff(np.log(heard), axis=0, prepend=np.log(heard[:1])))
    steps[:-1] = np.maximum(steps[:-1], steps[1:])
    levels = np.sqrt(np.sqrt(heard))
    return float((levels * changed / (1.0 + steps)).sum() / levels.sum())
