"""The polar code against its slow twin, and against what a code must do."""

from __future__ import annotations

import hashlib

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genlabel_kernels.code import list_decoder, polar
from tests.reference import polar as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=5 if PLAIN else 50)

#: Frozen-mask digests of the formats on the wire: a change here orphans every marked file.
WIRE_MASKS = {96: "f490c1b705ce2ea1", 168: "e5dc7865a5a05847", 296: "5c581cb196335a17"}


@st.composite
def codes(draw: st.DrawFn, largest: int = 6) -> np.ndarray:
    """Draw a frozen mask of any shape, good or bad."""
    size = 1 << draw(st.integers(1, largest))
    mask = draw(hnp.arrays(np.uint8, size, elements=st.integers(0, 1)))
    mask[draw(st.integers(0, size - 1))] = 0
    return mask


def whole_llrs(size: int) -> st.SearchStrategy[np.ndarray]:
    """Draw soft bits whose sums are exact, so that twins may be asked for the very same list."""
    return hnp.arrays(np.float32, size, elements=st.integers(-40, 40).map(float))


def message(mask: np.ndarray, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, int((mask == 0).sum()), dtype=np.uint8)


@FEW
@given(codes(), st.data())
def test_encoder_equals_the_generator_matrix(mask: np.ndarray, data: st.DataObject) -> None:
    rows = data.draw(hnp.arrays(np.uint8, (3, int((mask == 0).sum())), elements=st.integers(0, 1)))
    words = polar.encode_batch(rows, mask)
    np.testing.assert_array_equal(words, twin.encode_batch(rows, mask))
    np.testing.assert_array_equal(words[1], polar.encode(rows[1], mask))
    np.testing.assert_array_equal(polar.encode(rows[0] ^ rows[2], mask), words[0] ^ words[2])


@FEW
@given(codes(5), st.integers(1, 9), st.data())
def test_decoder_equals_its_twin(mask: np.ndarray, paths: int, data: st.DataObject) -> None:
    llr = data.draw(whole_llrs(mask.size))
    candidates, metrics = polar.list_decode(llr, mask, paths)
    expected, penalties = twin.list_decode(llr, mask, paths)
    np.testing.assert_array_equal(candidates, expected)
    np.testing.assert_array_equal(metrics, penalties.astype(np.float32))


@pytest.mark.parametrize("paths", [1, 8])
def test_decoder_equals_its_twin_on_noise(paths: int) -> None:
    mask = polar.frozen_mask(64, 12)
    rng = np.random.default_rng(5)
    for _ in range(3):
        llr = rng.standard_normal(64).astype(np.float32)
        candidates, metrics = polar.list_decode(llr, mask, paths)
        expected, penalties = twin.list_decode(llr, mask, paths)
        np.testing.assert_array_equal(candidates, expected)
        np.testing.assert_allclose(metrics, penalties, rtol=1e-5)


@FEW
@given(codes(8), st.integers(1, 4), st.integers(0, 99))
def test_noiseless_word_is_first_at_no_penalty(mask: np.ndarray, paths: int, seed: int) -> None:
    sent = message(mask, seed)
    candidates, metrics = polar.list_decode(1 - 2.0 * polar.encode(sent, mask), mask, paths)
    np.testing.assert_array_equal(candidates[0], sent)
    assert metrics[0] == 0
    assert len(candidates) == min(paths, 2**sent.size)


@FEW
@given(codes(7), st.integers(1, 8), st.data())
def test_any_soft_bits_give_ranked_distinct_messages(
    mask: np.ndarray, paths: int, data: st.DataObject
) -> None:
    llr = data.draw(hnp.arrays(np.float32, mask.size, elements=st.floats(width=32)))
    candidates, metrics = polar.list_decode(llr, mask, paths)
    assert len({row.tobytes() for row in candidates}) == len(candidates) == len(metrics)
    assert np.isfinite(metrics).all()
    assert (np.diff(metrics) >= 0).all()
    assert candidates.max(initial=0) <= 1


@pytest.mark.parametrize("value", [0.0, 1e30, -1e30, 1e300, np.inf, -np.inf, np.nan, 1e-42])
def test_extreme_soft_bits_do_not_break_the_decoder(value: float) -> None:
    mask = polar.frozen_mask(64, 20)
    candidates, metrics = polar.list_decode(np.full(64, value), mask, 8)
    assert candidates.shape == (8, 20)
    assert np.isfinite(metrics).all()


def test_scale_of_soft_bits_does_not_matter() -> None:
    mask = polar.frozen_mask(128, 30)
    llr = np.random.default_rng(1).standard_normal(128).astype(np.float32)
    once, _ = polar.list_decode(llr, mask, 4)
    scaled, _ = polar.list_decode(llr * 1024, mask, 4)
    np.testing.assert_array_equal(once, scaled)


def test_layout_and_type_of_the_input_do_not_matter() -> None:
    mask = polar.frozen_mask(64, 10)
    llr = np.random.default_rng(2).integers(-9, 9, 128)[::2]
    read_only = llr.astype(np.float32)
    read_only.flags.writeable = False
    expected, _ = polar.list_decode(llr, mask, 4)
    for same in (read_only, llr.astype(np.float64), llr.tolist()):
        np.testing.assert_array_equal(polar.list_decode(same, mask.tolist(), 4)[0], expected)


@pytest.mark.parametrize("bits", [96, 168, 296])
def test_message_survives_noise_the_code_is_made_for(bits: int) -> None:
    mask = polar.frozen_mask(1024, bits)
    rng = np.random.default_rng(bits)
    trials = 1 if PLAIN else 40
    # 3 dB per message bit: far enough from the cliff for every single trial.
    noise = np.sqrt(1024 / (2 * bits * 10**0.3))
    for seed in range(trials):
        sent = message(mask, seed)
        soft = 1 - 2.0 * polar.encode(sent, mask) + noise * rng.standard_normal(1024)
        candidates, _ = polar.list_decode(soft, mask, 8)
        assert (candidates == sent).all(axis=1).any(), seed


@pytest.mark.skipif(PLAIN, reason="hundreds of decodings")
def test_longer_lists_lose_fewer_messages() -> None:
    mask = polar.frozen_mask(1024, 96)
    rng = np.random.default_rng(0)
    lost = dict.fromkeys((1, 8, 64), 0)
    for seed in range(100):
        sent = message(mask, seed)
        soft = 1 - 2.0 * polar.encode(sent, mask) + 2.5 * rng.standard_normal(1024)
        for paths in lost:
            candidates, _ = polar.list_decode(soft, mask, paths)
            lost[paths] += not (candidates == sent).all(axis=1).any()
    assert lost[64] < lost[8] < lost[1]


@pytest.mark.parametrize(("size", "bits"), [(2, 1), (64, 20), (256, 256), (1024, 96), (2048, 300)])
def test_mask_is_the_polarisation_weight_order(size: int, bits: int) -> None:
    np.testing.assert_array_equal(polar.frozen_mask(size, bits), twin.frozen_mask(size, bits))


@pytest.mark.parametrize("bits", [96, 168, 296])
def test_masks_on_the_wire_never_change(bits: int) -> None:
    packed = np.packbits(polar.frozen_mask(1024, bits)).tobytes()
    assert hashlib.sha256(packed).hexdigest()[:16] == WIRE_MASKS[bits]


def test_bad_shapes_are_refused() -> None:
    mask = polar.frozen_mask(64, 10)
    for bad in (np.ones(64), np.zeros(48), np.full(64, 2), np.zeros((8, 8)), np.zeros(4096)):
        with pytest.raises(ValueError, match="frozen mask|power of two"):
            polar.encode(np.zeros(10), bad)
    with pytest.raises(ValueError, match="expected"):
        polar.encode(np.zeros(11), mask)
    with pytest.raises(ValueError, match="soft bits"):
        polar.list_decode(np.zeros(63), mask, 8)
    for paths in (0, polar.MAX_LIST + 1):
        with pytest.raises(ValueError, match="paths"):
            polar.list_decode(np.zeros(64), mask, paths)
    for size, bits in ((64, 0), (64, 65), (48, 10), (1 << 40, 10)):
        with pytest.raises(ValueError, match=r"do not fit|power of two"):
            polar.frozen_mask(size, bits)


@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
def test_each_kernel_has_one_specialisation() -> None:
    mask = polar.frozen_mask(64, 10)
    for llr in (np.zeros(64), np.zeros(64, np.float32), np.zeros(128, np.int16)[::2]):
        polar.list_decode(llr, mask, 4)
    assert len(list_decoder.decode_paths.signatures) == 1
    for name, value in vars(list_decoder).items():
        # None where the caller came out of the compile cache, its callees within.
        if hasattr(value, "signatures"):
            assert len(value.signatures) <= 1, name
