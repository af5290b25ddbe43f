"""Finding superframes without pilots: by the energy that a key's code bits have, whatever they say.

Anybody can take the public pilots off a sound. Its chips still stand: where they are summed at the
right phase, code bits of the right key have more energy than chance gives them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._decoding import Decoded, decode
from genlabel.audio._codeword import key_sums, phase_sums
from genlabel_kernels.audio.folding import PHASES
from genlabel_kernels.audio.layout import BANDS, FRAMES
from genlabel_kernels.audio.residual import HOPS

# Phases and keys that are decoded, those of the greatest energy.
_DECODED = 2


def deep_word(
    values: NDArray[np.float32], secrets: Sequence[ChipSecrets], trials: int
) -> tuple[Decoded, ChipSecrets] | None:
    """Look for a word at every phase of a map, under every key.

    Parameters
    ----------
    values : (n, 41) float32 array
        The map's statistic.
    secrets : sequence of ChipSecrets
        Of all keys.
    trials : int
        As of `decode`; all phases and keys are to be counted in it.

    Returns
    -------
    (Decoded, ChipSecrets) or None
        None where no word is proven.
    """
    folds = _folds(values)
    energies = np.empty((len(secrets), PHASES))
    for hop, fold in enumerate(folds):
        turned = fold[(np.arange(FRAMES)[None] + np.arange(FRAMES)[:, None]) % FRAMES]
        for index, secret in enumerate(secrets):
            sums = phase_sums(turned, secret)
            energies[index, hop::HOPS] = np.einsum("pc,pc->p", sums, sums)
    for place in np.argsort(-energies, axis=None)[:_DECODED]:
        index, phase = divmod(int(place), PHASES)
        tiles = np.roll(folds[phase % HOPS], -(phase // HOPS), axis=0)
        sums = key_sums(tiles, [secrets[index]])[0]
        decoded = decode(sums, secrets[index].payload, trials, thorough=True)
        if decoded is not None:
            return decoded, secrets[index]
    return None


def _folds(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Sum a map's superframes, for every row of a frame at which frames may begin."""
    padded = np.pad(values, ((0, -len(values) % PHASES), (0, 0)))
    superframes = padded.reshape(-1, FRAMES, HOPS, BANDS).sum(axis=0)
    return [np.ascontiguousarray(superframes[:, hop]) for hop in range(HOPS)]
