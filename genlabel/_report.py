"""What `verify` says of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from genlabel._detection import Detection
from genlabel._label import Label

REPORT_SCHEMA = "genlabel.report/1"

State = Literal["absent", "present", "valid", "trusted", "damaged", "conflicting"]
Verdict = Literal["generated", "possible", "suspected", "none"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a file's labelling.

    Parameters
    ----------
    state : {"absent", "present", "valid", "trusted", "damaged", "conflicting"}
        ``present``: there and readable, not checkable or not compliant; ``valid``: there and
        keeps every rule that can be checked; ``trusted``: valid and signed under a trusted root;
        ``damaged``: there and unreadable or failing its own integrity; ``conflicting``: readable
        and contradicted by another layer.
    details : mapping
        Facts read from the layer, plain JSON types.
    problems : tuple of str
        Departures from the layer's standard, one sentence each, with the clause.
    """

    state: State
    details: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the layer as plain JSON types."""
        return {
            "state": self.state,
            "details": dict(self.details),
            "problems": list(self.problems),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What a file says of itself, what its samples say, and what follows.

    Parameters
    ----------
    source : str
        The file's name as given, or ``"<bytes>"``.
    media_type : str
        MIME type by content, not by name.
    verdict : {"generated", "possible", "suspected", "none"}
        The rung of Article 6 of the Chinese labelling Measures (2025).
    notice : mapping of language tag to str
        The sentence to show next to the content.
    layers : mapping of name to Layer
        One entry each for ``aigc``, ``xmp``, ``c2pa``, ``watermark``, ``visible``.
    label : Label or None
        What the metadata declares.
    detection : Detection or None
        What the samples carry; None where no key was given.
    conflicts : tuple of str
        Disagreements between layers, one sentence each.
    """

    source: str
    media_type: str
    verdict: Verdict
    notice: Mapping[str, str]
    layers: Mapping[str, Layer]
    label: Label | None = None
    detection: Detection | None = None
    conflicts: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain JSON types, with its schema id."""
        return {
            "schema": REPORT_SCHEMA,
            "source": self.source,
            "media_type": self.media_type,
            "verdict": self.verdict,
            "notice": dict(self.notice),
            "layers": {name: layer.to_dict() for name, layer in self.layers.items()},
            "label": None if self.label is None else self.label.to_dict(),
            "detection": None if self.detection is None else self.detection.to_dict(),
            "conflicts": list(self.conflicts),
        }
