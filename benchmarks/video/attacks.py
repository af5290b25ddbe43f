"""Named attacks. The name is the exact recipe.

A name is one or more steps joined by ``+``; a step is a word of `STEPS` or of `codecs.ENCODERS`,
and a number where it takes one: ``crop-0.71+brightness-0.5+x264-30``. ``none`` is the film as
marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.video import Film, codecs, edits

_STEP = re.compile(r"(?P<word>[a-z][a-z0-9]*(?:-[a-z]+)*)(?:-(?P<value>-?\d+(?:\.\d+)?))?")

#: What each step does in words; ``{}`` stands for the number in its name.
STEPS: dict[str, tuple[str, Callable[..., Film]]] = {
    "none": ("as marked", lambda film: film),
    "rotate": ("turned by {} degrees, corners lost", edits.rotate),
    "turn": ("turned by {} degrees", edits.turn),
    "mirror": ("mirrored", edits.mirror),
    "resize": ("both sides x{}", edits.resize),
    "long-side": ("scaled to a long side of {} px", edits.long_side),
    "crop": ("{} of both sides kept", edits.crop),
    "letterbox": ("black bars up to a square", edits.letterbox),
    "pip": ("both sides x{}, before another picture", edits.picture_in_picture),
    "brightness": ("luma x{}", edits.brightness),
    "drop": ("{} of the frames dropped", edits.drop),
    "fps": ("{} frames per second, nearest", edits.frames_per_second),
    "blend": ("{} frames per second, blended", edits.blended),
    "speed": ("played x{}", edits.speed),
    "reverse": ("backwards", edits.reverse),
    "cut": ("{} s from the middle", edits.cut),
    "reorder": ("stretches of a second exchanged", edits.reorder),
    "screen": ("x1.13, within a frame, 60 fps, luma x0.85", edits.screen),
}


@dataclass(frozen=True, slots=True)
class Attack:
    """A film's way through other hands.

    Parameters
    ----------
    name : str
        As given.
    parameters : str
        In words.
    steps : tuple of callable
        One after the other.
    """

    name: str
    parameters: str
    steps: tuple[Callable[[Film], Film], ...]

    def apply(self, film: Film) -> Film:
        """Give the attacked film."""
        for step in self.steps:
            film = step(film)
        return film


def attack(name: str) -> Attack:
    """Read an attack's name.

    Raises
    ------
    ValueError
        A step is not known, or its number is missing or superfluous.
    """
    texts, steps = [], []
    for part in name.split("+"):
        match = _STEP.fullmatch(part)
        word, value = (match["word"], match["value"]) if match else (part, None)
        text, edit = _step(word)
        if ("{}" in text) != (value is not None):
            raise ValueError(f"no step is called {part!r}")
        texts.append(text.format(value))
        steps.append(edit if value is None else partial(_with, edit, float(value)))
    return Attack(name, ", ".join(texts), tuple(steps))


def _step(word: str) -> tuple[str, Callable[..., Film]]:
    if word in codecs.ENCODERS:
        unit = "{} kbit/s" if codecs.ENCODERS[word][2] == "b" else "CRF {}"
        return f"{word} {unit}", partial(_coded, word)
    if word not in STEPS:
        raise ValueError(f"no step is called {word!r}")
    return STEPS[word]


def _with(edit: Callable[..., Film], value: float, film: Film) -> Film:
    return edit(film, value)


def _coded(name: str, film: Film, value: float) -> Film:
    return codecs.coded(film, name, value)
