"""Cases as a JSON record and as Markdown tables, one column or line per scheme."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.environment import one_line
from benchmarks.image.peers.course import SIZE_TOLD, Case, Course, Reading
from benchmarks.image.peers.schemes import OURS, Scheme
from benchmarks.image.suites import Row
from benchmarks.results import page, table
from benchmarks.spread import Seconds, spread

SCHEMA = "genlabel.bench.peers/1"

_LEGEND = (
    "Cells: pictures whose every payload bit was read right, of those marked; in brackets the mean "
    "share of right bits where a word came back (half is chance); 'refused' where the reader took "
    "no picture of that size. Times: CPU of all threads, median (middle half)."
)


def record(
    settings: dict[str, Any],
    environment: dict[str, Any],
    rows: Sequence[Row],
    schemes: Sequence[Scheme],
    missing: Mapping[str, str],
    cases: Sequence[Case],
) -> dict[str, Any]:
    """Give everything measured as plain JSON types (``peers.schema.json``)."""
    return {
        "schema": SCHEMA,
        "settings": settings,
        "environment": environment,
        "schemes": [
            {
                "name": scheme.name,
                "payload_bits": scheme.bits,
                "told": scheme.told,
                "verdict": scheme.verdict,
                "versions": scheme.versions(),
            }
            for scheme in schemes
        ],
        "missing": dict(missing),
        "attacks": [
            {"row": row.title, "name": one.name, "parameters": one.parameters}
            for row in rows
            for one in row.attacks
        ],
        "pictures": [asdict(case) for case in cases],
        "failures": failures(cases),
    }


def failures(cases: Sequence[Case]) -> list[str]:
    """Say where genlabel's verdict was false: a miss is none, and the others give no verdict."""
    problems = []
    for case in cases:
        for course in case.courses:
            if course.scheme != OURS or course.unmarked is None:
                continue
            problems += [
                f"wrong payload: {case.picture} after {reading.name}"
                for reading in course.attacks
                if reading.word is not None and not reading.exact
            ]
            if course.unmarked.word is not None:
                problems.append(f"false alarm: {case.picture}")
    return problems


def markdown(
    title: str,
    environment: dict[str, Any],
    rows: Sequence[Row],
    schemes: Sequence[Scheme],
    missing: Mapping[str, str],
    cases: Sequence[Case],
) -> str:
    """Give the tables: conditions, quality, attacks, unmarked pictures, times, failures."""
    parts = [f"## {title}", one_line(environment), _LEGEND, _conditions(schemes)]
    parts += [f"Not run: {name}: {reason}" for name, reason in missing.items()]
    parts += [
        f"Refused to mark: {course.scheme}, {case.picture}: {course.refused}"
        for case in cases
        for course in case.courses
        if course.refused is not None
    ]
    columns = {scheme.name: _marked(scheme.name, cases) for scheme in schemes}
    columns = {name: column for name, column in columns.items() if column}
    if columns:
        parts += [_quality(columns), _attacks(rows, schemes, columns)]
        parts += [_unmarked(columns), _times(columns)]
    problems = "\n".join(f"- {problem}" for problem in failures(cases))
    parts.append(problems or "No false verdict of genlabel's.")
    return page(*parts)


_Column = Sequence[tuple[Case, Course]]


def _marked(scheme: str, cases: Sequence[Case]) -> _Column:
    return [
        (case, course)
        for case in cases
        for course in case.courses
        if course.scheme == scheme and course.refused is None
    ]


def _conditions(schemes: Sequence[Scheme]) -> str:
    lines = [
        (
            scheme.name,
            str(scheme.bits),
            scheme.told,
            scheme.verdict,
            ", ".join(f"{name} {version or '-'}" for name, version in scheme.versions().items()),
        )
        for scheme in schemes
    ]
    return table(("scheme", "bits", "reader is told", "says there is no mark", "versions"), lines)


def _quality(columns: Mapping[str, _Column]) -> str:
    def both(column: _Column, value: Callable[[Course], float], form: str) -> str:
        values = [value(course) for _, course in column]
        return f"{statistics.fmean(values):{form}} / {min(values):{form}}"

    lines = [
        (
            name,
            both(column, lambda course: course.psnr, ".1f"),
            both(column, lambda course: course.ssim, ".4f"),
            both(column, lambda course: course.psnr_hvs_m, ".1f"),
        )
        for name, column in columns.items()
    ]
    return table(("mean / worst", "PSNR RGB, dB", "SSIM", "PSNR-HVS-M, dB"), lines)


def _attacks(rows: Sequence[Row], schemes: Sequence[Scheme], columns: Mapping[str, _Column]) -> str:
    def line(head: str, names: Sequence[str], *, bold: bool = False) -> tuple[str, ...]:
        cells = [_cell(column, names) for column in columns.values()]
        return (head, *(f"**{cell}**" if bold else cell for cell in cells))

    lines = []
    every = [one.name for row in rows for one in row.attacks]
    for row in rows:
        names = [one.name for one in row.attacks]
        if len(names) > 1:
            lines.append(line(f"**{row.title}**", names, bold=True))
        lines += [line(f"`{name}`", [name]) for name in names]
    lines.append(line("**all**", every, bold=True))
    told = [one.name + SIZE_TOLD for row in rows for one in row.attacks if one.family == "resize"]
    lines += [line(f"`{name.removesuffix(SIZE_TOLD)}`{SIZE_TOLD}", [name]) for name in told]
    bits = {scheme.name: scheme.bits for scheme in schemes}
    return table(("attack", *(f"{name}, {bits[name]} bits" for name in columns)), lines)


def _cell(column: _Column, names: Sequence[str]) -> str:
    readings = _of(column, names)
    text = f"{sum(reading.exact for reading in readings)}/{len(readings)}"
    shares = [reading.right for reading in readings if reading.right is not None]
    refused = sum(reading.refused is not None for reading in readings)
    if shares and not all(share == 1.0 for share in shares):
        text += f" ({statistics.fmean(shares):.2f})"
    return f"{text}, {refused} refused" if refused else text


def _unmarked(columns: Mapping[str, _Column]) -> str:
    lines = []
    for name, column in columns.items():
        words = [course.unmarked.word for _, course in column if course.unmarked is not None]
        given = Counter(word for word in words if word is not None)
        [(word, times)] = given.most_common(1) or [("", 0)]
        shown = f"{times} x `{word}`" if times else "-"
        lines.append((name, f"{given.total()}/{len(words)}", shown))
    return table(("unmarked pictures", "read as marked", "commonest word"), lines)


def _times(columns: Mapping[str, _Column]) -> str:
    lines = []
    for name, column in columns.items():
        dearest = _dearest(column)
        longest = spread(_cpu(reading.seconds for reading in _of(column, [dearest]))).median
        lines.append(
            (
                name,
                *_relative([(case, course.embed) for case, course in column]),
                *_relative([(case, _seconds(course, "none")) for case, course in column]),
                *_relative([(case, _seconds(course, "unmarked")) for case, course in column]),
                f"{1e3 * longest:.0f} ms, `{dearest}`",
            )
        )
    cases = {case.picture: case for column in columns.values() for case, _ in column}
    codec = _relative([(case, case.codec) for case in cases.values()])
    lines.append(("JPEG-95 round trip", *codec, *("",) * 5))
    heads = [
        cell
        for head in ("embed", "read as marked", "read, nothing there")
        for cell in (f"{head}, ms/MP", "x JPEG")
    ]
    return table(("CPU time", *heads, "dearest reading"), lines)


def _relative(timed: Sequence[tuple[Case, Sequence[Seconds]]]) -> tuple[str, str]:
    """Give milliseconds per megapixel, and multiples of a JPEG round trip of the picture."""
    per_megapixel, ratios = [], []
    for case, times in timed:
        if times:
            own, codec = spread(_cpu(times)).median, spread(_cpu(case.codec)).median
            per_megapixel.append(1e9 * own / (case.width * case.height))
            ratios.append(own / max(codec, 1e-9))
    if not ratios:
        return "-", "-"
    return str(spread(per_megapixel)), f"{spread(ratios).median:.3g}"


def _seconds(course: Course, name: str) -> list[Seconds]:
    return [reading.seconds for reading in course.readings if reading.name == name]


def _cpu(times: Iterable[Seconds]) -> list[float]:
    return [seconds.cpu for seconds in times]


def _dearest(column: _Column) -> str:
    """Give the attack after which reading takes longest."""
    names = dict.fromkeys(reading.name for _, course in column for reading in course.attacks)

    def cost(name: str) -> float:
        return statistics.median(reading.seconds.cpu for reading in _of(column, [name]))

    return max(names, key=cost)


def _of(column: _Column, names: Sequence[str]) -> list[Reading]:
    wanted = set(names)
    return [reading for _, course in column for reading in course.attacks if reading.name in wanted]
