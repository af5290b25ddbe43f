"""``genlabel mark``: watermark, label and sign pictures and sound."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from genlabel_cli import _options
from genlabel_cli._explicit import add_explicit_label, explicit_label

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
    add_explicit_label(parser)
    _options.add_results(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Mark every input and print its receipt."""
    import genlabel
    from genlabel_cli._writing import Medium, write_each

    marker = genlabel.Marker(
        genlabel.Key.load(args.key),
        profiles=_options.regimes(args),
        signer=_options.load_signer(args),
        visible=explicit_label(args),
        strength=args.strength,
        quality=args.quality,
        bitrate=args.bitrate,
    )

    def write(source: Medium, target: Medium, label: genlabel.Label) -> genlabel.Receipt:
        return marker.mark(source, target, label=label, overwrite=args.force)

    return write_each(args, write)
