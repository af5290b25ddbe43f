"""How moments are measured, and how the risk of chance findings is shared out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import Key
from genlabel._plane import measure
from genlabel._plane.measure import read_layer
from genlabel.video._codeword import key_sums, mark_secrets
from genlabel.video._film import plane_moments
from genlabel.video._pictures import Picture, chips_of, coherence_of, measured_beside
from genlabel.video._placing import MOVES, Placed, moved, orientations, resized
from genlabel.video._reading import Risk, read_chips
from genlabel.video._residual import residual
from genlabel_kernels.plane.layout import frame_size
from genlabel_kernels.plane.tile import as_chips
from genlabel_kernels.video.layout import FRAME, layout
from tests.sdk.video.conftest import FPS
from tests.sdk.video.films import PAYLOAD


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 300))
def test_shares_of_the_risk_sum_to_one_at_most(heard: list[bool], keys: int) -> None:
    risk = Risk(keys)
    shares = [Fraction(keys, risk.trials(heard=one)) for one in heard]
    assert sum(shares, Fraction(0)) <= 1


def test_tones_are_heard_where_the_mark_lies_and_nowhere_else(
    room: np.ndarray, marked_room: np.ndarray
) -> None:
    for planes, way, low, high in (
        (marked_room, 0, 8.0, 60.0),
        (marked_room, 1, -3.0, 3.0),
        (room, 0, -3.0, 3.0),
    ):
        picture = Picture(next(plane_moments(iter(planes[:FPS]), FPS)))
        measured = picture.measured(orientations(*picture.shape)[way])
        assert low < coherence_of(measured) < high
        assert coherence_of(5 * measured) == pytest.approx(coherence_of(measured))


def test_a_measurement_of_nothing_is_no_finding(key: Key) -> None:
    picture = Picture(next(plane_moments(iter(np.full((5, 200, 300), 90, np.uint8)), 5)))
    measured = picture.measured(orientations(*picture.shape)[0])
    assert coherence_of(measured) == 0.0
    assert read_chips(measured, [mark_secrets(key)], Risk(1)) is None


def test_two_predictions_show_more_than_one(marked_room: np.ndarray, key: Key) -> None:
    frame = measure.resize(marked_room[0], *frame_size(*marked_room.shape[1:], FRAME))
    secrets = mark_secrets(key)
    energies = []
    for take in (measure.residual, residual):
        values = read_layer(take(frame), layout())
        sums = key_sums(as_chips(values.bins), [secrets])[0]
        energies.append(float(sums @ sums))
    assert energies[1] > energies[0]


def test_what_is_measured_decodes(marked_room: np.ndarray, key: Key) -> None:
    picture = Picture(next(plane_moments(iter(marked_room[:FPS]), FPS)))
    measured = picture.measured(orientations(*picture.shape)[0])
    assert len(chips_of(measured)) == layout().chips
    found = read_chips(measured, [mark_secrets(key)], Risk(1))
    assert found is not None
    assert found[0].payload == PAYLOAD


@given(st.floats(0.3, 1.5), st.floats(-3.2, 3.2), st.integers(100, 400), st.integers(100, 400))
def test_poses_beside_one_move_every_edge_by_a_pixel_or_so(
    scale: float, turn: float, height: int, width: int
) -> None:
    matrix = np.eye(3)
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    matrix[:2] = [[cosine, -sine, 40.0], [sine, cosine, -7.0]]
    for window in (None, (10, 20, height - 30, width - 4)):
        top, left, bottom, right = window or (0, 0, height, width)
        corners = np.array([[left, right] * 2, [top, top, bottom, bottom], [1] * 4], float)
        larger = list(resized(Placed(None, matrix, window), height, width))
        np.testing.assert_allclose(larger[1].matrix, matrix)
        placed = [moved(one, *step) for one in larger for step in MOVES]
        assert len({tuple(one.matrix.ravel()) for one in placed}) == 27
        assert all(one.window == window for one in placed)
        (still,) = (one for one in placed if (one.matrix == matrix).all())
        for one in placed:
            if one is not still:
                apart = ((one.matrix - matrix) @ corners)[:2]
                assert 0.4 < np.abs(apart).max() < 2.0


@pytest.mark.parametrize("window", [None, (40, 60, 300, 560)])
def test_what_lies_half_a_pixel_beside_says_what_it_would_there(
    marked_room: np.ndarray, window: tuple[int, int, int, int] | None
) -> None:
    picture = Picture(next(plane_moments(iter(marked_room[:FPS]), FPS)))
    scale = FRAME / max(picture.shape)
    there = Placed(None, np.diag([scale, scale, 1.0]), window)
    values = picture.measured(there)
    for x, y in ((0.5, 0.0), (0.0, -0.5), (-0.5, 0.5)):
        measured = picture.measured(moved(there, x, y))
        turned = measured_beside(values, x, y)
        assert np.corrcoef(turned, measured)[0, 1] > 0.95
        assert np.corrcoef(values, measured)[0, 1] < 0.92
        np.testing.assert_allclose(measured_beside(turned, -x, -y), values, atol=1e-4)
