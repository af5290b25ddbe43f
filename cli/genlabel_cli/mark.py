"""``genlabel mark``: watermark, label and sign pictures and sound."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, cast

from genlabel_cli import _options
from genlabel_cli._status import UsageError

if TYPE_CHECKING:
    from genlabel._visible import VisibleLike

_DESCRIPTION = """\
Put the watermark into the samples, the label into the metadata, and sign the
result. Each input gets its own produce id, and with it its own payload.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "mark", help="watermark, label and sign pictures and sound", description=_DESCRIPTION
    )
    _options.add_inputs(parser)
    _options.add_outputs(parser)
    parser.add_argument("--key", required=True, metavar="FILE", help="made by genlabel keygen")
    _options.add_label_fields(parser)
    parser.add_argument(
        "--strength",
        type=float,
        default=1.0,
        metavar="X",
        help="of the watermark; more survives more and shows more (default: %(default)s)",
    )
    parser.add_argument(
        "--quality", type=int, metavar="N", help="JPEG or WebP quality; default: the input's own"
    )
    parser.add_argument(
        "--bitrate",
        type=float,
        metavar="KBIT",
        help="of MP3, Ogg and AAC, in kbit/s; default: the input's own",
    )
    _add_visible(parser)
    _options.add_results(parser)
    parser.set_defaults(run=run)


def _add_visible(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("the label that people hear (sound; pictures get none yet)")
    group.add_argument(
        "--visible",
        choices=("auto", "off", "rhythm"),
        help="auto: the rhythm short-long-short-short where a profile asks for it; rhythm: in any "
        "case; off: none is wanted, and none asked for in a warning",
    )
    group.add_argument("--cue", metavar="FILE", help="a spoken clip in place of the rhythm")
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


def _visible(args: Namespace) -> VisibleLike:
    """Give what the options say of the label that people hear.

    Raises
    ------
    UsageError
        A label was refused and described at once.
    """
    described = (args.cue_at, args.cue_every, args.cue_level) != ("start", None, 0.0)
    if args.cue is None and not described:
        return cast("VisibleLike", args.visible)
    if args.visible != "rhythm" and not (args.cue is not None and args.visible is None):
        raise UsageError("--cue-at, --cue-every, --cue-level: with --visible rhythm, or with --cue")
    from genlabel.audio import AudibleLabel, Rhythm

    return AudibleLabel(
        cue=Rhythm() if args.cue is None else args.cue,
        at=tuple(place for place in args.cue_at.split(",") if place),
        every=args.cue_every,
        level=args.cue_level,
    )


def run(args: Namespace) -> int:
    """Mark every input and print its receipt."""
    import genlabel
    from genlabel_cli._writing import Medium, write_each

    marker = genlabel.Marker(
        genlabel.Key.load(args.key),
        profiles=_options.regimes(args),
        signer=_options.load_signer(args),
        visible=_visible(args),
        strength=args.strength,
        quality=args.quality,
        bitrate=args.bitrate,
    )

    def write(source: Medium, target: Medium, label: genlabel.Label) -> genlabel.Receipt:
        return marker.mark(source, target, label=label, overwrite=args.force)

    return write_each(args, write)
