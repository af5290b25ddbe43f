"""The detector: cheapest hypotheses first, stopping at the first message that is proven."""

from __future__ import annotations

from collections.abc import Sequence

from genlabel._detection import EFFORTS, Detection, Effort
from genlabel._errors import UnsupportedError
from genlabel._key import Key
from genlabel.audio._codeword import mark_secrets
from genlabel.audio._measure import LEAST_ROWS, statistic, tile_map
from genlabel.audio._samples import Samples, check_rate, check_samples, planar
from genlabel.audio._spans import find_spans


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
    found = find_spans(statistic(powers), secrets, len(samples) / rate)
    if not found:
        return Detection(found=False)
    best = min(found, key=lambda one: one.span.log10_p)
    return Detection(
        found=True,
        payload=best.span.payload,
        key=best.key,
        log10_p=best.span.log10_p,
        spans=tuple(sorted((one.span for one in found), key=lambda span: span.start)),
    )
