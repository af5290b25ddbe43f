"""Courses of many clips as a JSON record and as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.audio.measure import Course, Reading
from benchmarks.audio.suites import Row
from benchmarks.environment import one_line
from benchmarks.results import listed, page, table
from benchmarks.spread import Seconds, spread
from benchmarks.targets import below, false_verdicts, share, told

SCHEMA = "genlabel.bench.audio-robustness/1"

#: Kind -> the least PEAQ grade and PESQ score of any clip; None where it is not asked for.
QUALITY_TARGETS: dict[str, tuple[float | None, float | None]] = {
    "speech": (-0.3, 4.5),
    "synthetic": (None, 4.4),
    "music": (-0.3, None),
}

#: What rounding to 24 bits makes nothing of is no sound.
_HEARD_IN_SILENCE = 2**-24

_MISSES_SHOWN = 4

_LEGEND = (
    "Exact: every bit of the payload. log10 p: median. n/a: undefined there, or PESQ is not "
    "installed. Times: CPU, all threads, median (middle half); x: seconds of sound a second."
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
                "kinds": list(row.kinds),
                "draws": row.draws,
                "payload_bytes": row.payload_bytes,
                "attacks": [
                    {"name": attack.name, "family": attack.family, "parameters": attack.parameters}
                    for attack in row.attacks
                ],
            }
            for row in rows
        ],
        "clips": [asdict(course) for course in courses],
        "failures": failures(rows, courses),
    }


def failures(rows: Sequence[Row], courses: Sequence[Course], *, graded: bool = True) -> list[str]:
    """Say what is below its target, and every false verdict; empty where all is well."""
    marked = [course for course in courses if course.refused is None]
    problems: list[str] = []
    for row in rows:
        readings = [reading for course in marked for reading in of_row(course, row)]
        exact = sum(reading.exact for reading in readings)
        problems += below(row.title, exact, len(readings), row.target)
    for course in marked:
        problems += _too_loud(course) if graded else []
        problems += false_verdicts(course.clip, course.attacks, course.controls)
    return problems


def of_row(course: Course, row: Row, attack: str | None = None) -> list[Reading]:
    """Give the readings of a clip that count for a row, or for one of its attacks."""
    if course.kind not in row.kinds:
        return []
    names = [one.name for one in row.attacks] if attack is None else [attack]
    return [
        reading
        for reading in course.attacks
        if reading.name in names
        and reading.draw < row.draws
        and reading.payload_bytes == row.payload_bytes
    ]


def markdown(
    title: str, environment: dict[str, Any], rows: Sequence[Row], courses: Sequence[Course]
) -> str:
    """Give the tables a reader needs: quality, attacks, controls, times, failures."""
    marked = [course for course in courses if course.refused is None]
    refused = [course for course in courses if course.refused is not None]
    parts = [f"## {title}", one_line(environment), _LEGEND]
    parts += [f"Refused: {course.clip}: {course.refused}" for course in refused]
    if marked:
        parts += [_quality(marked), _attacks(rows, marked), _controls(marked), _times(marked)]
    problems = failures(rows, courses)
    parts.append(listed(problems))
    return page(*parts)


def _too_loud(course: Course) -> list[str]:
    least_odg, least_pesq = QUALITY_TARGETS.get(course.kind, (None, None))
    problems = []
    if least_odg is not None and course.odg is not None and course.odg < least_odg:
        problems.append(f"quality: {course.clip}: ODG {course.odg:.2f}, target {least_odg}")
    if least_pesq is not None and course.pesq is not None and course.pesq < least_pesq:
        problems.append(f"quality: {course.clip}: PESQ {course.pesq:.2f}, target {least_pesq}")
    if course.added_in_silence > _HEARD_IN_SILENCE:
        problems.append(f"quality: {course.clip}: {course.added_in_silence:.1e} in silence")
    return problems


def _quality(courses: Sequence[Course]) -> str:
    heads = ("clip", "kind", "s", "Hz x channels", "SNR dB", "SI-SNR dB", "PEAQ ODG", "PESQ-WB")
    lines = [
        (
            course.clip,
            course.kind,
            f"{course.duration:.1f}",
            f"{course.rate} x {course.channels}",
            f"{course.snr:.1f}",
            f"{course.si_snr:.1f}",
            _graded(course.odg),
            _graded(course.pesq),
        )
        for course in courses
    ]
    for kind in dict.fromkeys(course.kind for course in courses):
        chosen = [course for course in courses if course.kind == kind]
        lines.append(
            (
                f"**worst of {len(chosen)}**",
                kind,
                "",
                "",
                f"{min(course.snr for course in chosen):.1f}",
                f"{min(course.si_snr for course in chosen):.1f}",
                _worst(course.odg for course in chosen),
                _worst(course.pesq for course in chosen),
            )
        )
    return table(heads, lines)


def _worst(values: Iterable[float | None]) -> str:
    return _graded(min((value for value in values if value is not None), default=None))


def _graded(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


def _attacks(rows: Sequence[Row], courses: Sequence[Course]) -> str:
    lines: list[tuple[str, ...]] = []
    for row in rows:
        readings = [reading for course in courses for reading in of_row(course, row)]
        if not readings:
            continue
        exact = sum(reading.exact for reading in readings)
        reached = share(exact, len(readings))
        lines.append((f"**{row.title}**", reached, "", "", "", "", told(row.target)))
        for attack in row.attacks:
            lines += _attack_line(attack.name, attack.parameters, row, courses)
    heads = ("attack", "exact", "found", "log10 p", "read", "missed", "parameters")
    return table(heads, lines)


def _attack_line(
    name: str, parameters: str, row: Row, courses: Sequence[Course]
) -> list[tuple[str, ...]]:
    by_clip = {course.clip: of_row(course, row, name) for course in courses}
    readings = [reading for some in by_clip.values() for reading in some]
    if not readings:
        return []
    missed = {
        clip: sum(not reading.exact for reading in some) for clip, some in by_clip.items() if some
    }
    tested = sum(bool(some) for some in by_clip.values())
    return [
        (
            f"`{name}`",
            f"{sum(reading.exact for reading in readings)}/{len(readings)}",
            str(sum(reading.found for reading in readings)),
            f"{spread([reading.log10_p for reading in readings]).median:.1f}",
            _realtime(readings),
            _some([(clip, count) for clip, count in missed.items() if count], tested, row.draws),
            parameters,
        )
    ]


def _some(missed: Sequence[tuple[str, int]], of: int, draws: int) -> str:
    if len(missed) == of > 1 and all(count == draws for _, count in missed):
        return "all"
    named = [clip if draws == 1 else f"{clip} x{count}" for clip, count in missed]
    more = f" and {len(missed) - _MISSES_SHOWN} more" if len(missed) > _MISSES_SHOWN else ""
    return ", ".join(named[:_MISSES_SHOWN]) + more


def _controls(courses: Sequence[Course]) -> str:
    lines = []
    for name in [reading.name for reading in courses[0].controls]:
        readings = [
            reading for course in courses for reading in course.controls if reading.name == name
        ]
        found = sum(reading.found for reading in readings)
        lines.append((name, f"{found}/{len(readings)}", _realtime(readings)))
    return table(("control", "found (must be 0)", "read"), lines)


def _times(courses: Sequence[Course]) -> str:
    """Compare with a FLAC round trip of the same clip, in CPU time of the same run."""

    def line(name: str, times: Callable[[Course], Sequence[Seconds]]) -> tuple[str, ...]:
        speeds, ratios = [], []
        for course in courses:
            own = spread([seconds.cpu for seconds in times(course)]).median
            codec = spread([seconds.cpu for seconds in course.codec]).median
            speeds.append(course.duration / max(own, 1e-9))
            ratios.append(own / max(codec, 1e-9))
        return name, f"{spread(speeds)}x", str(spread(ratios))

    return table(
        ("CPU time", "times realtime", "times the FLAC round trip"),
        [
            line("FLAC encode + decode", lambda course: course.codec),
            line("embed", lambda course: course.embed),
            line("read, nothing there", lambda course: [course.controls[0].seconds]),
        ],
    )


def _realtime(readings: Iterable[Reading]) -> str:
    return f"{spread([one.duration / max(one.seconds.cpu, 1e-9) for one in readings])}x"
