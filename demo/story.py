"""What happened to one picture, and what verify says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import genlabel


@dataclass
class Story:
    """One picture and everything that happened to it.

    Parameters
    ----------
    source, marked, difference : Path
        The picture before and after, and what changed, amplified.
    receipt : Receipt
        What was written.
    chapters : list of (str, Path, Report, bool)
        What happened, the resulting file, what verify says of it, and whether that is right.
    """

    source: Path
    marked: Path
    difference: Path
    receipt: genlabel.Receipt
    chapters: list[tuple[str, Path, genlabel.Report, bool]] = field(default_factory=list)

    @property
    def stripped(self) -> Path:
        """The marked picture after the first fate: every sample, no metadata."""
        return self.chapters[1][1]
