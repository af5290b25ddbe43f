"""The detector: the sound as it is first, then as it may have been scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from genlabel._chip_secrets import ChipSecrets
from genlabel._detection import EFFORTS, Detection, Effort
from genlabel._errors import UnsupportedError
from genlabel._key import Key, as_keys
from genlabel.audio._codeword import mark_secrets
from genlabel.audio._listener import Channels
from genlabel.audio._measure import HOP, LEAST_ROWS, statistic, tile_map
from genlabel.audio._samples import Samples, check_rate, check_samples, planar
from genlabel.audio._scales import MOST, Scale, likely_scales, rescaled
from genlabel.audio._spans import Found, Risk, find_spans
from genlabel_kernels.audio.layout import RATE
from genlabel_kernels.audio.resampling import lowpass, resampled

#: Maps of one piece that one call looks at, at most.
SEARCHES = 1 + MOST
# Seconds of a piece, and by which it overlaps with the next.
_PIECE, _OVERLAP = 240, 8
# Spans of one payload that lie closer are one, in seconds.
_GAP = 0.25


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
        were cut, joined and coded; ``"normal"`` also what was played faster, slower, higher or
        lower; ``"deep"`` also what somebody took the public pilots off, as long as it was not cut.

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
    secrets = [mark_secrets(key) for key in as_keys(keys)]
    pieces = [Piece(start, samples[start:stop], rate) for start, stop in _cuts(len(samples), rate)]
    if not secrets or not pieces:
        return Detection(found=False)
    maps = len(pieces) * (1 if effort == "quick" else SEARCHES)
    searches = 2 if effort == "deep" else 1
    risk = Risk(len(pieces), maps, plain=True, searches=searches)
    found = _found(pieces, None, secrets, risk)
    if not found and effort != "quick":
        for scale in likely_scales(pieces[len(pieces) // 2].sound()):
            found = _found(pieces, scale, secrets, replace(risk, plain=False))
            if found:
                break
    if not found and effort == "deep":
        found = _found(pieces, None, secrets, replace(risk, deep=True))
    return _detection(found, len(samples) / rate)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sound, short enough to be held as a map.

    Parameters
    ----------
    start : int
        Where it begins in the sound.
    samples : (frames,) or (frames, channels) float array
        Its own.
    rate : int
        In hertz.
    """

    start: int
    samples: Samples
    rate: int

    def sound(self) -> Channels:
        """Give the piece at `RATE`."""
        return resampled(planar(self.samples), lowpass(self.rate, RATE))


def _cuts(count: int, rate: int) -> list[tuple[int, int]]:
    """Cut a long sound into pieces that overlap, so that memory does not grow with it."""
    length, overlap = _PIECE * rate, _OVERLAP * rate
    if count <= length:
        return [(0, count)] if count else []
    starts = range(0, count - overlap, length - overlap)
    return [(start, min(start + length, count)) for start in starts]


def _found(
    pieces: Sequence[Piece], scale: Scale | None, secrets: Sequence[ChipSecrets], risk: Risk
) -> list[Found]:
    """Search every piece, as it is or as it was before it was scaled."""
    found: list[Found] = []
    for piece in pieces:
        version, hop = piece.sound(), float(HOP)
        row_seconds = HOP / RATE
        if scale is not None:
            version, hop = rescaled(version, scale)
            row_seconds /= scale.tempo
        powers = tile_map(version, hop=hop)
        if len(powers) < LEAST_ROWS:
            continue
        for one in find_spans(statistic(powers), secrets, risk, row_seconds):
            _joined(found, one, piece.start / piece.rate)
    return found


def _joined(found: list[Found], one: Found, offset: float) -> None:
    """Add a span at its place in the whole sound, or to the one that it continues."""
    span = replace(one.span, start=one.span.start + offset, end=one.span.end + offset)
    for index, other in enumerate(found):
        same = (other.key, other.span.payload) == (one.key, span.payload)
        if same and span.start <= other.span.end + _GAP and other.span.start <= span.end + _GAP:
            joint = replace(
                other.span,
                start=min(span.start, other.span.start),
                end=max(span.end, other.span.end),
                log10_p=min(span.log10_p, other.span.log10_p),
            )
            found[index] = replace(other, span=joint)
            return
    found.append(replace(one, span=span))


def _detection(found: Sequence[Found], seconds: float) -> Detection:
    if not found:
        return Detection(found=False)
    best = min(found, key=lambda one: one.span.log10_p)
    spans = (replace(one.span, end=min(one.span.end, seconds)) for one in found)
    return Detection(
        found=True,
        payload=best.span.payload,
        key=best.key,
        log10_p=best.span.log10_p,
        spans=tuple(sorted(spans, key=lambda span: span.start)),
    )
