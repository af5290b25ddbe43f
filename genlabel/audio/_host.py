"""What a sound is like before it is marked: how deep a mark it bears, and which word suits it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel.audio._codeword import MarkSecrets, code_words, phase_sums
from genlabel.audio._measure import statistic, tile_map
from genlabel.audio._shaper import DEEPEST, LEAD, Channels, Spectra
from genlabel_kernels.audio.layout import (
    BANDS,
    FRAME,
    FRAMES,
    RATE,
    layout,
    pilot_map,
)
from genlabel_kernels.audio.masking import (
    first_state,
    masking_matrix,
    maskings,
    tile_depths,
)
from genlabel_kernels.audio.resampling import lowpass, resampled
from genlabel_kernels.audio.tiles import REACH
from genlabel_kernels.chips import signs

#: Of a longer sound, so many seconds at its beginning stand for the whole.
ANALYSED = 60
# The depth that a sound bears, fitted to the grades of BS.1387 and P.862.2 on speech, music and
# noises: the more its tiles' changes stand out of their masking, in decibels, and the more its
# level moves from row to row, in nats, the less. Nepers at none of both, per decibel and per nat;
# for sounds without treble, and with it.
_NARROW, _WIDE = (-2.06, -0.102, -0.242), (-1.72, -0.07, -0.799)
_DEPTHS = (0.022, 0.1)
# Where there is treble, movement makes no difference from what music has to what speech has; more
# is in sounds that break off into digital silence, which bear little.
_LIVELY, _BROKEN = 1.1, 1.45
# Treble: the power above 8 kHz against all, in decibels, from none that counts to enough of it.
_TREBLE_HERTZ = 8000
_NO_TREBLE, _ENOUGH_TREBLE = -60.0, -52.0
_LONGEST_SPECTRUM, _SPECTRA = 2048, 32
# The part of a mark on the measurement that one on the sound leaves: tiles run into each other, and
# pilots carry nothing.
_KEPT = 0.85
_TRIAL = b"audio/trial/1"
# Energy of the detector's window over that of the embedder's.
_WINDOWS = np.float32(0.375)
_SILENT = np.float32(1e-20)
# How much the pilots' agreement with the sound counts against that of the message; and in a piece
# that is read with others, which must be found before it helps.
_PILOT_WEIGHT, _PILOT_WEIGHT_OF_PIECES = 0.7, 2.0
# Of the pilots' correlation, so that noise gives it unit variance.
_PILOT_SCALE = math.sqrt(FRAMES * BANDS / len(layout().pilots))
_QUIET = np.float32(1e-5)
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
        What a detector would see in the unmarked sound, superframes summed.
    """

    depth: float
    carried: float
    tiles: NDArray[np.float32]

    def choose(
        self, payload: bytes, secrets: MarkSecrets, *, salted: bool
    ) -> tuple[NDArray[np.int8], int]:
        """Choose the word and the phase that the sound agrees with already.

        Parameters
        ----------
        payload : bytes
            8, 16 or 32 bytes.
        secrets : MarkSecrets
            Of the key.
        salted : bool
            Whether any of the payload's words will do, or the first only.

        Returns
        -------
        word : (1024,) int8 array of -1 and +1
        phase : int
            Row of the superframe at which the sound begins.
        """
        words = code_words(payload, secrets)[: None if salted else 1]
        norm = float(np.linalg.norm(self.tiles)) + _TINY
        # Row p: what the sound looks like where a superframe's row p comes first.
        turned = self.tiles[(np.arange(FRAMES)[None] - np.arange(FRAMES)[:, None]) % FRAMES]
        sums = phase_sums(turned, secrets)
        pilots = turned.reshape(FRAMES, -1) @ pilot_map().reshape(-1) / np.float32(norm)
        favours = sums @ words.T.astype(np.float32)
        weight = _PILOT_WEIGHT if salted else _PILOT_WEIGHT_OF_PIECES
        favours += np.float32(weight * _PILOT_SCALE) * pilots[:, None]
        phase, index = divmod(int(np.argmax(favours)), len(words))
        return words[index], phase


def analyse(samples: Channels, rate: int) -> Host:
    """Look at a sound before it is marked.

    Parameters
    ----------
    samples : (C, n) float32 array
        At most `ANALYSED` seconds.
    rate : int
        In hertz.

    Returns
    -------
    Host
    """
    sound = resampled(samples, lowpass(rate, RATE))
    padded = np.pad(sound, ((0, 0), (LEAD, REACH + FRAME)))
    spectra = Spectra(padded)
    powers = spectra.powers
    depths = np.empty_like(powers)
    tile_depths(powers, spectra.totals, masking_matrix(), first_state(), depths)
    depth = _bearable(powers, depths, _treble(samples, rate))
    rows = tile_map(sound, hop=FRAME)
    values = statistic(rows, hops=1)
    tiles = np.zeros((FRAMES, BANDS), np.float32)
    for start in range(0, len(values), FRAMES):
        part = values[start : start + FRAMES]
        tiles[: len(part)] += part
    heard = np.exp(rows) / (_WINDOWS * powers[: len(rows)] + _SILENT)
    # What leaks into a tile of the embedder's and not into the detector's changes nothing there.
    changed = np.minimum(depths[: len(rows)] * depth, DEEPEST) * np.minimum(heard, np.float32(1.0))
    carried = _carried(rows, values, changed)
    return Host(depth, carried, tiles)


def _carried(
    rows: NDArray[np.float32], values: NDArray[np.float32], depths: NDArray[np.float32]
) -> float:
    """Estimate what correlation a second of a mark gives, by a mark on the measurement itself."""
    if not len(rows):
        return 0.0
    trial = signs(_TRIAL, rows.size).reshape(rows.shape).astype(np.float32)
    marked = statistic(rows + 2.0 * depths * trial, hops=1)
    gained = float((trial * (marked - values)).sum(dtype=np.float64))
    norm = math.sqrt(float((marked * marked).sum(dtype=np.float64))) + _TINY
    return _KEPT * gained / norm * math.sqrt(RATE / FRAME / len(rows))


def _bearable(powers: NDArray[np.float32], depths: NDArray[np.float32], treble: float) -> float:
    rows = powers.sum(axis=1, dtype=np.float64)
    heard = rows > 0
    if not heard.any():
        return _DEPTHS[0]
    peak = float(np.percentile(powers[heard], 99.0))
    noise = depths * depths * powers / (maskings(powers, masking_matrix()) + _QUIET * peak + _TINY)
    decibels = 10.0 * math.log10(float(noise[heard].mean()) + _TINY)
    level = np.log(rows[heard] + _TINY)
    movement = float(np.abs(np.diff(level)).mean()) if heard.sum() > 1 else 0.0
    narrow = _NARROW[0] + _NARROW[1] * decibels + _NARROW[2] * movement
    moved = min(movement, _LIVELY) + 2.0 * max(0.0, movement - _BROKEN)
    wide = _WIDE[0] + _WIDE[1] * decibels + _WIDE[2] * moved
    nepers = narrow + treble * (wide - narrow)
    return min(max(math.exp(nepers), _DEPTHS[0]), _DEPTHS[1])


def _treble(samples: Channels, rate: int) -> float:
    """Say how much treble a sound has: 0 for none that counts, 1 for enough of it."""
    size = min(_LONGEST_SPECTRUM, samples.shape[1])
    if rate <= 2 * _TREBLE_HERTZ or not size:
        return 0.0
    starts = np.linspace(0, samples.shape[1] - size, _SPECTRA).astype(np.int64)
    frames = samples[:, starts[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    power = (np.abs(np.fft.rfft(frames)) ** 2).sum(axis=(0, 1), dtype=np.float64)
    above = power[_TREBLE_HERTZ * size // rate :].sum()
    decibels = 10.0 * math.log10((above + _TINY) / (power.sum() + _TINY))
    share = (decibels - _NO_TREBLE) / (_ENOUGH_TREBLE - _NO_TREBLE)
    return min(max(share, 0.0), 1.0)
