"""The label people see, for one film file: what its samples mean, and how it is turned.

References
----------
ISO/IEC 14496-12, 6.2.2 (the matrix by which a picture is turned); ITU-T H.273, 8.2 (transfer
characteristics: 16 is PQ, 18 HLG); ITU-R BT.2408-7 (graphics white).
"""

from __future__ import annotations

from collections.abc import Sequence

from genlabel.video._files.picture import Picture
from genlabel.video._label import Overlay, picture_of
from genlabel.visible._find import FoundLabel, find
from genlabel.visible._label import VisibleLabel
from genlabel.visible._place import Pixels, upright
from genlabel.visible._planes import Signal

_WHITES = {16: 0.58, 18: 0.75}
# The signs of a, b, c and d, by which x becomes ax + cy, and y becomes bx + dy.
_TURNS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


def overlay_of(picture: Picture, label: VisibleLabel) -> Overlay:
    """Make the overlay that suits a film."""
    return Overlay(
        label,
        bit_depth=picture.bits,
        full_range=picture.full_range,
        white=_WHITES.get(picture.colours[1], 1.0),
        turned=turned(picture.matrix),
    )


def find_label(picture: Picture, planes: Sequence[Pixels]) -> tuple[FoundLabel, ...]:
    """Look for labels in a frame, as it is shown."""
    if not planes:
        return ()
    signal = Signal(picture.bits, picture.full_range)
    return find(upright(picture_of(planes[:1], signal), turned(picture.matrix)))


def turned(matrix: tuple[int, ...] | None) -> int:
    """Tell how a film is turned to be shown, as Exif numbers it.

    Parameters
    ----------
    matrix : tuple of int or None
        The nine numbers of its track; one that does more than to turn and mirror is left out.
    """
    if matrix is None:
        return 1
    signs = [(number > 0) - (number < 0) for number in (matrix[0], matrix[1], *matrix[3:5])]
    return _TURNS.get((signs[0], signs[1], signs[2], signs[3]), 1)
