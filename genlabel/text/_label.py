"""What people read in a text, and where."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from genlabel._errors import UnsupportedError
from genlabel._message import Message, Option
from genlabel._wording import SEPARATOR, check_wording, sentences

if TYPE_CHECKING:
    from genlabel.profiles import Profile

Place: TypeAlias = Literal["start", "middle", "end"]
PLACES: tuple[Place, ...] = get_args(Place)


@dataclass(frozen=True, slots=True)
class TextLabel:
    """A label that people read in a text or document.

    Parameters
    ----------
    text : str or None
        Its words; None means the regimes' own. For ``cn`` they name both AI (人工智能 or AI) and
        generation (生成 or 合成).
    languages : tuple of str
        Language tags of the regimes' own words; none means one for each regime that asks for a
        label people see.
    at : tuple of {"start", "middle", "end"}
        Where it stands: in front of the text, between two paragraphs near its middle, behind it.
    font : path-like or None
        TrueType or OpenType font for PDF, of which the label's characters are embedded; what it
        lacks is taken from the fonts that come along.

    Raises
    ------
    UnsupportedError
        There is no such place.

    References
    ----------
    GB 45438-2025, 5.1: at the start, the end or a suitable place in the middle of a text.
    """

    text: str | None = None
    languages: tuple[str, ...] = ()
    at: tuple[Place, ...] = ("start",)
    font: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        check_places(self.at)
        if not isinstance(self.languages, (tuple, list)):
            raise UnsupportedError(f"languages is a tuple of tags, not {self.languages!r}")

    def notice(self, profiles: Iterable[Profile]) -> Notice:
        """Settle the words.

        Parameters
        ----------
        profiles : iterable of Profile
            The regimes a file is labelled for.

        Raises
        ------
        LabelError
            A regime does not accept them.
        """
        asked = list(profiles)
        parts = {"": self.text} if self.text is not None else sentences(asked, self.languages)
        notice = Notice(tuple(parts.items()), tuple(self.at), self.font)
        check_wording(notice.text, asked)
        return notice


def check_places(at: object) -> None:
    """Refuse what is no choice of places.

    Raises
    ------
    UnsupportedError
        It is none, or names one that there is not.
    """
    option = Option("TextLabel.at")
    if not isinstance(at, (tuple, list)):
        raise UnsupportedError(Message(option, f" is a tuple of places, not {at!r}"))
    if not at or not set(at) <= set(PLACES):
        raise UnsupportedError(Message(option, f" is of {', '.join(PLACES)}, not {at!r}"))


@dataclass(frozen=True, slots=True)
class Notice:
    """The words of a label, and where they go.

    Parameters
    ----------
    parts : tuple of (str, str)
        Language tag, empty if it is not known, and words.
    at : tuple of {"start", "middle", "end"}
        Where.
    font : path-like or None
        For PDF.
    """

    parts: tuple[tuple[str, str], ...]
    at: tuple[Place, ...]
    font: str | os.PathLike[str] | None = None

    @property
    def text(self) -> str:
        """All of it in one line."""
        return SEPARATOR.join(dict.fromkeys(text for _, text in self.parts))


@dataclass(frozen=True, slots=True)
class Trace:
    """A label that was found.

    Parameters
    ----------
    text : str
        What it says.
    place : str
        Where, for people.
    own : bool
        Whether it stands in markup of ours, so that any wording is known.
    """

    text: str
    place: str
    own: bool
