"""Which label people see, and how it looks.

References
----------
GB 45438-2025, 5.2 (pictures: a text at an edge or corner, at least 5 % of the shortest side high),
5.4 (video: at the start, at least two seconds); Regulation (EU) 2024/1689, Article 50(5): clear and
distinguishable, at the latest at the first exposure.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from genlabel._errors import LabelError, UnsupportedError
from genlabel._message import Message, Option
from genlabel._wording import SEPARATOR, check_wording, sentence

if TYPE_CHECKING:
    from genlabel.profiles import Profile

Position = Literal[
    "auto",
    "bottom-right",
    "bottom-left",
    "top-right",
    "top-left",
    "bottom",
    "top",
    "left",
    "right",
]
Plate = Literal["auto", "always", "never"]
During = Literal["throughout", "start", "scenes"]
#: Places by name.
POSITIONS: tuple[Position, ...] = get_args(Position)
PLATES: tuple[Plate, ...] = get_args(Plate)
DURINGS: tuple[During, ...] = get_args(During)
#: The words of the icons that come with the Code of Practice to Article 50.
ICONS = {"ai": "AI", "ai-generated": "AI GENERATED", "ai-modified": "AI MODIFIED"}

#: Pictures have less room than pages: where the sentence can be shorter, it is.
SHORT = {"zh": "AI生成", "ja": "AI生成", "ko": "AI 생성"}
_ALLOWED = {
    "height": (0.02, 0.3),
    "opacity": (0.0, 1.0),
    "margin": (0.0, 0.2),
    # GB 45438-2025, 5.4.
    "seconds": (2.0, 3600.0),
}
_CN_HEIGHT = 0.05


@dataclass(frozen=True, slots=True)
class VisibleLabel:
    """Which label is drawn, where, and how.

    Parameters
    ----------
    text : str or None
        What it says, in one line, wrapped where the picture is narrow. None takes the sentence of
        the language, or no text where there is an icon.
    language : str or None
        Tag of the sentence: ``"zh"``, ``"en"``, ``"ko"``, ``"hi"``, ``"ja"`` or one of the EU's.
        None takes those of the regimes that ask for a label people see.
    icon : {"ai", "ai-generated", "ai-modified"}, path-like or None
        In front of the text: a badge with the words of the EU's icons, or a picture file whose
        alpha is its shape.
    position : str
        A corner or an edge, one of `POSITIONS`; ``"auto"`` takes the calmest corner.
    height : float
        Of the text's ink, as a part of the picture's shortest side; never less than 10 pixels.
    opacity : float
        Of the plate behind the text; more is taken where the contrast needs it.
    plate : {"auto", "always", "never"}
        ``"auto"`` puts a plate where the text alone has too little contrast; ``"never"`` gives the
        text an outline there.
    margin : float
        To the picture's edges, as a part of its shortest side.
    font : path-like or None
        A TrueType or OpenType font of yours. What it lacks is taken from the fonts that come along.
    during : {"throughout", "start", "scenes"}
        Film: all the time, for some seconds from the start, or from where each scene begins.
    seconds : float
        How long, at normal speed: 2 at least.

    Raises
    ------
    UnsupportedError
        A value is out of its range, or there is no such place, plate or icon.
    """

    text: str | None = None
    language: str | None = None
    icon: str | os.PathLike[str] | None = None
    position: Position = "auto"
    height: float = 0.05
    opacity: float = 0.6
    plate: Plate = "auto"
    margin: float = 0.02
    font: str | os.PathLike[str] | None = None
    during: During = "throughout"
    seconds: float = 3.0

    @property
    def is_badge(self) -> bool:
        """Whether it is one of the EU's icons by itself, whose plate is its shape."""
        return self.text is None and self.icon is not None and os.fspath(self.icon) in ICONS

    def __post_init__(self) -> None:
        if self.position not in POSITIONS:
            raise _not_one_of("position", POSITIONS, self.position)
        if self.plate not in PLATES:
            raise _not_one_of("plate", PLATES, self.plate)
        if self.during not in DURINGS:
            raise _not_one_of("during", DURINGS, self.during)
        for name, (least, most) in _ALLOWED.items():
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and least <= value <= most):
                told = f" is {least} to {most}, not {value!r}"
                raise UnsupportedError(Message(Option(f"VisibleLabel.{name}"), told))

    def settled(self, profiles: Iterable[Profile], *, clause: str = "5.2") -> VisibleLabel:
        """Choose the text, and hold it to what the regimes ask for.

        Parameters
        ----------
        profiles : iterable of Profile
            The regimes a picture is labelled for.
        clause : str
            The one of GB 45438-2025 for the medium: 5.2 pictures, 5.4 film.

        Returns
        -------
        VisibleLabel
            With a text, unless it has an icon alone.

        Raises
        ------
        LabelError
            There is no sentence in its language, or China's standard does not accept it.
        """
        asked = tuple(profiles)
        text = self.text
        if text is None and (self.icon is None or self.language is not None):
            text = _sentence(asked, self.language)
        icon = "" if self.icon is None else os.fspath(self.icon)
        # What an icon of one's own says nobody knows: for China it is not enough.
        check_wording(ICONS.get(icon, icon) if text is None else text, asked, clause=clause)
        if self.height < _CN_HEIGHT and any(profile.name == "cn" for profile in asked):
            raise LabelError(
                Message(
                    Option("VisibleLabel.height"),
                    f" of {self.height:g} is less than 5 % of the shortest side",
                ),
                field="visible",
                clause=f"GB 45438-2025 {clause}",
            )
        return dataclasses.replace(self, text=text)


def _not_one_of(name: str, known: tuple[str, ...], value: object) -> UnsupportedError:
    option = Option(f"VisibleLabel.{name}")
    return UnsupportedError(Message(option, f" is {', '.join(known)}, not {value!r}"))


def _sentence(profiles: tuple[Profile, ...], language: str | None) -> str:
    if language is not None:
        tags = [language]
    else:
        seen = [profile for profile in profiles if "visible" in profile.layers] or profiles
        tags = [next(iter(profile.notices)) for profile in seen] or ["en"]
    texts = [SHORT.get(tag) or sentence(profiles, (tag,)) for tag in tags]
    return SEPARATOR.join(dict.fromkeys(texts))
