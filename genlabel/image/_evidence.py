"""What one hypothesis about a picture's geometry offers the keys, and which of it to decode."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel.image._codeword import MarkSecrets, bit_sums, dealt
from genlabel_kernels.chips import joint_energies
from genlabel_kernels.plane.layout import CODE_BITS

# Code bits whose energy exceeds noise by less are not decoded, in standard deviations: the weakest
# code word that can be proven has 3.5 on average.
_ENERGY = 1.0
# Above this, unless chance reaches it, the decoder takes its time.
_ENERGETIC = 2.2
#: Readings of one group that are decoded, at most, whatever the number of keys; and where there are
#: so many readings that chance alone makes some of them energetic.
_DECODED = 4
_DECODED_OF_MANY = 2
_MANY = 150
# Keys times shifts that are screened without a kernel.
_FEW = 2
# Squared norm below which nothing was measured.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Whole:
    """A picture of which nothing was cut off, upright.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma in the coarse frame.
    binding : (b,) complex64 array
        The coarse layer's binding bins.
    """

    plane: NDArray[np.float32]
    binding: NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Risk:
    """What the bound on chance findings counts each measurement of one kind as.

    Parameters
    ----------
    trials : int
        Measurements of the kind, at most, over the kind's share of the risk.
    polarities : tuple of int
        Signs that are tried: +1, and -1 where a picture in negative would be seen.
    """

    trials: int
    polarities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Measured chips under one hypothesis, in all the ways in which the layers may belong together.

    Parameters
    ----------
    fine : (n_fine,) float32 array
        The fine layer's chips.
    coarse : (m, n_coarse) float32 array
        The coarse layer's chips at each shift that is possible.
    weights : sequence of (float, float)
        How to weigh the layers: every pair is tried with every shift.
    matrix : (3, 3) float64 array
        From picture pixels to frame pixels.
    risk : Risk
        Of each of its measurements.
    whole : Whole or None
        Where the hypothesis is that the picture is whole.
    """

    fine: NDArray[np.float32]
    coarse: NDArray[np.float32]
    weights: Sequence[tuple[float, float]]
    matrix: NDArray[np.float64]
    risk: Risk
    whole: Whole | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Code bits under one key.

    Parameters
    ----------
    sums : (1024,) float32 array
        Of chips of unit norm; positive speaks for bit 0.
    secrets : MarkSecrets
        The key's.
    risk : Risk
        The evidence's.
    thorough : bool
        Whether its energy is rare enough for a long decoding.
    """

    sums: NDArray[np.float32]
    secrets: MarkSecrets
    risk: Risk
    thorough: bool


def promising(evidence: Evidence, secrets: Sequence[MarkSecrets]) -> Iterator[Reading]:
    """Choose the readings that are worth decoding, the most energetic first.

    A message makes the energy of its key's code bits large, whatever it says; so the right one of
    many keys, shifts and weightings is found without decoding the others.

    Parameters
    ----------
    evidence : Evidence
        Of one hypothesis.
    secrets : sequence of MarkSecrets
        Of all keys.

    Yields
    ------
    Reading
        At most 4.
    """
    norms = _norms(evidence)
    excess = excess_energies(evidence, secrets)
    most = _DECODED if excess.size < _MANY else _DECODED_OF_MANY
    order = np.argsort(excess, axis=None)[::-1][:most]
    # The greatest of many readings is energetic by chance.
    chance = math.sqrt(2.0 * math.log(excess.size))
    for key, shift, weight in zip(*np.unravel_index(order, excess.shape), strict=True):
        if excess[key, shift, weight] < _ENERGY:
            return
        a, b = np.array(evidence.weights[weight], np.float32) / np.float32(norms[weight, shift])
        chips = np.concatenate([evidence.fine * a, evidence.coarse[shift] * b])
        thorough = excess[key, shift, weight] > max(_ENERGETIC, chance)
        sums = bit_sums(chips, secrets[key])
        yield Reading(sums, secrets[key], evidence.risk, bool(thorough))


def excess_energies(evidence: Evidence, secrets: Sequence[MarkSecrets]) -> NDArray[np.floating]:
    """Give by how many standard deviations code bits exceed noise's energy.

    Parameters
    ----------
    evidence : Evidence
        Of one hypothesis.
    secrets : sequence of MarkSecrets
        Of all keys.

    Returns
    -------
    (keys, shifts, weights) float array
    """
    products = np.array([[a * a, 2 * a * b, b * b] for a, b in evidence.weights])
    energies = _energies(evidence, secrets) @ products.T / (_norms(evidence) ** 2).T
    return np.asarray((energies - 1.0) * math.sqrt(CODE_BITS / 2))


def _norms(evidence: Evidence) -> NDArray[np.floating]:
    """Give the norm of all chips at every weighting and shift, (weights, shifts)."""
    powers = [
        (a * float(np.linalg.norm(evidence.fine))) ** 2
        + (b * np.linalg.norm(evidence.coarse, axis=1)) ** 2
        for a, b in evidence.weights
    ]
    return np.asarray(np.sqrt(np.maximum(np.stack(powers), _NOTHING)))


def _energies(evidence: Evidence, secrets: Sequence[MarkSecrets]) -> NDArray[np.float32]:
    """Screen all keys at all shifts; (keys, shifts, 3) as `joint_energies` gives."""
    fine = np.append(evidence.fine, np.float32(0.0))[dealt("fine")]
    padded = np.pad(evidence.coarse, ((0, 0), (0, 1)))
    coarse = np.ascontiguousarray(padded[:, dealt("coarse")])
    rows = np.stack([secret.dealt_signs for secret in secrets])
    out = np.empty((len(secrets), len(coarse), 3), np.float32)
    if len(secrets) * len(coarse) > _FEW:
        joint_energies(fine, coarse, rows, out)
        return out
    # As that kernel, which few sums are not worth compiling.
    one = (rows[:, : len(fine)] * fine).sum(axis=1)[:, None]
    two = (rows[:, None, len(fine) :] * coarse).sum(axis=2)
    for index, (a, b) in enumerate(((one, one), (one, two), (two, two))):
        out[..., index] = (a * b).sum(axis=-1)
    return out
