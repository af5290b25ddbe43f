"""What pictures say together."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel.video._film import Moment
from genlabel.video._pictures import Picture, chips_of, coherence_of, grouped, together
from genlabel_kernels.plane.tile import as_chips
from genlabel_kernels.video.layout import layout

CHIPS = layout().chips
TONES = 2 * len(layout().tones)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def said(rng: np.random.Generator, tones: float, scale: float = 1.0) -> np.ndarray:
    """Noise, with public tones of an amplitude."""
    mark = np.concatenate([np.zeros(CHIPS), as_chips(layout().phases)])
    noise = rng.normal(0.0, np.sqrt(0.5), CHIPS + TONES)
    return np.asarray(scale * (noise + tones * mark), np.float32)


def test_keyframes_and_others_are_summed_up_apart(rng: np.random.Generator) -> None:
    keys = [True, False, False, True, False]
    plane = np.zeros((2, 2), np.float32)
    pictures = [Picture(Moment(0.0, 1.0, plane, (2, 2), key)) for key in keys]
    values = rng.normal(size=(5, 3, 7)).astype(np.float32)
    groups = grouped(values, pictures)
    np.testing.assert_allclose(groups[0], values[0] + values[3], rtol=1e-5)
    np.testing.assert_allclose(groups[1], values[1] + values[2] + values[4], rtol=1e-5, atol=1e-6)
    assert not grouped(values[:1], pictures[:1])[1].any()


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_a_group_counts_as_its_tones_are_heard_whatever_its_size(
    rng: np.random.Generator, scale: float
) -> None:
    strong, weak = said(rng, 0.9), said(rng, 0.2, scale)
    total = chips_of(together(np.stack([strong, weak])))
    shares = [np.corrcoef(total, chips_of(one))[0, 1] for one in (strong, weak)]
    expected = (coherence_of(strong) + 1.5) / (coherence_of(weak) + 1.5)
    assert shares[0] / shares[1] == pytest.approx(expected, rel=0.1)
    assert expected > 2.0


def test_a_group_of_nothing_changes_nothing(rng: np.random.Generator) -> None:
    one = said(rng, 0.5)
    total = together(np.stack([one, np.zeros_like(one)]))
    np.testing.assert_allclose(total / np.linalg.norm(total), one / np.linalg.norm(one), rtol=1e-5)
    assert not together(np.zeros((2, CHIPS + TONES), np.float32)).any()
