"""From soft code bits to a payload that is proven to be there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._detection import FOUND_LOG10_P
from genlabel._payload import CODE_BITS, FORMATS, PayloadSecrets, unpack
from genlabel_kernels.code.polar import encode_batch, frozen_mask, list_decode

# Paths the decoder keeps, in a quick and in a thorough decoding.
_PATHS = (32, 256)
# Code bits whose energy exceeds noise by less are not decoded, and above the other, unless chance
# reaches it, decoded thoroughly, in standard deviations: where a mark is likely to be, and
# elsewhere. A word that is just proven has 3.1 on the whole, and scatters by one.
_LIKELY, _UNLIKELY = (0.0, 0.0), (1.0, 2.2)
# Of many keys, so many at most are decoded, and none whose energy lies further below what chance
# gives the greatest.
_KEYS = 2
_BELOW_CHANCE = 0.5
# Code bits whose energy exceeds noise by this many standard deviations hardly need a list.
_PLAIN_ENERGY = 8.0
_FEW_PATHS = 4
# Each tag that is computed is a guess to whoever has learnt to write words with a key's chips. Of
# 1,500 words just proven none was further behind the likeliest, 2 % behind more others.
_BEHIND = 0.6
_TAGS = 32
# One word explains the energy. Where it does not, many words were mixed, each a guess.
_UNEXPLAINED = 5.0
_TAGS_MIXED = 2
# Three standard deviations of the energy of a word that is just proven.
_ENERGY_SCATTER = 3.5
# Optimal constant of the Gaussian bound, 3.18, over the square root of 2 pi; see `log10_bound`.
_GAUSSIAN = 0.5 / math.erfc(1.0) / math.sqrt(2.0 * math.pi)
# Each round is nearer by the square of the correlation.
_ROUNDS = 12


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
        Its code word. The chips have the other signs where the measurement was of the other
        polarity.
    """

    payload: bytes
    log10_p: float
    word: NDArray[np.int8]


def decode(
    sums: NDArray[np.float32],
    secrets: PayloadSecrets,
    trials: int,
    *,
    polarities: Sequence[int] = (1,),
    thorough: bool = False,
) -> Decoded | None:
    """Decode measured code bits under one key, trying every payload size.

    Parameters
    ----------
    sums : (1024,) float32 array
        Sums of signed chips; all chips together have unit norm. Positive speaks for bit 0.
    secrets : PayloadSecrets
        Of the key.
    trials : int
        Measurements and keys that the whole search may look at.
    polarities : sequence of int
        Signs to try: +1, and -1 where the medium may come back with every chip turned over.
    thorough : bool
        Whether to keep many paths, which reads .3 dB deeper and takes ten times as long.

    Returns
    -------
    Decoded or None
        None where no candidate is proven.
    """
    energy = excess_energy(sums)
    if energy > _PLAIN_ENERGY:
        decoded = _listed(sums, secrets, trials, polarities, _FEW_PATHS)
        if decoded is not None:
            return decoded
    return _listed(sums, secrets, trials, polarities, _PATHS[thorough])


def decode_any(
    sums: NDArray[np.float32], secrets: Sequence[ChipSecrets], trials: int, *, likely: bool
) -> tuple[Decoded, ChipSecrets] | None:
    """Decode what many keys measure, as far as its energy makes that worthwhile.

    Parameters
    ----------
    sums : (keys, 1024) float32 array
        As `decode` takes them, of one measurement.
    secrets : sequence of ChipSecrets
        Of as many keys.
    trials : int
        Measurements and keys that the whole search may look at.
    likely : bool
        Whether this is one of the few measurements in which a mark is looked for first.

    Returns
    -------
    (Decoded, ChipSecrets) or None
        The first that is proven, and its key.
    """
    energies = ((sums * sums).sum(axis=1) - 1.0) * math.sqrt(CODE_BITS / 2)
    # The greatest of many keys' energies is great by chance.
    chance = math.sqrt(2.0 * math.log(len(secrets)))
    least, energetic = _LIKELY if likely else _UNLIKELY
    for index in np.argsort(-energies)[: _KEYS if chance else 1]:
        if energies[index] < max(least, chance - _BELOW_CHANCE):
            break
        thorough = bool(energies[index] > max(energetic, chance))
        decoded = decode(sums[index], secrets[index].payload, trials, thorough=thorough)
        if decoded is not None:
            return decoded, secrets[index]
    return None


def excess_energy(sums: NDArray[np.float32]) -> float:
    """Give by how many standard deviations code bits exceed the energy of noise."""
    return (float(sums @ sums) - 1.0) * math.sqrt(CODE_BITS / 2)


def _listed(
    sums: NDArray[np.float32],
    secrets: PayloadSecrets,
    trials: int,
    polarities: Sequence[int],
    paths: int,
) -> Decoded | None:
    ways = len(polarities) * len(FORMATS) * trials
    energy = excess_energy(sums)
    for form in FORMATS:
        frozen = frozen_mask(CODE_BITS, form.bits)
        told_apart = 8 * (form.payload_bytes + form.salt_bytes)
        if form is not FORMATS[0] and energy < _least_energy(told_apart, ways):
            break
        for polarity in polarities:
            signed = sums * np.float32(polarity)
            candidates, _ = list_decode(signed, frozen, paths)
            words = 1 - 2 * encode_batch(candidates, frozen).view(np.int8)
            correlations = words.astype(np.float32) @ signed
            for index in _likeliest(correlations, energy):
                log10_p = log10_bound(float(correlations[index]), told_apart, ways)
                if log10_p > FOUND_LOG10_P:
                    break
                payload = unpack(candidates[index], secrets)
                if payload is not None:
                    return Decoded(payload, log10_p, words[index])
    return None


def _likeliest(correlations: NDArray[np.float32], energy: float) -> NDArray[np.intp]:
    best = float(correlations.max())
    mixed = energy - _energy_of(best) > _UNEXPLAINED
    order = np.argsort(-correlations)[: _TAGS_MIXED if mixed else _TAGS]
    return order[correlations[order] >= best - _BEHIND]


def _least_energy(bits: int, trials: int) -> float:
    """Give the energy below which hardly any provable word of so many bits lies."""
    return _energy_of(least_correlation(bits, trials)) - _ENERGY_SCATTER


def _energy_of(correlation: float) -> float:
    """Give the excess energy of a word with this correlation; noise scatters by 1 about it."""
    return correlation**2 / CODE_BITS * math.sqrt(CODE_BITS / 2)


def least_correlation(bits: int, trials: int) -> float:
    """Give the correlation at which a message is just proven; as `log10_bound`."""
    nats = bits * math.log(2.0) + math.log(trials) - FOUND_LOG10_P * math.log(10.0)
    return correlation_at(nats)


def correlation_at(nats: float) -> float:
    """Give the correlation that a single word exceeds with probability ``exp(-nats)`` at most."""
    correlation = plain = math.sqrt(2.0 * nats)
    for _ in range(_ROUNDS):
        gained = math.log(max(correlation / _GAUSSIAN, 1.0))
        correlation = math.sqrt(max(2.0 * (nats - gained), _GAUSSIAN**2))
    return min(plain, correlation)


def log10_bound(correlation: float, bits: int, trials: int) -> float:
    """Bound the probability that a detection arises without a mark of the key.

    The chips' signs are secret, independent and fair, and do not depend on the medium. So for any
    fixed measurement the correlation with any fixed code word is a weighted sum of random signs,
    which exceeds T standard deviations with probability at most ``exp(-T**2 / 2)`` (Hoeffding), and
    at most 3.18 times that of a normal variable (Bentkus and Dzindzalieta), which is less than
    ``exp(-T**2 / 2) / (T * sqrt(2 * pi))``. The union over the messages that carry the right tag,
    over every measurement looked at, and over the keys, bounds the whole search.

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
    V. Bentkus and D. Dzindzalieta, "A tight Gaussian bound for weighted sums of Rademacher random
    variables", Bernoulli 21(2), 2015.
    """
    nats = 0.5 * correlation * abs(correlation) + math.log(max(correlation / _GAUSSIAN, 1.0))
    return min(0.0, bits * math.log10(2.0) + math.log10(trials) - nats / math.log(10.0))
