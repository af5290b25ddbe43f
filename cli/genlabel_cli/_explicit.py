"""Options for the label that people see or hear."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, cast

from genlabel_cli._status import UsageError

if TYPE_CHECKING:
    from genlabel._visible import VisibleLike
    from genlabel.text._label import Place

_SEEN = {
    "text": "text",
    "text_language": "language",
    "icon": "icon",
    "position": "position",
    "text_height": "height",
    "plate": "plate",
    "font": "font",
    "during": "during",
    "seconds": "seconds",
}


def add_explicit_label(parser: ArgumentParser) -> None:
    """Add whether there is a label that people see or hear, and how it looks or sounds."""
    parser.add_argument(
        "--visible",
        choices=("auto", "off", "rhythm", "auto,rhythm"),
        metavar="KIND",
        help="auto: a label that people see or hear, where a profile requires one of every file; "
        "rhythm: the rhythm short-long-short-short in sound, that of films too, in any case; "
        "auto,rhythm: one that is seen and one that is heard; off: none is wanted, and none asked "
        "for in a warning",
    )
    _add_seen(parser)
    _add_read(parser)
    _add_heard(parser)


def _add_seen(parser: ArgumentParser) -> None:
    group = parser.add_argument_group(
        "the label that people see (pictures and films; texts its words)"
    )
    group.add_argument("--text", metavar="TEXT", help="what it says; default: the profiles' own")
    group.add_argument("--text-language", metavar="TAG", help="zh, en, ko, hi, ja or one of the EU")
    group.add_argument(
        "--icon", metavar="NAME", help="ai, ai-generated, ai-modified, or a picture file"
    )
    group.add_argument(
        "--position", metavar="PLACE", help="auto, top-left, top, ... (default: the calmest corner)"
    )
    group.add_argument(
        "--text-height",
        type=float,
        metavar="X",
        help="of its ink, as a part of the shortest side (default: 0.05)",
    )
    group.add_argument("--plate", choices=("auto", "always", "never"), help="behind the text")
    group.add_argument("--font", metavar="FILE", help="a TrueType or OpenType font of yours")
    group.add_argument(
        "--during",
        choices=("throughout", "start", "scenes"),
        help="films: all the time, from the start, or from where each scene begins",
    )
    group.add_argument(
        "--seconds", type=float, metavar="S", help="films: how long (default: 3, at least 2)"
    )


def _add_read(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("the label that people read (texts and documents)")
    group.add_argument(
        "--text-at",
        metavar="PLACES",
        help="start, middle, end, with commas between; default: start",
    )


def _add_heard(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("the label that people hear (sound, that of films too)")
    group.add_argument(
        "--cue",
        metavar="FILE",
        help="a spoken clip in place of the rhythm: a file, or a language (de, en, es, fr, hi, it, "
        "ja, ko, nl, pl, pt, zh) in which a synthetic voice says that AI generated the sound",
    )
    group.add_argument(
        "--cue-at",
        metavar="PLACES",
        default="start",
        help="start, middle, end, with commas between (default: %(default)s)",
    )
    group.add_argument(
        "--cue-every", type=float, metavar="MINUTES", help="and again after so many minutes"
    )
    group.add_argument(
        "--cue-level",
        type=float,
        metavar="LU",
        default=0.0,
        help="how much louder than the programme (default: %(default)s)",
    )


def explicit_label(args: Namespace) -> VisibleLike:
    """Give what the options say of the label that people see or hear.

    Raises
    ------
    UsageError
        A label was refused and described at once, or words to be read and one that is heard.
    UnsupportedError
        It cannot be like that.
    """
    seen = {name: getattr(args, option) for option, name in _SEEN.items()}
    seen = {name: value for name, value in seen.items() if value is not None}
    described = args.cue is not None or (args.cue_at, args.cue_every, args.cue_level) != (
        "start",
        None,
        0.0,
    )
    heard = described or args.visible in ("rhythm", "auto,rhythm")
    if args.visible == "off" and (seen or args.text_at or described):
        raise UsageError("--visible off: without --text, --cue, --cue-at and the like")
    if args.text_at:
        if heard:
            raise UsageError("--text-at is for texts: without --cue and --visible rhythm")
        return _read(args)
    if not heard:
        return _seen(seen) if seen else cast("VisibleLike", args.visible)
    audible: VisibleLike = _heard(args) if described else "rhythm"
    if seen:
        return cast("VisibleLike", (_seen(seen), audible))
    if args.visible in ("auto", "auto,rhythm"):
        return cast("VisibleLike", ("auto", audible))
    return audible


def _seen(options: dict[str, Any]) -> VisibleLike:
    from genlabel.visible import VisibleLabel

    return VisibleLabel(**options)


def _read(args: Namespace) -> VisibleLike:
    from genlabel.text import TextLabel

    places = tuple(place.strip() for place in args.text_at.split(","))
    languages = () if args.text_language is None else (args.text_language,)
    at = cast("tuple[Place, ...]", places)
    return TextLabel(args.text, languages, at, args.font)


def _heard(args: Namespace) -> VisibleLike:
    if args.cue is None and args.visible not in ("rhythm", "auto,rhythm"):
        raise UsageError("--cue-at, --cue-every, --cue-level: with --visible rhythm, or with --cue")
    from genlabel.audio import AudibleLabel, Rhythm

    return AudibleLabel(
        cue=Rhythm() if args.cue is None else args.cue,
        at=tuple(place for place in args.cue_at.split(",") if place),
        every=args.cue_every,
        level=args.cue_level,
    )
