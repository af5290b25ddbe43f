"""``genlabel mark``: watermark, label and sign pictures, sound, film and documents."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from genlabel_cli import _options
from genlabel_cli._explicit import add_explicit_label, explicit_label

if TYPE_CHECKING:
    from genlabel.video import Encoding
    from genlabel_cli._console import Progress

_DESCRIPTION = """\
Put the watermark into the samples, the label into the metadata, and sign the
result. Each input gets its own produce id, and with it its own payload.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "mark",
        help="watermark, label and sign pictures, sound, film and documents",
        description=_DESCRIPTION,
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
    _add_film(parser)
    add_explicit_label(parser)
    _options.add_results(parser)
    parser.set_defaults(run=run)


def _add_film(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("films; what is not said stays as the input has it")
    group.add_argument(
        "--encoder",
        metavar="NAME",
        help="of the picture, by FFmpeg's name: libx264, libx265, libsvtav1, h264_nvenc, ...",
    )
    group.add_argument("--preset", metavar="NAME", help="the encoder's word for speed")
    group.add_argument("--crf", type=float, metavar="N", help="constant quality of the picture")
    group.add_argument(
        "--video-bitrate", type=float, metavar="KBIT", help="mean rate, in place of --crf"
    )
    group.add_argument("--no-sound", action="store_true", help="leave the sound without a mark")
    group.add_argument(
        "--keep-going", action="store_true", help="mark what is readable of a damaged film"
    )


def _encoding(args: Namespace) -> Encoding | None:
    settings = (args.encoder, args.preset, args.crf, args.video_bitrate)
    if not args.no_sound and settings == (None, None, None, None):
        return None
    from genlabel.video import Encoding

    return Encoding(*settings, sound=not args.no_sound)


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
        encoding=_encoding(args),
        keep_going=args.keep_going,
    )

    def write(
        source: Medium, target: Medium, label: genlabel.Label, progress: Progress
    ) -> genlabel.Receipt:
        """Mark one file."""
        return marker.mark(
            source, target, label=label, overwrite=args.force, progress=progress.share
        )

    return write_each(args, write)
