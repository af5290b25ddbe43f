"""An AIGC label as it is found in a file, and the guide that says where it belongs.

References
----------
TC260-PG-20259A (pictures), TC260-PG-202510A (sound), TC260-PG-20257A (video) and TC260-PG-20258A
(text), which place the label of GB 45438-2025.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guide:
    """Where a kind of media has its label.

    Parameters
    ----------
    number : str
        The guide's.
    in_xmp : bool
        Whether the label is an XMP property; else it is a text under the container's own key.
    """

    number: str
    in_xmp: bool


PICTURES = Guide("TC260-PG-20259A", True)
SOUND = Guide("TC260-PG-202510A", False)
VIDEO = Guide("TC260-PG-20257A", False)
TEXT = Guide("TC260-PG-20258A", False)


@dataclass(frozen=True, slots=True)
class Claim:
    """One AIGC label's text, where it was found.

    Parameters
    ----------
    where : str
        For people.
    text : str or None
        The JSON; None where the place cannot be read.
    keyed : bool
        Whether the place's own name or keyword says AIGC.
    standard : bool
        Whether the guide names the place.
    problems : tuple of str
        What is wrong with the place itself.
    guide : Guide
        The one for this kind of media.
    """

    where: str
    text: str | None
    keyed: bool
    standard: bool
    problems: tuple[str, ...] = ()
    guide: Guide = PICTURES
