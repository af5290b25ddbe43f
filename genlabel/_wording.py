"""What a label that people read says: the regimes' own sentences, and both elements of GB 45438.

References
----------
GB 45438-2025, 5.1 to 5.6: a text or voice names both artificial intelligence (人工智能 or AI) and
generation (生成, 合成 or both).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from genlabel._errors import LabelError

if TYPE_CHECKING:
    from genlabel.profiles import Profile

#: Between the sentences of several languages.
SEPARATOR = " · "

# Both elements in languages that no profile names.
_FURTHER = {"ja": "AIによる生成"}
_ELEMENTS = {
    "an AI element (人工智能 or AI)": re.compile("人工智能|(?<![A-Za-z])AI(?![A-Za-z])"),
    "a generation element (生成 or 合成)": re.compile("生成|合成"),
}
_MAX_CHARACTERS = 400


def sentences(profiles: Iterable[Profile], languages: Sequence[str] = ()) -> dict[str, str]:
    """Give what people are to read, by language tag.

    Parameters
    ----------
    profiles : iterable of Profile
        The regimes a file is labelled for.
    languages : sequence of str
        Language tags, one sentence each, in this order. None means the first language of every
        regime that asks for a label people see; of all regimes, where none of them does.

    Raises
    ------
    LabelError
        There is no sentence in one of the languages.
    """
    asked = list(profiles)
    if languages:
        return {tag: _in_language(tag, asked) for tag in languages}
    seen = [profile for profile in asked if "visible" in profile.layers] or asked
    return dict(next(iter(profile.notices.items())) for profile in seen)


def sentence(profiles: Iterable[Profile], languages: Sequence[str] = ()) -> str:
    """Give what people are to read in one line, the languages apart by `SEPARATOR`.

    Parameters
    ----------
    profiles, languages
        As in `sentences`.

    Raises
    ------
    LabelError
        There is no sentence in one of the languages.
    """
    return SEPARATOR.join(dict.fromkeys(sentences(profiles, languages).values()))


def notices() -> dict[str, str]:
    """List the sentences of all profiles, by language."""
    from genlabel import profiles

    found = dict(_FURTHER)
    # China's come first and give way: in other languages they hold the Chinese elements as well.
    for profile in profiles.load_all(profiles.names()):
        found |= profile.notices
    return found


def check_wording(text: str, profiles: Iterable[Profile], *, clause: str = "5.1") -> None:
    """Refuse a wording that one of the regimes does not accept.

    Parameters
    ----------
    text : str
        What people will read.
    profiles : iterable of Profile
        The regimes it is meant for.
    clause : str
        The one of GB 45438-2025 for the medium: 5.1 text, 5.2 pictures, 5.3 sound, 5.4 video.

    Raises
    ------
    LabelError
        It is empty, of several lines or too long, or lacks an element that China requires.
    """
    if not text.strip() or len(text) > _MAX_CHARACTERS or not text.isprintable():
        raise LabelError(
            f"a label is one line of 1 to {_MAX_CHARACTERS} characters, not {text[:40]!r}",
            field="visible",
        )
    if not any(profile.name == "cn" for profile in profiles):
        return
    lacking = [name for name, pattern in _ELEMENTS.items() if pattern.search(text) is None]
    if lacking:
        raise LabelError(
            f"{text!r} lacks {' and '.join(lacking)}; 内容由AI生成 has both",
            field="visible",
            clause=f"GB 45438-2025 {clause}",
        )


def _in_language(tag: str, profiles: Iterable[Profile]) -> str:
    for profile in profiles:
        if tag in profile.notices:
            return profile.notices[tag]
    known = notices()
    if tag not in known:
        raise LabelError(f"no sentence in {tag!r}; there are {', '.join(known)}", field="visible")
    return known[tag]
