"""Run the attacks on the audio mark; see docs/security.md.

::

    python -m benchmarks.audio.security
    python -m benchmarks.audio.security --only removed --sounds 4

Prints Markdown on standard output and writes the whole record as JSON.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from benchmarks.audio import measure, sounds
from benchmarks.audio.security import adversary, forging, learning, removal
from benchmarks.audio.security.hosts import Marked, file, mark, pieces, whole
from benchmarks.audio.sounds import Clip
from benchmarks.forgery import Chips
from benchmarks.security import Table, add_options, run

_LEARNT = 30

TRIALS = (
    *("averaged", "multiplied", "altered", "copied", "linked"),
    *("removed", "filtered", "removed_with_oracle", "second_marks", "remarked"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials; status 1 where a forgery was accepted."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.sounds < forging.FACTORS:
        parser.error(
            f"--sounds is {forging.FACTORS} or more: products of fewer are marks themselves"
        )
    if not sounds.are_there(options.data):
        print(f"no clips in {options.data}", file=sys.stderr)
        return 2
    measure.warm_up()
    settings = {"sounds": options.sounds, "averaged": learning.SIZES[-1][0]}
    trials = _trials(options.data, options.sounds)
    return run("audio-security", "Attacks on the audio mark", settings, trials, options)


def _trials(data: Path, count: int) -> dict[str, Callable[[], Table]]:
    # Marks are taken off one half, laid on the other; what is learnt is of neither's clips.
    hosts = whole(data, 2 * count)
    victims, strangers = hosts[::2], hosts[1::2]
    marked = [one for one in (mark(host, None) for host in victims) if one is not None]
    known = {host.name for host in hosts}

    @cache
    def others() -> list[Clip]:
        return [piece for piece in pieces(data) if not piece.name.startswith(tuple(known))]

    def learnt() -> Chips:
        few: list[Marked] = learning.learners(others()[:_LEARNT], None, file)
        return learning.aligned([adversary.exposed(one.sound) for one in few])

    return {
        "averaged": lambda: learning.averaged(pieces(data), strangers, marked),
        "multiplied": lambda: forging.multiplied(marked, strangers),
        "altered": lambda: forging.altered(marked, strangers),
        "copied": lambda: forging.copied(marked, strangers),
        "linked": lambda: learning.linked(victims),
        "removed": lambda: removal.removed(marked, learnt(), _LEARNT),
        "filtered": lambda: removal.filtered(marked),
        "removed_with_oracle": lambda: removal.removed_with_oracle(marked),
        "second_marks": lambda: removal.second_marks(marked),
        "remarked": lambda: removal.remarked(marked),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audio.security",
        description="Averaging, forging, copying, linking and removing the audio mark.",
    )
    parser.add_argument("--sounds", type=int, default=8, help="marked sounds in most trials")
    add_options(parser, sounds.DEFAULT_DATA, TRIALS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
