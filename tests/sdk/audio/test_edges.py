"""Edges of a marked stretch: found by what each row says, and honest where none says anything."""

from __future__ import annotations

import numpy as np

from genlabel.audio._edges import first_row, last_row
from genlabel_kernels.audio.layout import BANDS, FRAMES

AMPLITUDE, PHASE = 0.6, 5
SIGNS = np.random.default_rng(1).choice([-1.0, 1.0], (FRAMES, BANDS)).astype(np.float32)


def marked(start: int, stop: int, rows: int = 1600) -> np.ndarray:
    """A map of noise, of which some rows carry the word."""
    values = np.random.default_rng(2).normal(0, 1, (rows, BANDS)).astype(np.float32)
    frames = (np.arange(rows) - PHASE) // 8 % FRAMES
    values[start:stop] += AMPLITUDE * SIGNS[frames[start:stop]]
    return values


def test_an_edge_is_found_from_a_guess_a_second_away() -> None:
    values = marked(500, 1100)
    assert abs(first_row(values, SIGNS, PHASE, 800, AMPLITUDE) - 500) <= 16
    assert abs(last_row(values, SIGNS, PHASE, 900, AMPLITUDE) - 1100) <= 16


def test_in_a_pause_an_edge_lies_in_the_middle() -> None:
    values = marked(500, 1100)
    # So quiet that no row says anything.
    values[400:500] *= 1e-3
    assert abs(first_row(values, SIGNS, PHASE, 520, AMPLITUDE) - 450) <= 16


def test_a_pause_at_the_beginning_and_the_end_belongs_to_the_stretch() -> None:
    values = marked(0, 1600)
    values[:200] *= 1e-3
    values[1400:] *= 1e-3
    assert first_row(values, SIGNS, PHASE, 180, AMPLITUDE) == 0
    assert last_row(values, SIGNS, PHASE, 1420, AMPLITUDE) == 1600


def test_a_stretch_ends_where_another_was_taken_out() -> None:
    values = marked(0, 1600)
    values[1000:] = 0
    assert abs(last_row(values, SIGNS, PHASE, 1010, AMPLITUDE) - 1000) <= 8
