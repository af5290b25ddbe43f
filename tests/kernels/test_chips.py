"""Keyed chips against their slow twin, and the values that are on the wire."""

from __future__ import annotations

import hashlib

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genlabel_kernels import chips
from tests.reference import audio as audio_twin
from tests.reference import chips as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=10 if PLAIN else 60)

SIGNS = [-1, 1, 1, -1, 1, -1, -1, -1, 1, 1, -1, -1]
PERMUTATION = [5, 10, 4, 11, 0, 9, 3, 2, 8, 6, 7, 1]
DIGEST = "8e3fd7a88a387122a9350cd5b51a232268d0cd225886935dc61cfab84c9cd1a7"

SEEDS = st.binary(max_size=40)


@st.composite
def folds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Draw values, sign rows, a map of chips to bits, and the number of bits."""
    chip_count = draw(st.integers(0, 200))
    bits = draw(st.integers(1, 40))
    values = draw(hnp.arrays(np.float32, chip_count, elements=st.floats(-1e3, 1e3, width=32)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = rng.choice(np.array([-1, 1], np.int8), (draw(st.integers(0, 4)), chip_count))
    return values, rows, rng.integers(0, bits, chip_count), bits


@FEW
@given(SEEDS, st.integers(0, 300))
def test_drawn_material_equals_its_twin(seed: bytes, n: int) -> None:
    np.testing.assert_array_equal(chips.signs(seed, n), twin.signs(seed, n))
    np.testing.assert_array_equal(chips.permutation(seed, n), twin.permutation(seed, n))
    assert chips.signs(seed, n).dtype == np.int8
    assert chips.permutation(seed, n).dtype == np.int32


def test_drawn_material_never_changes() -> None:
    """A change here orphans every marked file."""
    seed = bytes(range(32))
    assert chips.signs(seed, 12).tolist() == SIGNS
    assert chips.permutation(seed, 12).tolist() == PERMUTATION
    digest = hashlib.sha256(chips.signs(seed, 20_000).tobytes())
    digest.update(chips.permutation(seed, 20_000).astype("<i4").tobytes())
    assert digest.hexdigest() == DIGEST


def test_drawn_material_is_even_and_differs_by_seed() -> None:
    first, second = (chips.signs(seed, 10_000).astype(int) for seed in (b"a", b"b"))
    # Six standard deviations of a sum of 10,000 signs.
    assert abs(first.sum()) < 600
    assert abs((first * second).sum()) < 600
    order = chips.permutation(b"a", 10_000)
    np.testing.assert_array_equal(np.sort(order), np.arange(10_000))
    assert abs(np.corrcoef(order, np.arange(10_000))[0, 1]) < 0.06


def test_shorter_draw_of_signs_begins_a_longer_one() -> None:
    np.testing.assert_array_equal(chips.signs(b"s", 77), chips.signs(b"s", 1000)[:77])


def test_permutation_has_a_largest_length() -> None:
    with pytest.raises(ValueError, match="at most 1048576"):
        chips.permutation(b"", (1 << 20) + 1)


@FEW
@given(folds())
def test_folding_equals_its_twin(case: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> None:
    values, rows, bit_of_chip, bits = case
    for row in rows:
        sums = chips.fold_chips(values, row, bit_of_chip, bits)
        reference = twin.fold_chips(values, row, bit_of_chip, bits)
        np.testing.assert_allclose(sums, reference, rtol=1e-4, atol=1e-2)


@FEW
@given(folds(), SEEDS)
def test_spreading_equals_its_twin_and_is_the_adjoint_of_folding(
    case: tuple[np.ndarray, np.ndarray, np.ndarray, int], seed: bytes
) -> None:
    values, _, bit_of_chip, bits = case
    code = chips.signs(seed, bits)
    chip_signs = chips.signs(b"chips" + seed, len(values))
    laid = chips.spread(code, chip_signs, bit_of_chip)
    np.testing.assert_array_equal(laid, twin.spread(code, chip_signs, bit_of_chip))
    folded = chips.fold_chips(values, chip_signs, bit_of_chip, bits)
    scale = 1 + np.abs(values).sum()
    assert abs(laid @ values - folded @ code.astype(np.float32)) <= 1e-4 * scale


@FEW
@given(st.integers(1, 60), st.integers(1, 9), SEEDS)
def test_dealt_order_holds_each_chip_once_and_its_own_bit(n: int, bits: int, seed: bytes) -> None:
    bit_of_chip = chips.permutation(seed, n) % bits
    table = chips.dealt_order(bit_of_chip, bits)
    np.testing.assert_array_equal(table, twin.dealt_order(bit_of_chip, bits))
    there = table < n
    np.testing.assert_array_equal(np.sort(table[there]), np.arange(n))
    np.testing.assert_array_equal(bit_of_chip[table[there]], np.nonzero(there)[1])


@FEW
@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**32))
def test_joint_energies_equal_their_twin(keys: int, shifts: int, rounds: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    fine = rng.standard_normal((rounds, 32)).astype(np.float32)
    coarse = rng.standard_normal((shifts, 2, 32)).astype(np.float32)
    rows = rng.integers(-1, 2, (keys, rounds + 2, 32)).astype(np.int8)
    out = np.empty((keys, shifts, 3), np.float32)
    chips.joint_energies(fine, coarse, rows, out)
    np.testing.assert_allclose(out, twin.joint_energies(fine, coarse, rows), rtol=1e-3, atol=1e-3)


def test_own_key_has_the_most_energy() -> None:
    rows = np.stack([chips.signs(bytes([key]), 4096) for key in range(20)]).reshape(20, 16, 256)
    noise = np.random.default_rng(0).standard_normal((16, 256))
    marked = (chips.signs(b"word", 256) * rows[7] * 0.6 + noise).astype(np.float32)
    out = np.empty((20, 1, 3), np.float32)
    chips.joint_energies(marked[:8], marked[None, 8:], rows, out)
    assert out.sum(axis=2).argmax() == 7
    assert out[:, 0, 0].argmax() == 7


def test_shapes_and_bits_out_of_range_are_refused() -> None:
    values, ones, bits = np.zeros(4), np.ones(4), np.zeros(4, int)
    for bad in ((values[:3], ones, bits), (values, ones[:3], bits), (values, ones, bits[:3])):
        with pytest.raises(ValueError, match="shapes differ"):
            chips.fold_chips(*bad, 1)
    for bit in (-1, 5):
        with pytest.raises(ValueError, match="outside"):
            chips.fold_chips(values, ones, np.full(4, bit), 5)


@FEW
@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 4))
def test_signed_sums_equal_their_twin(seed: int, keys: int, rounds: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, (rounds, 32)).astype(np.float32)
    rows = rng.integers(-1, 2, (keys, rounds, 32)).astype(np.int8)
    out, expected = np.empty((keys, 32), np.float32), np.empty((keys, 32))
    chips.signed_sums(values, rows, out)
    audio_twin.signed_sums(values, rows, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)
