"""AMF0, as scripts in FLV hold it: values under names, found where they stand.

References
----------
Action Message Format AMF 0 (Adobe, 2007), 2; Adobe Flash Video File Format Specification 10.1,
E.4.4 (SCRIPTDATAVALUE).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

NUMBER, STRING, LONG_STRING = 0, 2, 12
_OBJECT, _LIST, _STRICT, _TYPED = 3, 8, 10, 16
_END = b"\0\0\x09"
# Bytes behind the marker of values of one size.
_FIXED = {NUMBER: 8, 1: 1, 5: 0, 6: 0, 7: 2, 11: 10, 13: 0}
_SHORT, _LONG = (STRING,), (LONG_STRING, 15)
MAX_DEPTH = 8
#: A key frame a second, twice each, for a week.
MAX_VALUES = 1 << 21
_MAX_SHORT = 0xFFFF


class DamagedScript(Exception):
    """A script cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that holds no others.

    Parameters
    ----------
    path : tuple of str
        Names, the outermost first; entries of an array have no name of their own.
    marker : int
        Its type.
    head, start, end : int
        Where its name, its content, and what follows begin.
    """

    path: tuple[str, ...]
    marker: int
    head: int
    start: int
    end: int


@dataclass(slots=True)
class _Frame:
    """An object or array that is being read."""

    path: tuple[str, ...]
    left: int | None


@dataclass(frozen=True, slots=True)
class Script:
    """A script's name and what it says.

    Parameters
    ----------
    name : str
        For example ``onMetaData``.
    values : tuple of Value
        All of them, in order.
    count : int
        Where the number of its names stands; 0 where it says none.
    last : int
        Where another name can stand.
    """

    name: str
    values: tuple[Value, ...]
    count: int
    last: int


def read(data: bytes) -> Script:
    """Read a script: a name, and an object or list under it.

    Parameters
    ----------
    data : bytes
        The script.

    Raises
    ------
    DamagedScript
        It is cut short, of unknown types, too deep or long, or of another form.
    """
    name, at = _text(data, 1, 2)
    if data[:1] != bytes([STRING]):
        raise DamagedScript("has no name")
    marker = _byte(data, at)
    if marker not in (_OBJECT, _LIST):
        raise DamagedScript("holds no list of values")
    count = at + 1 if marker == _LIST else 0
    at += 5 if count else 1
    values: list[Value] = []
    frames = [_Frame((), None)]
    last = at
    while frames:
        frame = frames[-1]
        head, path = at, frame.path
        if frame.left is None:
            if data[at : at + 3] == _END or at == len(data):
                # Some programs leave the end of the outermost list out.
                last, at = at, at + 3
                frames.pop()
                continue
            key, at = _text(data, at, 2)
            path = (*path, key)
        elif not frame.left:
            frames.pop()
            continue
        else:
            frame.left -= 1
        at = _value(data, path, (head, at), values, frames)
    return Script(name, tuple(values), count, last)


def string(data: bytes, value: Value) -> bytes:
    """Give a string's bytes.

    Parameters
    ----------
    data : bytes
        The script.
    value : Value
        Of one of the types of strings.
    """
    return data[value.start + (2 if value.marker == STRING else 4) : value.end]


def named(name: str, text: bytes) -> bytes:
    """Write a string under a name.

    Parameters
    ----------
    name : str
        The name.
    text : bytes
        In UTF-8.
    """
    key = name.encode()
    return struct.pack(">H", len(key)) + key + coded(text)


def coded(text: bytes) -> bytes:
    """Write a string, with its marker.

    Parameters
    ----------
    text : bytes
        In UTF-8.
    """
    if len(text) <= _MAX_SHORT:
        return struct.pack(">BH", STRING, len(text)) + text
    return struct.pack(">BI", LONG_STRING, len(text)) + text


def new(name: str, texts: bytes, count: int) -> bytes:
    """Write a script.

    Parameters
    ----------
    name : str
        Its name.
    texts : bytes
        Strings under names.
    count : int
        How many.
    """
    return coded(name.encode()) + struct.pack(">BI", _LIST, count) + texts + _END


def _value(
    data: bytes,
    path: tuple[str, ...],
    place: tuple[int, int],
    values: list[Value],
    frames: list[_Frame],
) -> int:
    """Read a value, or enter one that holds others; say where to go on."""
    head, at = place
    marker = _byte(data, at)
    at += 1
    if len(values) >= MAX_VALUES:
        raise DamagedScript(f"holds more than {MAX_VALUES} values")
    if marker in (_OBJECT, _LIST, _STRICT, _TYPED):
        if len(frames) >= MAX_DEPTH:
            raise DamagedScript(f"is deeper than {MAX_DEPTH} values")
        left = None
        if marker == _TYPED:
            _, at = _text(data, at, 2)
        elif marker != _OBJECT:
            left = _number(data, at) if marker == _STRICT else None
            at += 4
        frames.append(_Frame(path, left))
        return at
    if marker in _FIXED:
        end = at + _FIXED[marker]
    elif marker in (*_SHORT, *_LONG):
        _, end = _text(data, at, 2 if marker in _SHORT else 4)
    else:
        raise DamagedScript(f"holds a value of the unknown type {marker}")
    if end > len(data):
        raise DamagedScript("is cut short")
    values.append(Value(path, marker, head, at, end))
    return end


def _text(data: bytes, at: int, width: int) -> tuple[str, int]:
    start = at + width
    end = start + int.from_bytes(data[at:start], "big")
    if start > len(data) or end > len(data):
        raise DamagedScript("is cut short")
    # Of long ones only the beginning is a name.
    return data[start : min(end, start + _MAX_SHORT)].decode("utf-8", "replace"), end


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise DamagedScript("is cut short")
    return data[at]
