"""Set published figures of neural image marks beside a run of our own under the same attacks.

::

    python -m benchmarks.image.robustness --suite video-seal --set photo,generated --long-side 1280
    python -m benchmarks.image.peers.published bench-out/robustness-video-seal-photo-*.json

``published.csv`` holds mean bit accuracies in per cent, from Petrov, Fernandez, Soucek and Elsahar,
"We can hide more bits", arXiv 2510.12812: table 4 (SA-1B in its own resolution), table 5 (COCO).
The attacks are those of the suite `video-seal`. What can and cannot be compared: docs/peers.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import table

#: Of payload, without error correction: the column heads of table 4.
BITS = {
    "Chunky Seal": 1024,
    "Video Seal 1.0": 256,
    "Video Seal 0": 96,
    "HiDDeN": 48,
    "MBRS": 256,
    "TrustMark": 100,
    "WAM": 32,
}
IMAGES = ("sa-1b", "coco")

_OURS = 64


def accuracies(images: str) -> dict[str, dict[str, float]]:
    """Give mean bit accuracies from 0 to 1, by attack and model.

    Parameters
    ----------
    images : str
        Of `IMAGES`.
    """
    with open(Path(__file__).with_name("published.csv"), newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["images"] == images]
    return {row["attack"]: {model: float(row[model]) / 100 for model in BITS} for row in rows}


def usable(bits: int, accuracy: float) -> float:
    """Give the bits that an ideal code carries through `bits` ones of which some are wrong.

    The capacity of a binary symmetric channel; an upper bound, since a mean over pictures and bits
    hides which fail.
    """
    wrong = 1 - accuracy
    if wrong <= 0:
        return bits
    if wrong >= 0.5:
        return 0.0
    return bits * (1 + wrong * math.log2(wrong) + accuracy * math.log2(accuracy))


def markdown(record: dict[str, Any], images: str) -> str:
    """Give the table: exact words of `record` beside the published accuracies."""
    published = accuracies(images)
    lines = []
    for row in record["rows"]:
        for name in [attack["name"] for attack in row["attacks"]]:
            figures = published.get(name)
            cells = [_cell(figures[model], BITS[model]) if figures else "-" for model in BITS]
            lines.append((f"`{name}`", _measured(record, name), *cells))
    heads = ("attack", f"genlabel, {_OURS} exact", *(f"{model}, {BITS[model]}" for model in BITS))
    return table(heads, lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table for a record of ``benchmarks.image.robustness``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.image.peers.published")
    parser.add_argument("record", type=Path, help="robustness-video-seal-*.json")
    parser.add_argument("--images", choices=IMAGES, default=IMAGES[0], help="published for these")
    options = parser.parse_args(arguments)
    record = json.loads(options.record.read_text(encoding="utf-8"))
    if record["settings"]["suite"] != "video-seal":
        parser.error("the figures were published for the attacks of --suite video-seal")
    print(markdown(record, options.images))
    return 0


def _cell(accuracy: float, bits: int) -> str:
    return f"{100 * accuracy:.1f} ({usable(bits, accuracy):.0f})"


def _measured(record: dict[str, Any], attack: str) -> str:
    marked = [picture for picture in record["pictures"] if picture["refused"] is None]
    exact = [
        reading["exact"]
        for picture in marked
        for reading in picture["attacks"]
        if reading["name"] == attack
    ]
    share = sum(exact) / len(exact)
    return f"{sum(exact)}/{len(exact)} = {100 * share:.0f} % ({_OURS * share:.0f})"


if __name__ == "__main__":
    sys.exit(main())
