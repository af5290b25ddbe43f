"""The label that people hear without a word: short, long, short, short.

References
----------
GB 45438-2025, 5.3: a rhythm label "short-long-short-short" (the Morse code of A and I), clearly
audible. The standard names no pitch, duration or level; the proportions are those of ITU-R
M.1677-1, 1.2: a long sound lasts three short ones, the pause between two sounds one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genlabel._errors import UnsupportedError

SHORT = 1.0
#: Below it no pitch of a rhythm fits, nor does much of a voice.
LEAST_RATE = 8000
_ALLOWED = {
    "unit": (0.05, 0.5),
    "long": (2.0, 6.0),
    "gap": (0.5, 3.0),
    "pitch": (200.0, 3500.0),
    "fade": (0.001, 0.02),
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How the rhythm label sounds.

    Parameters
    ----------
    unit : float
        Seconds that a short sound lasts; at most 0.15 s are still heard as short.
    long : float
        Units that the long sound lasts.
    gap : float
        Units between two sounds.
    pitch : float
        Hertz: about 1 kHz passes telephones and every codec, and stands out from voices.
    fade : float
        Seconds in which a sound rises and falls, so that it does not click.

    Raises
    ------
    UnsupportedError
        A value is out of its range.
    """

    unit: float = 0.12
    long: float = 3.0
    gap: float = 1.0
    pitch: float = 1000.0
    fade: float = 0.008

    def __post_init__(self) -> None:
        for name, (least, most) in _ALLOWED.items():
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and least <= value <= most):
                raise UnsupportedError(f"rhythm: {name} is {least} to {most}, not {value!r}")

    @property
    def sounds(self) -> tuple[tuple[float, float], ...]:
        """Beginning and end of each sound, in seconds."""
        found = []
        position = 0.0
        for units in (SHORT, self.long, SHORT, SHORT):
            found.append((position * self.unit, (position + units) * self.unit))
            position += units + self.gap
        return tuple(found)

    @property
    def seconds(self) -> float:
        """Length from the first sound's beginning to the last one's end."""
        return self.sounds[-1][1]

    def samples(self, rate: int) -> npt.NDArray[np.float32]:
        """Synthesise it.

        Parameters
        ----------
        rate : int
            Frames a second.

        Returns
        -------
        ndarray, shape (frames,), float32
            Amplitude 1.
        """
        time = np.arange(math.ceil(self.seconds * rate)) / rate
        envelope = np.zeros(len(time))
        for start, end in self.sounds:
            near = np.minimum(time - start, end - time)
            rise = np.clip(near / self.fade, 0, 1)
            envelope = np.maximum(envelope, np.square(np.sin(np.pi / 2 * rise)))
        return (envelope * np.sin(2 * np.pi * self.pitch * time)).astype(np.float32)


def check_label_rate(rate: int) -> None:
    """Refuse sound in which no label can be heard.

    Raises
    ------
    UnsupportedError
        Its rate is below 8 kHz.
    """
    if rate < LEAST_RATE:
        raise UnsupportedError(f"labels are heard at {LEAST_RATE} Hz and more, not at {rate} Hz")
