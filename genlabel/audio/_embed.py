"""The embedder of whole sounds: which pattern, how strong, added where."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._decoding import least_correlation
from genlabel._errors import CapacityError
from genlabel._key import Key, as_key
from genlabel._payload import code_words, message_format
from genlabel._ranges import check_strength
from genlabel.audio._codeword import key_sums, mark_secrets, superframe_signs
from genlabel.audio._depth import lenience
from genlabel.audio._detect import SEARCHES, detect
from genlabel.audio._host import ANALYSED, Host, analyse
from genlabel.audio._listener import Channels, Heard, Listener
from genlabel.audio._samples import Samples, check_rate, check_samples, planar
from genlabel.audio._shaper import Shaper
from genlabel.audio._spans import Risk

#: Shorter sounds are refused.
LEAST_SECONDS = 1.5
# So much of a sound must be able to carry the payload.
_ENOUGH_SECONDS = 15.0
# What would need more of a sound is said to have nothing to mark.
_MOST_SECONDS = 3600.0
# Pilots that agree with a sound by so many standard deviations were put there: of 31 sounds none
# agreed by more than 3.3 before, and none by less than 7.4 afterwards. A mark that is all over a
# sound is found in so much of it: there may be pauses.
_MARKED, _MOST = 6.0, 0.5
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
        Marked copy, same shape and dtype. Digital silence is untouched. A mark of the same key that
        was all over the sound is taken off.

    Raises
    ------
    CapacityError
        The sound is too short, too silent, too low or too steady to carry the mark.
    UnsupportedError
        The array, the rate or the payload's length is not one that can be marked.
    """
    check_samples(samples)
    rate = check_rate(rate)
    check_strength(strength)
    message_format(payload)
    _check_length(len(samples) / rate)
    secrets = mark_secrets(as_key(key))
    listener, beginning, host = _heard(samples, rate)
    bare = _without_older(samples, rate, host, key, strength)
    if bare is not None:
        samples = bare
        listener, beginning, host = _heard(samples, rate)
    needed = _needed(payload)
    readable = _check_capacity(host, strength, needed, len(samples) / rate)
    # Pieces that are read together carry the same word.
    word, phase = host.choose(payload, secrets, salted=readable)
    tiles = superframe_signs(word, secrets)
    shaper = Shaper(listener, tiles, phase=phase, depth=strength * host.depth)
    marked = _shaped(samples, shaper, beginning)
    expected = strength * host.carried * math.sqrt(len(samples) / rate)
    if readable and expected < host.excess * needed:
        _check(detect(marked, rate, key, "quick").payload == payload)
    elif not readable and host.doubtful:
        enough = needed * math.sqrt(len(samples) / rate / _ENOUGH_SECONDS)
        _check(_agreement(marked, rate, phase, word, secrets) >= enough)
    return marked


def _heard(samples: Samples, rate: int) -> tuple[Listener, list[Heard], Host]:
    """Hear the beginning of a sound, and analyse it."""
    listener = Listener(rate, 1 if samples.ndim == 1 else samples.shape[1])
    beginning = [
        listener.push(planar(samples[start : start + _BLOCK]))
        for start in range(0, min(len(samples), ANALYSED * rate), _BLOCK)
    ]
    return listener, beginning, analyse(beginning, lenience(samples[: ANALYSED * rate], rate))


def _without_older(
    samples: Samples, rate: int, host: Host, key: Key, strength: float
) -> Samples | None:
    """Take off a mark of the same key, where it is all over the sound; None where there is none.

    Left in, it would be read in place of the new one, and both would be heard.
    """
    pilots = host.pilots
    phase = int(np.argmax(pilots))
    if pilots[phase] < _MARKED:
        return None
    older = detect(samples, rate, key, "quick")
    marked = sum(span.end - span.start for span in older.spans)
    several = len({span.payload for span in older.spans}) > 1
    if older.payload is None or several or marked < _MOST * len(samples) / rate:
        return None
    secrets = mark_secrets(key)
    words = code_words(older.payload, secrets.payload)
    word = words[int(np.argmax(words @ key_sums(host.turned[phase], [secrets])[0]))]
    listener = Listener(rate, 1 if samples.ndim == 1 else samples.shape[1])
    tiles = superframe_signs(word, secrets)
    return _shaped(samples, Shaper(listener, tiles, phase=phase, depth=-strength * host.depth), [])


def _shaped(samples: Samples, shaper: Shaper, beginning: list[Heard]) -> Samples:
    """Mark all of a sound, whose beginning was heard already; uses that up."""
    out = np.empty_like(samples)
    rows = out.reshape(len(out), -1)
    done = 0

    def take(marked: Channels) -> None:
        """Put the next marked samples in their place."""
        nonlocal done
        # Channel by channel: laid out frame by frame, they are copied one sample at a time.
        for channel, samples_of in enumerate(marked):
            rows[done : done + len(samples_of), channel] = samples_of
        done += marked.shape[1]

    for start in range(0, len(samples), _BLOCK):
        if beginning:
            take(shaper.add(beginning.pop(0)))
        else:
            take(shaper.push(planar(samples[start : start + _BLOCK])))
    take(shaper.flush())
    return out


def _check_length(seconds: float) -> None:
    if seconds < LEAST_SECONDS:
        raise CapacityError(
            f"{seconds:.2f} s are too short for the watermark",
            required=f"at least {LEAST_SECONDS} s of sound",
        )


def _needed(payload: bytes) -> float:
    """Say how far a payload's word must agree with a sound to be read, in standard deviations."""
    form = message_format(payload)
    trials = Risk(pieces=1, maps=SEARCHES, plain=True).trials(0)
    return least_correlation(8 * (form.payload_bytes + form.salt_bytes), trials)


def _check_capacity(host: Host, strength: float, needed: float, seconds: float) -> bool:
    """Refuse what will never be read, and say whether this piece can be read by itself."""
    carried = strength * host.carried
    if carried * math.sqrt(max(seconds, _ENOUGH_SECONDS)) < needed:
        _check(not host.doubtful)
        raise CapacityError(
            "the sound is too quiet or too low to carry the watermark",
            required=f"about {(needed / carried) ** 2:.0f} s of such sound"
            if needed < carried * math.sqrt(_MOST_SECONDS)
            else "sound between 500 and 4000 Hz",
        )
    return carried * math.sqrt(seconds) >= needed


def _agreement(
    marked: Samples, rate: int, phase: int, word: NDArray[np.int8], secrets: ChipSecrets
) -> float:
    """Measure how far a marked sound agrees with its word, in standard deviations."""
    _, _, host = _heard(marked, rate)
    return float(key_sums(host.turned[phase], [secrets])[0] @ word)


def _check(carried: bool) -> None:
    """Refuse what was thought to carry the mark and does not."""
    if not carried:
        raise CapacityError(
            "the sound is too low, too steady or too sparse to carry the watermark",
            required="sound that changes between 500 and 4000 Hz, or a higher strength",
        )
