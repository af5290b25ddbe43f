"""Whether some payloads are read better than others, and how often the right key misreads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.image.attacks import attack, random_for
from benchmarks.image.decoding import observed_decode
from benchmarks.image.null import key_of
from benchmarks.image.unmarked import Content
from genlabel import CapacityError
from genlabel._decoding import correlation_at
from genlabel._payload import FORMATS, code_words
from genlabel.image import detect, embed
from genlabel.image._codeword import mark_secrets, word_chips
from genlabel.image._evidence import Evidence, promising
from genlabel.image._hypotheses import UPRIGHT_RISK
from genlabel_kernels.image.layout import layout

#: Payloads that a code might favour; compared with the mean of three random ones.
SPECIAL = {
    "00 .. 00": bytes(8),
    "ff .. ff": b"\xff" * 8,
    "55 .. 55": b"\x55" * 8,
    "00 .. 01": bytes(7) + b"\x01",
}
_FATE = "jpeg-60"
_RANDOM = 3
# T of the marks whose reading is at the edge: from hopeless to certain.
_EDGE = (10.0, 18.0)


def strengths(contents: Sequence[Content]) -> dict[str, list[float]]:
    """Mark pictures with special and with random payloads, and compare T after a JPEG.

    Parameters
    ----------
    contents : sequence of Content
        Pictures to mark, each with a key of its own.

    Returns
    -------
    dict of str to list of float
        For each special payload, by picture: T less the mean T of the random payloads.
    """
    differences: dict[str, list[float]] = {name: [] for name in [*SPECIAL, "random"]}
    for content in contents:
        rng = random_for(content.name, "payloads")
        random = [rng.bytes(8) for _ in range(_RANDOM + 1)]
        try:
            read = [_t_of(content, payload) for payload in [*random, *SPECIAL.values()]]
        except CapacityError:
            continue
        mean = sum(read[:_RANDOM]) / _RANDOM
        # The fourth random payload says how large a difference chance makes.
        for name, t in zip(["random", *SPECIAL], read[_RANDOM:], strict=True):
            differences[name].append(t - mean)
    return differences


def _t_of(content: Content, payload: bytes) -> float:
    key = key_of(content.name, "payloads", 0)
    marked = attack(_FATE).apply(embed(content.pixels, payload, key), random_for("", _FATE))
    detection = detect(marked, key)
    if detection.payload != payload:
        raise AssertionError(f"{content.name}: {_FATE} took the mark away")
    # As many decades below the threshold as other payloads' marks.
    words = 8 * (FORMATS[0].payload_bytes + FORMATS[0].salt_bytes)
    decades = math.log10(2 * len(FORMATS) * UPRIGHT_RISK.trials) - detection.log10_p
    return correlation_at(words * math.log(2.0) + decades * math.log(10.0))


@dataclass(frozen=True, slots=True)
class Edge:
    """One mark at the edge of what can be read, under its own key.

    Parameters
    ----------
    t : float
        T of the true code word.
    right, wrong : bool
        Whether its payload was read, or another one.
    risk : float
        Probability of another one: see `Decoding`.
    """

    t: float
    right: bool
    wrong: bool
    risk: float


def at_the_edge(count: int) -> Iterator[Edge]:
    """Decode faint marks in white noise on the chips, under the right key."""
    fine = layout("fine").chips
    for number in range(count):
        rng = random_for("edge", str(number))
        secrets = mark_secrets(key_of("edge", "edge", number))
        payload = rng.bytes(8)
        pattern = word_chips(code_words(payload, secrets.payload)[number % 256], secrets)
        noise = rng.normal(0, 1, len(pattern))
        # T of the sum is what is asked for, whatever the noise adds.
        noise -= pattern * (pattern @ noise) / len(pattern)
        share = rng.uniform(*_EDGE) / math.sqrt(len(pattern))
        noise *= math.sqrt((1 - share**2) * len(pattern)) / np.linalg.norm(noise)
        chips = (pattern * share + noise).astype(np.float32)
        evidence = Evidence(
            chips[:fine], chips[None, fine:], ((1.0, 1.0),), np.eye(3), UPRIGHT_RISK
        )
        t = share * math.sqrt(len(pattern))
        reading = next(promising(evidence, [secrets]), None)
        if reading is None:
            yield Edge(t, right=False, wrong=False, risk=0.0)
            continue
        decoding = observed_decode(reading)
        right = decoding.payload == payload
        yield Edge(t, right, decoding.payload is not None and not right, decoding.risk)
