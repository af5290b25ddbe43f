"""The demo's page: one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from PIL import Image

from demo.drawing import AMPLIFICATION
from demo.film import player
from demo.sound import section

if TYPE_CHECKING:
    from demo.sound import Piece
    from demo.story import Story
    from genlabel import Report

_TEMPLATE = Path(__file__).with_name("page.html")
_WIDE, _THUMBNAIL = 1280, 320


def summary(report: Report) -> str:
    """Say in one line what verify found."""
    detection = report.detection
    if report.conflicts:
        return "labels contradict each other"
    if detection is not None and detection.found:
        signed = " C2PA trusted," if report.layers["c2pa"].state == "trusted" else ""
        payload = (detection.payload or b"").hex()
        return f"{report.verdict},{signed} payload {payload}, 1e{detection.log10_p:.0f}"
    if report.layers["visible"].state == "present":
        return "no mark; a rhythm label is heard"
    declared = [name for name, layer in report.layers.items() if layer.state != "absent"]
    return f"no mark; metadata: {', '.join(declared)}" if declared else "nothing found"


def write(stories: list[Story], pieces: list[Piece], shown: Piece, target: Path) -> None:
    """Write the page with every picture, every sound and the film inside it."""
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    told: list[Story | Piece] = [*stories, *pieces, shown]
    total = [right for each in told for *_, right in each.chapters]
    sections = [*map(_section, stories), *(section(piece, summary) for piece in pieces)]
    sections.append(section(shown, summary, player))
    text = template.substitute(right=sum(total), total=len(total), stories="\n".join(sections))
    target.write_text(text, encoding="utf-8")


def _section(story: Story) -> str:
    name = escape(story.source.name)
    receipt = story.receipt
    facts = [
        ("PSNR", f"{receipt.psnr:.1f} dB"),
        ("payload", (receipt.payload or b"").hex()),
        ("produce id", receipt.label.produce_id or ""),
        ("layers", ", ".join(receipt.layers)),
    ]
    return f"""
<section>
<h2>{name}</h2>
<div class="pair">
<figure><div class="compare" style="--at: 50%">
<img src="{_data(story.source, _WIDE)}" alt="{name} before marking">
<img class="after" src="{_data(story.marked, _WIDE)}" alt="{name} after marking">
<input type="range" min="0" max="100" value="50" aria-label="before or after">
</div><figcaption>left of the line before, right of it after marking: move it</figcaption></figure>
<figure><img src="{_data(story.difference, _WIDE)}" alt="what marking changed in {name}">
<figcaption>what marking changed, {AMPLIFICATION} times as strong</figcaption></figure>
</div>
<dl>{"".join(f"<dt>{term}</dt><dd>{escape(value)}</dd>" for term, value in facts)}</dl>
<div class="table"><table>
<thead><tr><th>what happened to it</th><th></th><th>what verify says</th><th></th></tr></thead>
<tbody>{"".join(_row(*chapter) for chapter in story.chapters)}</tbody>
</table></div>
</section>"""


def _row(title: str, path: Path, report: Report, right: bool) -> str:
    outcome = '<span class="ok">right</span>' if right else '<span class="wrong">wrong</span>'
    said = escape(summary(report))
    if report.conflicts:
        said += "".join(f"<br><small>{escape(conflict)}</small>" for conflict in report.conflicts)
    picture = f'<img src="{_data(path, _THUMBNAIL)}" alt="" loading="lazy">'
    return f"<tr><td>{escape(title)}</td><td>{picture}</td><td>{said}</td><td>{outcome}</td></tr>"


def _data(path: Path, longest: int) -> str:
    with Image.open(path) as picture:
        shown = picture.convert("RGB")
    shown.thumbnail((longest, longest))
    stream = io.BytesIO()
    shown.save(stream, "WEBP", quality=92)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()
