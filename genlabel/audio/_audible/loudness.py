"""How loud a programme is, so that a label is neither drowned nor a shock.

References
----------
ITU-R BS.1770-5 (11/2023), annex 1: K-weighting, gating; its filters given by their analogue
prototypes, so that they hold at any rate. EBU R 128 (2023): the target level -23 LUFS.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from genlabel.audio._files.sound import Block

#: What a programme is taken to be like before it has been heard [EBU R 128].
TARGET_LUFS = -23.0

_OFFSET = -0.691
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
# A gating block is four of these.
_STEPS_A_SECOND, _STEPS_A_BLOCK = 10, 4
# Prototype of the shelf: frequency, gain in dB, quality; of the high pass: frequency, quality.
_SHELF = (1681.974450955533, 3.999843853973347, 0.7071752369554196)
_HIGH_PASS = (38.13547087602444, 0.5003270373238773)
# 5.1 by the order of WAV files: the fourth channel is for effects, the surrounds count more.
_LFE, _SURROUND_GAIN, _SURROUND_CHANNELS = 3, 1.41, 6


class Loudness:
    """Measures a programme as it goes by.

    Parameters
    ----------
    rate : int
        Frames a second.
    channels : int
        Six are taken for 5.1; of any other number all count the same.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._step = rate // _STEPS_A_SECOND
        self._weights = _power_weights(rate, self._step)
        self._gains = _channel_gains(channels)
        self._rest = np.empty((0, channels), np.float32)
        self._energies: list[float] = []

    def push(self, block: Block) -> None:
        """Hear some more of it.

        Parameters
        ----------
        block : ndarray, shape (frames, channels)
            Full scale at 1.
        """
        heard = np.concatenate([self._rest, block]) if len(self._rest) else block
        count = len(heard) // self._step
        self._rest = np.array(heard[count * self._step :], np.float32)
        if not count:
            return
        steps = heard[: count * self._step].reshape(count, self._step, -1)
        # By Parseval's theorem: the energy of what the filters would let through. Cut into steps it
        # is not quite the same, by less than 0.1 dB for anything that can be heard.
        spectra = np.fft.rfft(steps, axis=1)
        powers = np.einsum("sfc,f->sc", np.square(np.abs(spectra)), self._weights)
        self._energies += (powers @ self._gains).tolist()

    @property
    def integrated(self) -> float:
        """Gated loudness in LUFS; minus infinity for silence, or less than 0.4 s."""
        steps = np.asarray(self._energies)
        if len(steps) < _STEPS_A_BLOCK:
            return -math.inf
        sums = np.convolve(steps, np.full(_STEPS_A_BLOCK, 1 / _STEPS_A_BLOCK), "valid")
        heard = sums[sums > _energy(_ABSOLUTE_GATE)]
        if not len(heard):
            return -math.inf
        gate = _level(float(heard.mean())) + _RELATIVE_GATE
        return _level(float(heard[heard > _energy(gate)].mean()))


def _level(energy: float) -> float:
    return _OFFSET + 10 * math.log10(energy)


def _energy(level: float) -> float:
    return float(10 ** ((level - _OFFSET) / 10))


def _channel_gains(channels: int) -> npt.NDArray[np.float64]:
    gains = np.ones(channels)
    if channels == _SURROUND_CHANNELS:
        gains[_LFE] = 0.0
        gains[_LFE + 1 :] = _SURROUND_GAIN
    return gains


@functools.lru_cache(maxsize=16)
def _power_weights(rate: int, step: int) -> npt.NDArray[np.float64]:
    """Give what each bin of a step's spectrum counts in its mean square."""
    turn = np.exp(-2j * np.pi * np.arange(step // 2 + 1) / step)
    weights = np.square(np.abs(_shelf(rate, turn) * _high_pass(rate, turn))) * 2 / step**2
    weights[0] /= 2
    if step % 2 == 0:
        weights[-1] /= 2
    return np.asarray(weights)


def _shelf(rate: int, turn: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    frequency, decibels, quality = _SHELF
    k = math.tan(math.pi * min(frequency, 0.49 * rate) / rate)
    high = 10 ** (decibels / 20)
    band = high**0.4996667741545416
    top = (high + band * k / quality + k * k, 2 * (k * k - high), high - band * k / quality + k * k)
    bottom = (1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k)
    return np.asarray(np.polyval(top[::-1], turn) / np.polyval(bottom[::-1], turn))


def _high_pass(rate: int, turn: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    frequency, quality = _HIGH_PASS
    k = math.tan(math.pi * frequency / rate)
    scale = 1 + k / quality + k * k
    bottom = (1.0, 2 * (k * k - 1) / scale, (1 - k / quality + k * k) / scale)
    return np.asarray(np.polyval((1.0, -2.0, 1.0), turn) / np.polyval(bottom[::-1], turn))
