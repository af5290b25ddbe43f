"""The layout of the video mark, and what every detector relies on."""

from __future__ import annotations

import numpy as np

from genlabel_kernels.plane.layout import CODE_BITS
from genlabel_kernels.video.layout import FRAME, layout


def test_the_band_survives_codecs_and_leaves_the_code_room() -> None:
    plan = layout()
    radii = np.hypot(*plan.bins.T) / 256
    # Cycles per picture: below, pictures have most of their own; above, codecs quantise away.
    assert FRAME * radii.min() > 16
    assert FRAME * radii.max() < 67
    assert plan.chips > 5 * CODE_BITS


def test_no_bin_is_used_twice_nor_together_with_its_opposite() -> None:
    plan = layout()
    used = [tuple(bin) for part in (plan.bins, plan.tones) for bin in part.tolist()]
    opposite = [(-v, -h) for v, h in used]
    assert len({*used, *opposite}) == 2 * len(used)


def test_every_code_bit_has_as_many_chips_and_tones_keep_their_distance() -> None:
    plan = layout()
    count = np.bincount(plan.bit_of_chip, minlength=CODE_BITS)
    assert count.max() - count.min() <= 1
    apart = np.hypot(*(plan.tones[:, None] - plan.tones[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(apart), dtype=bool)].min() >= 6
