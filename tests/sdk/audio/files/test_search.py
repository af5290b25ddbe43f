"""Long sounds: marked as they go by, searched in pieces, and told as one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import genlabel
from genlabel import Key, Label
from genlabel.audio._files import search
from genlabel.audio._files.formats import blocks_of, open_sound
from genlabel.audio._files.search import find_mark, is_long, piece_frames
from tests.sdk.audio.sounds import Samples, coded, melody

RATE = 22050


@pytest.fixture(scope="module")
def song(media: Callable[[str], Path]) -> Samples:
    """A minute and a half of song, mono, at half its rate."""
    path = media("audio/Karissa_Hobbs_-_Lets_Go_Fishin.hq.ogg")
    samples, rate = soundfile.read(path, dtype="float32", frames=90 * 44100)
    assert rate == 2 * RATE
    return samples.mean(axis=1).reshape(-1, 2).mean(axis=1, keepdims=True).astype(np.float32)


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PIECE_SECONDS", 45)


def file_of(samples: Samples) -> bytes:
    return coded(samples, RATE, "WAV", "PCM_16")


@pytest.mark.usefixtures("short_pieces")
def test_a_long_sound_is_marked_and_found_as_one(song: Samples, key: Key) -> None:
    out = io.BytesIO()
    receipt = genlabel.mark(file_of(song), out, label=Label("acme"), key=key)
    sound = open_sound(out.getvalue(), name="x")
    assert is_long(sound)
    report = genlabel.verify(out.getvalue(), keys=[key])
    assert report.detection is not None
    (span,) = report.detection.spans
    assert (span.payload, span.start < 1, span.end > 89) == (receipt.payload, True, True)
    stranger = Key("stranger", bytes(reversed(range(32))))
    assert not find_mark(sound, [stranger], "quick").found


@pytest.mark.usefixtures("short_pieces")
def test_two_marks_are_two_spans(song: Samples, key: Key) -> None:
    half = len(song) // 2
    parts = [
        genlabel.audio.embed(part, RATE, payload, key)
        for part, payload in ((song[:half], b"eins    "), (song[half:], b"zwei    "))
    ]
    detection = find_mark(open_sound(file_of(np.concatenate(parts)), name="x"), [key], "quick")
    # Between marks of one key a moment may be given to the wrong one.
    spans = [span for span in detection.spans if span.end - span.start > 5]
    assert [span.payload for span in spans] == [b"eins    ", b"zwei    "]
    first, second = spans
    assert first.end == pytest.approx(45, abs=3) and second.start == pytest.approx(45, abs=3)
    assert second.end == pytest.approx(90, abs=1)


@pytest.mark.usefixtures("short_pieces")
@pytest.mark.parametrize("seconds", [44.9, 45, 45.1, 70, 70.1, 90])
def test_pieces_cover_everything_and_overlap(seconds: float) -> None:
    samples = melody(seconds, 8000, 1)
    sound = open_sound(coded(samples, 8000, "WAV", "FLOAT"), name="x")
    size = piece_frames(sound)
    step = size - 20 * 8000
    pieces = [(start, piece.copy()) for start, piece in search._pieces(sound, size, step)]
    ends = [start + len(piece) for start, piece in pieces]
    assert ends[-1] == len(samples)
    for (start, piece), end in zip(pieces[1:], ends, strict=False):
        np.testing.assert_array_equal(piece, samples[start : start + len(piece)])
        assert start == end - 20 * 8000
    assert sum(map(len, blocks_of(sound))) == len(samples)
