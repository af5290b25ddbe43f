"""Where a tile lies, by the energy of a key's code bits at every translation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel.image._codeword import MarkSecrets, bit_sums, dealt
from genlabel_kernels.image.lattice import add_pairs
from genlabel_kernels.image.layout import LAYERS, layout
from genlabel_kernels.plane.layout import CODE_BITS, TILE
from genlabel_kernels.plane.tile import as_chips

#: Steps per pixel to which a translation is found.
STEPS = 2
_SPREAD = math.sqrt(CODE_BITS / 2)
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Tile:
    """One layer's tile, moved to where it belongs.

    Parameters
    ----------
    energy : float
        Of its code bits, in standard deviations of noise.
    shift : (2,) float64 array
        Coordinates (y, x) of its origin before it was moved.
    chips : (n,) float32 array
        Of unit norm.
    sums : (1024,) float32 array
        Its code bits.
    """

    energy: float
    shift: NDArray[np.float64]
    chips: NDArray[np.float32]
    sums: NDArray[np.float32]


def best_tile(values: NDArray[np.complex64], layer: str, secrets: MarkSecrets) -> Tile:
    """Move a tile to where its code bits have most energy, to half a pixel.

    Parameters
    ----------
    values : (n,) complex64 array
        Of the tile's bins.
    layer : {"fine", "coarse"}
        Whose.
    secrets : MarkSecrets
        Of the key.
    """
    energies = translation_energies(values, layer, secrets)
    pixel = np.array(divmod(int(energies.argmax()), TILE), np.float64)
    around = (np.indices((3, 3)).reshape(2, -1).T - 1) / STEPS
    tiles = [_tile_at(values, layer, pixel + near, secrets) for near in around]
    return max(tiles, key=lambda tile: tile.energy)


def translation_energies(
    values: NDArray[np.complex64], layer: str, secrets: MarkSecrets
) -> NDArray[np.float32]:
    """Compute the energy of a key's code bits at every whole translation, whatever they say.

    Parameters
    ----------
    values, layer, secrets
        As in `best_tile`.

    Returns
    -------
    (256, 256) float32 array
        Where the tile's origin would lie at (y, x), in standard deviations above the mean of noise.
    """
    rounds = len(dealt("fine"))
    signs = secrets.dealt_signs[:rounds] if layer == "fine" else secrets.dealt_signs[rounds:]
    half = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    add_pairs(values, signs, dealt(layer), layout(layer).bins, half)
    # The real transform counts all columns but the first twice; so is the first one counted, whose
    # real and imaginary parts lie down the rows.
    packed = np.zeros((TILE, TILE), np.float32)
    packed[:, 1:-1] = half[:, 1:-1].view(np.float32)
    first = half[: TILE // 2 + 1, 0] + half[-np.arange(TILE // 2 + 1), 0].conj()
    packed[0, 0] = first[0].real
    packed[1:-1, 0] = first[1:-1].view(np.float32)
    packed[-1, 0] = first[-1].real
    energies = cv2.dft(packed, flags=cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT)
    power = max(float(np.vdot(values, values).real), _NOTHING)
    return np.asarray(energies * np.float32(_SPREAD / (2.0 * power)), np.float32)


def moved_tile(
    values: NDArray[np.complex64], layer: str, shift: NDArray[np.float64]
) -> NDArray[np.complex64]:
    """Give a tile's bins once what lies at `shift` (y, x) is its origin."""
    turn = np.exp(2j * np.pi / TILE * (layout(layer).bins @ shift))
    return np.asarray(values * turn, np.complex64)


def _tile_at(
    values: NDArray[np.complex64], layer: str, shift: NDArray[np.float64], secrets: MarkSecrets
) -> Tile:
    chips = as_chips(moved_tile(values, layer, shift))
    chips /= np.float32(max(float(np.linalg.norm(chips)), _NOTHING))
    both = [chips if name == layer else np.zeros(layout(name).chips, np.float32) for name in LAYERS]
    sums = bit_sums(np.concatenate(both), secrets)
    return Tile((float(sums @ sums) - 1.0) * _SPREAD, shift, chips, sums)
