"""The ``genlabel`` command."""

from __future__ import annotations

import os
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from genlabel import GenlabelError, __version__
from genlabel_cli import certs, keygen, label, mark, profiles, read, verify, warmup
from genlabel_cli._console import complain, make_streams_safe
from genlabel_cli._status import Status, UsageError

_EPILOG = """\
exit status:
  0  done, or found          3  some files failed
  1  nothing found, or a     4  nothing was processed
     label is invalid      130  interrupted
  2  usage

genlabel COMMAND --help says more.
"""


def build_parser() -> ArgumentParser:
    """Make the parser of the whole command line; every command adds its own part."""
    parser = ArgumentParser(
        prog="genlabel",
        description="Mark, label, sign and verify generated pictures, sound, films and texts.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"genlabel {__version__}")
    subparsers = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", required=True
    )
    for command in (mark, verify, read, label, keygen, certs, warmup, profiles):
        command.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str or None
        Arguments without the program's name; None takes them from the process.

    Returns
    -------
    int
        The exit status: see `Status`.
    """
    make_streams_safe()
    _end_cleanly()
    parser = build_parser()
    args, more = parser.parse_known_args(argv)
    if more:
        _take_inputs_between_options(parser, args, more)
    try:
        status: int = args.run(args)
        # Here rather than at exit, where a closed pipe could only be complained about.
        sys.stdout.flush()
    except UsageError as error:
        sys.stderr.write(f"genlabel {args.command}: {error} (see genlabel {args.command} -h)\n")
        return Status.USAGE
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes once more at exit; it must not meet the closed pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Status.BROKEN_PIPE
    except (GenlabelError, OSError) as error:
        complain(error)
        return Status.NONE_PROCESSED
    return status


def _end_cleanly() -> None:
    """Let a request to end take away what is half done, as an interrupt does."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(Status.TERMINATED))


def _take_inputs_between_options(parser: ArgumentParser, args: Namespace, more: list[str]) -> None:
    # argparse hands one run of names to a command; in `verify a.png --key k b.png` the rest is
    # left over. Its own parse_intermixed_args refuses parsers that have commands.
    end = more.index("--") if "--" in more else len(more)
    names = more[:end] + more[end + 1 :]
    options = [name for name in more[:end] if name.startswith("-") and name != "-"]
    if options or not hasattr(args, "inputs"):
        parser.error(f"unrecognized arguments: {' '.join(options or names)}")
    args.inputs += names
