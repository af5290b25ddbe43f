"""How visible a mark is: PSNR, SSIM and PSNR-HVS-M between a picture and its marked copy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from benchmarks.image import Pixels

#: What `psnr_hvs_m` and `psnr` give for no (visible) difference; finite, so that means exist.
IDENTICAL_DB = 100.0

_LUMA = np.array([0.299, 0.587, 0.114])

#: Luminance quantisation table of ITU-T T.81 Annex K.1, on which both weights below rest.
_JPEG_LUMA = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=np.float64,
)

#: Contrast sensitivity of Egiazarian et al. 2006: inverse to the table, scaled to match the
#: published six-digit figures (1.608443 for the mean of a block).
CSF_WEIGHTS = 25.735088 / _JPEG_LUMA

#: Masking weights of Ponomarenko et al. 2007: squared inverse of the table over ten.
MASK_WEIGHTS = (10.0 / _JPEG_LUMA) ** 2

_BLOCKS_AT_ONCE = 8192


def psnr(original: Pixels, marked: Pixels) -> float:
    """Give the peak signal-to-noise ratio over all samples, in dB.

    Parameters
    ----------
    original, marked : uint8 array
        Of the same shape.

    Returns
    -------
    float
        `IDENTICAL_DB` where nothing differs.
    """
    error = np.mean((original.astype(np.float64) - marked.astype(np.float64)) ** 2)
    return _decibel(float(error))


def ssim(original: Pixels, marked: Pixels) -> float:
    """Give the mean structural similarity over the three channels, 0 to 1.

    Gaussian window of sigma 1.5 and population covariance, as in the paper.

    Parameters
    ----------
    original, marked : (height, width, 3) uint8
        At least 11 x 11.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE TIP 13 (2004).
    """
    from skimage.metrics import structural_similarity

    return float(
        structural_similarity(  # type: ignore[no-untyped-call]
            original,
            marked,
            channel_axis=2,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def psnr_hvs_m(original: Pixels, marked: Pixels) -> float:
    """Give the PSNR weighted by contrast sensitivity and masking, in dB, on BT.601 luma.

    In each 8 x 8 block a DCT difference counts only as far as it exceeds what the block's own
    activity hides, and then by the eye's sensitivity to its frequency.

    Parameters
    ----------
    original, marked : (height, width, 3) or (height, width) uint8
        At least 8 x 8; rows and columns past a multiple of 8 are left out.

    Returns
    -------
    float
        `IDENTICAL_DB` where nothing visible differs.

    References
    ----------
    Ponomarenko, Silvestri, Egiazarian, Carli, Astola, Lukin, "On between-coefficient contrast
    masking of DCT basis functions", VPQM 2007; weights: Egiazarian, Astola, Ponomarenko, Lukin,
    Battisti, Carli, "New full-reference quality metrics based on HVS", VPQM 2006.
    """
    first, second = _blocks(_luma(original)), _blocks(_luma(marked))
    if not len(first):
        raise ValueError("PSNR-HVS-M needs a picture of at least 8 x 8 pixels")
    total = 0.0
    for start in range(0, len(first), _BLOCKS_AT_ONCE):
        part = slice(start, start + _BLOCKS_AT_ONCE)
        total += _visible_error(first[part], second[part])
    return _decibel(total / (64 * len(first)))


def _visible_error(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Sum the squared weighted differences of (n, 8, 8) blocks that masking leaves."""
    first_dct, second_dct = _DCT @ first @ _DCT.T, _DCT @ second @ _DCT.T
    masking = np.maximum(_masking(first, first_dct), _masking(second, second_dct))
    threshold = masking[:, None, None] / MASK_WEIGHTS
    threshold[:, 0, 0] = 0.0  # a change of the block's mean is never masked
    excess = np.maximum(np.abs(first_dct - second_dct) - threshold, 0.0)
    return float(np.sum((excess * CSF_WEIGHTS) ** 2))


def _masking(blocks: NDArray[np.float64], dct: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each block's masking strength.

    Weighted AC energy, reduced where the variance sits between the 4 x 4 quarters rather than
    within them: an edge hides less than a texture.
    """
    energy = np.sum(dct**2 * MASK_WEIGHTS, axis=(1, 2)) - dct[:, 0, 0] ** 2 * MASK_WEIGHTS[0, 0]
    whole = _spread(blocks.reshape(-1, 64))
    quarters = blocks.reshape(-1, 2, 4, 2, 4).transpose(0, 1, 3, 2, 4).reshape(-1, 4, 16)
    within = _spread(quarters).sum(axis=1)
    share = np.divide(within, whole, out=np.zeros_like(whole), where=whole > 0)
    return np.asarray(np.sqrt(np.maximum(energy, 0.0) * share) / 32)


def _spread(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sample variance times the number of samples, over the last axis (the paper's V)."""
    return np.asarray(samples.var(axis=-1, ddof=1) * samples.shape[-1])


def _luma(pixels: Pixels) -> NDArray[np.float64]:
    values = pixels.astype(np.float64)
    return values if values.ndim == 2 else np.asarray(values @ _LUMA)


def _blocks(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = plane.shape[0] // 8, plane.shape[1] // 8
    cut = plane[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8)
    return cut.transpose(0, 2, 1, 3).reshape(-1, 8, 8)


def _decibel(error: float) -> float:
    if error <= 0:
        return IDENTICAL_DB
    return min(IDENTICAL_DB, 10 * math.log10(255**2 / error))


def _dct_matrix() -> NDArray[np.float64]:
    """Give the orthonormal 8-point DCT-II matrix."""
    frequency, sample = np.mgrid[0:8, 0:8]
    matrix = np.cos(math.pi * (2 * sample + 1) * frequency / 16) / 2
    matrix[0] /= math.sqrt(2)
    return np.asarray(matrix)


_DCT = _dct_matrix()
