"""Run the attacks on the image mark; see docs/security.md.

::

    python -m benchmarks.image.security
    python -m benchmarks.image.security --only removed --pictures 4

Prints Markdown on standard output and writes the whole record as JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import environment
from benchmarks.environment import one_line
from benchmarks.image import pictures
from benchmarks.image.measure import MARK_KEY, warm_up
from benchmarks.image.security import forging, hosts, leaking, removal
from benchmarks.image.security.table import Table

SCHEMA = "genlabel.bench.security/1"
OUTPUT = environment.ROOT / "bench-out"
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
    surroundings = environment.describe()
    tables = []
    print(f"## Attacks on the image mark\n\n{one_line(surroundings)}\n", flush=True)
    for name, trial in _trials(options.data, options.pictures).items():
        if options.only and name not in options.only:
            continue
        tables.append(trial())
        print(tables[-1].markdown(), flush=True)
    record = {
        "schema": SCHEMA,
        "settings": {"pictures": options.pictures, "averaged": _AVERAGED, "queries": _QUERIES},
        "environment": surroundings,
        "tables": [table.to_dict() for table in tables],
    }
    options.output.mkdir(parents=True, exist_ok=True)
    target = options.output / "security.json"
    target.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return int(any(table.failures for table in tables))


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
    parser.add_argument("--data", type=Path, default=pictures.DEFAULT_DATA)
    parser.add_argument("--pictures", type=int, default=8, help="marked pictures in most trials")
    parser.add_argument("--only", action="append", choices=TRIALS, help="may be repeated")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for the JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
