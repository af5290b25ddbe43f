"""The benchmark of visible labels: every language, height and plate, and tables that add up."""

from __future__ import annotations

import itertools
from collections import Counter

from benchmarks.image.visible import EDITS, Figures, _is_there, _labels, report
from genlabel._wording import notices
from genlabel.visible import Drawn, FoundLabel
from genlabel.visible._label import PLATES


def test_labels_come_in_every_way() -> None:
    labels = list(itertools.islice(_labels(), 3 * 11 * 5 * len(notices())))
    assert {label.language for label in labels} == set(notices())
    assert {label.plate for label in labels} == set(PLATES)
    assert len({(label.language, label.height, label.plate) for label in labels}) > 200


def test_only_what_is_where_it_was_drawn_is_a_hit() -> None:
    drawn = Drawn("AI生成", None, "bottom-right", (300, 200, 100, 40), 26, 5.5)
    near, far = (
        FoundLabel("AI生成", (156, 105, 40, 12), 0.9),
        FoundLabel("AI生成", (0, 0, 40, 12), 1),
    )
    assert _is_there((far, near), drawn, 0.5) and not _is_there((far,), drawn, 0.5)
    assert not _is_there((), drawn, 1.0)


def test_the_report_adds_up() -> None:
    tries = Counter({(plate, name): 4 for plate in PLATES for name in EDITS})
    hits = Counter({(plate, name): 3 for plate in PLATES for name in EDITS})
    text = report(Figures(tries, hits, Counter(whole=2), ("a.png: AI生成 (0.8)",), (10.0, 30.0)))
    assert text.count("3 of 4") == len(PLATES) * len(EDITS)
    assert "whole 2; 1 alarms" in text
    assert "20 ms (median), at most 30 ms" in text
