"""What one hypothesis about a picture's geometry offers the keys, and which of it to decode."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel.image._codeword import MarkSecrets, bit_energy
from genlabel_kernels.chips import fold_chips
from genlabel_kernels.image.layout import CODE_BITS, layout

# Code bits whose energy exceeds noise by less are not decoded, in standard deviations: the weakest
# code word that can be proven has 3.5 on average.
_ENERGY = 1.0
#: Readings of one group that are decoded, at most, whatever the number of keys.
_DECODED = 8


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
    """

    fine: NDArray[np.float32]
    coarse: NDArray[np.float32]
    weights: Sequence[tuple[float, float]]
    matrix: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """Code bits under one key.

    Parameters
    ----------
    sums : (1024,) float32 array
        Of chips of unit norm; positive speaks for bit 0.
    secrets : MarkSecrets
        The key's.
    """

    sums: NDArray[np.float32]
    secrets: MarkSecrets


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
        At most 8.
    """
    scored: list[tuple[float, Reading]] = []
    for secret in secrets:
        fine, coarse = _bit_sums(evidence, secret)
        for a, b in evidence.weights:
            # With no weight, every shift reads alike.
            for row, shifted in enumerate(coarse if b else coarse[:1]):
                norm = math.hypot(
                    a * float(np.linalg.norm(evidence.fine)),
                    b * float(np.linalg.norm(evidence.coarse[row])),
                )
                if norm == 0.0:
                    continue
                sums = (fine * np.float32(a / norm)) + (shifted * np.float32(b / norm))
                energy = bit_energy(sums)
                if energy >= _ENERGY:
                    scored.append((energy, Reading(sums, secret)))
    scored.sort(key=lambda item: -item[0])
    for _, reading in scored[:_DECODED]:
        yield reading


def _bit_sums(
    evidence: Evidence, secret: MarkSecrets
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    fine_signs, coarse_signs = np.split(secret.chip_signs, [layout("fine").chips])
    fine = fold_chips(evidence.fine, fine_signs, layout("fine").bit_of_chip, CODE_BITS)
    bits = layout("coarse").bit_of_chip
    return fine, [fold_chips(row, coarse_signs, bits, CODE_BITS) for row in evidence.coarse]
