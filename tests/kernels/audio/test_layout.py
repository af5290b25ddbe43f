"""The layout: what every detector relies on."""

from __future__ import annotations

import numpy as np

from genlabel_kernels.audio.layout import BANDS, CODE_BITS, FRAMES, layout, pilot_map


def test_every_tile_is_a_pilot_or_a_chip() -> None:
    plan = layout()
    used = np.sort(np.concatenate([plan.pilots, plan.chips]))
    np.testing.assert_array_equal(used, np.arange(FRAMES * BANDS))


def test_every_band_has_as_many_pilots() -> None:
    counts = np.bincount(layout().pilots % BANDS, minlength=BANDS)
    assert counts.min() == counts.max()


def test_every_code_bit_has_its_share_of_chips_and_of_the_band() -> None:
    plan = layout()
    counts = np.bincount(plan.bit_of_chip, minlength=CODE_BITS)
    assert counts.max() - counts.min() <= 1
    middle = np.bincount(plan.bit_of_chip, plan.chips % BANDS, CODE_BITS) / counts
    assert middle.min() > 0.3 * BANDS and middle.max() < 0.7 * BANDS


def test_the_pilot_map_holds_the_pilots_signs() -> None:
    plan = layout()
    flat = pilot_map().reshape(-1)
    np.testing.assert_array_equal(flat[plan.pilots], plan.pilot_signs)
    assert not flat[plan.chips].any()
