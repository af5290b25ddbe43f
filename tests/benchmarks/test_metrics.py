from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.image import metrics


def naive_psnr_hvs_m(first: np.ndarray, second: np.ndarray) -> float:
    """Follow the paper block by block and coefficient by coefficient."""
    total, count = 0.0, 0
    for top in range(0, first.shape[0] - 7, 8):
        for left in range(0, first.shape[1] - 7, 8):
            a = first[top : top + 8, left : left + 8].astype(float)
            b = second[top : top + 8, left : left + 8].astype(float)
            a_dct, b_dct = naive_dct(a), naive_dct(b)
            masking = max(naive_masking(a, a_dct), naive_masking(b, b_dct))
            for k in range(8):
                for m in range(8):
                    difference = abs(a_dct[k, m] - b_dct[k, m])
                    if (k, m) != (0, 0):
                        difference -= masking / metrics.MASK_WEIGHTS[k, m]
                    total += (max(difference, 0.0) * metrics.CSF_WEIGHTS[k, m]) ** 2
                    count += 1
    return 100.0 if total == 0 else min(100.0, 10 * math.log10(255**2 / (total / count)))


def naive_dct(block: np.ndarray) -> np.ndarray:
    out = np.zeros((8, 8))
    for k in range(8):
        for m in range(8):
            scale = (math.sqrt(0.5) if k == 0 else 1) * (math.sqrt(0.5) if m == 0 else 1) / 4
            for y in range(8):
                for x in range(8):
                    out[k, m] += (
                        scale
                        * block[y, x]
                        * math.cos((2 * y + 1) * k * math.pi / 16)
                        * math.cos((2 * x + 1) * m * math.pi / 16)
                    )
    return out


def naive_masking(block: np.ndarray, dct: np.ndarray) -> float:
    energy = sum(
        dct[k, m] ** 2 * metrics.MASK_WEIGHTS[k, m]
        for k in range(8)
        for m in range(8)
        if (k, m) != (0, 0)
    )
    whole = np.var(block, ddof=1) * 64
    if whole == 0:
        return 0.0
    quarters = (block[:4, :4], block[:4, 4:], block[4:, :4], block[4:, 4:])
    within = sum(np.var(quarter, ddof=1) * 16 for quarter in quarters)
    return math.sqrt(energy * within / whole) / 32


def noisy(pixels: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, pixels.shape)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def flat() -> np.ndarray:
    return np.full((128, 128, 3), 128, dtype=np.uint8)


@pytest.fixture(scope="module")
def texture() -> np.ndarray:
    gray = np.random.default_rng(1).normal(128, 30, (128, 128, 1)).repeat(3, axis=2)
    return np.clip(gray, 0, 255).astype(np.uint8)


def test_weights_match_the_published_figures():
    # Six digits as printed with the metric's reference implementation.
    assert metrics.CSF_WEIGHTS[0, :3] == pytest.approx([1.608443, 2.339554, 2.573509], abs=1e-6)
    assert metrics.CSF_WEIGHTS[7, 7] == pytest.approx(0.259950, abs=1e-6)
    assert metrics.MASK_WEIGHTS[0, :3] == pytest.approx([0.390625, 0.826446, 1.0], abs=1e-6)
    assert metrics.MASK_WEIGHTS[5, 6] == pytest.approx(0.007831, abs=1e-6)


@pytest.mark.parametrize("sigma", [1, 4, 15])
def test_follows_the_paper(sigma, texture):
    first = texture[:24, :40, 0] // 3 + 60
    first[:8, :8] = 90
    first[8:16, 10:] += 80
    second = noisy(first, sigma)
    assert metrics.psnr_hvs_m(first, second) == pytest.approx(naive_psnr_hvs_m(first, second))


def test_identical_pictures_have_the_highest_value(texture):
    assert metrics.psnr_hvs_m(texture, texture) == metrics.IDENTICAL_DB
    assert metrics.psnr(texture, texture) == metrics.IDENTICAL_DB
    assert metrics.ssim(texture, texture) == pytest.approx(1.0)


def test_more_noise_is_worse(flat, texture):
    for picture in (flat, texture):
        for measure in (metrics.psnr_hvs_m, metrics.psnr, metrics.ssim):
            values = [measure(picture, noisy(picture, sigma)) for sigma in (2, 4, 8, 16, 32)]
            assert values == sorted(values, reverse=True)
            assert len(set(values)) == len(values)


def test_texture_hides_what_a_flat_area_shows(flat, texture):
    sigma = 3
    assert metrics.psnr(texture, noisy(texture, sigma)) == pytest.approx(
        metrics.psnr(flat, noisy(flat, sigma)), abs=0.2
    )
    gain = metrics.psnr_hvs_m(texture, noisy(texture, sigma)) - metrics.psnr_hvs_m(
        flat, noisy(flat, sigma)
    )
    assert gain > 6


def test_an_edge_hides_less_than_a_texture_of_the_same_contrast():
    edge = np.full((64, 64), 98, dtype=np.uint8)
    edge[:, 4::8] = edge[:, 5::8] = edge[:, 6::8] = edge[:, 7::8] = 158
    texture = np.random.default_rng(3).choice(np.array([98, 158], np.uint8), (64, 64))
    assert metrics.psnr_hvs_m(edge, noisy(edge, 3)) < metrics.psnr_hvs_m(texture, noisy(texture, 3))


def test_low_frequencies_show_more_than_high_ones(flat):
    columns = np.arange(128)
    slow = np.rint(6 * np.sin(2 * np.pi * columns / 16))[None, :, None].astype(int)
    fast = np.rint(6 * np.sin(2 * np.pi * columns / 2.3))[None, :, None].astype(int)
    low, high = ((flat + wave).astype(np.uint8) for wave in (slow, fast))
    assert metrics.psnr_hvs_m(flat, low) < metrics.psnr_hvs_m(flat, high) - 6


def test_a_change_of_the_mean_is_never_masked(texture):
    brighter = np.clip(texture.astype(int) + 2, 0, 255).astype(np.uint8)
    expected = 10 * math.log10(255**2 / ((16 * metrics.CSF_WEIGHTS[0, 0]) ** 2 / 64))
    assert metrics.psnr_hvs_m(texture, brighter) == pytest.approx(expected, abs=0.3)


def test_too_small_for_a_block_is_refused():
    with pytest.raises(ValueError, match="8 x 8"):
        metrics.psnr_hvs_m(np.zeros((7, 20), np.uint8), np.zeros((7, 20), np.uint8))
