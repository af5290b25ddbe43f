"""What is done to the pictures of the comparison."""

from __future__ import annotations

from benchmarks.image.attacks import attack
from benchmarks.image.suites import Row


def _row(title: str, *names: str) -> Row:
    return Row(title, None, tuple(attack(name) for name in names))


SUITE = (
    _row("untouched", "none"),
    _row(
        "compression",
        *(f"jpeg-{quality}" for quality in (90, 75, 50, 30)),
        *("webp-75", "webp-50", "avif-60"),
    ),
    _row("resize", "resize-0.5", "resize-0.75", "resize-1.5"),
    _row("crop, random place", "crop-area-0.5", "crop-area-0.25", "crop-area-0.1"),
    _row(
        "rotation and mirror",
        *("rotate-1", "rotate-5", "rotate-15", "rotate-45", "turn-90", "mirror"),
    ),
    _row(
        "tone",
        *("brightness-0.7", "brightness-1.3", "contrast-0.7", "contrast-1.3"),
        *("gamma-0.8", "gamma-1.25", "saturation-0.5", "saturation-1.5", "gray", "hue-0.1"),
    ),
    _row("filters and noise", "blur-1", "blur-2", "noise-5", "noise-10", "median-3", "median-5"),
    _row("chain", "crop-area-0.5+resize-0.7+jpeg-60"),
)
