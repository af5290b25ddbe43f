"""Set published figures of neural audio marks beside a run of our own under the same attacks.

::

    python -m benchmarks.audio.robustness --suite audioseal
    python -m benchmarks.audio.peers.published bench-out/robustness-audio-audioseal-x1.json

``published.csv`` holds shares from 0 to 1. *presence* is the accuracy of the decision "marked or
not" at the threshold that is best for each attack; *16 bits* is the share of whole messages that
were right. Sources:

- San Roman et al., "Proactive detection of voice cloning with localized watermarking", ICML 2024,
  arXiv 2401.17264: 10 s of speech at 16 kHz;
- Oezer et al., "A comprehensive real-world assessment of audio watermarking algorithms",
  Interspeech 2025, arXiv 2505.19663;
- Liu et al., "XAttnMark", ICML 2025, arXiv 2502.04230: 5 s of music.

What can and cannot be compared: docs/audio-peers.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import table


@dataclass(frozen=True, slots=True)
class Published:
    """One figure: of a suite's row or attack, a system, what is counted, and from where."""

    suite: str
    row: str
    system: str
    measure: str
    value: float
    source: str


def figures(suite: str) -> list[Published]:
    """Give the published figures for a suite."""
    with open(Path(__file__).with_name("published.csv"), newline="", encoding="utf-8") as stream:
        return [
            Published(
                suite, row["row"], row["system"], row["measure"], float(row["value"]), row["source"]
            )
            for row in csv.DictReader(stream)
            if row["suite"] == suite
        ]


def markdown(record: dict[str, Any]) -> str:
    """Give the table: exact payloads of `record` beside the published shares."""
    published = figures(record["settings"]["suite"])
    columns = list(dict.fromkeys((one.system, one.measure) for one in published))
    cells = {(one.row, one.system, one.measure): f"{one.value:g}" for one in published}
    lines = []
    for row in record["rows"]:
        names = [attack["name"] for attack in row["attacks"]]
        # Some were published by attack, some for a whole row.
        for title, some in {row["title"]: names, **{name: [name] for name in names}}.items():
            told = [cells.get((title, *column), "-") for column in columns]
            if any(cell != "-" for cell in told):
                lines.append((title, *_measured(record, row, some), *told))
    heads = ("attack", "genlabel, 64 bits", "share", *(f"{s}, {m}" for s, m in columns))
    return table(heads, lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table for a record of ``benchmarks.audio.robustness``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audio.peers.published")
    parser.add_argument("record", type=Path, help="robustness-audio-audioseal-*.json, for example")
    options = parser.parse_args(arguments)
    record = json.loads(options.record.read_text(encoding="utf-8"))
    if not figures(record["settings"]["suite"]):
        parser.error("nothing was published for the attacks of this suite")
    print(markdown(record))
    return 0


def _measured(
    record: dict[str, Any], row: dict[str, Any], attacks: Sequence[str]
) -> tuple[str, str]:
    exact = [
        reading["exact"]
        for clip in record["clips"]
        if clip["refused"] is None and clip["kind"] in row["kinds"]
        for reading in clip["attacks"]
        if reading["name"] in attacks and reading["payload_bytes"] == row["payload_bytes"]
    ]
    share = sum(exact) / len(exact) if exact else 0.0
    return f"{sum(exact)}/{len(exact)}", f"{share:.2f}"


if __name__ == "__main__":
    sys.exit(main())
