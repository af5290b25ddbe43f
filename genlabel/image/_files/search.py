"""The watermark of a picture file, read as a viewer would see it: also frame by frame."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genlabel import image
from genlabel._detection import FOUND_LOG10_P, Detection, Effort
from genlabel._key import Key
from genlabel.image._files.animation import Animation
from genlabel.image._files.formats import shown
from genlabel.image._files.picture import Picture, Pixels, psnr

#: So many frames of an animation are searched, from the first to the last.
SEARCHED_FRAMES = 5


@dataclass(frozen=True, slots=True)
class Search:
    """What was found in a picture file.

    Parameters
    ----------
    detection : Detection
        ``log10_p`` covers every frame that may have been searched.
    frame : int or None
        In which frame of an animation, counted from 1.
    frames : int or None
        How many frames the animation has; None for a still picture.
    """

    detection: Detection
    frame: int | None = None
    frames: int | None = None


def search(media: Picture | Animation, keys: Sequence[Key], effort: Effort = "normal") -> Search:
    """Look for a mark in a picture file, and decode all of it.

    An animation's frames are searched, spread over its length, until one gives the mark.

    Parameters
    ----------
    media : Picture or Animation
        The file.
    keys : sequence of Key
        The keys to try; without any the file is only decoded.
    effort : {"quick", "normal", "deep"}
        As `detect` takes.

    Returns
    -------
    Search
        What was found, and where.

    Raises
    ------
    MediaError
        A frame is damaged.
    """
    if isinstance(media, Picture):
        if not keys:
            return Search(Detection(found=False))
        return Search(image.detect(media.pixels, keys, effort=effort))
    looked_at = spread(media.count)
    best = Search(Detection(found=False), None, media.count)
    for index, picture in enumerate(shown(media)):
        # The rest is decoded all the same: a damaged file must not pass for a whole one.
        if not keys or index not in looked_at or best.detection.found:
            continue
        found = _one_of(image.detect(picture, keys, effort=effort), len(looked_at))
        if found.found:
            best = Search(found, index + 1, media.count)
    return best


def spread(count: int) -> frozenset[int]:
    """Choose the frames to search: the first, the last, and some between."""
    steps = SEARCHED_FRAMES - 1
    return frozenset(round(step * (count - 1) / steps) for step in range(steps + 1))


def unread_frames(animation: Animation, key: Key, payload: bytes) -> list[int]:
    """List the frames, counted from 0, that do not give a payload."""
    missing = []
    for index, picture in enumerate(shown(animation)):
        detection = image.detect(picture, key)
        if not detection.found or detection.payload != payload:
            missing.append(index)
    return missing


def fidelity(after: Iterable[Pixels], before: Iterable[Pixels]) -> float:
    """Peak signal-to-noise ratio of a marked file against its source, all frames together.

    Parameters
    ----------
    after, before : iterable of ndarray
        What is shown of each.

    Returns
    -------
    float
        In dB; infinite where nothing changed.
    """
    errors = [10 ** (-psnr(ours, theirs) / 10) for ours, theirs in zip(after, before, strict=True)]
    mean = sum(errors) / len(errors)
    return -10 * math.log10(mean) if mean > 0 else math.inf


def _one_of(detection: Detection, trials: int) -> Detection:
    """Count that other frames might have given a chance hit as well."""
    log10_p = detection.log10_p + math.log10(trials)
    if not detection.found or log10_p > FOUND_LOG10_P:
        return Detection(found=False)
    return dataclasses.replace(detection, log10_p=log10_p)
