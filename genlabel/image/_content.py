"""Binding a mark to what its picture shows, as far as a mark can.

Anybody can copy a mark from one picture to another. So some chips carry a keyed signature of the
payload and of a coarse hash of the picture. Where a whole picture is read, its own hash is
compared: the mark of another picture betrays itself. The hash is 16 bits, and pictures that share
it can be sought on purpose: this is a hint for a report, never a reason not to read.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._detection import Content
from genlabel._plane.measure import Plane, resize
from genlabel.image._codeword import MarkSecrets
from genlabel_kernels.chips import signs
from genlabel_kernels.image.layout import BINDING
from genlabel_kernels.plane.tile import as_chips

HASH_BITS = 16
_SIDE = 32
_BYTES = HASH_BITS // 8
_CHIPS = 2 * BINDING["coarse"]
# The hash's cosines: lowest frequencies first, without the mean.
_PLACES = sorted(
    ((v, h) for v in range(_SIDE) for h in range(_SIDE) if v + h > 0),
    key=lambda place: (sum(place), place),
)[:HASH_BITS]
# Correlations, in standard deviations, that bind, by the number of hash bits that differ: all
# hashes at a distance together exceed theirs by chance once in 600 times.
_BINDING = (3.0, 3.7, 4.2)
#: Hash bits that processing may change.
TOLERANCE = len(_BINDING) - 1
# By how much less than the code's strength promises is one in 500 of those that are bound: three
# standard deviations of noise, and what the choice of the salt adds to the code alone.
_MISSED = 3.8


def content_hash(plane: Plane) -> int:
    """Hash what a picture shows: the signs of its 16 coarsest cosines.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma of the whole picture, upright.

    Returns
    -------
    int
        0 .. 65535. Processing that keeps the picture recognisable changes few bits of it.
    """
    cosines = cv2.dct(resize(plane, _SIDE, _SIDE))
    return sum(int(cosines[place] > 0) << bit for bit, place in enumerate(_PLACES))


def binding_chips(payload: bytes, content: int, secrets: MarkSecrets) -> NDArray[np.float32]:
    """Sign a payload and a content hash.

    Parameters
    ----------
    payload : bytes
        The mark's.
    content : int
        From `content_hash`.
    secrets : MarkSecrets
        Of the mark's key.

    Returns
    -------
    (536,) float32 array of -1 and +1
        The coarse layer's binding chips. Not linear in anything: those of one hash say nothing
        about those of another.
    """
    text = content.to_bytes(_BYTES, "big") + payload
    return signs(hmac.digest(secrets.binding, text, hashlib.sha256), _CHIPS).astype(np.float32)


def judge(
    measured: NDArray[np.complex64],
    amplitude: float,
    plane: Plane,
    payload: bytes,
    secrets: MarkSecrets,
) -> Content:
    """Tell whether a mark belongs to the picture it was found in.

    Parameters
    ----------
    measured : (268,) complex64 array
        The coarse layer's binding bins.
    amplitude : float
        Mean of that layer's code chips with their signs taken off; negative where the picture's
        tones were inverted.
    plane : (H, W) float32 array
        Luma of the whole picture, upright.
    payload : bytes
        The mark's.
    secrets : MarkSecrets
        Of the mark's key.

    Returns
    -------
    {"bound", "unbound", "unknown"}
        ``"unknown"`` where the chips are too weak to tell.
    """
    polarity = math.copysign(1.0, amplitude)
    chips = as_chips(measured) * np.float32(polarity)
    norm = float(np.linalg.norm(chips))
    if norm <= 0:
        return "unknown"
    own = content_hash(plane * np.float32(polarity))
    best = 0.0
    for distance, needed in enumerate(_BINDING):
        for near in _neighbours(own, distance):
            match = float(chips @ binding_chips(payload, near, secrets)) / norm
            if match > needed:
                return "bound"
            best = max(best, match)
    expected = abs(amplitude) * len(chips) / norm
    return "unbound" if best < expected - _MISSED else "unknown"


def _neighbours(content: int, distance: int) -> Iterator[int]:
    """List all hashes that differ in so many bits."""
    for bits in itertools.combinations(range(HASH_BITS), distance):
        yield content ^ sum(1 << bit for bit in bits)
