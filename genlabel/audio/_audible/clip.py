"""A spoken label: a short clip, brought to a programme's rate and channels."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genlabel._errors import MediaError
from genlabel.audio._audible.loudness import Loudness
from genlabel.audio._audible.spoken import clip_path
from genlabel.audio._files.formats import blocks_of, open_sound
from genlabel.audio._files.sound import Block

#: A spoken label is a sentence; what is longer is a mistake.
MAX_CLIP_SECONDS = 30.0
# Silence around a clip while its rate changes, so that its end does not ring into its beginning.
_MARGIN_SECONDS = 0.05


def read_clip(path: str | os.PathLike[str], rate: int) -> tuple[npt.NDArray[np.float32], float]:
    """Read a clip as one channel.

    Parameters
    ----------
    path : path-like
        A sound file of a kind that can be marked, or a language in which genlabel has a clip of its
        own. GB 45438-2025, 5.3 asks for a voice at normal speed, 120 to 160 characters a minute,
        that names both AI and generation.
    rate : int
        The programme's.

    Returns
    -------
    (ndarray, float)
        Samples, shape (frames,), and their loudness in LUFS as one channel.

    Raises
    ------
    MediaError
        It cannot be read, is longer than 30 s, or silent.
    """
    name = clip_path(path)
    try:
        sound = open_sound(Path(name), name=name)
        if sound.seconds > MAX_CLIP_SECONDS:
            raise MediaError(f"is no short clip: {sound.seconds:.0f} s", path=name)
        samples = np.concatenate([block.mean(axis=1) for block in blocks_of(sound)])
    except OSError as error:
        raise MediaError(f"cannot be read: {error.strerror or error}", path=name) from error
    samples = samples.astype(np.float32)
    loudness = measured(samples[:, None], sound.rate)
    if loudness == -math.inf:
        raise MediaError("is no clip to be heard: it is silent or shorter than 0.4 s", path=name)
    return resampled(samples, sound.rate, rate), loudness


def measured(samples: Block, rate: int) -> float:
    """Measure the loudness of samples, shape (frames, channels), in LUFS."""
    meter = Loudness(rate, samples.shape[1])
    meter.push(samples)
    return meter.integrated


def resampled(samples: npt.NDArray[np.float32], rate: int, wanted: int) -> npt.NDArray[np.float32]:
    """Change the rate of a short clip by cutting or padding its spectrum.

    Parameters
    ----------
    samples : ndarray, shape (frames,)
        The clip.
    rate, wanted : int
        Frames a second before and after.
    """
    if rate == wanted:
        return samples
    common = math.gcd(rate, wanted)
    up, down = wanted // common, rate // common
    margin = math.ceil(_MARGIN_SECONDS * rate)
    length = len(samples) + 2 * margin
    # Both lengths whole multiples, so that the spectra's bins are the same hertz.
    length += -length % down
    padded = np.pad(samples, (margin, length - margin - len(samples)))
    longer = length // down * up
    spectrum = np.fft.rfft(padded)
    changed = np.zeros(longer // 2 + 1, spectrum.dtype)
    shared = min(len(spectrum), len(changed))
    changed[:shared] = spectrum[:shared]
    out = np.fft.irfft(changed, longer) * (wanted / rate)
    first = round(margin * wanted / rate)
    return np.asarray(out[first : first + math.ceil(len(samples) * wanted / rate)], np.float32)
