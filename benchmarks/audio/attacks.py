"""Named attacks. The name is the exact recipe.

A name is one or more steps joined by ``+``; a step is a word of `STEPS` and as many numbers as it
takes: ``mp3-64``, ``pitch--2``, ``bandpass-500-5000``, ``crop-5+tempo-1.1+aac-32``. Any number
works, so a new row of a table needs no new code. ``none`` is the sound as marked.

What is random (places, noise, rooms) is drawn from a generator seeded by the clip's and the
attack's names, so a run can be repeated and one cell can be looked at alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.audio import Sound, codecs, filters, levels, noise, scaling, timing

_WORD = r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*"
_STEP_NAME = re.compile(rf"(?P<word>{_WORD})(?P<values>(?:--?\d+(?:\.\d+)?)*)")
_VALUE = re.compile(r"-(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of edit.

    Parameters
    ----------
    family : str
        What it does to a sound: codec, filter, noise, room, level, timing or scaling.
    text : str
        The exact parameters in words; each ``{}`` stands for a number in the name.
    edit : callable
        ``edit(sound[, *values][, rng][, other])``, giving a new sound.
    random : bool
        Whether `edit` takes a generator.
    other : str or None
        Name of another sound that `edit` takes: ``music`` or ``environment``.
    """

    family: str
    text: str
    edit: Callable[..., Sound]
    random: bool = False
    other: str | None = None

    @property
    def count(self) -> int:
        """How many numbers the name ends in."""
        return self.text.count("{}")


def _same(sound: Sound) -> Sound:
    return Sound(sound.samples.copy(), sound.rate)


STEPS = {
    "none": Step("none", "as marked", _same),
    "mp3": Step("codec", "MP3, {} kbit/s constant (LAME; under 32 at 24 kHz)", codecs.mp3),
    "aac": Step("codec", "AAC-LC, {} kbit/s (ffmpeg's encoder, MP4)", codecs.aac),
    "opus": Step("codec", "Opus, {} kbit/s VBR (libopus)", codecs.opus),
    "vorbis": Step("codec", "Ogg Vorbis, quality {} (libvorbis)", codecs.vorbis),
    "mu-law": Step("codec", "G.711 mu-law at {} Hz, and back", codecs.mu_law),
    "rate": Step("scaling", "resampled to {} Hz and left there", scaling.rate),
    "resample": Step("scaling", "resampled to {} Hz and back (soxr HQ)", scaling.resample),
    "speed": Step("scaling", "x{} as a tape: tempo and pitch", scaling.speed),
    "tempo": Step("scaling", "tempo x{}, pitch kept (ffmpeg atempo, WSOLA)", scaling.tempo),
    "stretch": Step(
        "scaling", "tempo x{}, pitch kept (phase vocoder, 64 ms, phase-locked)", scaling.stretch
    ),
    "pitch": Step("scaling", "{} semitones, length kept (atempo, then resampling)", scaling.pitch),
    "pitch-vocoder": Step(
        "scaling", "{} semitones, length kept (phase vocoder, resampling)", scaling.pitch_vocoder
    ),
    "lowpass": Step("filter", "below {} Hz (windowed sinc)", filters.lowpass),
    "highpass": Step("filter", "above {} Hz (windowed sinc)", filters.highpass),
    "lowpass-share": Step("filter", "below {} of the rate (sinc)", filters.lowpass_share),
    "highpass-share": Step("filter", "above {} of the rate (sinc)", filters.highpass_share),
    "bandpass": Step("filter", "{} to {} Hz (windowed sinc)", filters.bandpass),
    "telephone": Step("filter", "through 8 kHz, 300 to 3400 Hz (order 4)", filters.telephone),
    "equalise": Step("filter", "five bands, +-{} dB by chance", filters.equalise, True),
    "equalise-bark": Step(
        "filter", "24 Bark bands, +-{} to {} dB by chance", filters.equalise_bark, True
    ),
    "lowpass-biquad": Step("filter", "below {} Hz (order 2)", filters.lowpass_biquad),
    "highpass-biquad": Step("filter", "above {} Hz (order 2)", filters.highpass_biquad),
    "smooth": Step("filter", "mean of {} samples", filters.smooth),
    "white": Step("noise", "white noise at {} dB SNR", noise.white, True),
    "white-level": Step("noise", "white noise, deviation {}", noise.white_level, True),
    "pink": Step("noise", "pink noise at {} dB SNR", noise.pink, True),
    "pink-level": Step("noise", "pink noise, deviation {}", noise.pink_level, True),
    "music": Step("noise", "another clip's music at {} dB SNR", noise.bed, True, "music"),
    "background": Step(
        "noise", "sounds of an environment at {} dB SNR", noise.bed, True, "environment"
    ),
    "echo": Step("room", "echo after {} s at volume {}", noise.echo),
    "reverb": Step("room", "synthetic room, RT60 {} s, direct/tail {} dB", noise.reverb, True),
    "gain": Step("level", "x{}, clipped", levels.gain),
    "clip": Step("level", "clipped {} dB under the peak", levels.clip),
    "compress": Step("level", "4:1 above {} dBFS, 5/100 ms", levels.compress),
    "expand": Step("level", "4:1 below {} dBFS, 5/100 ms", levels.expand),
    "limit": Step("level", "limited at {} dBFS, 5/100 ms", levels.limit),
    "bits": Step("level", "{} bits", levels.bits),
    "levels": Step("level", "{} levels between least and greatest sample", levels.levels),
    "polarity": Step("level", "sign turned", levels.polarity),
    "mono": Step("level", "channels mixed into one", levels.mono),
    "fade": Step("level", "faded in and out over {} s", levels.fade),
    "crop": Step("timing", "{} s from a random sample on", timing.crop, True),
    "shift": Step("timing", "{} s of silence before, or so much cut", timing.shift),
    "delay": Step("timing", "{} samples later (cubic)", timing.delay),
    "jitter": Step("timing", "each sample moved, deviation {} samples", timing.jitter, True),
    "drop": Step("timing", "20 ms cut out of each {} s", timing.drop, True),
    "cut": Step("timing", ".05 to .4 s cut out of each {} s", timing.cut, True),
    "delete": Step("timing", "{} of the sound cut out in one run", timing.delete, True),
    "shuffle": Step("timing", "pieces of {} s in random order", timing.shuffle, True),
    "mask": Step("timing", "{} of the sound muted in pieces of 50 ms", timing.mask, True),
    "shush": Step("timing", "the first {} of the sound muted", timing.shush),
}


@dataclass(frozen=True, slots=True)
class Attack:
    """What happens to a sound between marking and reading.

    Parameters
    ----------
    name : str
        The recipe, as `attack` reads it.
    steps : tuple of (Step, tuple of float)
        In order, with their numbers.
    """

    name: str
    steps: tuple[tuple[Step, tuple[float, ...]], ...]

    @property
    def family(self) -> str:
        """The step's family, crops aside, or ``chain`` where there is more than one step."""
        families = [step.family for step, _ in self.steps if step is not STEPS["crop"]]
        return families[0] if len(families) == 1 else "chain" if families else "timing"

    @property
    def parameters(self) -> str:
        """The exact parameters in words."""
        return "; ".join(
            step.text.replace("{}", "%s") % tuple(f"{value:g}" for value in values)
            for step, values in self.steps
        )

    def apply(
        self, sound: Sound, rng: np.random.Generator, others: Mapping[str, Sound] | None = None
    ) -> Sound:
        """Attack a sound.

        Parameters
        ----------
        sound : Sound
            Not changed.
        rng : Generator
            From `random_for`, for repeatable runs.
        others : mapping of str to Sound, optional
            The sounds that steps mix in.

        Returns
        -------
        Sound
            With samples of its own, C-contiguous.

        Raises
        ------
        TooShortError
            A crop wants more than there is.
        KeyError
            A step mixes in a sound that `others` lacks.
        """
        for step, values in self.steps:
            drawn = (rng,) if step.random else ()
            mixed = () if step.other is None else ((others or {})[step.other],)
            sound = step.edit(sound, *values, *drawn, *mixed)
        return sound


def attack(name: str) -> Attack:
    """Read an attack's name.

    Raises
    ------
    ValueError
        No step has that word, or it takes more or fewer numbers.
    """
    return Attack(name, tuple(_step(part) for part in name.split("+")))


def random_for(clip: str, name: str, draw: int = 0) -> np.random.Generator:
    """Give the generator of one cell of a table: this clip under this attack, drawn once more."""
    seed = hashlib.sha256(f"{clip}\n{name}\n{draw}".encode()).digest()[:16]
    return np.random.default_rng(int.from_bytes(seed, "big"))


def _step(name: str) -> tuple[Step, tuple[float, ...]]:
    match = _STEP_NAME.fullmatch(name)
    if match is None or match["word"] not in STEPS:
        raise ValueError(f"no attack is called {name!r}")
    step = STEPS[match["word"]]
    values = tuple(float(value) for value in _VALUE.findall(match["values"]))
    if len(values) != step.count:
        raise ValueError(f"{match['word']!r} takes {step.count} numbers: {name!r}")
    return step, values
