"""``make bench``: cold start, then robustness. ``--full`` runs every suite over every set.

``--full`` also compares with the image marks of other packages, where they are installed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import cold_start
from benchmarks.image import pictures, robustness
from benchmarks.image.peers import runner as comparison
from benchmarks.image.peers.schemes import NAMES, OURS, load
from benchmarks.image.robustness import Settings
from benchmarks.image.suites import FOUNDATION, TABLE, VIDEO_SEAL

#: What can be run anywhere.
_BARE = (("foundation", FOUNDATION, ("scikit",), None),)

_QUICK = (("foundation", FOUNDATION, ("kodak",), None),)

#: The published tables: about a megapixel, then 512 px, then the protocol of the neural marks.
_FULL = (
    *_QUICK,
    ("table", TABLE, ("kodak", "photo", "illustration", "generated"), 1280),
    ("table", TABLE, ("kodak", "photo", "illustration", "generated"), 512),
    ("foundation", FOUNDATION, ("screenshot", "clipart"), 1280),
    ("video-seal", VIDEO_SEAL, ("kodak", "photo", "generated"), 1280),
)

#: rivaGan needs some ten seconds for a megapixel.
_COMPARISONS = (
    comparison.Settings(),
    comparison.Settings(schemes=tuple(name for name in NAMES if name != "rivaGan"), long_side=1200),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; status 1 where a target is missed or a verdict is false."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--full", action="store_true", help="hours instead of minutes")
    parser.add_argument("--data", type=Path, default=pictures.DEFAULT_DATA)
    parser.add_argument("--jobs", type=int, default=1, help="processes; times need 1")
    options = parser.parse_args(arguments)
    cold_start.run()
    failed = False
    chosen = _FULL if options.full else _QUICK
    if not pictures.are_there(options.data):
        print(f"no pictures in {options.data}: using those of scikit-image", file=sys.stderr)
        chosen = _BARE
    for suite, rows, sets, long_side in chosen:
        settings = Settings(suite, rows, sets, options.data, long_side=long_side, jobs=options.jobs)
        failed |= bool(robustness.run(settings))
    if options.full:
        failed |= _compare(options.data)
    return int(failed)


def _compare(data: Path) -> bool:
    """Run the comparisons if there is anything to compare with; whether a verdict was false."""
    if [scheme.name for scheme in load(NAMES)[0]] == [OURS]:
        print("no peers installed: docs/peers.md says how", file=sys.stderr)
        return False
    sets = comparison.SETS if pictures.are_there(data) else ("scikit",)
    failed = False
    for settings in _COMPARISONS:
        failed |= bool(comparison.run(replace(settings, sets=sets, data=data)))
    return failed


if __name__ == "__main__":
    sys.exit(main())
