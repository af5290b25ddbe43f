"""One unmarked picture under many keys: what the detector's decision rests on, many times over."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.image.decoding import Decoding, observed_decode
from benchmarks.image.unmarked import PAYLOAD, Content
from benchmarks.marking import MARK_KEY
from genlabel import Detection, Key
from genlabel._decoding import correlation_at
from genlabel._payload import code_words
from genlabel.image import _detect
from genlabel.image._codeword import MarkSecrets, bit_sums, mark_secrets
from genlabel.image._evidence import Evidence, Reading, Risk, promising
from genlabel_kernels.chips import fold_chips, signs
from genlabel_kernels.image.layout import LAYERS, layout
from genlabel_kernels.plane.layout import CODE_BITS

Plane = NDArray[np.float32]

#: Probabilities at which tails are counted.
LEVELS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
#: T that noise exceeds with these probabilities, and T at which the proven bound has.
NORMAL = (1.281552, 2.326348, 3.090232, 3.719016, 4.264891, 4.753424, 5.199338)
BOUND = tuple(correlation_at(-math.log(level)) for level in LEVELS)
#: Words of the code's first-order Reed-Muller part, complements included: +-1 Walsh functions.
WALSH_WORDS = 2 * CODE_BITS

_BATCH = 500
# Keys tried for one decoding, at most: pictures with little energy seldom pass the screen.
_TRIED = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """How often each thing is done with each content.

    Parameters
    ----------
    keys : int
        Keys under which a fixed word is correlated with every measurement.
    union_keys : int
        Keys under which all `WALSH_WORDS` are correlated with one measurement.
    decodings : int
        Readings decoded, under keys of their own.
    calls : tuple of int
        Complete calls of `detect`: how many keys each.
    """

    keys: int = 4000
    union_keys: int = 1000
    decodings: int = 80
    calls: tuple[int, ...] = (1, 8)


@dataclass(frozen=True, slots=True)
class Examined:
    """What one content gave.

    Parameters
    ----------
    name, group : str
        The content's.
    measurements, evidences : int
        What a complete call looked at.
    found : list of str
        Keys of calls that found something: must be empty.
    calls : int
        Complete calls.
    chosen : (keys,) float32 array
        T of the fixed word, one measurement a key.
    chips : (keys,) float32 array
        The effective number of chips of that measurement: 1 / sum of fourth powers.
    normal, bound : (levels,) int64 array
        How many T of all measurements are above `NORMAL` and `BOUND`.
    trials : int
        How many T that were.
    whole : (levels,) int64 array
        Keys some T of which, of any measurement, makes the bound on the call (one word) at most
        the level.
    union : (union_keys,) float32 array
        Largest T of all `WALSH_WORDS`.
    decoded : list of Decoding
        What the list decoder made of noise.
    """

    name: str
    group: str
    measurements: int
    evidences: int
    found: list[str]
    calls: int
    chosen: Plane
    chips: Plane
    normal: NDArray[np.int64]
    bound: NDArray[np.int64]
    trials: int
    whole: NDArray[np.int64]
    union: Plane
    decoded: list[Decoding]


def examine(content: Content, plan: Plan) -> Examined:
    """Look at one content in every way of `plan`."""
    evidences: list[Evidence] = []
    found: list[str] = []
    for number, count in enumerate(plan.calls):
        keys = [key_of(content.name, f"call {number}", n) for n in range(count)]
        looked_at, detection = observed_detect(content.pixels, keys)
        evidences = evidences or looked_at
        if detection.found:
            found.append(str(detection.key))
    matrix = measurements(evidences)
    word = _likely_word(matrix)
    risks = _risks(evidences)
    chosen, normal, bound, whole = _correlations(content.name, matrix, risks, word, plan.keys)
    chips = 1 / (matrix.astype(np.float64) ** 4).sum(axis=1)
    return Examined(
        content.name,
        content.group,
        sum(len(e.coarse) if b else 1 for e in evidences for _, b in e.weights),
        len(evidences),
        found,
        len(plan.calls),
        chosen,
        np.resize(chips, len(chosen)).astype(np.float32),
        normal,
        bound,
        len(chosen) * len(matrix),
        whole,
        _union(content.name, matrix, plan.union_keys),
        list(_decodings(content.name, evidences, plan.decodings)),
    )


def key_of(content: str, purpose: str, number: int) -> Key:
    """Give one of a content's keys; nobody marks with it."""
    text = f"{content}\n{purpose}\n{number}"
    return Key(f"{purpose} {number}", hashlib.sha256(text.encode()).digest())


def signs_of(content: str, purpose: str, number: int) -> NDArray[np.int8]:
    """Draw the signs of one of a content's trials, from the generator that keys use.

    A key's own seeds are derived by HKDF first, which takes longer than all the rest.
    """
    return signs(f"{content}\n{purpose}\n{number}".encode(), len(bit_of_chip()))


@functools.cache
def bit_of_chip() -> NDArray[np.int32]:
    """Give the code bit of each chip of both layers."""
    return np.concatenate([layout(layer).bit_of_chip for layer in LAYERS])


def observed_detect(
    pixels: NDArray[np.uint8], keys: Sequence[Key]
) -> tuple[list[Evidence], Detection]:
    """Call `detect`, and give what it looked at along with what it said."""
    seen: list[Evidence] = []

    def watch(evidence: Evidence, secrets: Sequence[MarkSecrets]) -> Iterator[Reading]:
        seen.append(evidence)
        return promising(evidence, secrets)

    with mock.patch.object(_detect, "promising", watch):
        detection = _detect.detect(pixels, keys)
    return seen, detection


def measurements(evidences: Sequence[Evidence]) -> Plane:
    """Lay out every measurement that evidences offer: each at each shift and weighting.

    Returns
    -------
    (n, chips) float32 array
        Chips of both layers, rows of unit norm; measurements that are zero are left out.
    """
    rows = [row for evidence in evidences for row in _rows(evidence)]
    return np.array(rows, np.float32).reshape(-1, len(bit_of_chip()))


def _risks(evidences: Sequence[Evidence]) -> list[Risk]:
    """Give the risk of each row of `measurements`."""
    return [evidence.risk for evidence in evidences for _ in _rows(evidence)]


def _rows(evidence: Evidence) -> Iterator[Plane]:
    for a, b in evidence.weights:
        for shifted in evidence.coarse if b else evidence.coarse[:1]:
            row = np.concatenate([a * evidence.fine, b * shifted])
            norm = math.sqrt((row.astype(np.float64) ** 2).sum())
            if norm > 0:
                yield np.asarray(row / norm, np.float32)


def _likely_word(matrix: Plane) -> NDArray[np.int8]:
    """Choose the fixed word: of a payload's 256, the one that another key may have put there."""
    secrets = mark_secrets(MARK_KEY)
    words = code_words(PAYLOAD, secrets.payload)
    if not len(matrix):
        return np.asarray(words[0])
    correlations = words @ np.stack([bit_sums(row, secrets) for row in matrix]).T
    return np.asarray(words[int(correlations.max(axis=1).argmax())])


def _correlations(
    name: str, matrix: Plane, risks: Sequence[Risk], word: NDArray[np.int8], count: int
) -> tuple[Plane, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Correlate one word with every measurement under many keys; see `Examined`."""
    columns = np.ascontiguousarray((matrix * word[bit_of_chip()]).T)
    chosen = []
    normal, bound, whole = np.zeros((3, len(LEVELS)), np.int64)
    kinds = {risk: np.array([risk == other for other in risks]) for risk in risks}
    for start in range(0, count if len(matrix) else 0, _BATCH):
        numbers = np.arange(start, min(start + _BATCH, count))
        drawn_signs = np.stack([signs_of(name, "word", int(number)) for number in numbers])
        drawn = drawn_signs.astype(np.float32) @ columns
        chosen.append(drawn[np.arange(len(numbers)), numbers % len(matrix)])
        normal += _above(drawn, NORMAL)
        bound += _above(drawn, BOUND)
        whole += _calls_above(drawn, kinds)
    return np.concatenate([np.zeros(0, np.float32), *chosen]), normal, bound, whole


def _calls_above(drawn: Plane, kinds: dict[Risk, NDArray[np.bool_]]) -> NDArray[np.int64]:
    """Count the keys for which the bound on a call, for one word, is at most each level."""
    above = np.zeros((len(LEVELS), len(drawn)), bool)
    for risk, columns in kinds.items():
        greatest = (drawn[:, columns, None] * risk.polarities).max(axis=(1, 2))
        # The word in each polarity counts, in as many measurements as the kind's share allows.
        words = len(risk.polarities) * risk.trials
        needed = [correlation_at(math.log(words / level)) for level in LEVELS]
        above |= greatest >= np.array(needed)[:, None]
    return np.asarray(above.sum(axis=1), np.int64)


def _above(values: Plane, thresholds: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int64]:
    # One pass over the few that pass the lowest threshold.
    high = values[values >= min(thresholds)]
    return np.array([np.count_nonzero(high >= threshold) for threshold in thresholds], np.int64)


def _union(name: str, matrix: Plane, count: int) -> Plane:
    """Correlate all Walsh words with one measurement a key, and keep the largest T."""
    if not len(matrix):
        return np.zeros(0, np.float32)
    walsh = np.ones((1, 1), np.float32)
    while len(walsh) < CODE_BITS:
        walsh = np.block([[walsh, walsh], [walsh, -walsh]])
    bits = bit_of_chip()
    sums = [
        fold_chips(matrix[number % len(matrix)], signs_of(name, "union", number), bits, CODE_BITS)
        for number in range(count)
    ]
    return np.asarray(np.abs(np.stack(sums) @ walsh).max(axis=1), np.float32)


def _decodings(name: str, evidences: Sequence[Evidence], count: int) -> Iterator[Decoding]:
    """Decode what passes the detector's own screen, every reading under a new key."""
    done = 0
    for number in range(_TRIED * count if evidences else 0):
        secrets = mark_secrets(key_of(name, "decode", number))
        reading = next(promising(evidences[number % len(evidences)], [secrets]), None)
        if reading is not None:
            yield observed_decode(reading)
            done += 1
        if done == count:
            return
