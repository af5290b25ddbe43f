"""Sounds played faster, slower, higher or lower."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from genlabel import Key
from genlabel.audio import detect, embed

PAYLOAD = b"8 bytes!"
KEY = Key("own", bytes(range(32)))


@pytest.fixture(scope="module")
def marked(media: Callable[[str], Path]) -> tuple[np.ndarray, int]:
    sound, rate = soundfile.read(media("audio/LJ001-0001.wav"), dtype="float32")
    return embed(sound, rate, PAYLOAD, KEY), rate


def stretched(sound: np.ndarray, rate: int, tempo: float) -> np.ndarray:
    """Change the tempo and not the pitch, by overlap and add."""
    graph = av.filter.Graph()
    nodes = [
        graph.add_abuffer(sample_rate=rate, format="flt", layout="mono"),
        graph.add("atempo", str(tempo)),
        graph.add("abuffersink"),
    ]
    for before, after in zip(nodes[:-1], nodes[1:], strict=True):
        before.link_to(after)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
    frame.sample_rate = rate
    graph.push(frame)
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except (av.BlockingIOError, av.EOFError):
            return np.concatenate(parts)


@pytest.mark.parametrize("tempo", [0.85, 1.15])
def test_another_tempo_is_found(marked: tuple[np.ndarray, int], tempo: float) -> None:
    sound, rate = marked
    found = detect(stretched(sound, rate, tempo), rate, KEY)
    assert found.payload == PAYLOAD
    assert found.spans[-1].end <= len(sound) / rate / tempo + 0.1


@pytest.mark.parametrize("speed", [0.76, 1.03, 1.3])
def test_another_speed_is_found(marked: tuple[np.ndarray, int], speed: float) -> None:
    # Nothing but another rate in the header.
    sound, rate = marked
    found = detect(sound, round(rate * speed), KEY)
    assert found.payload == PAYLOAD
    assert not detect(sound, round(rate * speed), KEY, effort="quick").found


@pytest.mark.parametrize("semitones", [-2, 1])
def test_another_pitch_is_found(marked: tuple[np.ndarray, int], semitones: int) -> None:
    sound, rate = marked
    pitch = 2 ** (semitones / 12)
    # Stretched, then played faster by as much: only the pitch changes.
    raised = stretched(sound, rate, 1 / pitch)
    assert detect(raised, round(rate * pitch), KEY).payload == PAYLOAD


def test_tempo_and_pitch_may_change_each_in_its_own_way(marked: tuple[np.ndarray, int]) -> None:
    sound, rate = marked
    pitch, tempo = 2 ** (1 / 12), 0.95
    raised = stretched(sound, rate, tempo / pitch)
    assert detect(raised, round(rate * pitch), KEY).payload == PAYLOAD
