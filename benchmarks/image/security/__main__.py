"""Run the attacks on the image mark; see docs/security.md.

::

    python -m benchmarks.image.security
    python -m benchmarks.image.security --only removed --pictures 4

Prints Markdown on standard output and writes the whole record as JSON.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.image import pictures
from benchmarks.image.measure import warm_up
from benchmarks.image.security import forging, hosts, leaking, removal
from benchmarks.marking import MARK_KEY
from benchmarks.security import Table, add_options, run

_PAYLOAD = bytes.fromhex("00112233445566f7")
_AVERAGED = 100
_QUERIES = 300

TRIALS = (
    *("multiplied", "averaged", "altered", "copied", "linked", "scored"),
    *("removed", "removed_with_oracle", "second_marks", "remarked"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials; status 1 where a forgery was accepted."""
    options = _parser().parse_args(arguments)
    if not pictures.are_there(options.data):
        print(f"no pictures in {options.data}", file=sys.stderr)
        return 2
    warm_up()
    settings = {"pictures": options.pictures, "averaged": _AVERAGED, "queries": _QUERIES}
    trials = _trials(options.data, options.pictures)
    return run("security", "Attacks on the image mark", settings, trials, options)


def _trials(data: Path, count: int) -> dict[str, Callable[[], Table]]:
    whole = hosts.whole(data)
    # Spread over the kinds, which follow each other.
    own = hosts.mark_all(whole[:: max(1, len(whole) // count)][:count], None, MARK_KEY)
    strangers = [hosts.Host(p.name, p.pixels) for p in pictures.load(["kodak"], data=data)]

    def many(payload: bytes | None) -> list[hosts.Marked]:
        supply = itertools.chain(whole, hosts.pieces(data))
        return hosts.mark_all(itertools.islice(supply, _AVERAGED), payload, MARK_KEY)

    def few(payload: bytes) -> list[hosts.Marked]:
        return hosts.mark_all([one.host for one in own], payload, MARK_KEY)

    return {
        "multiplied": lambda: forging.multiplied(own, strangers[:8]),
        "averaged": lambda: forging.averaged(many(_PAYLOAD), many(None), strangers),
        "altered": lambda: forging.altered(own, strangers[:8]),
        "copied": lambda: forging.copied(own, [one.host for one in own]),
        "linked": lambda: leaking.linked(few(_PAYLOAD), own, [one.host for one in own]),
        "scored": lambda: leaking.scored(own[:2], _QUERIES),
        "removed": lambda: removal.removed(own),
        "removed_with_oracle": lambda: removal.removed_with_oracle(own),
        "second_marks": lambda: removal.second_marks(own),
        "remarked": lambda: removal.remarked(own),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.image.security",
        description="Forging, copying, linking and removing the image mark.",
    )
    parser.add_argument("--pictures", type=int, default=8, help="marked pictures in most trials")
    add_options(parser, pictures.DEFAULT_DATA, TRIALS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
