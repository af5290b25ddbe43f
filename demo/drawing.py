"""Pictures to look at: the difference, amplified, and an overview in one row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from demo.story import Story

AMPLIFICATION = 20
_PANEL = (360, 240)
_GAP, _CAPTION = 10, 58
_INK, _PAPER, _SOFT = (28, 30, 34), (255, 255, 255), (96, 102, 112)


def save_difference(before: Path, after: Path, target: Path) -> Path:
    """Save what marking changed, `AMPLIFICATION` times as strong, around mid-grey."""
    with Image.open(before) as a, Image.open(after) as b:
        change = np.asarray(b.convert("RGB"), np.int16) - np.asarray(a.convert("RGB"), np.int16)
    amplified = np.clip(128 + AMPLIFICATION * change, 0, 255).astype(np.uint8)
    Image.fromarray(amplified).save(target)
    return target


def save_overview(stories: list[Story], target: Path) -> None:
    """Save one picture's story as a row: before, after, difference, and after a rough journey."""
    story = stories[0]
    title, path, report, _ = story.chapters[6]
    assert report.detection is not None
    payload = (report.detection.payload or b"").hex() or "nothing"
    panels = [
        (story.source, "original", "no label, no mark"),
        (story.marked, f"marked, PSNR {story.receipt.psnr:.1f} dB", "labelled, signed"),
        (story.difference, f"difference x {AMPLIFICATION}", "what marking changed"),
        (path, title, f"read from it: {payload}"),
    ]
    width = len(panels) * (_PANEL[0] + _GAP) - _GAP
    sheet = Image.new("RGB", (width, _PANEL[1] + _CAPTION), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (picture, caption, note) in enumerate(panels):
        left = number * (_PANEL[0] + _GAP)
        with Image.open(picture) as image:
            panel = image.convert("RGB")
        # The last one keeps its smaller size: that is what happened to it.
        scale = min(_PANEL[0] / 600, _PANEL[1] / 400)
        panel = panel.resize((round(panel.width * scale), round(panel.height * scale)))
        sheet.paste(panel, (left, _PANEL[1] - panel.height))
        draw.text((left, _PANEL[1] + 8), caption, _INK, ImageFont.load_default(18))
        draw.text((left, _PANEL[1] + 33), note, _SOFT, ImageFont.load_default(15))
    sheet.save(target, quality=88, optimize=True)
