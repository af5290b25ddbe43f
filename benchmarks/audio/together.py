"""Read files that were put together after marking, and mark sounds without room for a mark.

::

    python -m benchmarks.audio.together
    python -m benchmarks.audio.together --kind music --limit 2

Each file holds one or more marked stretches; the detector gets it as one sound and is asked for the
payloads and for their places. Prints Markdown and writes JSON; see docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.audio import Sound, measure, sounds
from benchmarks.audio.scenarios import AROUND_SECONDS, SCENARIOS, Place, Scenario, unmarkable
from benchmarks.audio.sounds import Clip, Form
from benchmarks.marking import MARK_KEY
from benchmarks.options import add_names, add_output
from benchmarks.results import OUTPUT, listed, page, table, write
from benchmarks.spread import Seconds, clock
from benchmarks.targets import below
from genlabel import CapacityError, Detection
from genlabel.audio import detect

SCHEMA = "genlabel.bench.audio-together/1"

#: How far a span's borders may be from the truth, seconds.
NEAR_SECONDS = 0.25
KINDS = ("speech", "joined-speech", "synthetic", "joined-synthetic", "music")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read from one file.

    Parameters
    ----------
    scenario, clip, kind : str
        Which.
    duration : float
        Of the file, seconds.
    refused : str or None
        Why a stretch could not be marked; the rest is then empty.
    exact : bool
        Every payload was read, and none besides.
    off : float or None
        The furthest border of a span from the truth, seconds; None where a span is missing.
    spans : int
        How many there were.
    log10_p : float
        As in `Detection`.
    seconds : Seconds or None
        Of `detect`.
    """

    scenario: str
    clip: str
    kind: str
    duration: float
    refused: str | None = None
    exact: bool = False
    off: float | None = None
    spans: int = 0
    log10_p: float = 0.0
    seconds: Seconds | None = None

    def holds(self, placed: bool) -> bool:
        """Whether the file counts."""
        near = self.off is not None and self.off <= NEAR_SECONDS
        return self.exact and (near or not placed)


def play(scenario: Scenario, clip: Clip) -> Outcome | None:
    """Stage one file and read it; None where the clip is too short."""
    try:
        staged = scenario.stage(clip)
    except CapacityError as refusal:
        return Outcome(scenario.name, clip.name, clip.kind, clip.sound.seconds, str(refusal))
    if staged is None:
        return None
    sound, places = staged
    detection, seconds = clock(lambda: detect(sound.samples, sound.rate, [MARK_KEY]))
    return Outcome(
        scenario.name,
        clip.name,
        clip.kind,
        sound.seconds,
        exact=_payloads(detection) == {place.payload for place in places},
        off=furthest(detection, places),
        spans=len(detection.spans),
        log10_p=detection.log10_p,
        seconds=seconds,
    )


def attempt(sound: Sound) -> str:
    """Mark what can hardly be marked: it is refused, or it is read again, or this is a failure."""
    try:
        marked = measure.mark(sound, bytes(range(8)), 1.0)
    except CapacityError as refusal:
        return f"refused: {refusal}"
    read = detect(marked.samples, marked.rate, [MARK_KEY])
    return "marked and read" if read.payload == bytes(range(8)) else "FAILED: marked, not read"


def run(
    kinds: Sequence[str], data: Path, limit: int | None = None, output: Path = OUTPUT
) -> list[str]:
    """Play all scenarios, print the tables, write the record, and give the failures."""
    surroundings = environment.describe()
    measure.warm_up()
    outcomes = list(_outcomes(kinds, data, limit))
    attempts = {name: attempt(sound) for name, sound in unmarkable().items()}
    failed = _failures(outcomes, attempts)
    print(_markdown(surroundings, outcomes, attempts, failed), flush=True)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "environment": surroundings,
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "unmarkable": attempts,
        "failures": failed,
    }
    write(record, "audio-together", output)
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audio.together",
        description="Islands, chunks and several marks in one file; sounds without room for one.",
    )
    add_names(parser, "--kind", sounds.KINDS, KINDS)
    parser.add_argument("--data", type=Path, default=sounds.DEFAULT_DATA)
    parser.add_argument("--limit", type=int, metavar="N", help="clips per kind")
    add_output(parser)
    options = parser.parse_args(arguments)
    if not sounds.are_there(options.data):
        parser.error(f"no clips in {options.data}")
    return 1 if run(options.kind, options.data, options.limit, options.output) else 0


def _outcomes(kinds: Sequence[str], data: Path, limit: int | None) -> Iterator[Outcome]:
    form = Form(most_seconds=AROUND_SECONDS)
    for clip in sounds.load(kinds, data=data, form=form, limit=limit):
        for scenario in SCENARIOS:
            outcome = play(scenario, clip)
            if outcome is not None:
                yield outcome


def _payloads(detection: Detection) -> set[bytes]:
    return {span.payload for span in detection.spans if span.payload is not None}


def furthest(detection: Detection, places: Sequence[Place]) -> float | None:
    """Give the furthest border from the truth, seconds; None where a payload is missing.

    Pieces of one payload count as one span.
    """
    most = 0.0
    for place in places:
        spans = [span for span in detection.spans if span.payload == place.payload]
        if not spans:
            return None
        start, end = min(span.start for span in spans), max(span.end for span in spans)
        most = max(most, abs(start - place.start), abs(end - place.end))
    return most


def _failures(outcomes: Sequence[Outcome], attempts: dict[str, str]) -> list[str]:
    failed: list[str] = []
    for scenario in SCENARIOS:
        some = [outcome for outcome in outcomes if outcome.scenario == scenario.name]
        held = sum(outcome.holds(scenario.placed) for outcome in some)
        failed += below(scenario.name, held, len(some), scenario.target)
    failed += [f"{name}: {said}" for name, said in attempts.items() if said.startswith("FAILED")]
    return failed


def _markdown(
    surroundings: dict[str, Any],
    outcomes: Sequence[Outcome],
    attempts: dict[str, str],
    failed: Sequence[str],
) -> str:
    lines: list[tuple[str, ...]] = []
    for scenario in SCENARIOS:
        some = [outcome for outcome in outcomes if outcome.scenario == scenario.name]
        held = sum(outcome.holds(scenario.placed) for outcome in some)
        share = f"{held}/{len(some)}"
        lines.append((f"**{scenario.name}**", f"**{share}**", "", "", "", "", scenario.text))
        lines += [_line(outcome, scenario) for outcome in some]
    heads = ("file", "holds", "exact", "off s", "spans", "log10 p", "")
    parts = [
        "## audio-together",
        environment.one_line(surroundings),
        f"Holds: all payloads and no other; 5b: every border within {NEAR_SECONDS} s.",
        table(heads, lines),
        table(("sound without room", "outcome"), attempts.items()),
        listed(failed),
    ]
    return page(*parts)


def _line(outcome: Outcome, scenario: Scenario) -> tuple[str, ...]:
    return (
        f"{outcome.clip} ({outcome.duration:.0f} s)",
        "yes" if outcome.holds(scenario.placed) else "no",
        "yes" if outcome.exact else "no",
        "" if outcome.off is None else f"{outcome.off:.2f}",
        str(outcome.spans),
        f"{outcome.log10_p:.0f}",
        outcome.refused or "",
    )


if __name__ == "__main__":
    sys.exit(main())
