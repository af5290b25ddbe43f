"""The detector: cheapest hypotheses first, stopping at the first message that is proven."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel._decoding import decode
from genlabel._detection import EFFORTS, Detection, Effort, Span
from genlabel._errors import UnsupportedError
from genlabel._key import Key
from genlabel.audio._codeword import MarkSecrets, bit_sums, mark_secrets
from genlabel.audio._measure import HOP, LEAST_ROWS, statistic, tile_map
from genlabel.audio._samples import Samples, check_rate, check_samples, planar
from genlabel_kernels.audio.folding import folded, pilot_scores, superframe
from genlabel_kernels.audio.layout import RATE

#: Measurements one call looks at, at most.
MEASUREMENTS = 1000
_PHASES = 3


def detect(
    samples: Samples, rate: int, keys: Sequence[Key] | Key, effort: Effort = "normal"
) -> Detection:
    """Look for a mark in a sound's samples, blindly.

    Parameters
    ----------
    samples : (frames,) or (frames, channels) float array
        float32 or float64.
    rate : int
        8,000 to 192,000 Hz.
    keys : Key or sequence of Key
        The keys to try.
    effort : {"quick", "normal", "deep"}
        How long to look.

    Returns
    -------
    Detection
        With the spans that carry a payload.

    Raises
    ------
    UnsupportedError
        The array or the rate is not one that can be read, or there is no such effort.
    """
    check_samples(samples)
    rate = check_rate(rate)
    if effort not in EFFORTS:
        raise UnsupportedError(f"effort is one of {', '.join(EFFORTS)}, not {effort!r}")
    secrets = [mark_secrets(key) for key in ([keys] if isinstance(keys, Key) else keys)]
    powers = tile_map(planar(samples), rate)
    if not secrets or len(powers) < LEAST_ROWS:
        return Detection(found=False)
    return _whole(statistic(powers), secrets)


def _whole(values: NDArray[np.float32], secrets: Sequence[MarkSecrets]) -> Detection:
    tiles = folded(values, 0)
    scores = pilot_scores(tiles)
    for phase in np.argsort(-scores)[:_PHASES]:
        measured = superframe(tiles, int(phase))
        for secret in secrets:
            sums = bit_sums(measured, secret)
            decoded = decode(sums, secret.payload, MEASUREMENTS * len(secrets))
            if decoded is not None:
                span = Span(0.0, len(values) * HOP / RATE, decoded.payload, decoded.log10_p)
                return Detection(
                    found=True,
                    payload=decoded.payload,
                    key=secret.name,
                    log10_p=decoded.log10_p,
                    spans=(span,),
                )
    return Detection(found=False)
