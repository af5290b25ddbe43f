"""``genlabel warmup``: compile every kernel once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from genlabel_cli._status import Status

_DESCRIPTION = """\
Compile every kernel and keep the result, so that the first mark is as quick as
the next. For container images, and for a service before it reports ready.
NUMBA_CACHE_DIR says where the results are kept.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "warmup", help="compile every kernel once", description=_DESCRIPTION
    )
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Compile, and say where the results are."""
    import time

    import genlabel
    from genlabel_cli._console import say
    from genlabel_kernels.jit import cache_directory

    start = time.perf_counter()
    genlabel.image.warmup()
    genlabel.video.warmup()
    genlabel.audio.warmup()
    seconds = time.perf_counter() - start
    folder = cache_directory()
    kept = "nowhere: no folder can be written" if folder is None else f"in {folder}"
    say(f"kernels ready after {seconds:.1f} s, kept {kept}")
    return Status.DONE
