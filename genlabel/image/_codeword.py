"""From a key and a payload to code words on chips, and back from chips to a payload."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genlabel._detection import FOUND_LOG10_P
from genlabel._key import Key
from genlabel._payload import FORMATS, PayloadSecrets, pack_all, payload_secrets, unpack
from genlabel_kernels.chips import dealt_order, fold_chips, signs, spread
from genlabel_kernels.code.polar import encode_batch, frozen_mask, list_decode
from genlabel_kernels.image.layout import CODE_BITS, LAYERS, layout

# Paths the decoder keeps, in a quick and in a thorough decoding.
_PATHS = (32, 256)
# Code bits whose energy exceeds noise by this many standard deviations hardly need a list.
_PLAIN_ENERGY = 8.0
_FEW_PATHS = 4
# Three standard deviations of the energy of a word that is just proven.
_ENERGY_SCATTER = 3.5


@dataclass(frozen=True, slots=True)
class MarkSecrets:
    """What one key contributes to image marks; see `mark_secrets`.

    Parameters
    ----------
    name : str
        The key's name.
    chip_signs : (n,) int8 array
        Signs of the fine layer's chips, then of the coarse layer's.
    dealt_signs : (rounds, 1024) int8 array
        The same in dealt order, layer by layer, 0 where there is no chip.
    binding : bytes
        Key of the signature that binds a mark to its picture.
    payload : PayloadSecrets
        For messages.
    """

    name: str
    chip_signs: NDArray[np.int8] = field(repr=False)
    dealt_signs: NDArray[np.int8] = field(repr=False)
    binding: bytes = field(repr=False)
    payload: PayloadSecrets = field(repr=False)


@functools.lru_cache(maxsize=512)
def mark_secrets(key: Key) -> MarkSecrets:
    """Derive a key's image secrets, once per key."""
    drawn = [signs(key.derive(f"image/signs/{layer}/1"), layout(layer).chips) for layer in LAYERS]
    pairs = zip(LAYERS, drawn, strict=True)
    rows = [np.append(row, np.int8(0))[dealt(layer)] for layer, row in pairs]
    return MarkSecrets(
        name=key.name,
        chip_signs=np.concatenate(drawn),
        dealt_signs=np.concatenate(rows),
        binding=key.derive("image/binding/1"),
        payload=payload_secrets(key),
    )


@functools.cache
def dealt(layer: str) -> NDArray[np.int32]:
    """Give the dealt order of a layer's chips, as `dealt_order` does."""
    return dealt_order(layout(layer).bit_of_chip, CODE_BITS)


@functools.cache
def _bit_of_chip() -> NDArray[np.int32]:
    return np.concatenate([layout(layer).bit_of_chip for layer in LAYERS])


def code_words(payload: bytes, secrets: MarkSecrets) -> NDArray[np.int8]:
    """Encode a payload under every salt.

    Returns
    -------
    (256, 1024) int8 array of -1 and +1

    Raises
    ------
    UnsupportedError
        A payload has 8, 16 or 32 bytes.
    """
    messages = pack_all(payload, secrets.payload)
    words = encode_batch(messages, frozen_mask(CODE_BITS, messages.shape[1]))
    return 1 - 2 * words.view(np.int8)


def word_chips(word: NDArray[np.int8], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Spread a code word over both layers' chips.

    Returns
    -------
    (n,) float32 array of -1 and +1
        The fine layer's, then the coarse layer's.
    """
    return spread(word, secrets.chip_signs, _bit_of_chip())


def bit_sums(chips: NDArray[np.float32], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Sum both layers' chips into code bits under a key.

    Parameters
    ----------
    chips : (n,) float32 array
        Measured: the fine layer's, then the coarse layer's, each at its weight.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    (1024,) float32 array
        Positive speaks for bit 0.
    """
    return fold_chips(chips, secrets.chip_signs, _bit_of_chip(), CODE_BITS)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message whose tag was right and whose code word is proven to be there.

    Parameters
    ----------
    payload : bytes
        Its payload.
    log10_p : float
        As in `Detection`.
    word : (1024,) int8 array of -1 and +1
        Its code word. The chips have the other signs where the picture's tones were inverted.
    """

    payload: bytes
    log10_p: float
    word: NDArray[np.int8]


def decode(
    sums: NDArray[np.float32], secrets: MarkSecrets, trials: int, *, thorough: bool = False
) -> Decoded | None:
    """Decode measured code bits under one key, trying every payload size.

    A picture whose tones were inverted carries every chip with the other sign, so both signs are
    tried.

    Parameters
    ----------
    sums : (1024,) float32 array
        Code bits of chips of unit norm, as from `bit_sums`.
    secrets : MarkSecrets
        Of the key.
    trials : int
        Measurements and keys that the whole search may look at.
    thorough : bool
        Whether to keep many paths, which reads .3 dB deeper and takes ten times as long.

    Returns
    -------
    Decoded or None
        None where no candidate is proven.
    """
    energy = (float(sums @ sums) - 1.0) * math.sqrt(CODE_BITS / 2)
    if energy > _PLAIN_ENERGY:
        decoded = _listed(sums, secrets, trials, energy, _FEW_PATHS)
        if decoded is not None:
            return decoded
    return _listed(sums, secrets, trials, energy, _PATHS[thorough])


def _listed(
    sums: NDArray[np.float32], secrets: MarkSecrets, trials: int, energy: float, paths: int
) -> Decoded | None:
    ways = 2 * len(FORMATS)
    for form in FORMATS:
        frozen = frozen_mask(CODE_BITS, form.bits)
        told_apart = 8 * (form.payload_bytes + form.salt_bytes)
        if form is not FORMATS[0] and energy < _least_energy(told_apart, ways * trials):
            break
        for polarity in (1, -1):
            signed = sums * np.float32(polarity)
            candidates, _ = list_decode(signed, frozen, paths)
            words = 1 - 2 * encode_batch(candidates, frozen).view(np.int8)
            correlations = words.astype(np.float32) @ signed
            for index in np.argsort(-correlations):
                log10_p = log10_bound(float(correlations[index]), told_apart, ways * trials)
                if log10_p > FOUND_LOG10_P:
                    break
                payload = unpack(candidates[index], secrets.payload)
                if payload is not None:
                    return Decoded(payload, log10_p, words[index])
    return None


def _least_energy(bits: int, trials: int) -> float:
    """Give the energy below which hardly any provable word of so many bits lies."""
    nats = bits * math.log(2.0) + math.log(trials) - FOUND_LOG10_P * math.log(10.0)
    # Twice the nats are the square of the correlation needed; the energy scatters about it.
    return 2.0 * nats / CODE_BITS * math.sqrt(CODE_BITS / 2) - _ENERGY_SCATTER


def log10_bound(correlation: float, bits: int, trials: int) -> float:
    """Bound the probability that a detection arises without a mark of the key.

    The chips' signs are secret and independent of the picture, so for any fixed measurement the
    correlation with any fixed code word exceeds T standard deviations with probability at most
    ``exp(-T**2 / 2)`` (Hoeffding). The union over the messages that carry the right tag, over
    every measurement looked at, and over the keys, bounds the whole search.

    Parameters
    ----------
    correlation : float
        T, the code word's correlation with measured chips of unit norm.
    bits : int
        Bits that tell valid messages apart: payload and salt.
    trials : int
        Measurements times keys.

    Returns
    -------
    float
        log10, at most 0.

    References
    ----------
    W. Hoeffding, "Probability inequalities for sums of bounded random variables", JASA 1963.
    """
    tail = -0.5 * correlation * abs(correlation) / math.log(10.0)
    return min(0.0, tail + bits * math.log10(2.0) + math.log10(trials))
