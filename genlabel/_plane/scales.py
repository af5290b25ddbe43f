"""Pictures at the sizes at which they are read and searched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from genlabel._plane.measure import Plane, residual, resize


class Whitened(Protocol):
    """What a search for tones needs to know of a picture, or of several that lie alike."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture itself."""

    def white(self, rows: int, columns: int) -> Plane:
        """Give the whitened picture of that size, which nobody may change."""


@dataclass(frozen=True, slots=True)
class Scales:
    """A picture's luma at any size, whitened once for all that ask for the same size.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    """

    plane: Plane
    _white: dict[tuple[int, int], Plane] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture itself."""
        height, width = self.plane.shape
        return height, width

    def white(self, rows: int, columns: int) -> Plane:
        """Give the whitened picture of that size, which nobody may change."""
        if (rows, columns) not in self._white:
            self._white[rows, columns] = residual(resize(self.plane, rows, columns))
        return self._white[rows, columns]
