"""The main job on real pictures, sounds and a film: mark, let the world have its way, verify.

Run by ``make demo``. Leaves a folder, demo-out/ unless another is named, with the pictures before
and after, their differences, and index.html to look at them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import genlabel
from demo import film, page, sound
from demo.drawing import save_difference, save_overview
from demo.fates import FATES, Fate
from demo.story import Story

HERE = Path(__file__).resolve().parent
# The drawing came as a JPEG of low quality, whose tables would leave little of any mark. What
# follows is to show how far a mark carries, not how far that does.
QUALITY = 90
PICTURES = sorted((HERE / "pictures").glob("*.[jpw]*[gp]"))


def command(*arguments: str | Path) -> None:
    """Show a command and run it, as one would in a terminal."""
    shown = [os.path.relpath(a) if isinstance(a, Path) else a for a in arguments]
    print("\n$ genlabel", *shown, flush=True)
    subprocess.run([sys.executable, "-m", "genlabel", *shown], check=False)


def mark_all(out: Path, key: genlabel.Key, signer: genlabel.Signer) -> list[Story]:
    """Mark, label and sign every picture."""
    stories = []
    for source in PICTURES:
        folder = out / source.stem
        folder.mkdir()
        shutil.copy(source, folder / f"before{source.suffix}")
        marked = folder / f"after{source.suffix}"
        label = genlabel.Label(producer="genlabel-demo", system="Demo", system_version="1")
        receipt = genlabel.mark(
            source, marked, label=label, key=key, signer=signer, quality=QUALITY
        )
        difference = save_difference(source, marked, folder / "difference.png")
        stories.append(Story(source, marked, difference, receipt))
        print(f"   {source.name:<18} PSNR {receipt.psnr:.1f} dB   payload {label.mark_id.hex()}")
        print(f"   {'':<18} layers {', '.join(receipt.layers)}", flush=True)
    return stories


def tell(
    story: Story | sound.Piece,
    key: genlabel.Key,
    root: Path,
    fates: Sequence[Fate | sound.Fate | film.Fate],
) -> None:
    """Verify a picture, a sound or a film as delivered and after each fate, and the controls."""

    def chapter(title: str, path: Path, report: genlabel.Report, right: bool) -> None:
        story.chapters.append((title, path, report, right))
        print(f"   {title:<28} {page.summary(report):<58} {'ok' if right else 'WRONG'}", flush=True)

    payload = story.receipt.payload
    report = genlabel.verify(story.marked, keys=[key], trust=root)
    whole = carries(report, payload) and verifies(report, story.receipt)
    chapter("as delivered", story.marked, report, whole)
    for fate in fates:
        path = fate.befall(story.marked, story.marked.parent)
        report = genlabel.verify(path, keys=[key])
        chapter(fate.name, path, report, carries(report, payload))
    report = genlabel.verify(story.source, keys=[key])
    chapter("control: before marking", story.source, report, not found(report))
    stripped = story.chapters[1][1]
    report = genlabel.verify(stripped, keys=[genlabel.Key.generate("stranger")])
    chapter("control: another key", stripped, report, not found(report))


def transplant(story: Story, other: Story, key: genlabel.Key) -> None:
    """Give a picture the label of another one: verify must see that it is not its own."""
    label = genlabel.read(other.marked)
    assert label is not None
    forged = story.stripped.with_name("label-of-another.png")
    genlabel.label(story.stripped, forged, label=label)
    report = genlabel.verify(forged, keys=[key])
    right = bool(report.conflicts)
    story.chapters.append(("control: label of another", forged, report, right))
    verdict = report.conflicts[0] if right else "no conflict reported"
    print(f"   {story.source.name}: {verdict}   {'ok' if right else 'WRONG'}", flush=True)


def found(report: genlabel.Report) -> bool:
    """Whether the samples carry a mark."""
    return report.detection is not None and report.detection.found


def carries(report: genlabel.Report, payload: bytes | None) -> bool:
    """Whether the samples carry exactly this payload."""
    return found(report) and report.detection is not None and report.detection.payload == payload


def verifies(report: genlabel.Report, receipt: genlabel.Receipt) -> bool:
    """Whether every layer that was written verifies, the signature up to our own root."""
    wanted = {"c2pa": "trusted", "visible": "present"}
    states = {name: report.layers[name].state for name in receipt.layers}
    return not report.conflicts and all(
        state == wanted.get(name, "valid") for name, state in states.items()
    )


def main(out: Path) -> int:
    """Run the demo; status 1 where anything came out wrong."""
    shutil.rmtree(out, ignore_errors=True)
    keys = out / "keys"
    keys.mkdir(parents=True)
    print("1. A key for the watermark, certificates for the signature, kernels compiled once")
    command("keygen", "demo-key", "-o", keys / "demo.key")
    command("certs", "init", keys / "certs")
    command("warmup")
    key = genlabel.Key.load(keys / "demo.key")
    signer = genlabel.Signer.load(keys / "certs" / "signer.pem", keys / "certs" / "signer.key")

    print("\n2. Mark: watermark into the samples, label into the metadata, signature over both")
    stories = mark_all(out, key, signer)

    print("\n3. What then happens to them, and what verify says")
    for story in stories:
        print(f"\n   {story.source.name}")
        tell(story, key, keys / "certs" / "root.pem", FATES)
    print("\n   a label taken from one picture and put on another")
    for story, other in zip(stories, stories[1:] + stories[:1], strict=True):
        transplant(story, other, key)

    print("\n4. The same on the command line, of one that lost its metadata and 30 % of its area")
    command("verify", stories[0].chapters[len(FATES)][1], "--key", keys / "demo.key")

    print("\n5. Sound: the same, and speech begins with a rhythm that says it was generated")
    pieces = sound.mark_all(out, key, signer)
    for piece in pieces:
        print(f"\n   {piece.source.name}")
        tell(piece, key, keys / "certs" / "root.pem", sound.FATES)

    print("\n6. Film: picture and sound carry the mark, each by itself")
    shown = film.mark(out, key, signer)
    tell(shown, key, keys / "certs" / "root.pem", film.FATES)

    save_overview(stories, out / "overview.jpg")
    page.write(stories, pieces, shown, out / "index.html")
    told: list[Story | sound.Piece] = [*stories, *pieces, shown]
    wrong = sum(not right for story in told for *_, right in story.chapters)
    total = sum(len(story.chapters) for story in told)
    print(f"\n{total - wrong} of {total} came out right. Look at {os.path.relpath(out)}/index.html")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo-out")))
