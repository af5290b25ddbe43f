"""What the detector found in the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

#: `Detection.found` is true only where ``log10_p`` is at most this.
FOUND_LOG10_P = -9.0

Content = Literal["bound", "unbound", "unknown"]
#: How long to look for a mark: whole pictures only; cut, turned, stretched and bent ones as well;
#: and also those whose public tones were taken off.
Effort = Literal["quick", "normal", "deep"]
EFFORTS: tuple[Effort, ...] = ("quick", "normal", "deep")
Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of sound or film that carries one payload.

    Parameters
    ----------
    start, end : float
        Seconds from the beginning of the medium.
    payload : bytes
        What the samples carry there.
    log10_p : float
        As in `Detection`, for this stretch.
    """

    start: float
    end: float
    payload: bytes
    log10_p: float

    def to_dict(self) -> dict[str, Any]:
        """Give the span as plain JSON types."""
        return {
            "start": self.start,
            "end": self.end,
            "payload": self.payload.hex(),
            "log10_p": self.log10_p,
        }


@dataclass(frozen=True, slots=True)
class Detection:
    """The verdict on one medium's samples.

    Parameters
    ----------
    found : bool
        Whether a mark is there; true only where ``log10_p <= -9``.
    payload : bytes or None
        The exact payload, or None where nothing was found.
    key : str or None
        Name of the key the mark was made with.
    log10_p : float
        log10 of a bound on the probability that this verdict arises on unmarked media or under
        another key, every hypothesis searched included; 0 where nothing was found.
    geometry : 3x3 nested tuples of float, or None
        Homogeneous matrix from pixel coordinates (x, y, 1) of the marked original to those of
        this picture. Where the picture was cut, turned or stretched, its origin is one of the
        mark's repeats.
    spans : tuple of Span
        Sound and film only.
    content : {"bound", "unbound", "unknown"}
        Whether the mark was made for this content: ``"unbound"`` hints that it was copied from
        elsewhere, or that much was painted over. ``"unknown"`` where only a part is there, or the
        mark is too weak to tell. A hint, not a proof.
    """

    found: bool
    payload: bytes | None = None
    key: str | None = None
    log10_p: float = 0.0
    geometry: Matrix | None = None
    spans: tuple[Span, ...] = ()
    content: Content = "unknown"

    def to_dict(self) -> dict[str, Any]:
        """Give the detection as plain JSON types."""
        return {
            "found": self.found,
            "payload": None if self.payload is None else self.payload.hex(),
            "key": self.key,
            "log10_p": self.log10_p,
            "geometry": None if self.geometry is None else [list(row) for row in self.geometry],
            "spans": [span.to_dict() for span in self.spans],
            "content": self.content,
        }
