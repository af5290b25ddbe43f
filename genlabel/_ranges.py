"""Numbers from outside: of the right kind, and within their bounds."""

from __future__ import annotations

import math
from numbers import Real
from typing import TypeGuard

from genlabel._errors import UnsupportedError
from genlabel._message import Message, Option

#: Amplitudes of a watermark, in whatever medium, against the default.
STRENGTHS = (0.25, 4.0)


def is_between(value: object, least: float, most: float) -> TypeGuard[float]:
    """Tell whether this is a number of `least` to `most`; NaN and texts are none."""
    return isinstance(value, Real) and least <= float(value) <= most


def is_positive(value: object) -> TypeGuard[float]:
    """Tell whether this is a finite number above zero."""
    return isinstance(value, Real) and 0.0 < float(value) < math.inf


def check_strength(strength: object) -> None:
    """Refuse strengths out of range.

    Raises
    ------
    UnsupportedError
        Not a number of 0.25 to 4.
    """
    if not is_between(strength, *STRENGTHS):
        raise UnsupportedError(
            Message(Option("strength"), f" is {STRENGTHS[0]} to {STRENGTHS[1]}, not {strength!r}")
        )
