"""Suites: which attacks a table shows, in rows with the share of exact payloads they must reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.audio.attacks import Attack, attack
from benchmarks.audio.sounds import AS_IT_IS, Form

_VOICES = ("speech", "synthetic")
#: With clips joined, because few are as long as a row wants.
_LONG = ("speech", "joined-speech", "synthetic", "joined-synthetic", "music")


@dataclass(frozen=True, slots=True)
class Row:
    """Attacks that are judged together.

    Parameters
    ----------
    title : str
        As printed.
    target : float or None
        Share of exact payloads to reach over the whole row, 0 to 1; None where only the
        figure is of interest.
    attacks : tuple of Attack
        In order of printing.
    kinds : tuple of str
        Kinds of clips that the row is about.
    draws : int
        How often each attack is drawn anew for each clip.
    payload_bytes : int
        8, 16 or 32.
    """

    title: str
    target: float | None
    attacks: tuple[Attack, ...]
    kinds: tuple[str, ...] = (*_VOICES, "music")
    draws: int = 1
    payload_bytes: int = 8


@dataclass(frozen=True, slots=True)
class Suite:
    """Rows, and what is made of the clips before they are marked.

    Parameters
    ----------
    rows : tuple of Row
        In order of printing.
    form : Form
        Length, rate and channels that a protocol asks for.
    """

    rows: tuple[Row, ...]
    form: Form = field(default=AS_IT_IS)

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds of clips that any row is about, in order."""
        return tuple(dict.fromkeys(kind for row in self.rows for kind in row.kinds))


def _row(
    title: str,
    target: float | None,
    names: Iterable[str],
    *,
    kinds: tuple[str, ...] = (*_VOICES, "music"),
    draws: int = 1,
    payload_bytes: int = 8,
) -> Row:
    return Row(title, target, tuple(attack(name) for name in names), kinds, draws, payload_bytes)


def _each(word: str, *values: float) -> list[str]:
    return [f"{word}-{value:g}" for value in values]


def _after(first: str, *names: str) -> list[str]:
    return [f"{first}+{name}" for name in names]


#: Easy ones, and one of each hard family: minutes, not hours.
FOUNDATION = Suite(
    (
        _row("untouched", 1.0, ["none"]),
        _row(
            "5 s",
            0.95,
            [
                "crop-5",
                *_after("crop-5", "mp3-64", "aac-64", "telephone", "polarity", "resample-8000"),
            ],
        ),
        _row(
            "10 s",
            None,
            _after(
                "crop-10",
                "opus-24",
                "mp3-32",
                "white-20",
                "reverb-0.3-3",
                "speed-1.05",
                "tempo-1.05",
                "pitch-1",
                "cut-2",
            ),
        ),
    ),
    Form(most_seconds=30),
)

_HARD_CHANNELS = (
    "mp3-32",
    "aac-32",
    "vorbis-0",
    "opus-16",
    "mu-law-8000",
    "resample-8000",
    "telephone",
    "reverb-0.3-3",
    "reverb-0.5-3",
    "echo-0.1-0.3",
    "echo-0.5-0.5",
    "equalise-6",
    "clip-12",
    "compress--30",
    "limit--30",
    "bits-8",
    "polarity",
    "mono",
    "gain-0.25",
    "gain-0.05+bits-16",
    "shift-0.1",
    "delay-0.5",
)

TABLE = Suite(
    (
        _row("2 untouched", 1.0, ["none"]),
        _row("2 steady tones by formula, 20 s", None, ["none"], kinds=("tones",)),
        _row("2a 64 bits, 5 s of speech", 0.95, ["crop-5"], kinds=("speech",), draws=8),
        _row(
            "2b 64 bits, 5 s of synthetic speech", 0.95, ["crop-5"], kinds=("synthetic",), draws=8
        ),
        _row("2c 64 bits, 3 s of music", 0.90, ["crop-3"], kinds=("music",), draws=8),
        _row("2d 64 bits, 3 s of speech", None, ["crop-3"], kinds=_VOICES, draws=4),
        _row("2e 128 bits, 10 s", 0.99, ["crop-10"], kinds=_LONG, draws=4, payload_bytes=16),
        _row(
            "2f 128 bits, 10 s, coded",
            0.95,
            _after("crop-10", "mp3-64", "opus-24"),
            kinds=_LONG,
            draws=3,
            payload_bytes=16,
        ),
        _row(
            "4a tempo +-10 %",
            0.95,
            _after("crop-15", *_each("tempo", 0.9, 1.1), *_each("stretch", 0.9, 1.1)),
            kinds=_LONG,
        ),
        _row(
            "4b pitch +-2 semitones",
            0.95,
            _after("crop-15", *_each("pitch", -2, -1, 1, 2), *_each("pitch-vocoder", -2, 2)),
            kinds=_LONG,
        ),
        _row(
            "4c speed .75 to 1.33",
            0.95,
            _after("crop-15", *_each("speed", 0.75, 0.8, 0.95, 1.05, 1.25, 1.33)),
            kinds=_LONG,
        ),
        _row(
            "4d tempo +-20 %",
            0.80,
            _after("crop-15", *_each("tempo", 0.8, 1.2), *_each("stretch", 0.8, 1.2)),
            kinds=_LONG,
        ),
        _row(
            "5a cuts, 30 s",
            1.0,
            _after("crop-30", *_each("cut", 1, 2, 5), "drop-1", "shuffle-3"),
            kinds=_LONG,
        ),
        _row("6a white noise 20 dB, 30 s", 1.0, ["crop-30+white-20"], kinds=_LONG, draws=2),
        _row("6b white noise 10 dB, 30 s", 0.75, ["crop-30+white-10"], kinds=_LONG, draws=2),
        _row("6c music bed 0 dB, 30 s", 0.75, ["crop-30+music-0"], kinds=_LONG, draws=2),
        _row("6d channels, 30 s", 1.0, _after("crop-30", *_HARD_CHANNELS), kinds=_LONG),
        _row(
            "7 chains, 15 s",
            None,
            _after(
                "crop-15",
                "mp3-128+telephone+opus-16",
                "speed-1.05+aac-64",
                "tempo-0.95+pitch-1",
                "reverb-0.3-6+white-30+opus-24",
                "rate-22050+mp3-64+shift-0.5",
                "opus-12",
            ),
            kinds=_LONG,
        ),
    ),
    Form(most_seconds=60),
)

#: The attacks of AudioSeal's paper (San Roman et al., ICML 2024, arXiv 2401.17264), 10 s at 16 kHz,
#: and OmniSeal Bench's "shush"; EnCodec is left out.
AUDIOSEAL = Suite(
    (
        _row("untouched", None, ["none"]),
        _row("filters", None, ["bandpass-500-5000", "highpass-1500", "lowpass-500", "smooth-40"]),
        _row("level", None, ["gain-10", "gain-0.1", "shush-0.1"]),
        _row("echo", None, ["echo-0.5-0.5"]),
        _row("noise", None, ["pink-level-0.1", "white-level-0.05"]),
        _row("scaling", None, ["speed-1.25", "resample-32000"]),
        _row("codecs", None, ["aac-64", "mp3-32"]),
    ),
    Form(seconds=10, rate=16_000, mono=True),
)

#: The no-box attacks of AudioMarkBench (Liu et al., NeurIPS 2024, arXiv 2406.06979), 5 s at 16 kHz,
#: with the bit rates that its script gives to the Opus encoder; neural codecs are left out.
AUDIOMARK = Suite(
    (
        _row("untouched", None, ["none"]),
        _row("time stretch", None, _each("stretch", 0.7, 0.9, 1.1, 1.3, 1.5)),
        _row("Gaussian noise", None, _each("white", 40, 30, 20, 10, 5)),
        _row("background noise", None, _each("background", 40, 30, 20, 10, 5)),
        _row("Opus", None, _each("opus", 6, 8, 16, 24, 31)),
        _row("quantisation", None, _each("levels", 4, 8, 16, 32, 64)),
        _row("highpass", None, _each("highpass-share", 0.1, 0.2, 0.3, 0.4)),
        _row("lowpass", None, _each("lowpass-share", 0.1, 0.2, 0.3, 0.4)),
        _row("smoothing", None, _each("smooth", 6, 10, 14, 18, 22)),
        _row("echo", None, [f"echo-{delay}-0.4" for delay in (0.1, 0.3, 0.5, 0.7, 0.9)]),
        _row("MP3", None, _each("mp3", 8, 16, 24, 32, 40)),
    ),
    Form(seconds=5, rate=16_000, mono=True),
)

_RAW_COMMON = (
    _row("polarity", None, ["polarity"]),
    _row("shift", None, _each("shift", -0.1, 0.1)),
    _row("quantisation", None, _each("bits", 12, 16)),
    _row("jitter", None, _each("jitter", 0.01, 0.1, 0.2)),
    _row("masks", None, ["mask-0.15"]),
)

#: RAW-Bench's two settings (Ozer et al., Interspeech 2025, arXiv 2505.19663): the ends of each
#: range. Vorbis at quality 0 stands for 48 kbit/s, which libsndfile cannot ask for; rooms are
#: synthetic. Neural codecs are left out.
RAWBENCH_STRICT = Suite(
    (
        _row("untouched", None, ["none"]),
        _row("noise", None, _each("white", 20, 40)),
        _row("background", None, _each("background", 20, 35)),
        _row("reverb", None, ["reverb-0.5-0", "reverb-0.5-6"]),
        _row("codecs", None, ["aac-64", "mp3-64", "vorbis-0"]),
        _row("compressor", None, _each("compress", -36, -18)),
        _row("expander", None, _each("expand", -16, -12)),
        _row("limiter", None, _each("limit", -36, -18)),
        _row("equaliser", None, ["equalise-bark-3.3-6.5"]),
        _row("highpass", None, _each("highpass-biquad", 250, 500)),
        _row("lowpass", None, _each("lowpass-biquad", 3500, 6000)),
        _row("gain", None, _each("gain", 0.2, 0.5, 1.5, 5)),
        _row("stretch", None, _each("stretch", 0.75, 0.95, 1.05, 1.25)),
        *_RAW_COMMON,
    ),
    Form(seconds=3),
)

RAWBENCH_LOOSE = Suite(
    (
        _row("untouched", None, ["none"]),
        _row("noise", None, _each("white", 40, 60)),
        _row("background", None, _each("background", 35, 60)),
        _row("reverb", None, ["reverb-0.5-6", "reverb-0.5-12"]),
        _row("codecs", None, ["aac-128", "aac-256", "mp3-128", "mp3-256", "vorbis-1", "vorbis-5"]),
        _row("compressor", None, _each("compress", -18, -6)),
        _row("expander", None, _each("expand", -12, -6)),
        _row("limiter", None, _each("limit", -18, -6)),
        _row("equaliser", None, ["equalise-bark-0-3.3"]),
        _row("highpass", None, _each("highpass-biquad", 10, 250)),
        _row("lowpass", None, _each("lowpass-biquad", 6000, 8000)),
        _row("gain", None, _each("gain", 0.5, 1.5)),
        _row("stretch", None, _each("stretch", 0.95, 1.05)),
        *_RAW_COMMON,
    ),
    Form(seconds=3),
)

SUITES = {
    "foundation": FOUNDATION,
    "table": TABLE,
    "audioseal": AUDIOSEAL,
    "audiomark": AUDIOMARK,
    "rawbench-strict": RAWBENCH_STRICT,
    "rawbench-loose": RAWBENCH_LOOSE,
}
