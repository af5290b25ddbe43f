"""Labels drawn into planes: in every kind of them, when they are asked for, and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import genlabel
from genlabel import Key, Label, LabelError
from genlabel.video import Encoding, Overlay
from genlabel.video._files.label import turned
from genlabel.visible import VisibleLabel, draw
from genlabel.visible._place import upright
from tests.sdk.test_mark_film import CLIP, cut

LABEL = VisibleLabel("AI生成", position="bottom-right", plate="always")
FAST = Encoding(preset="ultrafast")


def planes(
    height: int, width: int, down: int, across: int, bits: int = 8, luma: int = 100
) -> list[np.ndarray]:
    kind = np.uint8 if bits == 8 else np.uint16
    unit = 1 << (bits - 8)
    small = -(-height // down), -(-width // across)
    return [
        np.full((height, width), luma * unit, kind),
        np.full(small, 60 * unit, kind),
        np.full(small, 190 * unit, kind),
    ]


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("steps", [(1, 1), (1, 2), (2, 2), (1, 4)])
@pytest.mark.parametrize("size", [(240, 320), (241, 323)])
def test_letters_are_grey_in_all_planes(
    bits: int, full: bool, steps: tuple[int, int], size: tuple[int, int]
) -> None:
    frame = planes(*size, *steps, bits)
    before = [plane.copy() for plane in frame]
    overlay = Overlay(LABEL, bit_depth=bits, full_range=full)
    where = overlay.settle(frame)
    assert all((one == other).all() for one, other in zip(frame, before, strict=True))
    assert overlay.push(frame, 0.0)
    left, top, width, height = where["box"]
    unit = 1 << (bits - 8)
    box = frame[0][top : top + height, left : left + width]
    ends = (0, 256 * unit - 1) if full else (16 * unit, 235 * unit)
    # Some letters are wholly black or white, and no sample is beyond.
    assert box.min() == ends[0] or box.max() == ends[1]
    assert ends[0] <= box.min() and box.max() <= ends[1]
    down, across = steps
    for plane, old in zip(frame[1:], before[1:], strict=True):
        changed = np.argwhere(plane != old)
        rows, columns = changed[:, 0] * down, changed[:, 1] * across
        assert top - down < rows.min() and rows.max() < top + height
        assert left - across < columns.min() and columns.max() < left + width
        part = plane[top // down : (top + height) // down, left // across :]
        # Beneath letters next to no colour is left.
        assert np.abs(part.astype(int) - 128 * unit).min() <= 8 * unit
    outside = frame[0].copy()
    outside[top : top + height, left : left + width] = before[0][0, 0]
    assert (outside == before[0]).all()


def test_planes_look_as_pixels_do() -> None:
    rng = np.random.default_rng(5)
    luma = rng.integers(16, 236, (200, 300), np.uint8)
    frame = [luma.copy()]
    where = Overlay(LABEL).settle(frame)
    overlay = Overlay(LABEL)
    overlay.push(frame, 0.0)
    grey = np.clip(np.rint((luma.astype(float) - 16) * 255 / 219), 0, 255).astype(np.uint8)
    drawn, told = draw(grey, LABEL)
    assert list(told.box) == where["box"]
    shown = (frame[0].astype(float) - 16) * 255 / 219
    # Where films need a stronger plate than this picture, the rest is alike.
    assert np.abs(shown - drawn).mean() < 3


def test_interleaved_chroma_and_alpha() -> None:
    apart, together = planes(240, 320, 2, 2), planes(240, 320, 2, 2)
    mixed = np.empty((120, 320), np.uint8)
    mixed[:, 0::2], mixed[:, 1::2] = together[1:]
    Overlay(LABEL).push(apart, 0.0)
    Overlay(LABEL).push([together[0], mixed], 0.0)
    assert (together[0] == apart[0]).all()
    assert (mixed[:, 0::2] == apart[1]).all() and (mixed[:, 1::2] == apart[2]).all()
    alpha = np.zeros((240, 320), np.uint8)
    where = Overlay(LABEL).settle(apart)
    Overlay(LABEL).push([*planes(240, 320, 2, 2), alpha], 0.0)
    left, top, width, height = where["box"]
    assert alpha[top + height // 2, left + width // 2] > 120
    assert not alpha[: top - 1].any()


@pytest.mark.parametrize("way", range(1, 9))
def test_upright_where_the_film_is_shown(way: int) -> None:
    frame = [np.full((200, 320), 120, np.uint8)]
    overlay = Overlay(LABEL, turned=way)
    left, top, width, height = overlay.settle(frame)["box"]
    overlay.push(frame, 0.0)
    plain = [np.full(upright(frame[0], way).shape, 120, np.uint8)]
    Overlay(LABEL).push(plain, 0.0)
    assert (upright(frame[0], way) == plain[0]).all()


def test_matrices_are_read_as_turns() -> None:
    one, none = 1 << 16, 0
    assert turned(None) == 1
    assert turned((one, 0, 0, 0, one, 0, 0, 0, 1 << 30)) == 1
    # A quarter to the right, as telephones write it.
    assert turned((none, one, 0, -one, none, 0, 0, 0, 1 << 30)) == 6
    assert turned((-one, 0, 0, 0, -one, 0, 0, 0, 1 << 30)) == 3
    assert turned((5, 7, 0, 9, 11, 0, 0, 0, 1 << 30)) == 1


def shown_at(label: VisibleLabel, frames: int, fps: float, cuts: tuple[int, ...] = ()) -> Any:
    overlay = Overlay(label)
    level, seen = 60, []
    for number in range(frames):
        if number in cuts:
            level = 220 - level
        frame = [np.full((180, 240), level, np.uint8)]
        drawn = overlay.push(frame, number / fps)
        assert drawn == bool((frame[0] != level).any())
        seen.append(drawn)
    return seen, overlay.spans


def test_at_the_start_for_two_seconds_at_least() -> None:
    label = VisibleLabel("AI生成", during="start", seconds=2.0)
    for fps in (8, 25, 29.97):
        seen, spans = shown_at(label, round(5 * fps), fps)
        assert seen[0] and seen == sorted(seen, reverse=True)
        assert sum(seen) / fps >= 2.0
        assert len(spans) == 1 and spans[0][0] == 0 and 2.0 <= spans[0][1] < 2.2


def test_throughout_and_at_every_scene() -> None:
    seen, spans = shown_at(VisibleLabel("AI生成"), 50, 10)
    assert all(seen) and spans == [[0.0, 5.0]]
    label = VisibleLabel("AI生成", during="scenes", seconds=2.0)
    seen, spans = shown_at(label, 100, 10, cuts=(40, 75))
    assert spans == [[0.0, 2.0], [4.0, 6.0], [7.5, 9.5]]


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_frames_of_rgb_are_drawn_on_as_planes_are(kind: str) -> None:
    label = VisibleLabel(during="scenes", seconds=2.0, position="top-left")
    overlay = Overlay(label, profiles=("cn",))
    scale = {"uint8": 1, "uint16": 257, "float32": 1 / 255}[kind]
    seen = []
    for number in range(70):
        level = 60 if number < 40 else 180
        frame = (np.full((180, 240, 3), level) * scale).astype(kind)
        plain = frame.copy()
        seen.append(overlay.draw(frame, number / 10))
        assert seen[-1] == bool((frame != plain).any())
    assert overlay.spans == [[0.0, 2.0], [4.0, 6.0]]
    with pytest.raises(LabelError):
        Overlay(VisibleLabel("AI"), profiles=("cn",))


def test_a_film_shows_it_says_where_and_is_found(
    media: Callable[[str], Path], key: Key, tmp_path: Path, check_schema: Callable[[Any], None]
) -> None:
    source = cut(media(CLIP), tmp_path / "a.mp4")
    target = tmp_path / "b.mp4"
    receipt = genlabel.mark(
        source, target, label=Label("acme"), key=key, visible="auto", encoding=FAST
    )
    check_schema(receipt)
    assert receipt.layers[:2] == ("visible", "watermark")
    assert receipt.visible is not None and receipt.visible["text"] == "AI生成"
    ((begin, end),) = receipt.visible["spans"]
    assert begin < 0.1 and end >= 1.9
    assert receipt.psnr is not None and receipt.psnr > 35
    left, top, width, height = receipt.visible["box"]
    with av.open(str(target)) as film:
        for frame in film.decode(video=0):
            box = frame.to_ndarray(format="gray")[top : top + height, left : left + width]
            assert int(box.max()) - int(box.min()) > 150
    report = genlabel.verify(target, keys=[key])
    check_schema(report)
    assert report.layers["visible"].state == "present"
    assert report.layers["visible"].details["text"] == "AI生成"
    assert report.detection is not None and report.detection.payload == receipt.payload


def test_china_asks_for_both_elements_of_films_too(clip_bytes: bytes, key: Key) -> None:
    with pytest.raises(LabelError, match="lacks") as refused:
        genlabel.mark(
            clip_bytes, io.BytesIO(), label=Label("acme"), key=key, visible=VisibleLabel("AI")
        )
    assert refused.value.clause == "GB 45438-2025 5.4"


@pytest.fixture
def clip_bytes(media: Callable[[str], Path]) -> bytes:
    return media(CLIP).read_bytes()
