"""Directories of TIFF files: classic and BigTIFF, in either byte order.

References
----------
TIFF 6.0, 2 (header, directories, types of values); BigTIFF as libtiff defines it (magic number
43, counts and offsets of 64 bits).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from genlabel._errors import MediaError

# Scanners put some thousand pages into a file.
MAX_DIRECTORIES = 1 << 16
MAX_FIELDS = 1 << 16
_ORDERS = {b"II": "<", b"MM": ">"}
_BIG = 43
_NUMBERS = {3: "H", 4: "I", 16: "Q"}
_TYPE_BYTES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)


@dataclass(frozen=True, slots=True)
class Form:
    """How a file writes its numbers.

    Parameters
    ----------
    order : str
        As `struct` has it.
    big : bool
        Whether it is a BigTIFF.
    """

    order: str
    big: bool

    @property
    def offset(self) -> struct.Struct:
        """An offset, or the number of values of a field."""
        return struct.Struct(self.order + ("Q" if self.big else "I"))

    @property
    def count(self) -> struct.Struct:
        """The number of fields of a directory."""
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @property
    def field_bytes(self) -> int:
        """What a field takes in its directory."""
        return 20 if self.big else 12

    @property
    def pointer(self) -> int:
        """Where the header points to the first directory."""
        return 8 if self.big else 4

    @property
    def header_bytes(self) -> int:
        """What the header takes."""
        return self.pointer + self.offset.size


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a directory.

    Parameters
    ----------
    tag, kind, count : int
        What it is, the type of its values, and how many there are.
    at : int
        Where it stands.
    start, end : int
        Where its values are.
    """

    tag: int
    kind: int
    count: int
    at: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory, which is a page, or a smaller copy of one.

    Parameters
    ----------
    start, end : int
        Where it stands; the pointer to the next one is its end.
    fields : tuple of Field
        In the order of the file.
    """

    start: int
    end: int
    fields: tuple[Field, ...]

    def field(self, tag: int) -> Field | None:
        """Give the first field of a tag.

        Parameters
        ----------
        tag : int
            Which.
        """
        return next((field for field in self.fields if field.tag == tag), None)


def form_of(data: bytes, name: str) -> Form:
    """Read a file's header.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged.
    """
    order = _ORDERS[data[:2]]
    if len(data) < 8:
        raise MediaError("is cut short: it ends within its header", path=name)
    (magic,) = struct.unpack_from(order + "H", data, 2)
    form = Form(order, magic == _BIG)
    if form.big and struct.unpack_from(order + "HH", data, 4) != (8, 0):
        raise MediaError("is a damaged BigTIFF: its offsets are not of 64 bits", path=name)
    if len(data) < form.header_bytes:
        raise MediaError("is cut short: it ends within its header", path=name)
    return form


def read(data: bytes, form: Form, name: str) -> list[Directory]:
    """List a file's directories; those that fields point to are left out.

    Parameters
    ----------
    data : bytes
        The file.
    form : Form
        As `form_of` gives it.
    name : str
        For messages.

    Raises
    ------
    MediaError
        There is none, one is cut short or runs in a circle, there are too many, or values lie
        beyond the end.
    """
    found: list[Directory] = []
    seen: set[int] = set()
    (start,) = form.offset.unpack_from(data, form.pointer)
    while start:
        if start in seen or len(found) >= MAX_DIRECTORIES:
            raise MediaError("is a damaged TIFF: its directories do not end", path=name)
        seen.add(start)
        found.append(_directory(data, start, form, name))
        (start,) = form.offset.unpack_from(data, found[-1].end - form.offset.size)
    if not found:
        raise MediaError("is a damaged TIFF: it holds no directory", path=name)
    return found


def numbers(data: bytes, field: Field | None, form: Form) -> tuple[int, ...]:
    """Read a field's values.

    Parameters
    ----------
    data : bytes
        The file.
    field : Field or None
        Which.
    form : Form
        As `form_of` gives it.

    Returns
    -------
    tuple of int
        Empty where there is no such field, or its values are no whole numbers.
    """
    if field is None or field.kind not in _NUMBERS or field.end > len(data):
        return ()
    return struct.unpack_from(f"{form.order}{field.count}{_NUMBERS[field.kind]}", data, field.start)


def _directory(data: bytes, start: int, form: Form, name: str) -> Directory:
    first = start + form.count.size
    if first > len(data):
        raise MediaError(f"is cut short: its directory at byte {start} is not there", path=name)
    (count,) = form.count.unpack_from(data, start)
    last = first + count * form.field_bytes
    if count > MAX_FIELDS or last + form.offset.size > len(data):
        raise MediaError(
            f"is cut short: its directory at byte {start} claims {count} fields", path=name
        )
    fields = tuple(_fields(data, range(first, last, form.field_bytes), form))
    return Directory(start, last + form.offset.size, fields)


def _fields(data: bytes, places: range, form: Form) -> Iterator[Field]:
    room = form.offset.size
    for at in places:
        tag, kind = struct.unpack_from(form.order + "HH", data, at)
        (count,) = form.offset.unpack_from(data, at + 4)
        size = count * (_TYPE_BYTES[kind] if kind < len(_TYPE_BYTES) else 0)
        start = at + 4 + room
        if size > room:
            (start,) = form.offset.unpack_from(data, start)
        yield Field(tag, kind, count, at, start, start + size)
