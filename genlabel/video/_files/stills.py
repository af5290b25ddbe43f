"""The mark of an image in a film: animations are sent on as films, and films show stills."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from genlabel import image
from genlabel._detection import Detection, Effort, Span
from genlabel._key import Key
from genlabel.video._film import LARGE, Film

#: Keyframes that are searched, at most: codecs leave little of a mark on what lies between.
KEYFRAMES = 3
# A film is sent on whole, at another size at most: that takes a tenth of a search for poses.
_EFFORTS: dict[Effort, Effort] = {"quick": "quick", "normal": "quick", "deep": "normal"}


def still_marks(path: Path, keys: Sequence[Key], effort: Effort) -> Iterator[Detection]:
    """Look for the mark of an image in the first keyframes of a small film, or a large one's first.

    Parameters
    ----------
    path : Path
        The film.
    keys : sequence of Key
        The keys to try.
    effort : {"quick", "normal", "deep"}
        Only ``"deep"`` finds what was cut, turned, stretched or bent.

    Yields
    ------
    Detection
        Of each keyframe, with the time for which it stands. Chance had as many chances as there
        are of them.

    Raises
    ------
    MediaError
        The film cannot be read.
    """
    with Film(path) as film:
        # Animations are small and short; what has no mark should not wait long for it.
        keyframes = film.keyframes(KEYFRAMES if film.samples <= LARGE else 1)
    for moment in keyframes:
        pixels = np.clip(moment.plane / np.float32(255.0), 0.0, 1.0)
        found = image.detect(pixels, keys, effort=_EFFORTS[effort])
        if not found.found or found.payload is None:
            yield found
            continue
        span = Span(moment.start, moment.end, found.payload, found.log10_p)
        # Its matrix leads to a keyframe scaled down, and what a film shows was not all drawn at
        # once: that does not say that a mark was copied.
        yield dataclasses.replace(found, geometry=None, content="unknown", spans=(span,))
