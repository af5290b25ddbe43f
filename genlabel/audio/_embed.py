"""The embedder of whole sounds: which pattern, how strong, added where."""

from __future__ import annotations

import math

import numpy as np

from genlabel._decoding import least_correlation
from genlabel._errors import CapacityError, UnsupportedError
from genlabel._key import Key
from genlabel._payload import message_format
from genlabel.audio._codeword import mark_secrets, superframe_signs
from genlabel.audio._detect import SEARCHES
from genlabel.audio._host import ANALYSED, Host, analyse, treble_reach
from genlabel.audio._listener import Heard, Listener
from genlabel.audio._samples import Samples, check_rate, check_samples, planar
from genlabel.audio._shaper import Shaper
from genlabel.audio._spans import Risk

STRENGTHS = (0.25, 4.0)
#: Shorter sounds are refused.
LEAST_SECONDS = 1.5
# So much of a sound must be able to carry the payload.
_ENOUGH_SECONDS = 15.0
# Samples that are marked at once.
_BLOCK = 1 << 17


def embed(samples: Samples, rate: int, payload: bytes, key: Key, strength: float = 1.0) -> Samples:
    """Embed a payload into a sound's samples.

    Parameters
    ----------
    samples : (frames,) or (frames, channels) float array
        float32 or float64; not changed. At least 1.5 seconds. What is too short to be read by
        itself is marked so that it can be read together with others of the same payload.
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
    check_strength(strength)
    message_format(payload)
    _check_length(len(samples) / rate)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    listener = Listener(rate, channels)
    beginning = [
        listener.push(planar(samples[start : start + _BLOCK]))
        for start in range(0, min(len(samples), ANALYSED * rate), _BLOCK)
    ]
    host = analyse(beginning, treble_reach(samples[: ANALYSED * rate], rate))
    readable = _check_capacity(host, payload, strength, len(samples) / rate)
    secrets = mark_secrets(key)
    # Pieces that are read together carry the same word.
    word, phase = host.choose(payload, secrets, salted=readable)
    tiles = superframe_signs(word, secrets)
    shaper = Shaper(listener, tiles, phase=phase, depth=strength * host.depth)
    return _shaped(samples, shaper, beginning)


def check_strength(strength: float) -> None:
    """Refuse strengths out of range.

    Raises
    ------
    UnsupportedError
        Not 0.25 to 4.
    """
    if not STRENGTHS[0] <= strength <= STRENGTHS[1]:
        raise UnsupportedError(f"strength is {STRENGTHS[0]} to {STRENGTHS[1]}, not {strength}")


def _shaped(samples: Samples, shaper: Shaper, beginning: list[Heard]) -> Samples:
    """Mark all of a sound, whose beginning was heard already; uses that up."""
    out = np.empty_like(samples)
    rows = out.reshape(len(out), -1)
    done = 0
    for start in range(0, len(samples), _BLOCK):
        if beginning:
            marked = shaper.add(beginning.pop(0)).T
        else:
            marked = shaper.push(planar(samples[start : start + _BLOCK])).T
        rows[done : done + len(marked)] = marked
        done += len(marked)
    rows[done:] = shaper.flush().T
    return out


def _check_length(seconds: float) -> None:
    if seconds < LEAST_SECONDS:
        raise CapacityError(
            f"{seconds:.2f} s are too short for the watermark",
            required=f"at least {LEAST_SECONDS} s of sound",
        )


def _check_capacity(host: Host, payload: bytes, strength: float, seconds: float) -> bool:
    """Refuse what will never be read, and say whether this piece can be read by itself."""
    form = message_format(payload)
    trials = Risk(pieces=1, maps=SEARCHES, plain=True).trials(0)
    needed = least_correlation(8 * (form.payload_bytes + form.salt_bytes), trials)
    carried = strength * host.carried
    if carried * math.sqrt(max(seconds, _ENOUGH_SECONDS)) < needed:
        raise CapacityError(
            "the sound is too quiet or too low to carry the watermark",
            required=f"about {(needed / carried) ** 2:.0f} s of such sound"
            if carried > 0
            else "sound between 500 and 4000 Hz",
        )
    return carried * math.sqrt(seconds) >= needed
