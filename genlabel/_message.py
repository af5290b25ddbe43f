"""Messages that name settings, for faces that each have their own names for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Option(NamedTuple):
    """A setting, named in a message; as text it is what one writes in Python.

    Parameters
    ----------
    name : str
        A parameter of the journeys, ``"visible"``, or what a parameter of theirs is made of,
        ``"Encoding.crf"``.
    value : object
        What to set it to; None where that is up to the caller.
    """

    name: str
    value: object = None

    def __str__(self) -> str:
        name = self.name.rpartition(".")[2]
        return name if self.value is None else f"{name}={self.value!r}"


class Message(str):
    """One line for people, of texts and of the settings it names; as text it speaks Python.

    Parameters
    ----------
    *parts : str or Option
        Read one after the other; messages may be among them.
    """

    __slots__ = ("parts",)

    parts: tuple[str | Option, ...]

    def __new__(cls, *parts: str | Option) -> Message:
        """Put the parts together."""
        made = super().__new__(cls, "".join(map(str, parts)))
        made.parts = parts
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return (Message, self.parts)


def spoken(text: str, name: Callable[[Option], str]) -> str:
    """Say a message in the words of a face.

    Parameters
    ----------
    text : str
        A message, or a text that names no setting and stays as it is.
    name : callable
        What the face calls a setting.

    Returns
    -------
    str
        One line.
    """
    if not isinstance(text, Message):
        return text
    return "".join(
        name(part) if isinstance(part, Option) else spoken(part, name) for part in text.parts
    )
