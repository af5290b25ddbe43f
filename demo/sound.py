"""The demo's sounds: marked, sent through the world, and verified."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

import genlabel
from genlabel.audio import AudibleLabel

HERE = Path(__file__).resolve().parent
#: Speech gets the rhythm that generated speech is to begin with; music is left as it is.
SOUNDS: dict[Path, AudibleLabel | None] = {
    HERE / "sounds" / "printing.flac": AudibleLabel(at=("start",)),
    HERE / "sounds" / "loop.ogg": None,
}
_BLOCK = 4096


class Fate(NamedTuple):
    """One thing that happens to a sound; nothing but its samples is saved.

    Parameters
    ----------
    name : str
        What happened, for people.
    change : callable
        From samples and rate to samples and rate.
    settings : dict
        How the result is coded, in soundfile's terms.
    """

    name: str
    change: Callable[[Any, int], tuple[Any, int]]
    settings: dict[str, Any]

    def befall(self, source: Path, folder: Path) -> Path:
        """Change a sound and save it."""
        samples, rate = self.change(*soundfile.read(source, dtype="float32", always_2d=True))
        form = self.settings["format"]
        suffix = {"MP3": ".mp3", "OGG": ".ogg"}.get(form, ".wav")
        target = folder / (self.name.replace(",", "").replace(" ", "-").lower() + suffix)
        channels = samples.shape[1]
        with soundfile.SoundFile(target, "w", rate, channels, **self.settings) as file:
            for start in range(0, len(samples), _BLOCK):
                file.write(samples[start : start + _BLOCK])
        return target


def _same(samples: Any, rate: int) -> tuple[Any, int]:
    return samples, rate


def _cut(samples: Any, rate: int) -> tuple[Any, int]:
    # From where nothing begins: the detector is not told either.
    return samples[round(1.9 * rate) : round(7.1 * rate)], rate


def _telephone(samples: Any, rate: int) -> tuple[Any, int]:
    spectrum = np.fft.rfft(samples.mean(axis=1))
    pitch = np.fft.rfftfreq(len(samples), 1 / rate)
    spectrum[(pitch < 300) | (pitch > 3400)] = 0
    return np.fft.irfft(spectrum, len(samples))[:, None], rate


def _faster(samples: Any, rate: int) -> tuple[Any, int]:
    return samples, round(1.05 * rate)


_WAV = {"format": "WAV", "subtype": "PCM_16"}
_MP3 = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT"}
FATES = (
    Fate("metadata stripped", _same, _WAV),
    Fate("MP3 at a low bitrate", _same, {**_MP3, "compression_level": 0.75}),
    Fate("five seconds cut out, Vorbis", _cut, {"format": "OGG", "subtype": "VORBIS"}),
    Fate("telephone band, mono, 8 bit", _telephone, {"format": "WAV", "subtype": "ULAW"}),
    Fate("played 5 % faster", _faster, _WAV),
)


@dataclass
class Piece:
    """One sound and everything that happened to it.

    Parameters
    ----------
    source, marked : Path
        The sound before and after.
    receipt : Receipt
        What was written.
    chapters : list of (str, Path, Report, bool)
        What happened, the resulting file, what verify says of it, and whether that is right.
    """

    source: Path
    marked: Path
    receipt: genlabel.Receipt
    chapters: list[tuple[str, Path, genlabel.Report, bool]]


def mark_all(out: Path, key: genlabel.Key, signer: genlabel.Signer) -> list[Piece]:
    """Mark, label and sign every sound; Ogg has no place for a signature."""
    pieces = []
    for source, audible in SOUNDS.items():
        folder = out / source.stem
        folder.mkdir()
        marked = folder / f"after{source.suffix}"
        label = genlabel.Label(producer="genlabel-demo", system="Demo", system_version="1")
        receipt = genlabel.mark(
            source, marked, label=label, key=key, signer=signer, visible=audible or "off"
        )
        pieces.append(Piece(source, marked, receipt, []))
        print(f"   {source.name:<18} payload {label.mark_id.hex()}")
        print(f"   {'':<18} layers {', '.join(receipt.layers)}", flush=True)
    return pieces


def section(
    piece: Piece,
    summary: Callable[[genlabel.Report], str],
    player: Callable[[Path], str] | None = None,
) -> str:
    """Give the part of the page of a sound, or of a film with its own player."""
    player = player or _player
    name = escape(piece.source.parent.name if player is not _player else piece.source.name)
    facts = [
        ("payload", (piece.receipt.payload or b"").hex()),
        ("produce id", piece.receipt.label.produce_id or ""),
        ("layers", ", ".join(piece.receipt.layers)),
    ]
    rows = "".join(_row(summary, player, *chapter) for chapter in piece.chapters)
    return f"""
<section>
<h2>{name}</h2>
<div class="pair">
<figure>{player(piece.source)}<figcaption>before marking</figcaption></figure>
<figure>{player(piece.marked)}<figcaption>after marking</figcaption></figure>
</div>
<dl>{"".join(f"<dt>{term}</dt><dd>{escape(value)}</dd>" for term, value in facts)}</dl>
<div class="table"><table>
<thead><tr><th>what happened to it</th><th></th><th>what verify says</th><th></th></tr></thead>
<tbody>{rows}</tbody>
</table></div>
</section>"""


def _row(
    summary: Callable[[genlabel.Report], str],
    player: Callable[[Path], str],
    title: str,
    path: Path,
    report: genlabel.Report,
    right: bool,
) -> str:
    outcome = '<span class="ok">right</span>' if right else '<span class="wrong">wrong</span>'
    said = escape(summary(report))
    cells = (escape(title), player(path), said, outcome)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _player(path: Path) -> str:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    stream = io.BytesIO()
    # MP3 has its own rates, and 23,153 Hz is none of them.
    known = min((8000, 16000, 22050, 44100), key=lambda usual: abs(usual - rate))
    old = np.arange(len(samples)) / rate
    new = np.arange(round(len(samples) * known / rate)) / known
    samples = np.stack([np.interp(new, old, channel) for channel in samples.T], axis=1)
    settings = {"format": "MP3", "subtype": "MPEG_LAYER_III"}
    with soundfile.SoundFile(stream, "w", known, samples.shape[1], **settings) as file:
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<audio controls preload="none" src="data:audio/mpeg;base64,{data}"></audio>'
