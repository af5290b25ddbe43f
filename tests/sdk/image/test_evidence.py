"""Which readings are decoded: those in which a key's code bits agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel import Key
from genlabel._payload import code_words
from genlabel.image._codeword import mark_secrets, word_chips
from genlabel.image._evidence import Evidence, Risk, _energies, promising
from genlabel_kernels.image.layout import layout
from genlabel_kernels.plane.layout import CODE_BITS

KEYS = [mark_secrets(Key(f"provider {n}", n.to_bytes(32, "big"))) for n in range(12)]
FINE, COARSE = layout("fine").chips, layout("coarse").chips
RISK = Risk(1, (1, -1))
BOTH = ((1.0, 1.0), (0.25, 1.0), (1.0, 0.4))


def evidence(amplitude: float, owner: int, row: int, rows: int, seed: int) -> Evidence:
    """Give noise with a key's code word in the fine layer and at one shift of the coarse one."""
    rng = np.random.default_rng(seed)
    word = word_chips(code_words(bytes(8), KEYS[owner].payload)[seed % 256], KEYS[owner])
    fine = rng.normal(0, 1, FINE) + amplitude * word[:FINE]
    coarse = rng.normal(0, 1, (rows, COARSE))
    coarse[row] += amplitude * word[FINE:]
    return Evidence(fine.astype(np.float32), coarse.astype(np.float32), BOTH, np.eye(3), RISK)


def energy(sums: np.ndarray) -> float:
    return float((sums.astype(np.float64) ** 2).sum())


@settings(max_examples=10)
@given(st.integers(0, 11), st.integers(0, 5), st.integers(0, 2**20))
def test_the_right_key_at_the_right_shift_comes_first(owner: int, row: int, seed: int) -> None:
    marked = evidence(0.25, owner, row, 6, seed)
    readings = list(promising(marked, KEYS))
    assert readings[0].secrets is KEYS[owner]
    energies = [energy(reading.sums) for reading in readings]
    assert energies == sorted(energies, reverse=True)
    assert len(readings) <= 4
    assert readings[0].thorough
    # Chips at another shift are noise to the code word.
    alone = Evidence(marked.fine, marked.coarse[row][None], BOTH, np.eye(3), RISK)
    best = next(promising(alone, [KEYS[owner]]))
    np.testing.assert_allclose(best.sums, readings[0].sums, rtol=1e-4, atol=1e-6)


def test_energies_do_not_depend_on_how_many_are_screened_at_once() -> None:
    marked = evidence(0.25, 3, 1, 4, 7)
    alone = Evidence(marked.fine, marked.coarse[1:2], BOTH, np.eye(3), RISK)
    among = _energies(marked, KEYS)[:, 1]
    for key, energies in zip(KEYS, among, strict=True):
        np.testing.assert_allclose(_energies(alone, [key])[0, 0], energies, rtol=1e-3)


def test_sums_are_those_of_chips_of_unit_norm() -> None:
    """Whatever the weights: a code word alone sums to the square root of the chips' number."""
    word = code_words(bytes(8), KEYS[0].payload)[0]
    chips = word_chips(word, KEYS[0])
    for strength in (1e-3, 1.0, 1e3):
        fine, coarse = np.split(chips * np.float32(strength), [FINE])
        for weights, count in (
            ((1.0, 1.0), FINE + COARSE),
            ((1.0, 0.0), FINE),
            ((0.0, 1.0), COARSE),
        ):
            only = Evidence(fine, coarse[None], (weights,), np.eye(3), RISK)
            (reading,) = promising(only, [KEYS[0]])
            assert reading.sums.shape == (CODE_BITS,)
            assert float(reading.sums @ word) == pytest.approx(np.sqrt(count), rel=1e-3)


def test_noise_is_seldom_decoded_and_nothing_never() -> None:
    seen = sum(len(list(promising(evidence(0.0, 0, 0, 1, n), [KEYS[1]]))) for n in range(40))
    # Three weightings each; one in six exceeds a standard deviation.
    assert seen < 0.3 * 40 * 3
    nothing = Evidence(
        np.zeros(FINE, np.float32), np.zeros((2, COARSE), np.float32), BOTH, np.eye(3), RISK
    )
    assert not list(promising(nothing, KEYS))
