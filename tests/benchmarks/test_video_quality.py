"""What the benchmarks of film measure and sum up."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.video import codecs, curve, quality
from benchmarks.video.clips import Clip
from benchmarks.video.robustness import Reading
from genlabel._decoding import log10_bound


def test_quality_of_a_still_clip(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 1, (160, 192)).astype(np.float32)
    plane = np.clip(128 + 120 * cv2.GaussianBlur(noise, (0, 0), 2.0), 16, 235).astype(np.uint8)
    path = tmp_path / "a.mkv"
    path.write_bytes(codecs.encode(np.repeat(plane[None], 12, axis=0), Fraction(10), "x264", 10))
    found = quality.measured(Clip("a", path))
    assert found.frames == 12
    assert quality.LEAST_LEVEL - 0.2 <= found.worst <= found.level
    assert 40.0 < found.luma < 60.0
    assert 0.0 <= found.flicker < 0.3
    assert -0.5 < found.bits < 1.0
    assert found.cpu > 0.0
    assert found.needed > 0.0


def reading(log10_p: float | None) -> Reading:
    found = log10_p is not None
    return Reading("a", "5 s", "x264-30", 5.0, found, False, log10_p or 0.0, 1.0)


def test_correlations_are_those_of_the_bound() -> None:
    for correlation in (12.5, 20.0, 40.0):
        log10_p = log10_bound(correlation, 72, 3 * 4)
        assert curve.correlation(reading(log10_p)) == pytest.approx(correlation)
    assert curve.correlation(reading(None)) == 0.0


def test_cells_count_misses_as_what_is_below_the_least() -> None:
    found = reading(log10_bound(16.0, 72, 3 * 4))
    assert curve.cell([found, found, reading(None)]) == "2/3, T 16.0"
    assert curve.cell([found, reading(None), reading(None)]) == "1/3, T < 12"


def test_lines_leave_out_what_was_not_run() -> None:
    rows = curve.rows((5.0,), (30, 40))
    own = [
        Reading("a", row.title, one.name, 5.0, False, False, 0.0, 1.0)
        for row in rows
        for one in row.attacks
    ]
    (line,) = curve.lines(own, 2.0, rows, (30, 40))
    assert line[:2] == ("2", "5 s")
    cells = dict(zip(curve.CRFS, line[2:], strict=True))
    assert cells[30] == cells[40] == "0/1, T < 12"
    assert cells[23] == ""
