"""Finding where a tile lies by what a key knows of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel import Key
from genlabel._payload import code_words
from genlabel.image._codeword import mark_secrets, word_chips
from genlabel.image._translation import best_tile, moved_tile, translation_energies
from genlabel_kernels.image.layout import layout
from genlabel_kernels.plane.layout import TILE
from genlabel_kernels.plane.tile import as_values

SECRETS = mark_secrets(Key("one", bytes(32)))
OTHER = mark_secrets(Key("other", bytes(31) + b"\1"))
LAYER = st.sampled_from(["fine", "coarse"])


def marked_tile(layer: str, amplitude: float, shift: np.ndarray, seed: int) -> np.ndarray:
    """Noise with a message's tile whose origin lies at `shift`."""
    rng = np.random.default_rng(seed)
    chips = word_chips(code_words(rng.bytes(8), SECRETS.payload)[seed % 256], SECRETS)
    fine = layout("fine").chips
    own = chips[:fine] if layer == "fine" else chips[fine:]
    noise = rng.normal(0, 1, len(own))
    return moved_tile(as_values((noise + amplitude * own).astype(np.float32)), layer, -shift)


@settings(max_examples=8, deadline=None)
@given(LAYER, st.integers(0, 511), st.integers(0, 511), st.integers(0, 2**20))
def test_a_tile_is_found_where_it_lies(layer: str, down: int, across: int, seed: int) -> None:
    shift = np.array([down, across]) / 2
    tile = best_tile(marked_tile(layer, 0.6, shift, seed), layer, SECRETS)
    assert np.abs((tile.shift - shift + TILE / 2) % TILE - TILE / 2).max() <= 0.5
    assert np.linalg.norm(tile.chips) == pytest.approx(1.0, rel=1e-4)
    assert tile.energy > 10


@settings(max_examples=4, deadline=None)
@given(LAYER, st.integers(0, 2**20))
def test_another_keys_tile_is_noise_at_every_translation(layer: str, seed: int) -> None:
    values = marked_tile(layer, 0.6, np.zeros(2), seed)
    energies = translation_energies(values, layer, OTHER)
    assert energies.shape == (TILE, TILE)
    assert abs(float(energies.mean())) < 0.3
    assert 0.7 < float(energies.std()) < 1.3
    assert energies.max() < 7.0


def test_a_tile_of_nothing_has_no_energy() -> None:
    nothing = np.zeros(len(layout("fine").bins), np.complex64)
    assert not translation_energies(nothing, "fine", SECRETS).any()
    assert np.isfinite(best_tile(nothing, "fine", SECRETS).energy)
