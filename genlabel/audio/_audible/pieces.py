"""Sound that passes by, cut into pieces in which labels are looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from genlabel.audio._files.sound import Block


def pieces(
    blocks: Iterable[Block], rate: int, factor: int, seconds: float, overlap: float
) -> Iterator[tuple[float, npt.NDArray[np.float32]]]:
    """Take one channel at a lower rate, and cut it into pieces that overlap.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (frames, channels)
        The sound, in blocks of any size.
    rate : int
        Frames a second.
    factor : int
        How many frames are averaged to one.
    seconds, overlap : float
        Length of a piece, and by how much it overlaps with the next.

    Yields
    ------
    (float, ndarray)
        Where a piece begins, in seconds, and its samples, shape (frames,). The last may be shorter.
    """
    size = round(seconds * rate)
    step = size - round(overlap * rate)
    kept: list[npt.NDArray[np.float32]] = []
    held = position = 0
    for block in blocks:
        kept.append(_mono(block))
        held += len(block)
        if held < size:
            continue
        sound = np.concatenate(kept)
        while len(sound) >= size:
            yield position / rate, _lowered(sound[:size], factor)
            sound = sound[step:]
            position += step
        kept, held = [sound], len(sound)
    yield position / rate, _lowered(np.concatenate([np.empty(0, np.float32), *kept]), factor)


def _lowered(sound: npt.NDArray[np.float32], factor: int) -> npt.NDArray[np.float32]:
    whole = sound[: len(sound) // factor * factor]
    return np.asarray(whole.reshape(-1, factor).mean(axis=1), np.float32)


def _mono(block: Block) -> npt.NDArray[np.float32]:
    # The channel with most of it: a mean would cancel what is in opposite phase.
    loudest = int(np.argmax(np.einsum("fc,fc->c", block, block)))
    return block[:, loudest].astype(np.float32)
