"""Drawing a label into pixels of any depth.

Letters are white or black, whichever takes the fainter plate. A plate is behind them where they
would not stand out by themselves, and it is opaque where the picture is transparent: what will be
behind a picture nobody knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from genlabel import profiles as regimes
from genlabel.visible._contrast import AIMED_RATIO, Floats, least_ratio
from genlabel.visible._find import find
from genlabel.visible._fonts import Coverage
from genlabel.visible._label import Position, VisibleLabel
from genlabel.visible._place import CORNERS, Box, Pixels, box_at, calmest, shown
from genlabel.visible._stamp import Stamp, make_stamp

_PEAK = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
# In heights of the ink.
_OUTLINE = 0.08
_STEP = 0.05


@dataclass(frozen=True, slots=True)
class Drawn:
    """A label as it was drawn.

    Parameters
    ----------
    text : str or None
        What it says.
    icon : str or None
        Its icon.
    position : str
        The edge or corner.
    box : tuple of (int, int, int, int)
        Left, top, width and height in pixels of the picture as it is shown.
    ink_height : int
        Of its text, in pixels.
    contrast : float
        WCAG contrast ratio where it is least, before watermark and coding.
    """

    text: str | None
    icon: str | None
    position: Position
    box: Box
    ink_height: int
    contrast: float

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON types."""
        return {
            "text": self.text,
            "icon": self.icon,
            "position": self.position,
            "box": list(self.box),
            "ink_height": self.ink_height,
            "contrast": self.contrast,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A label settled for one picture, or for all frames of a film.

    Parameters
    ----------
    stamp : Stamp
        What is drawn.
    outline : (H, W) uint8 array or None
        Coverage of what is round the letters in place of a plate.
    opacity : float
        Of the plate; 0 where there is none.
    white : bool
        White letters on black, or black ones on white.
    drawn : Drawn
        What is told of it.
    """

    stamp: Stamp
    outline: Coverage | None = field(repr=False)
    opacity: float
    white: bool
    drawn: Drawn


def draw(
    pixels: Pixels, label: VisibleLabel | None = None, *, profiles: Iterable[str] = ()
) -> tuple[Pixels, Drawn]:
    """Draw a label into a picture.

    Parameters
    ----------
    pixels : ndarray
        (H, W), (H, W, 3) or (H, W, 4); uint8, uint16, or float32 in 0..1.
    label : VisibleLabel or None
        None takes the usual one.
    profiles : iterable of str
        Regimes it is meant for: they choose the text, and what they do not accept is refused.

    Returns
    -------
    ndarray, Drawn
        A copy of the same shape and type, and what is where.

    Raises
    ------
    CapacityError
        The label does not fit.
    LabelError
        A regime does not accept it.
    UnsupportedError, MediaError
        Pixels, font or icon cannot be used.
    """
    # Its module brings the kernels, which nothing else here needs.
    from genlabel.image._pixels import check_pixels

    check_pixels(pixels)
    chosen = (label or VisibleLabel()).settled(regimes.load_all(tuple(profiles)))
    setting = settle(pixels, chosen)
    out = pixels.copy()
    lay(out, setting)
    return out, setting.drawn


def settle(pixels: Pixels, label: VisibleLabel, *, moving: bool = False) -> Setting:
    """Choose where and in which colours a label is drawn.

    Parameters
    ----------
    pixels : ndarray
        As `draw` takes.
    label : VisibleLabel
        As `VisibleLabel.settled` gave it.
    moving : bool
        Whether other frames follow: then there always is a plate or an outline, which suits
        whatever comes.

    Returns
    -------
    Setting
        For `lay`.

    Raises
    ------
    CapacityError
        It does not fit.
    """
    size = pixels.shape[0], pixels.shape[1]
    stamp = make_stamp(label, *size)
    position = label.position
    if position == "auto":
        position = _again(pixels, label, stamp) or calmest(shown(pixels), *_room(stamp))
    box = box_at(position, *_room(stamp), size)
    behind, opaque = _behind(pixels, box)
    # What comes later may be anything.
    behind = _ANYTHING if moving else behind
    white = least_ratio(1.0, behind) >= least_ratio(0.0, behind)
    ratio = least_ratio(float(white), behind)
    outline, opacity = None, 0.0
    if label.plate == "always" or label.is_badge or not opaque or ratio < AIMED_RATIO:
        if label.plate == "never":
            outline, ratio = _round(stamp), least_ratio(float(white), _grey(1.0 - white))
        else:
            white, opacity, ratio = _plated(behind, label.opacity, white)
    icon = None if label.icon is None else str(label.icon)
    drawn = Drawn(label.text, icon, position, box, stamp.ink, round(ratio, 1))
    return Setting(stamp, outline, opacity, white, drawn)


def lay(pixels: Pixels, setting: Setting) -> None:
    """Draw a label, in place.

    Parameters
    ----------
    pixels : ndarray
        Of the size it was settled for; any view that can be written to.
    setting : Setting
        From `settle`.
    """
    left, top, width, height = setting.drawn.box
    part = pixels[top : top + height, left : left + width]
    peak = _PEAK[part.dtype.name]
    values = part.astype(np.float32) / np.float32(peak)
    values = values[..., None] if part.ndim == 2 else values
    letters, back = _weight(setting.stamp.glyphs), np.float32(1.0 - setting.white)
    plate = _weight(setting.stamp.plate if setting.opacity else setting.outline)
    colours = values[..., :3]
    if values.shape[2] == 4:
        cover, alpha = np.maximum(plate, letters), values[..., 3:]
        colours = np.where(cover > 0, colours * alpha + back * (1 - alpha), colours)
        values[..., 3:] = np.maximum(alpha, cover)
    plate = plate * np.float32(setting.opacity or 1.0)
    colours = colours * (1 - plate) + back * plate
    values[..., :3] = colours * (1 - letters) + np.float32(setting.white) * letters
    drawn = values if peak == 1.0 else np.rint(values * peak)
    part[...] = drawn.reshape(part.shape).astype(part.dtype)


def _again(pixels: Pixels, label: VisibleLabel, stamp: Stamp) -> Position | None:
    """Tell in which corner the same label is already: a second one covers it."""
    size = pixels.shape[0], pixels.shape[1]
    for one in find(pixels):
        across, down = one.box[0] + one.box[2] / 2, one.box[1] + one.box[3] / 2
        for corner in CORNERS if one.text == label.text else ():
            left, top, width, height = box_at(corner, *_room(stamp), size)
            if left < across < left + width and top < down < top + height:
                return corner
    return None


def _room(stamp: Stamp) -> tuple[tuple[int, int], int]:
    return (stamp.glyphs.shape[0], stamp.glyphs.shape[1]), stamp.margin


def _plated(behind: Floats, floor: float, preferred: bool) -> tuple[bool, float, float]:
    """Find the faintest plate: white letters or black ones, its opacity, and the ratio."""
    found = []
    for white in (preferred, not preferred):
        opacity = floor
        while (ratio := _over_plate(behind, opacity, white)) < AIMED_RATIO and opacity < 1.0:
            opacity = min(opacity + _STEP, 1.0)
        found.append((opacity, white, ratio))
    opacity, white, ratio = min(found, key=lambda one: one[0])
    return white, opacity, ratio


def _over_plate(behind: Floats, opacity: float, white: bool) -> float:
    plated = behind * np.float32(1 - opacity) + np.float32((1.0 - white) * opacity)
    return least_ratio(float(white), plated)


def _behind(pixels: Pixels, box: Box) -> tuple[Floats, bool]:
    """Give what is behind a label, one colour a row, and whether all of it is opaque."""
    left, top, width, height = box
    part = pixels[top : top + height, left : left + width]
    values = part.reshape(height * width, -1).astype(np.float32) / np.float32(
        _PEAK[part.dtype.name]
    )
    values = np.clip(values, 0, 1)
    if values.shape[1] < 4:
        return values, True
    seen = values[values[:, 3] > 0, :3]
    return seen if len(seen) else _grey(0.5), bool((values[:, 3] == 1.0).all())


def _round(stamp: Stamp) -> Coverage:
    # One more, since the edge of a letter covers its pixels in part.
    radius = 1 + math.ceil(_OUTLINE * stamp.ink)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(stamp.glyphs, brush), np.uint8)


def _weight(coverage: Coverage | None) -> Floats:
    if coverage is None:
        return np.zeros((1, 1, 1), np.float32)
    return coverage[..., None].astype(np.float32) / np.float32(255)


def _grey(value: float) -> Floats:
    return np.full((1, 1), value, np.float32)


_ANYTHING: Floats = np.array([[0.0], [1.0]], np.float32)
