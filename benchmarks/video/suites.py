"""Suites: which attacks a table shows, in rows with the share of exact payloads they must reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.video.attacks import Attack, attack


@dataclass(frozen=True, slots=True)
class Row:
    """Attacks that are judged together.

    Parameters
    ----------
    title : str
        As printed.
    target : float or None
        Share of exact payloads to reach over the whole row, 0 to 1.
    seconds : float
        Of each clip; shorter ones are played forth and back.
    attacks : tuple of Attack
        In order of printing.
    """

    title: str
    target: float | None
    seconds: float
    attacks: tuple[Attack, ...]


def _row(title: str, target: float | None, seconds: float, names: Iterable[str]) -> Row:
    return Row(title, target, seconds, tuple(attack(name) for name in names))


_GEOMETRY = (
    "turn-90", "turn-180", "mirror", "rotate-10", "rotate--10", "resize-0.5", "resize-0.75",
    "resize-1.5", "resize-2", "crop-0.71", "crop-0.55", "letterbox", "pip-0.6",
)  # fmt: skip
_TIME = (
    "drop-0.5", "fps-24", "fps-15", "blend-24", "speed-0.5", "speed-2", "reverse", "cut-2",
    "reorder",
)  # fmt: skip

TABLE = (
    _row(
        "1a codecs, 3 s",
        0.95,
        3.0,
        ["x264-23", "x264-30", "x265-28", "svtav1-40", "vp9-36"],
    ),
    _row("1b x264 at CRF 40, 10 s", 0.8, 10.0, ["x264-40"]),
    _row("2 geometry, 5 s", 0.95, 5.0, [f"{name}+x264-28" for name in _GEOMETRY]),
    _row("3a darker, cropped, 5 s", 0.9, 5.0, ["brightness-0.5+crop-0.71+x264-30"]),
    _row("3b darker, cropped, 10 s", 0.9, 10.0, ["brightness-0.5+crop-0.71+x264-40"]),
    _row(
        "4 time, social media, screen, 5 s",
        0.95,
        5.0,
        [
            *(f"{name}+x264-28" for name in _TIME),
            "long-side-480+x264-kbits-1000",
            "screen+x264-28",
        ],
    ),
)

#: How long it takes at which compression.
LENGTHS = tuple(
    _row(f"{seconds:g} s", None, seconds, [f"x264-{crf}" for crf in (23, 30, 35, 40)])
    for seconds in (1.0, 2.0, 3.0, 5.0, 10.0)
)

SUITES = {"table": TABLE, "lengths": LENGTHS}
