"""Animations: what each frame shows, drawn as a viewer draws it.

References
----------
W3C Portable Network Graphics (PNG) Specification (Third Edition), 11.3.6 (fcTL: disposal and
blending) and 13.16 (blending of samples); RFC 9649, 2.7.1.1 (ANMF, the same two ideas).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from genlabel._errors import MediaError
from genlabel.image._files.picture import Pixels, check_size

#: More frames, or more samples of all frames together, are refused: each frame may be a whole one.
MAX_FRAMES = 10_000
MAX_ANIMATION_PIXELS = 1_000_000_000

Disposal = Literal["keep", "clear", "restore"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A rectangle of an animation, as its file stores it.

    Parameters
    ----------
    pixels : ndarray
        Shape (h, w), (h, w, 3) or (h, w, 4); uint8 or uint16.
    left, top : int
        Where it lies on the canvas.
    over : bool
        Whether what was there shines through, or is replaced.
    disposal : {"keep", "clear", "restore"}
        What becomes of the rectangle before the next frame.
    """

    pixels: Pixels = field(repr=False)
    left: int
    top: int
    over: bool
    disposal: Disposal

    @property
    def place(self) -> tuple[slice, slice]:
        """The rectangle as an index into the canvas."""
        height, width = self.pixels.shape[:2]
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


@dataclass(frozen=True, slots=True, eq=False)
class Animation:
    """An animated picture file, not decoded yet.

    Parameters
    ----------
    name : str
        For messages.
    media_type : str
        MIME type by content.
    data : bytes
        The file.
    width, height : int
        Of the canvas.
    count : int
        Frames; a still picture in front that is not part of the animation counts as one.
    warnings : tuple of str
        What cannot be kept when new samples are written.
    refusal : str or None
        Why no new samples can be written at all.
    """

    name: str
    media_type: str
    data: bytes = field(repr=False)
    width: int
    height: int
    count: int
    warnings: tuple[str, ...] = ()
    refusal: str | None = None


class Canvas:
    """What a viewer shows.

    Parameters
    ----------
    height, width : int
        In pixels.
    """

    def __init__(self, height: int, width: int) -> None:
        self._size = (height, width)
        self._pixels: Pixels | None = None
        self._covered: Pixels | None = None

    def draw(self, frame: Frame) -> Pixels:
        """Draw a frame and give the whole picture, which the next frame will change.

        Returns
        -------
        ndarray, shape (H, W, 4)
            The canvas itself: whoever keeps it copies it.
        """
        if self._pixels is None:
            self._pixels = np.zeros((*self._size, 4), frame.pixels.dtype)
        under = self._pixels[frame.place]
        self._covered = under.copy() if frame.disposal == "restore" else None
        drawn = _as_rgba(frame.pixels)
        under[...] = _blended(drawn, under) if frame.over else drawn
        return self._pixels

    def dispose(self, frame: Frame) -> None:
        """Prepare the canvas for the frame behind this one."""
        if self._pixels is None or frame.disposal == "keep":
            return
        self._pixels[frame.place] = 0 if self._covered is None else self._covered


def check_animation(width: int, height: int, count: int, name: str) -> None:
    """Refuse an animation that is too large to decode.

    Raises
    ------
    MediaError
        The canvas, the number of frames, or both together are.
    """
    check_size(width, height, name)
    if count > MAX_FRAMES or count * width * height > MAX_ANIMATION_PIXELS:
        raise MediaError(
            f"is an animation of {count} frames of {width} x {height} pixels; genlabel decodes "
            f"up to {MAX_FRAMES} frames and {MAX_ANIMATION_PIXELS // 10**6} megapixels in all",
            path=name,
        )


def check_inside(frame: Frame, animation: Animation) -> Frame:
    """Refuse a frame that does not lie on the canvas.

    Raises
    ------
    MediaError
        It does not.
    """
    height, width = frame.pixels.shape[:2]
    if frame.left + width > animation.width or frame.top + height > animation.height:
        raise MediaError("is damaged: a frame lies beyond its canvas", path=animation.name)
    return frame


def drawn(animation: Animation, frames: Iterable[Frame]) -> Iterator[Pixels]:
    """Draw an animation frame by frame.

    Yields
    ------
    ndarray, shape (H, W, 4)
        What is shown; valid until the next one is asked for.
    """
    canvas = Canvas(animation.height, animation.width)
    for frame in frames:
        yield canvas.draw(frame)
        canvas.dispose(frame)


def _as_rgba(pixels: Pixels) -> Pixels:
    """Give samples four channels."""
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        return pixels
    out = np.full((*pixels.shape[:2], 4), np.iinfo(pixels.dtype).max, pixels.dtype)
    out[..., :3] = pixels[..., None] if pixels.ndim == 2 else pixels
    return out


def _blended(front: Pixels, back: Pixels) -> Pixels:
    """Lay samples with straight alpha over others."""
    alpha = front[..., 3]
    peak = np.iinfo(front.dtype).max
    out = np.where((alpha > 0)[..., None], front, back)
    mixed = (alpha > 0) & (alpha < peak) & (back[..., 3] > 0)
    if mixed.any():
        over, under = front[mixed].astype(np.float64), back[mixed].astype(np.float64)
        ours = over[:, 3:]
        theirs = under[:, 3:] * (1 - ours / peak)
        total = ours + theirs
        colours = (over[:, :3] * ours + under[:, :3] * theirs) / total
        out[mixed] = np.rint(np.concatenate([colours, total], axis=1)).astype(front.dtype)
    return out
