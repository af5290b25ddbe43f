"""The detector: the sound as it is first, then as it may have been scaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from genlabel._detection import EFFORTS, Detection, Effort
from genlabel._errors import UnsupportedError
from genlabel._key import Key
from genlabel.audio._codeword import mark_secrets
from genlabel.audio._measure import HOP, LEAST_ROWS, statistic, tile_map
from genlabel.audio._samples import Samples, check_rate, check_samples, planar
from genlabel.audio._scales import MOST, likely_scales, rescaled
from genlabel.audio._shaper import Channels
from genlabel.audio._spans import Found, find_spans
from genlabel_kernels.audio.layout import RATE
from genlabel_kernels.audio.resampling import lowpass, resampled

#: Maps that one call looks at, at most.
SEARCHES = 1 + MOST


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
        How long to look. ``"quick"`` reads sounds at their own tempo and pitch, also where they
        were cut, joined and coded; ``"normal"`` and ``"deep"`` also what was played faster, slower,
        higher or lower.

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
    if not secrets:
        return Detection(found=False)
    sound = resampled(planar(samples), lowpass(rate, RATE))
    searches = 1 if effort == "quick" else SEARCHES
    for version, hop, row_seconds in _versions(sound, effort):
        powers = tile_map(version, hop=hop)
        if len(powers) >= LEAST_ROWS:
            found = find_spans(statistic(powers), secrets, searches, row_seconds)
            if found:
                return _detection(found, len(samples) / rate)
    return Detection(found=False)


def _versions(sound: Channels, effort: Effort) -> Iterator[tuple[Channels, float, float]]:
    """Yield the sound as it is and as it may have been, and how its map is laid."""
    yield sound, HOP, HOP / RATE
    if effort != "quick":
        for scale in likely_scales(sound):
            version, hop = rescaled(sound, scale)
            yield version, hop, HOP / scale.tempo / RATE


def _detection(found: Sequence[Found], seconds: float) -> Detection:
    best = min(found, key=lambda one: one.span.log10_p)
    spans = sorted((one.span for one in found), key=lambda span: span.start)
    return Detection(
        found=True,
        payload=best.span.payload,
        key=best.key,
        log10_p=best.span.log10_p,
        spans=tuple(spans),
    )
