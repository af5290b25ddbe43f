"""The embedder of whole sounds: which pattern, how strong, added where."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._decoding import least_correlation
from genlabel._errors import CapacityError, UnsupportedError
from genlabel._key import Key
from genlabel._payload import message_format
from genlabel.audio._codeword import code_words, mark_secrets, superframe_signs
from genlabel.audio._detect import MEASUREMENTS
from genlabel.audio._law import depths
from genlabel.audio._samples import Samples, added, check_rate, check_samples, planar
from genlabel_kernels.audio.layout import FRAME, FRAMES, RATE
from genlabel_kernels.audio.resampling import lowpass, resampled
from genlabel_kernels.audio.tiles import (
    CROSSFADE,
    REACH,
    SPECTRUM,
    frame_window,
    overlap_add,
    scale_tiles,
    tile_powers,
)

_STRENGTHS = (0.25, 4.0)
_LEAD = CROSSFADE // 2
#: Spread of a tile's residual that the capacity is estimated with, in nats.
_NOISE = 2.2


def embed(samples: Samples, rate: int, payload: bytes, key: Key, strength: float = 1.0) -> Samples:
    """Embed a payload into a sound's samples.

    Parameters
    ----------
    samples : (frames,) or (frames, channels) float array
        float32 or float64; not changed.
    rate : int
        8,000 to 192,000 Hz.
    payload : bytes
        8 bytes; 16 and 32 where the sound can carry them.
    key : Key
        The secret that later reads the mark.
    strength : float
        Amplitude against the default, 0.25 to 4.

    Returns
    -------
    array
        Marked copy, same shape and dtype. Digital silence is untouched.

    Raises
    ------
    CapacityError
        The sound is too short, too silent or too low to carry the mark.
    UnsupportedError
        The array, the rate or the payload's length is not one that can be marked.
    """
    check_samples(samples)
    rate = check_rate(rate)
    if not _STRENGTHS[0] <= strength <= _STRENGTHS[1]:
        raise UnsupportedError(f"strength is {_STRENGTHS[0]} to {_STRENGTHS[1]}, not {strength}")
    secrets = mark_secrets(key)
    words = code_words(payload, secrets)
    sound = resampled(planar(samples), lowpass(rate, RATE))
    spectra = _spectra(sound)
    powers = np.zeros((spectra.shape[1], 41), np.float32)
    for channel in spectra:
        tile_powers(channel, powers)
    depth = depths(powers, strength)
    _check_capacity(depth, payload)
    tiles = superframe_signs(words[0], secrets)
    pattern = tiles[np.arange(len(depth)) % FRAMES] * depth
    delta = _changed(spectra, np.exp(pattern) - np.float32(1.0), sound.shape[1])
    return added(samples, resampled(delta, lowpass(RATE, rate))[:, : len(samples)])


def _spectra(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transform every row of tiles of every channel; (C, K, 512)."""
    rows = max(1, -(-sound.shape[1] // FRAME))
    padded = np.pad(sound, ((0, 0), (_LEAD, rows * FRAME + REACH - sound.shape[1])))
    frames = np.lib.stride_tricks.sliding_window_view(padded, REACH, axis=1)[:, ::FRAME][:, :rows]
    spectra = np.zeros((*frames.shape[:2], SPECTRUM), np.float32)
    np.multiply(frames, frame_window(), out=spectra[:, :, :REACH])
    for channel in spectra:
        cv2.dft(channel, channel, flags=cv2.DFT_ROWS)
    return spectra


def _changed(
    spectra: NDArray[np.float32], gains: NDArray[np.float32], length: int
) -> NDArray[np.float32]:
    """Turn tiles times their gains into sound; `spectra` is used up."""
    out = np.zeros((len(spectra), spectra.shape[1] * FRAME + CROSSFADE), np.float32)
    for channel, sound in zip(spectra, out, strict=True):
        scale_tiles(channel, gains)
        cv2.dft(channel, channel, flags=cv2.DFT_ROWS | cv2.DFT_INVERSE | cv2.DFT_SCALE)
        overlap_add(channel, frame_window(), sound)
    return out[:, _LEAD : _LEAD + length]


def _check_capacity(depth: NDArray[np.float32], payload: bytes) -> None:
    """Refuse a sound from which the payload would not be read."""
    form = message_format(payload)
    needed = least_correlation(8 * (form.payload_bytes + form.salt_bytes), MEASUREMENTS)
    carried = 2.0 * math.sqrt(float((depth.astype(np.float64) ** 2).sum())) / _NOISE
    if carried < needed:
        seconds = len(depth) * FRAME / RATE
        longer = f"about {seconds * (needed / carried) ** 2:.0f} s of such sound" if carried else ""
        raise CapacityError(
            "the sound is too short, too quiet or too low to carry the watermark",
            required=longer or "sound between 500 and 4000 Hz",
        )
