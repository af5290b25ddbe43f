"""The audio watermark on arrays and streams, and labels that people hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel._lazy import attributes

__all__ = [
    "AudibleLabel",
    "Embedder",
    "FoundRhythm",
    "FoundSpoken",
    "Labeller",
    "Rhythm",
    "SPOKEN",
    "detect",
    "embed",
    "find_rhythms",
    "find_spoken",
    "labelled",
    "warmup",
]

if TYPE_CHECKING:
    from genlabel.audio._audible.find_rhythm import FoundRhythm, find_rhythms
    from genlabel.audio._audible.find_spoken import FoundSpoken, find_spoken
    from genlabel.audio._audible.label import AudibleLabel, Labeller, labelled
    from genlabel.audio._audible.rhythm import Rhythm
    from genlabel.audio._audible.spoken import SPOKEN
    from genlabel.audio._detect import detect
    from genlabel.audio._embed import embed
    from genlabel.audio._embedder import Embedder
    from genlabel.audio._warmup import warmup

_HOME = {
    "AudibleLabel": "genlabel.audio._audible.label",
    "Embedder": "genlabel.audio._embedder",
    "FoundRhythm": "genlabel.audio._audible.find_rhythm",
    "FoundSpoken": "genlabel.audio._audible.find_spoken",
    "Labeller": "genlabel.audio._audible.label",
    "Rhythm": "genlabel.audio._audible.rhythm",
    "SPOKEN": "genlabel.audio._audible.spoken",
    "detect": "genlabel.audio._detect",
    "embed": "genlabel.audio._embed",
    "find_rhythms": "genlabel.audio._audible.find_rhythm",
    "find_spoken": "genlabel.audio._audible.find_spoken",
    "labelled": "genlabel.audio._audible.label",
    "warmup": "genlabel.audio._warmup",
}

__getattr__ = attributes(__name__, _HOME)
