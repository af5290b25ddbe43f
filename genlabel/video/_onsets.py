"""How strong the mark is from picture to picture: stronger in a scene's first."""

from __future__ import annotations

import math

#: Amplitude of a scene's first picture against the others'. The change of scene masks it, and
#: codecs spend most on it and predict others from it.
ONSET = 1.7
# For how many seconds, and how long a picture may stay: masking lasts some 30 to 100 ms.
_SECONDS = 0.04
_LONGEST = 0.126
_DECIBELS = 20.0 * math.log10(ONSET)
# By how much others are weaker until that is made up for, and the share of it from which on a
# scene that begins before then is not stronger.
_WEAKER = 0.25
_OWED = 0.5


class Onsets:
    """Gives the amplitude of each picture, whose decibels are made up for within seconds.

    Parameters
    ----------
    fps : float
        Frames per second.

    References
    ----------
    W. J. Tam et al., "Visual masking at video scene cuts", Proc. SPIE 2411, 1995.
    A. J. Seyler, Z. L. Budrikis, "Detail perception after scene changes in television image
    presentations", IEEE Trans. Information Theory 11(1), 1965.
    """

    def __init__(self, fps: float) -> None:
        self._count = max(1, round(_SECONDS * fps)) if fps * _LONGEST >= 1.0 else 0
        # In decibels times pictures.
        self._whole = self._count * _DECIBELS
        self._owed = 0.0
        self._left = 0

    def push(self, *, begins: bool) -> float:
        """Give the amplitude of the next picture; told whether a scene begins with it."""
        if begins and self._owed <= _OWED * self._whole:
            self._left = self._count
        if self._left > 0:
            self._left -= 1
            self._owed += _DECIBELS
            return ONSET
        if self._owed <= 0.0:
            return 1.0
        self._owed -= _WEAKER
        return float(10.0 ** (-_WEAKER / 20.0))
