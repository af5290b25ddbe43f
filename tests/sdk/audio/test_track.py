"""Following superframes through a map."""

from __future__ import annotations

import numpy as np

from genlabel.audio import _track
from genlabel_kernels.audio.layout import BANDS, FRAMES, layout, pilot_map

BLOCK, PHASE = 44, 500
SHARE = len(layout().pilots) / (BANDS * FRAMES)


def test_a_faint_island_is_the_likeliest_stretch() -> None:
    rows, start, stop = 12_000, 4004, 5720
    rng = np.random.default_rng(3)
    values = rng.normal(0, 1, (rows, BANDS)).astype(np.float32)
    frames = (np.arange(start, stop) - PHASE) // 8 % FRAMES
    values[start:stop] += 0.15 * pilot_map()[frames]
    scores = _track.phase_scores(values, pilot_map(), BLOCK)
    first, second = _track.likely_stretches(values, scores, SHARE, 0.15, 2)
    marked = np.flatnonzero(first >= 0)
    assert (np.diff(marked) == 1).all()
    # Here a frame's rows are all alike.
    assert 0 <= int(first[marked[0]]) - PHASE < 8
    assert abs(marked[0] - start // BLOCK) < 10 and abs(marked[-1] - stop // BLOCK) < 10
    # The next one is of a phase of its own.
    assert abs(int(second.max()) - int(first.max())) >= 8


def test_where_nothing_speaks_for_a_mark_there_is_no_stretch() -> None:
    values = np.ones((900, BANDS), np.float32)
    scores = np.zeros((21, 864), np.float32)
    assert _track.likely_stretches(values, scores, SHARE, 0.15, 2) == []
