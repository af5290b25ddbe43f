"""A file's samples as the journeys see them, whatever kind of medium they are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from genlabel._data import Data, Scratch
from genlabel._detection import Detection, Effort
from genlabel._key import Key
from genlabel._report import Layer

if TYPE_CHECKING:
    from genlabel.audio._audible.label import AudibleLabel
    from genlabel.video._files.encoding import Encoding
    from genlabel.visible._label import VisibleLabel


@dataclass(frozen=True, slots=True)
class Coding:
    """How new samples are made and coded.

    Parameters
    ----------
    strength : float
        Of the watermark.
    quality : int or None
        Of lossy pictures; None keeps the source's.
    bitrate : float or None
        Of lossy sound, in kbit/s; None keeps the source's.
    audible : AudibleLabel or None
        The label that is heard in sound.
    visible : VisibleLabel or None
        The label that is seen in pictures.
    encoding : Encoding or None
        How films are encoded; None keeps the source's way.
    keep_going : bool
        Whether what is damaged in a film is left out.
    progress : callable or None
        Told how much of a film is done, from 0 to 1.
    """

    strength: float = 1.0
    quality: int | None = None
    bitrate: float | None = None
    audible: AudibleLabel | None = None
    visible: VisibleLabel | None = None
    encoding: Encoding | None = None
    keep_going: bool = False
    progress: Callable[[float], None] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the samples hold.

    Parameters
    ----------
    detection : Detection
        The watermark.
    details : dict
        Facts for the layer, plain JSON types.
    problems : tuple of str
        What in it does not agree.
    """

    detection: Detection
    details: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Samples(Protocol):
    """The samples of one file, opened."""

    def labelled(self, coding: Coding) -> tuple[Samples, dict[str, Any] | None]:
        """Put in the label that people see or hear, and tell where it is, in plain JSON types."""

    def marked(
        self, payload: bytes, key: Key, coding: Coding, scratch: Scratch
    ) -> tuple[Data, tuple[str, ...]]:
        """Give the file anew with a watermark in its samples, and what could not be kept."""

    def search(self, keys: Sequence[Key], effort: Effort) -> Found:
        """Look for a watermark, and decode everything even where there is no key."""

    def explicit(self) -> Layer:
        """Look for a label that people see or hear."""

    def unread(self, before: Samples, key: Key, payload: bytes) -> tuple[str, ...]:
        """Name what was marked of the source and does not give the payload."""

    def fidelity(self, before: Samples) -> dict[str, float]:
        """Compare with the source, by measures of `genlabel.Receipt`; nothing where all is same."""
