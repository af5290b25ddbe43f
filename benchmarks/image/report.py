"""Courses of many pictures as a JSON record and as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.environment import one_line
from benchmarks.image.measure import Course, Reading
from benchmarks.image.suites import Row
from benchmarks.results import listed, page, table
from benchmarks.spread import Seconds, spread
from benchmarks.targets import below, false_verdicts, share, told

SCHEMA = "genlabel.bench.robustness/1"

_MISSES_SHOWN = 4

_LEGEND = (
    "Exact: every bit of the payload. log10 p: median. "
    "Times: CPU milliseconds of all threads, median (middle half)."
)


def record(
    settings: dict[str, Any],
    environment: dict[str, Any],
    rows: Sequence[Row],
    courses: Sequence[Course],
) -> dict[str, Any]:
    """Give everything measured as plain JSON types (``robustness.schema.json``)."""
    return {
        "schema": SCHEMA,
        "settings": settings,
        "environment": environment,
        "rows": [
            {
                "title": row.title,
                "target": row.target,
                "attacks": [
                    {"name": attack.name, "family": attack.family, "parameters": attack.parameters}
                    for attack in row.attacks
                ],
            }
            for row in rows
        ],
        "pictures": [asdict(course) for course in courses],
        "failures": failures(rows, courses),
    }


def failures(rows: Sequence[Row], courses: Sequence[Course]) -> list[str]:
    """Say what is below its target, and every false verdict; empty where all is well."""
    marked = [course for course in courses if course.refused is None]
    problems: list[str] = []
    for row in rows:
        readings = [reading for attack in row.attacks for reading in _of(marked, attack.name)]
        exact = sum(reading.exact for reading in readings)
        problems += below(row.title, exact, len(readings), row.target)
    for course in marked:
        problems += false_verdicts(course.picture, course.attacks, course.controls)
    return problems


def markdown(
    title: str, environment: dict[str, Any], rows: Sequence[Row], courses: Sequence[Course]
) -> str:
    """Give the tables a reader needs: quality, attacks, controls, times, failures."""
    marked = [course for course in courses if course.refused is None]
    refused = [course for course in courses if course.refused is not None]
    parts = [f"## {title}", one_line(environment), _LEGEND]
    parts += [f"Refused: {course.picture}: {course.refused}" for course in refused]
    if marked:
        parts += [_quality(marked), _attacks(rows, marked), _controls(marked), _times(marked)]
    problems = failures(rows, courses)
    parts.append(listed(problems))
    return page(*parts)


def _quality(courses: Sequence[Course]) -> str:
    def line(name: str, value: Callable[[Course], float], form: str) -> tuple[str, ...]:
        values = [value(course) for course in courses]
        worst = min(courses, key=value)
        mean = sum(values) / len(values)
        return name, f"{mean:{form}}", f"{min(values):{form}}", worst.picture

    return table(
        ("quality", "mean", "worst", "of"),
        [
            line("PSNR RGB, dB", lambda course: course.psnr, ".2f"),
            line("SSIM", lambda course: course.ssim, ".4f"),
            line("PSNR-HVS-M, dB", lambda course: course.psnr_hvs_m, ".2f"),
        ],
    )


def _attacks(rows: Sequence[Row], courses: Sequence[Course]) -> str:
    lines: list[tuple[str, ...]] = []
    for row in rows:
        readings = [reading for attack in row.attacks for reading in _of(courses, attack.name)]
        exact = sum(reading.exact for reading in readings)
        reached = share(exact, len(readings))
        lines.append((f"**{row.title}**", reached, "", "", "", "", told(row.target)))
        for attack in row.attacks:
            lines.append(_attack_line(attack.name, attack.parameters, courses))
    heads = ("attack", "exact", "found", "log10 p", "read ms", "missed", "parameters")
    return table(heads, lines)


def _attack_line(name: str, parameters: str, courses: Sequence[Course]) -> tuple[str, ...]:
    readings = _of(courses, name)
    missed = [
        course.picture
        for course, reading in zip(courses, readings, strict=True)
        if not reading.exact
    ]
    return (
        f"`{name}`",
        f"{len(readings) - len(missed)}/{len(readings)}",
        str(sum(reading.found for reading in readings)),
        f"{spread([reading.log10_p for reading in readings]).median:.1f}",
        _milliseconds(reading.seconds for reading in readings),
        _some(missed, len(courses)),
        parameters,
    )


def _some(missed: Sequence[str], of: int) -> str:
    if missed and len(missed) == of:
        return "all"
    more = f" and {len(missed) - _MISSES_SHOWN} more" if len(missed) > _MISSES_SHOWN else ""
    return ", ".join(missed[:_MISSES_SHOWN]) + more


def _controls(courses: Sequence[Course]) -> str:
    lines = []
    for name in [reading.name for reading in courses[0].controls]:
        readings = [
            reading for course in courses for reading in course.controls if reading.name == name
        ]
        found = sum(reading.found for reading in readings)
        times = _milliseconds(reading.seconds for reading in readings)
        lines.append((name, f"{found}/{len(readings)}", times))
    return table(("control", "found (must be 0)", "read ms"), lines)


def _times(courses: Sequence[Course]) -> str:
    """Compare with a JPEG-95 round trip of the same picture, in CPU time of the same run."""

    def line(name: str, times: Callable[[Course], Sequence[Seconds]]) -> tuple[str, ...]:
        per_megapixel, ratios = [], []
        for course in courses:
            own = spread([seconds.cpu for seconds in times(course)]).median
            codec = spread([seconds.cpu for seconds in course.codec]).median
            per_megapixel.append(1e9 * own / (course.width * course.height))
            ratios.append(own / max(codec, 1e-9))
        return name, str(spread(per_megapixel)), str(spread(ratios))

    lines = [
        line("JPEG-95 encode + decode", lambda course: course.codec),
        line("embed", lambda course: course.embed),
        line("read, nothing there", lambda course: [course.controls[0].seconds]),
    ]
    names = [reading.name for reading in courses[0].attacks]
    if "none" in names:
        first = names.index("none")
        lines.insert(2, line("read, as marked", lambda course: [course.attacks[first].seconds]))
    return table(("CPU time", "ms per megapixel", "times the JPEG round trip"), lines)


def _of(courses: Sequence[Course], attack: str) -> list[Reading]:
    return [reading for course in courses for reading in course.attacks if reading.name == attack]


def _milliseconds(times: Iterable[Seconds]) -> str:
    return str(spread([1e3 * seconds.cpu for seconds in times]))
