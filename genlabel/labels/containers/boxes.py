"""Boxes of ISO base media files, and changes to a file that keep every size around them right.

References
----------
ISO/IEC 14496-12, 4.2 (boxes); QuickTime File Format, atoms.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from genlabel._data import Data, Piece
from genlabel._errors import MediaError

HEADER_BYTES = 8
# A fragmented hour has some thousand, of a fragment for each frame two hundred thousand.
MAX_BOXES = 1 << 18
#: Texts that are longer are not read.
MAX_TEXT_BYTES = 16 << 20
_LONG_HEADER_BYTES = 16
_MAX_PADDING_BYTES = 1 << 16
_MAX_SIZE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Box:
    """A box.

    Parameters
    ----------
    kind : bytes
        Four bytes.
    start, payload, end : int
        Where it, its content, and what follows begin.
    open : bool
        Whether it reaches to the end of the file, whatever that is.
    """

    kind: bytes
    start: int
    payload: int
    end: int
    open: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """One change.

    Parameters
    ----------
    start, end : int
        Bytes that go.
    new : bytes
        What comes in their place.
    within : tuple of Box
        All boxes around it, whose sizes change with it.
    """

    start: int
    end: int
    new: bytes = field(repr=False)
    within: tuple[Box, ...] = ()

    @property
    def growth(self) -> int:
        """Bytes by which the file grows."""
        return len(self.new) - (self.end - self.start)


class Shift:
    """Where the bytes of a file come to stand.

    Parameters
    ----------
    patches : iterable of Patch
        What is changed.
    """

    def __init__(self, patches: Iterable[Patch]) -> None:
        ordered = sorted((patch.end, patch.growth) for patch in patches)
        self._ends = [end for end, _ in ordered]
        self._sums = [0, *accumulate(growth for _, growth in ordered)]

    @property
    def from_first(self) -> bool:
        """Whether anything moves at all."""
        return any(self._sums)

    def moved(self, position: int) -> int:
        """Give the new place of what stands at a position.

        Parameters
        ----------
        position : int
            In the old file.
        """
        return position + self._sums[bisect.bisect_right(self._ends, position)]


def walk(data: Data, start: int, end: int, name: str, *, nested: bool = True) -> list[Box]:
    """List boxes one behind the other.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    start, end : int
        Where they stand.
    name : str
        For messages.
    nested : bool
        Whether they stand in another box; outside, the last one may leave its length open.

    Returns
    -------
    list of Box
        Less than a box's header may be left over behind them, or zeros.

    Raises
    ------
    MediaError
        A box is too short or runs beyond the end, or there are more than `MAX_BOXES`.
    """
    found: list[Box] = []
    at = start
    while at + HEADER_BYTES <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        payload = at + HEADER_BYTES
        if size == 1 and at + _LONG_HEADER_BYTES <= end:
            (size,) = struct.unpack_from(">Q", data, payload)
            payload = at + _LONG_HEADER_BYTES
        is_open = size == 0 and not nested and payload == at + HEADER_BYTES
        stop = end if is_open else at + size
        if nested and not size and _is_padding(data, at, end):
            break
        if stop < payload or stop > end:
            what = "is cut short" if not nested and stop > end else "is damaged"
            raise MediaError(
                f"{what}: a box {kind.decode('latin-1')!r} at byte {at} claims {size} bytes, "
                f"{end - at} are there",
                path=name,
            )
        found.append(Box(kind, at, payload, stop, is_open))
        at = stop
        if len(found) > MAX_BOXES:
            raise MediaError(f"is damaged: more than {MAX_BOXES} boxes", path=name)
    return found


def _is_padding(data: Data, start: int, end: int) -> bool:
    """Tell whether a box ends in zeros, as some of QuickTime's do."""
    return end - start <= _MAX_PADDING_BYTES and not any(data[start:end])


def too_long(size: int) -> str | None:
    """Say why a text is not read.

    Parameters
    ----------
    size : int
        Its bytes.

    Returns
    -------
    str or None
        What is wrong with it; nothing, where it is short enough.
    """
    if size <= MAX_TEXT_BYTES:
        return None
    return f"it is longer than {MAX_TEXT_BYTES >> 20} MiB"


def end_of(boxes: Sequence[Box], start: int) -> int:
    """Say where another box can stand: less than a box's header may be left over behind the last.

    Parameters
    ----------
    boxes : sequence of Box
        As walked.
    start : int
        Where they begin.
    """
    return boxes[-1].end if boxes else start


def first(boxes: Iterable[Box], kind: bytes) -> Box | None:
    """Give the first box of a kind.

    Parameters
    ----------
    boxes : iterable of Box
        Where to look.
    kind : bytes
        Which.
    """
    return next((box for box in boxes if box.kind == kind), None)


def inside(data: Data, box: Box, path: Sequence[bytes], name: str) -> Box | None:
    """Follow the first box of each kind down.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    box : Box
        Where to begin.
    path : sequence of bytes
        Kinds, from the outside in.
    name : str
        For messages.
    """
    found: Box | None = box
    for step in path:
        if found is None:
            return None
        found = first(walk(data, found.payload, found.end, name), step)
    return found


def framed(kind: bytes, content: bytes) -> bytes:
    """Write a box.

    Parameters
    ----------
    kind : bytes
        Four bytes.
    content : bytes
        What it holds.
    """
    return struct.pack(">I4s", HEADER_BYTES + len(content), kind) + content


def resized(patches: Sequence[Patch], data: Data, name: str) -> list[Patch]:
    """Give changes together with those of the sizes around them.

    Parameters
    ----------
    patches : sequence of Patch
        Without overlap.
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A box grows beyond what its header can say.
    """
    growth: dict[int, int] = {}
    around = {box.start: box for patch in patches for box in patch.within}
    for patch in patches:
        for box in patch.within:
            growth[box.start] = growth.get(box.start, 0) + patch.growth
    out = list(patches)
    for start, more in growth.items():
        box = around[start]
        size = box.end - box.start + more
        if box.open or not more:
            continue
        if box.payload - start == _LONG_HEADER_BYTES:
            out.append(Patch(start + 8, start + 16, struct.pack(">Q", size)))
        elif size <= _MAX_SIZE:
            out.append(Patch(start, start + 4, struct.pack(">I", size)))
        else:
            raise MediaError("would grow beyond what its boxes can hold", path=name)
    return out


def applied(data: Data, patches: Iterable[Patch]) -> Iterator[Piece]:
    """Give the file with all changes made, in pieces.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    patches : iterable of Patch
        Without overlap; two that stand in the same place come in the order given.

    Yields
    ------
    bytes or range
        New bytes, and which of the old file's stay.
    """
    at = 0
    for patch in sorted(patches, key=lambda patch: (patch.start, patch.end)):
        yield range(at, patch.start)
        yield patch.new
        at = patch.end
    yield range(at, len(data))
