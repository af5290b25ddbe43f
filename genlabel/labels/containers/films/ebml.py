"""EBML: elements of Matroska and WebM files, their numbers and sizes.

References
----------
RFC 8794, 4 (variable-size integers), 5 (element IDs), 6 (data sizes, unknown ones in 6.2), 11.3
(CRC-32 and Void).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from genlabel._data import Data, forget
from genlabel._errors import MediaError

VOID = 0xEC
CRC_32 = 0xBF
#: A live recording of ten hours, with clusters of unknown size, has some three million.
MAX_ELEMENTS = 1 << 22
_MAX_ID_BYTES = 4
_MAX_SIZE_BYTES = 8
#: A Void of less cannot be written.
MIN_VOID_BYTES = 2


class _Cut(Exception):
    """An element's header is not there as a whole, or is none."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element.

    Parameters
    ----------
    kind : int
        Its ID, with its length marker.
    start, payload, end : int
        Where it, its content, and what follows begin.
    open : bool
        Whether its size was not known when it was written.
    """

    kind: int
    start: int
    payload: int
    end: int
    open: bool = False

    def content(self, data: Data) -> bytes:
        """Give what it holds.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        """
        return data[self.payload : self.end]

    def number(self, data: Data) -> int:
        """Give the unsigned integer it holds.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        """
        return int.from_bytes(data[self.payload : min(self.end, self.payload + 8)], "big")


def walk(
    data: Data, start: int, end: int, name: str, *, unknown: bool = False
) -> Iterator[Element]:
    """List elements one behind the other.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    start, end : int
        Where they stand.
    name : str
        For messages.
    unknown : bool
        Whether sizes may be unknown; such an element reaches to the end.

    Raises
    ------
    MediaError
        An element is damaged or runs beyond the end, or there are more than `MAX_ELEMENTS`.
    """
    at = start
    count = 0
    while at < end:
        element = read(data, at, end, name)
        if element.open and not unknown:
            raise MediaError(f"is damaged: the EBML element at byte {at} has no size", path=name)
        yield element
        at = element.end
        count += 1
        forget(data, count)
        if count > MAX_ELEMENTS:
            raise MediaError(f"is damaged: more than {MAX_ELEMENTS} EBML elements", path=name)


def read(data: Data, at: int, end: int, name: str) -> Element:
    """Read an element's header.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    at, end : int
        Where it begins, and where it ends at the latest.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged, or runs beyond the end.
    """
    head = data[at : min(at + _MAX_ID_BYTES + _MAX_SIZE_BYTES, end)]
    try:
        id_bytes = _length(head, 0, _MAX_ID_BYTES)
        size_bytes = _length(head, id_bytes, _MAX_SIZE_BYTES)
    except _Cut:
        raise MediaError(f"is damaged: no EBML element at byte {at}", path=name) from None
    payload = at + id_bytes + size_bytes
    kind = int.from_bytes(head[:id_bytes], "big")
    bits = 7 * size_bytes
    size = int.from_bytes(head[id_bytes : id_bytes + size_bytes], "big") & ((1 << bits) - 1)
    if size == (1 << bits) - 1:
        return Element(kind, at, payload, end, open=True)
    if payload + size > end:
        raise MediaError(
            f"is cut short: the EBML element {kind:X} at byte {at} claims {size} bytes, "
            f"{end - payload} are there",
            path=name,
        )
    return Element(kind, at, payload, payload + size)


def framed(kind: int, content: bytes) -> bytes:
    """Write an element.

    Parameters
    ----------
    kind : int
        Its ID.
    content : bytes
        What it holds.
    """
    return identifier(kind) + coded_size(len(content)) + content


def identifier(kind: int) -> bytes:
    """Write an ID.

    Parameters
    ----------
    kind : int
        The ID, with its length marker.
    """
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big")


def coded_size(size: int, width: int = 1) -> bytes:
    """Write a data size.

    Parameters
    ----------
    size : int
        Bytes.
    width : int
        Bytes it takes at least.
    """
    # All ones are the unknown size.
    while size >= (1 << 7 * width) - 1:
        width += 1
    return (size | 1 << 7 * width).to_bytes(width, "big")


def void(total: int) -> bytes:
    """Write an element that says nothing.

    Parameters
    ----------
    total : int
        Bytes it takes with its header: none, or `MIN_VOID_BYTES` and more.
    """
    if not total:
        return b""
    width = 1 if total <= 128 else _MAX_SIZE_BYTES
    size = total - 1 - width
    return bytes([VOID]) + coded_size(size, width) + bytes(size)


def named(elements: Iterable[Element], kind: int) -> Element | None:
    """Give the first element of an ID.

    Parameters
    ----------
    elements : iterable of Element
        Where to look.
    kind : int
        Which.
    """
    return next((element for element in elements if element.kind == kind), None)


def _length(head: bytes, at: int, limit: int) -> int:
    """Say how many bytes a variable-size integer takes."""
    first = head[at] if at < len(head) else 0
    length = 9 - first.bit_length()
    if length > limit or at + length > len(head):
        raise _Cut
    return length
