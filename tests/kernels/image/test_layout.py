"""The layout against its slow twin, and what every detector relies on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_kernels.image import layout as fast
from genlabel_kernels.plane.layout import CODE_BITS, frame_size
from tests.reference import layout as twin

LAYERS = pytest.mark.parametrize("layer", fast.LAYERS)
SIDES = st.integers(1, 20_000)


@LAYERS
def test_layout_equals_its_twin(layer: str) -> None:
    plan = fast.layout(layer)
    # Which radii is for the golden picture to hold; here is how a layout follows from them.
    ring = twin.half_ring(*fast._RADII[layer])
    tones = twin.tones(ring, layer)
    assert plan.layer == layer
    assert plan.tones.tolist() == [list(tone) for tone in tones]
    bins, binding = twin.bins(ring, tones, layer)
    assert plan.bins.tolist() == [list(bin) for bin in bins]
    assert plan.binding.tolist() == [list(bin) for bin in binding]
    np.testing.assert_array_equal(plan.bit_of_chip, twin.bit_of_chip(len(plan.bins)))
    np.testing.assert_allclose(plan.phases, twin.phases(layer), atol=1e-6)


@LAYERS
def test_no_bin_is_used_twice_nor_together_with_its_opposite(layer: str) -> None:
    plan = fast.layout(layer)
    parts = (plan.bins, plan.binding, plan.tones)
    used = [tuple(bin) for part in parts for bin in part.tolist()]
    opposite = [(-v, -h) for v, h in used]
    assert len({*used, *opposite}) == 2 * len(used)


@LAYERS
def test_every_code_bit_has_chips_at_every_radius(layer: str) -> None:
    plan = fast.layout(layer)
    count = np.bincount(plan.bit_of_chip, minlength=CODE_BITS)
    assert count.max() - count.min() <= 1
    radius = np.tile(np.hypot(*plan.bins.T), 2)
    dealt = np.bincount(plan.bit_of_chip, radius) / count
    shuffled = np.random.default_rng(0).permutation(plan.bit_of_chip)
    drawn = np.bincount(shuffled, radius) / np.bincount(shuffled)
    assert dealt.std() < 0.5 * drawn.std()


def test_binding_takes_its_share_at_every_radius_and_leaves_every_code_bit_as_much() -> None:
    plan = fast.layout("coarse")
    assert len(plan.binding) == fast.BINDING["coarse"] == 268
    assert plan.binding.shape[1] == 2
    assert plan.chips % CODE_BITS == 0
    taken, left = (np.hypot(*part.T) for part in (plan.binding, plan.bins))
    for quantile in (0.1, 0.3, 0.5, 0.7, 0.9):
        assert abs(np.quantile(taken, quantile) - np.quantile(left, quantile)) < 0.5
    assert fast.layout("fine").binding.shape == (0, 2)


@LAYERS
def test_types_are_those_the_kernels_take(layer: str) -> None:
    plan = fast.layout(layer)
    assert {part.dtype for part in (plan.bins, plan.binding, plan.tones)} == {np.dtype(np.int32)}
    assert (plan.bit_of_chip.dtype, plan.phases.dtype) == (np.int32, np.complex64)
    assert plan.chips == len(plan.bit_of_chip) == 2 * len(plan.bins)


@LAYERS
def test_tones_stand_apart(layer: str) -> None:
    plan = fast.layout(layer)
    assert len(plan.tones) == len(plan.phases) == fast.TONES[layer]
    np.testing.assert_allclose(abs(plan.phases), 1, rtol=1e-6)
    apart = plan.tones[:, None].astype(float) - plan.tones[None]
    distance = np.hypot(apart[..., 0], apart[..., 1])
    assert distance[~np.eye(len(plan.tones), dtype=bool)].min() >= 9


def test_layers_hardly_share_a_tone() -> None:
    """One layer's tones must not be taken for the other's."""
    fine, coarse = ({*map(tuple, fast.layout(layer).tones.tolist())} for layer in fast.LAYERS)
    assert len(fine & coarse) <= 2


@given(SIDES, SIDES, st.sampled_from([*fast.FINE_FRAMES, fast.COARSE_FRAME]))
def test_frame_keeps_the_aspect_and_has_its_long_side(
    height: int, width: int, long_side: int
) -> None:
    rows, columns = frame_size(height, width, long_side)
    assert (rows, columns) == twin.frame_size(height, width, long_side)
    assert max(rows, columns) == long_side
    assert abs(min(rows, columns) - min(height, width) / max(height, width) * long_side) <= 1


@given(SIDES, SIDES)
def test_fine_frame_is_the_nearest(height: int, width: int) -> None:
    assert fast.fine_frame(height, width) == twin.fine_frame(height, width)
    assert fast.fine_frame(height, width) == fast.fine_frame(width, height)


@pytest.mark.parametrize("frame", fast.FINE_FRAMES)
def test_picture_of_a_frame_s_own_size_is_not_resampled(frame: int) -> None:
    assert fast.fine_frame(frame, frame // 2) == frame
    assert frame_size(frame, 300, frame) == (frame, 300)
