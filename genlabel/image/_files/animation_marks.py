"""The mark in every frame of an animation, without moving anything.

The mark belongs to what is seen: to the whole canvas after a frame was drawn, not to the rectangle
that the file stores of it, which may be a few pixels of change. So every frame is drawn, the mark
is put into the whole picture, and the part that lies in the frame's rectangle is stored there.
Samples that did not change since the frame before keep the mark they have: nothing flickers,
small rectangles stay small, and frames of one scene carry one pattern.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from genlabel._errors import CapacityError
from genlabel.image._files.animation import Animation, Canvas, Frame
from genlabel.image._files.picture import Pixels


def marked(
    animation: Animation,
    frames: Iterable[Frame],
    embed: Callable[[Pixels], Pixels],
    refused: dict[int, CapacityError],
    draw: Callable[[Pixels], Pixels] | None = None,
) -> Iterator[Pixels]:
    """Mark an animation frame by frame.

    Parameters
    ----------
    animation : Animation
        The file.
    frames : iterable of Frame
        Its frames.
    embed : callable
        Marks a picture of shape (H, W, 4).
    refused : dict of int to CapacityError
        Filled with the frames that cannot carry a mark, and why.
    draw : callable or None
        Draws a label into a copy of such a picture, in front of the mark.

    Yields
    ------
    ndarray
        New samples for each frame, of the shape and type of the old ones.
    """
    plain = Canvas(animation.height, animation.width)
    ours = Canvas(animation.height, animation.width)
    shown = shown_marked = None
    for index, frame in enumerate(frames):
        picture = plain.draw(frame)
        changed = np.ones(picture.shape[:2], np.bool_)
        host = picture if draw is None else draw(picture)
        if shown is not None and shown_marked is not None:
            changed = (picture != shown).any(axis=2)
            # The embedder sees the marks that stay, and continues the pattern they have.
            host = np.where(changed[..., None], host, shown_marked)
        wanted = host
        if changed.any():
            try:
                wanted = np.where(changed[..., None], embed(host), host)
            except CapacityError as error:
                refused[index] = error
        elif index - 1 in refused:
            refused[index] = refused[index - 1]
        pixels = _moved(frame, wanted, picture)
        yield pixels
        shown = picture.copy()
        shown_marked = ours.draw(dataclasses.replace(frame, pixels=pixels)).copy()
        plain.dispose(frame)
        ours.dispose(frame)


def _moved(frame: Frame, wanted: Pixels, picture: Pixels) -> Pixels:
    """Add what mark and label change on the canvas to the samples that a frame stores of it."""
    pixels = frame.pixels
    ours, plain = wanted[frame.place], picture[frame.place]
    part = ours[..., :3].astype(np.int32) - plain[..., :3]
    out = pixels.copy()
    colours = out if out.ndim == 2 else out[..., :3]
    total = colours + (part[..., 0] if out.ndim == 2 else part)
    np.clip(total, 0, np.iinfo(pixels.dtype).max, out=total)
    if out.ndim == 3 and out.shape[2] == 4:
        # A transparent sample shows what is under it, which has its mark already.
        np.copyto(colours, total, where=pixels[..., 3:] > 0, casting="unsafe")
        # But a label covers what was transparent.
        covered = ours[..., 3] != plain[..., 3]
        out[covered] = ours[covered]
    else:
        colours[...] = total
    return out
