"""The label people see, in the picture as a viewer shows it: upright, and in every frame.

References
----------
Exif 3.0 (CIPA DC-008), 4.6.5: Orientation, which side of the picture the first row and column are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from genlabel.image._files import avif
from genlabel.image._files.animation import Animation
from genlabel.image._files.formats import shown
from genlabel.image._files.picture import Picture, Pixels
from genlabel.labels.containers import files
from genlabel.visible._draw import Setting, lay, settle
from genlabel.visible._find import FoundLabel, find
from genlabel.visible._label import VisibleLabel
from genlabel.visible._place import upright

_ORIENTATION = 0x0112
_SHORT = 3
# Camera makers stay below 100.
_MAX_FIELDS = 512


@dataclass(frozen=True, slots=True)
class Drawing:
    """A label settled for a picture file.

    Parameters
    ----------
    setting : Setting
        What is drawn, in the picture as it is shown.
    orientation : int
        1 to 8, as Exif has it.
    """

    setting: Setting
    orientation: int

    def on(self, pixels: Pixels) -> Pixels:
        """Draw it into a copy of the file's samples."""
        out = pixels.copy()
        lay(upright(out, self.orientation), self.setting)
        return out


def settle_drawing(media: Picture | Animation, label: VisibleLabel) -> Drawing:
    """Choose where a label is drawn, by the first frame.

    Raises
    ------
    CapacityError
        It does not fit.
    UnsupportedError, MediaError
        Its font or icon cannot be used, or the frame is damaged.
    """
    first, turned = _first(media)
    return Drawing(settle(first, label, moving=isinstance(media, Animation)), turned)


def find_label(media: Picture | Animation) -> tuple[FoundLabel, ...]:
    """Look for labels in the first frame, as it is shown."""
    return find(_first(media)[0])


def _first(media: Picture | Animation) -> tuple[Pixels, int]:
    exif = files.read(media.data, name=media.name).exif
    turned = 1 if exif is None else orientation(exif.raw)
    if media.media_type == "image/avif":
        turned = avif.turned(media.data)
    return upright(next(iter(shown(media))), turned), turned


def orientation(block: bytes) -> int:
    """Read how a picture is turned to be shown.

    Parameters
    ----------
    block : bytes
        Exif, from its TIFF header on; a damaged block turns nothing.

    Returns
    -------
    int
        1 to 8.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, first)
        for at in range(first + 2, first + 2 + 12 * min(count, _MAX_FIELDS), 12):
            tag, kind, number, value = struct.unpack_from(order + "HHIH", block, at)
            if tag == _ORIENTATION:
                usual = kind == _SHORT and number == 1 and 1 <= value <= 8
                return int(value) if usual else 1
    except struct.error:
        pass
    return 1
