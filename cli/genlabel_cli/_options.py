"""Options that several commands share."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from genlabel_cli._status import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from genlabel import Label, Signer


def add_inputs(parser: ArgumentParser) -> None:
    """Add the files to process: names, folders, lists and the standard input."""
    parser.add_argument(
        "inputs", nargs="*", metavar="IN", help="any file that can be labelled; - is stdin"
    )
    parser.add_argument(
        "-r",
        "--recursive",
        action="store_true",
        help="search folders for pictures, sound, films and documents",
    )
    parser.add_argument(
        "--files-from", metavar="FILE", help="read more names from FILE, one a line; - is stdin"
    )
    parser.add_argument("-0", "--null", action="store_true", help="names in FILE end in NUL")


def add_outputs(parser: ArgumentParser) -> None:
    """Add where results go."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", metavar="OUT", help="the file to write; - is stdout")
    where.add_argument(
        "--out-dir",
        metavar="DIR",
        help="write under DIR, made if need be, keeping names and what is below a folder; "
        "-o DIR/ says the same",
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace existing files")


def add_results(parser: ArgumentParser) -> None:
    """Add the machine-readable forms of what a command found or did."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json", action="store_true", help="print JSON: an object, or a list for many inputs"
    )
    form.add_argument("--jsonl", action="store_true", help="print one JSON object a line")


def add_label_fields(parser: ArgumentParser) -> None:
    """Add what a label declares, for whom, and who signs it."""
    group = parser.add_argument_group("what the label says")
    group.add_argument(
        "--producer", required=True, metavar="CODE", help="27-character provider code, or a name"
    )
    group.add_argument("--produce-id", metavar="ID", help="number of this content; default: a UUID")
    group.add_argument(
        "--status", choices=("generated", "possible", "suspected"), default="generated"
    )
    group.add_argument("--system", metavar="NAME", help="the generator")
    group.add_argument("--system-version", metavar="VERSION")
    group.add_argument("--registration", metavar="NUMBER", help="the model's public filing number")
    group.add_argument("--prompt", metavar="TEXT", help="what was asked for: everyone can read it")
    group.add_argument("--prompt-writer", metavar="NAME", help="who asked for it")
    group.add_argument(
        "--source-type",
        metavar="TERM",
        default="trainedAlgorithmicMedia",
        help="IPTC Digital Source Type (default: %(default)s)",
    )
    parser.add_argument(
        "--profile",
        metavar="NAMES",
        help="regimes to label for, with commas between (default: cn,eu); see genlabel profiles",
    )
    parser.add_argument(
        "--sign",
        nargs=2,
        metavar=("CERT", "KEY"),
        help="sign a C2PA manifest with this PEM chain (leaf first) and private key",
    )
    parser.add_argument(
        "--sm2-key",
        metavar="KEY",
        help="sign what the label says of the producer with this PEM private key of SM2",
    )


def add_sm2_trust(parser: ArgumentParser) -> None:
    """Add whose signatures in labels are believed."""
    parser.add_argument(
        "--sm2-trust",
        metavar="PEM",
        help="public keys or certificates of SM2 that make a label's own signature authentic",
    )


def label_maker(args: Namespace, *, inputs: int) -> Callable[[], Label]:
    """Check the label's fields once and give a function that makes one label per file.

    Parameters
    ----------
    args : Namespace
        Parsed with `add_label_fields`.
    inputs : int
        How many files will be labelled; each gets its own produce id.

    Raises
    ------
    UsageError
        One produce id was given for several files.
    LabelError
        A field breaks a rule.
    SecretError
        The SM2 key cannot be used.
    """
    from genlabel import Label

    if args.produce_id is not None and inputs > 1:
        raise UsageError(f"--produce-id numbers one content and there are {inputs} inputs")

    def make() -> Label:
        """Make a label, with a number of its own unless one was given."""
        return Label(
            producer=args.producer,
            produce_id=args.produce_id,
            status=args.status,
            system=args.system,
            system_version=args.system_version,
            registration=args.registration,
            source_type=args.source_type,
            prompt=args.prompt,
            prompt_writer=args.prompt_writer,
        )

    label = make()
    if args.sm2_key is None:
        return make
    from genlabel import sm2

    key = sm2.SigningKey.load(args.sm2_key)
    sm2.signed(label, key)
    return lambda: sm2.signed(make(), key)


def regimes(args: Namespace) -> tuple[str, ...]:
    """Give the names of the regimes to label for.

    Raises
    ------
    UnsupportedError
        One of them does not exist.
    """
    from genlabel import profiles

    names = (
        profiles.DEFAULT
        if args.profile is None
        else tuple(name.strip() for name in args.profile.split(","))
    )
    profiles.load_all(names)
    return names


def check_files(*paths: str | None) -> None:
    """Find out before any work whether the files that options name can be opened.

    Parameters
    ----------
    *paths : str or None
        None where an option is not given.

    Raises
    ------
    OSError
        One cannot.
    """
    for path in paths:
        if path is not None:
            with open(path, "rb"):
                pass


def load_signer(args: Namespace) -> Signer | None:
    """Read the certificate chain and key of ``--sign``.

    Raises
    ------
    SignerError
        They cannot be read.
    """
    from genlabel import Signer

    return None if args.sign is None else Signer.load(*args.sign)
