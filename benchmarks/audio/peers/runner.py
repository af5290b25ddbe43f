"""Compare with audiowmark, where its program is on the path: the same clips, the same attacks.

::

    python -m benchmarks.audio.peers
    python -m benchmarks.audio.peers --kind speech,music --limit 3

Both carry 128 bits and a key, at their default strengths. audiowmark cannot say "no mark": it gives
candidates for every sound, and counts as right if any of them is. Prints Markdown and writes JSON;
docs/audio-peers.md says what is not the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.audio import Sound, measure, quality, sounds
from benchmarks.audio.attacks import attack, random_for
from benchmarks.audio.peers import audiowmark
from benchmarks.audio.sounds import Clip, Form
from benchmarks.audio.timing import TooShortError
from benchmarks.marking import MARK_KEY, payload_of
from benchmarks.options import add_names, add_output
from benchmarks.results import OUTPUT, page, table, write
from benchmarks.spread import clock
from genlabel import CapacityError
from genlabel.audio import detect

SCHEMA = "genlabel.bench.audio-peers/1"

_OURS = "genlabel"
KINDS = ("speech", "joined-speech", "synthetic", "joined-synthetic", "music")
#: Of every clip, so that all rows are about the same ones, at offsets that nobody is told.
_SECONDS = 32.0
#: Title, attacks, and whether audiowmark is told to search for another speed.
ROWS = (
    ("5 s", ("crop-5",), False),
    ("10 s", ("crop-10",), False),
    ("10 s, coded", ("crop-10+mp3-64", "crop-10+opus-24"), False),
    ("30 s, coded", ("crop-30+mp3-32", "crop-30+aac-32", "crop-30+vorbis-0"), False),
    ("30 s, noise", ("crop-30+white-20", "crop-30+white-10", "crop-30+music-0"), False),
    ("30 s, room and telephone", ("crop-30+reverb-0.5-3", "crop-30+telephone"), False),
    ("30 s, cuts", ("crop-30+drop-1", "crop-30+cut-5"), False),
    ("15 s, speed +-5 %", ("crop-15+speed-0.95", "crop-15+speed-1.05"), True),
    ("15 s, tempo +-5 %", ("crop-15+tempo-0.95", "crop-15+tempo-1.05"), True),
    ("15 s, pitch +-1 semitone", ("crop-15+pitch--1", "crop-15+pitch-1"), True),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One clip under one attack, read by one scheme."""

    scheme: str
    clip: str
    attack: str
    right: bool
    duration: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Marked:
    """One clip as one scheme marks it; None where the scheme refuses, or a grade is undefined."""

    scheme: str
    clip: str
    kind: str
    duration: float
    cpu: float
    snr: float | None = None
    odg: float | None = None
    pesq: float | None = None
    refused: str | None = None


def run(
    kinds: Sequence[str], data: Path, limit: int | None = None, output: Path = OUTPUT
) -> dict[str, Any]:
    """Compare, print the tables, write the record, and give it."""
    surroundings = environment.describe()
    measure.warm_up()
    marks: list[Marked] = []
    cells: list[Cell] = []
    form = Form(seconds=_SECONDS)
    for clip in sounds.load(kinds, data=data, form=form, limit=limit):
        for scheme in (_OURS, audiowmark.NAME):
            marked, sound = _mark(scheme, clip)
            marks.append(marked)
            if sound is not None:
                cells += _course(scheme, clip, sound, sounds.others(clip.name, data))
        print(clip.name, file=sys.stderr, flush=True)
    told = record(surroundings, audiowmark.version(), marks, cells)
    print(_markdown(told, marks, cells), flush=True)
    write(told, "audio-peers", output)
    return told


def record(
    surroundings: dict[str, Any], version: str, marks: Sequence[Marked], cells: Sequence[Cell]
) -> dict[str, Any]:
    """Give everything measured as plain JSON types (``peers.schema.json``)."""
    return {
        "schema": SCHEMA,
        "environment": surroundings,
        "audiowmark": version,
        "marks": [asdict(one) for one in marks],
        "cells": [asdict(one) for one in cells],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where there is nothing to compare with."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audio.peers", description="Beside audiowmark."
    )
    add_names(parser, "--kind", sounds.KINDS, KINDS)
    parser.add_argument("--data", type=Path, default=sounds.DEFAULT_DATA)
    parser.add_argument("--limit", type=int, metavar="N", help="clips per kind")
    add_output(parser)
    options = parser.parse_args(arguments)
    if not sounds.are_there(options.data):
        parser.error(f"no clips in {options.data}")
    if audiowmark.program() is None:
        print(
            "audiowmark is not on the path: docs/audio-peers.md says where it is", file=sys.stderr
        )
        return 1
    run(options.kind, options.data, options.limit, options.output)
    return 0


def _mark(scheme: str, clip: Clip) -> tuple[Marked, Sound | None]:
    payload = payload_of(clip.name, audiowmark.PAYLOAD_BYTES)
    told = (scheme, clip.name, clip.kind, clip.sound.seconds)
    if scheme == _OURS:
        try:
            marked, seconds = clock(lambda: measure.mark(clip.sound, payload, 1.0))
        except CapacityError as refusal:
            return Marked(*told, 0.0, refused=str(refusal)), None
        cpu = seconds.cpu
    else:
        marked, cpu = audiowmark.embed(clip.sound, payload)
    odg, pesq = measure.grades(clip.sound, marked)
    snr = quality.snr(clip.sound.samples, marked.samples)
    return Marked(*told, cpu, snr, odg, pesq), marked


def _course(scheme: str, clip: Clip, marked: Sound, others: dict[str, Sound]) -> Iterator[Cell]:
    payload = payload_of(clip.name, audiowmark.PAYLOAD_BYTES)
    for _, names, search_speed in ROWS:
        for name in names:
            try:
                state = attack(name).apply(marked, random_for(clip.name, name), others)
            except TooShortError:
                continue
            right, cpu = _read(scheme, state, payload, search_speed=search_speed)
            yield Cell(scheme, clip.name, name, right, state.seconds, cpu)


def _read(scheme: str, state: Sound, payload: bytes, *, search_speed: bool) -> tuple[bool, float]:
    if scheme == _OURS:
        found, seconds = clock(lambda: detect(state.samples, state.rate, [MARK_KEY]))
        return found.payload == payload, seconds.cpu
    told = audiowmark.read(state, search_speed=search_speed)
    return payload in told.payloads, told.cpu


def _markdown(record: dict[str, Any], marks: Sequence[Marked], cells: Sequence[Cell]) -> str:
    schemes = (_OURS, audiowmark.NAME)
    qualities = []
    for kind in dict.fromkeys(one.kind for one in marks):
        for scheme in schemes:
            some = [one for one in marks if (one.scheme, one.kind) == (scheme, kind)]
            taken = [one for one in some if one.refused is None]
            qualities.append(
                (
                    kind,
                    scheme,
                    f"{len(taken)}/{len(some)}",
                    *(
                        _least(getattr(one, name) for one in taken)
                        for name in ("snr", "odg", "pesq")
                    ),
                    f"{_speed([(one.duration, one.cpu) for one in taken])}",
                )
            )
    results = []
    for title, names, search_speed in ROWS:
        if not any(one.attack in names for one in cells):
            continue
        told = ", told" if search_speed else ""
        line = [title + told]
        for scheme in schemes:
            read = [one for one in cells if one.scheme == scheme and one.attack in names]
            line.append(f"{sum(one.right for one in read)}/{len(read)}")
            line.append(_speed([(one.duration, one.cpu) for one in read]))
        results.append(line)
    heads = ("attack", *(head for scheme in schemes for head in (f"{scheme}, exact", "read")))
    parts = [
        "## audio-peers",
        environment.one_line(record["environment"]),
        f"{record['audiowmark']}. 128 bits each. Told: audiowmark runs with --detect-speed.",
        table(
            ("clips", "scheme", "marked", "worst SNR", "worst ODG", "worst PESQ", "embed"),
            qualities,
        ),
        table(heads, results),
    ]
    return page(*parts)


def _least(values: Iterator[float | None]) -> str:
    least = min((value for value in values if value is not None), default=None)
    return "n/a" if least is None else f"{least:.2f}"


def _speed(pairs: Sequence[tuple[float, float]]) -> str:
    seconds = sum(cpu for _, cpu in pairs)
    return f"{sum(duration for duration, _ in pairs) / seconds:.0f}x" if seconds else "n/a"


if __name__ == "__main__":
    sys.exit(main())
