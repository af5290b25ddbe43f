"""Which label that people see or hear a file is to get."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeGuard

from genlabel._errors import MediaError, UnsupportedError
from genlabel._message import Message, Option
from genlabel.text._label import Notice, TextLabel
from genlabel.visible._label import ICONS, VisibleLabel

if TYPE_CHECKING:
    from genlabel.audio._audible.label import AudibleLabel
    from genlabel.profiles import Profile

#: What `genlabel.mark` takes.
VisibleLike: TypeAlias = (
    "Literal['off', 'auto', 'rhythm'] | VisibleLabel | TextLabel | AudibleLabel "
    "| tuple[Literal['auto'] | VisibleLabel, Literal['rhythm'] | AudibleLabel] | None"
)
_WORDS = ("off", "auto", "rhythm")
# The requirement that a rhythm label answers.
_RHYTHM = "voice-or-rhythm-label"


def check_visible(visible: object) -> None:
    """Refuse what names no label, or one made of files that are not there.

    Raises
    ------
    UnsupportedError
        It is neither one of the words nor a `VisibleLabel`, `TextLabel` or `AudibleLabel`, nor two
        of them, of which one is seen and the other heard.
    MediaError
        A font, icon or clip of its own cannot be opened: that shows on every kind of file, also on
        one that would not get this label.
    """
    _check_kind(visible)
    for path in _files(visible):
        try:
            with open(path, "rb"):
                pass
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise MediaError(f"cannot be read: {reason}", path=path) from error


def _check_kind(visible: object) -> None:
    if isinstance(visible, tuple):
        seen, heard = visible if len(visible) == 2 else (None, None)
        if (seen == "auto" or isinstance(seen, VisibleLabel)) and (
            heard == "rhythm" or _is_audible(heard)
        ):
            return
        raise UnsupportedError(
            "two labels are one that is seen, 'auto' or a VisibleLabel, and one that is heard, "
            f"'rhythm' or an AudibleLabel, not {visible!r}"
        )
    if visible is None or visible in _WORDS or isinstance(visible, (VisibleLabel, TextLabel)):
        return
    if _is_audible(visible):
        return
    words = ", ".join(map(repr, _WORDS))
    raise UnsupportedError(
        f"visible is None, {words}, a VisibleLabel, TextLabel or AudibleLabel, not {visible!r}"
    )


def _files(visible: object) -> Iterator[str | os.PathLike[str]]:
    """Give the files that a label is made of and that do not come along."""
    for label in visible if isinstance(visible, tuple) else (visible,):
        if isinstance(label, (VisibleLabel, TextLabel)) and label.font is not None:
            yield label.font
        if isinstance(label, VisibleLabel) and label.icon is not None:
            yield from () if os.fspath(label.icon) in ICONS else (label.icon,)
        if _is_audible(label):
            from genlabel.audio._audible.rhythm import Rhythm
            from genlabel.audio._audible.spoken import clip_path

            yield from () if isinstance(label.cue, Rhythm) else (clip_path(label.cue),)


def _is_audible(visible: object) -> TypeGuard[AudibleLabel]:
    if visible is None or isinstance(visible, (str, VisibleLabel, TextLabel)):
        return False
    from genlabel.audio._audible.label import AudibleLabel

    return isinstance(visible, AudibleLabel)


def visible_label(
    visible: VisibleLike, media_type: str, profiles: Iterable[Profile]
) -> VisibleLabel | None:
    """Settle what is seen in a file.

    Parameters
    ----------
    visible : {None, "off", "auto", "rhythm"}, VisibleLabel, AudibleLabel, or two of them
        What was asked for.
    media_type : str
        The file's MIME type.
    profiles : iterable of Profile
        The regimes it is labelled for.

    Returns
    -------
    VisibleLabel or None
        None where nothing is.

    Raises
    ------
    LabelError
        A regime does not accept its wording or size.
    UnsupportedError
        A label to be seen was asked for on sound.
    """
    asked = tuple(profiles)
    if isinstance(visible, tuple):
        if media_type.startswith("audio/"):
            return None
        visible = visible[0]
    if isinstance(visible, TextLabel):
        raise UnsupportedError(
            f"a label that is read is for texts and documents, not for {media_type}"
        )
    if isinstance(visible, VisibleLabel):
        if media_type.startswith("audio/"):
            raise UnsupportedError(
                "a label that people see is for pictures and films: sound takes one they hear"
            )
        clause = "5.4" if media_type.startswith("video/") else "5.2"
        return visible.settled(asked, clause=clause)
    if visible == "auto" and not media_type.startswith("audio/") and any(map(_asks, asked)):
        return VisibleLabel().settled(asked)
    return None


def audible_label(
    visible: VisibleLike, media_type: str, profiles: Iterable[Profile]
) -> AudibleLabel | None:
    """Settle what is heard in a file.

    Parameters
    ----------
    visible : {None, "off", "auto", "rhythm"}, VisibleLabel, AudibleLabel, or two of them
        What was asked for.
    media_type : str
        The file's MIME type.
    profiles : iterable of Profile
        The regimes it is labelled for.

    Returns
    -------
    AudibleLabel or None
        None where nothing is.

    Raises
    ------
    UnsupportedError
        A label to be heard was asked for on a picture.
    """
    sounding = media_type.startswith(("audio/", "video/"))
    if isinstance(visible, tuple):
        if not sounding:
            return None
        visible = visible[1]
    if visible is None or visible == "off" or isinstance(visible, (VisibleLabel, TextLabel)):
        return None
    # A rhythm says something only where a standard has given it a meaning.
    asked = any(item.id == _RHYTHM for profile in profiles for item in profile.requirements)
    if visible == "auto" and not (asked and media_type.startswith("audio/")):
        return None
    if not sounding:
        raise UnsupportedError(
            f"a label that people hear is for sound and films, not for {media_type}"
        )
    from genlabel.audio._audible.label import AudibleLabel

    return visible if isinstance(visible, AudibleLabel) else AudibleLabel()


def text_notice(
    visible: VisibleLike, media_type: str, profiles: Iterable[Profile]
) -> Notice | None:
    """Settle what is read in a text or document.

    Parameters
    ----------
    visible : {None, "off", "auto"}, TextLabel or VisibleLabel
        What was asked for; of a `VisibleLabel` the words count.
    media_type : str
        The file's MIME type.
    profiles : iterable of Profile
        The regimes it is labelled for.

    Returns
    -------
    Notice or None
        None where nothing is.

    Raises
    ------
    UnsupportedError
        A label that is heard was asked for.
    LabelError
        A regime does not accept the words.
    """
    from genlabel.text._file import holds_label

    asked = tuple(profiles)
    if isinstance(visible, tuple):
        visible = visible[0]
    if visible is None or visible == "off":
        return None
    if visible == "auto":
        wanted = any(map(_asks, asked)) and holds_label(media_type)
        return TextLabel().notice(asked) if wanted else None
    if isinstance(visible, VisibleLabel):
        languages = () if visible.language is None else (visible.language,)
        visible = TextLabel(visible.text, languages, font=visible.font)
    if not isinstance(visible, TextLabel):
        raise UnsupportedError(
            Message(
                "a text or document takes a label that people read (",
                Option("visible", "auto"),
                ")",
            )
        )
    return visible.notice(asked)


def _asks(profile: Profile) -> bool:
    """Tell whether a regime requires a label that people see of every file."""
    return "visible" in profile.layers and any(
        item.layer == "visible" and item.force == "required" and item.id != _RHYTHM
        for item in profile.requirements
    )
