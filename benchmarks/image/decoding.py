"""What the list decoder makes of one reading: every candidate, not only the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from genlabel import _decoding
from genlabel._payload import FORMATS, MessageFormat, _crypted, unpack
from genlabel.image._codeword import decode
from genlabel.image._evidence import Reading, Risk
from genlabel.image._hypotheses import UPRIGHT_RISK
from genlabel_kernels.code.polar import encode_batch, list_decode

_SHORT_BYTES = FORMATS[0].payload_bytes + FORMATS[0].salt_bytes


@dataclass(frozen=True, slots=True)
class Decoding:
    """One reading decoded in every format and polarity.

    Parameters
    ----------
    payload : bytes or None
        What `decode` accepted.
    best : tuple of float
        Largest T of any candidate, by format; None for formats that were not reached.
    candidates, tagged : tuple of int
        How many, and how many of them with the right tag whatever their T, by format.
    risk : float
        Candidates beyond the bound, with a wrong tag, tried before the accepted one: each times the
        probability that a wrong tag fits.
    raw, plain : (72,) uint8 array
        Payload and salt bits of the short format's best candidate, encrypted and decrypted under
        the candidate's own tag.
    """

    payload: bytes | None
    best: tuple[float | None, ...]
    candidates: tuple[int, ...]
    tagged: tuple[int, ...]
    risk: float
    raw: NDArray[np.uint8]
    plain: NDArray[np.uint8]


def observed_decode(reading: Reading) -> Decoding:
    """Call `decode`, and give every candidate's T and tag along with its verdict."""
    lists: list[tuple[NDArray[np.uint8], NDArray[np.float64]]] = []

    def watch(llr: NDArray[np.float32], frozen: NDArray[np.uint8], size: int) -> Any:
        candidates, metrics = list_decode(llr, frozen, size)
        lists.append((candidates, (1.0 - 2.0 * encode_batch(candidates, frozen)) @ llr))
        return candidates, metrics

    with mock.patch.object(_decoding, "list_decode", watch):
        decoded = decode(
            reading.sums,
            reading.secrets,
            reading.risk.trials,
            polarities=reading.risk.polarities,
            thorough=reading.thorough,
        )
    best: list[float | None] = []
    counts, tags, risk = [], [], 0.0
    for form in FORMATS:
        mine = [pair for pair in lists if pair[0].shape[1] == form.bits]
        best.append(max((float(values.max()) for _, values in mine), default=None))
        counts.append(sum(len(candidates) for candidates, _ in mine))
        tags.append(0)
        for candidates, values in mine:
            right = np.array([unpack(c, reading.secrets.payload) is not None for c in candidates])
            tags[-1] += int(right.sum())
            beyond = values >= needed(form, reading.risk)
            accepted = values[right & beyond].max(initial=-np.inf)
            risk += np.count_nonzero(beyond & ~right & (values > accepted)) / 256**form.tag_bytes
    short = [pair for pair in lists if pair[0].shape[1] == FORMATS[0].bits]
    likeliest, values = max(short, key=lambda pair: float(pair[1].max()))
    message = np.packbits(likeliest[int(values.argmax())]).tobytes()
    body, tag = message[:_SHORT_BYTES], message[_SHORT_BYTES:]
    raw, plain = (
        np.unpackbits(np.frombuffer(text, np.uint8))
        for text in (body, _crypted(body, tag, reading.secrets.payload))
    )
    payload = None if decoded is None else decoded.payload
    return Decoding(payload, tuple(best), tuple(counts), tuple(tags), risk, raw, plain)


def needed(form: MessageFormat, risk: Risk = UPRIGHT_RISK) -> float:
    """Give the T at which a call with one key says "found": the least, if not of another kind."""
    words = 8 * (form.payload_bytes + form.salt_bytes)
    trials = len(risk.polarities) * len(FORMATS) * risk.trials
    return _decoding.least_correlation(words, trials)
