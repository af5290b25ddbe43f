"""Each target takes its seeds and what is near them; atheris goes further where it is installed."""

from __future__ import annotations

import importlib.util
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.seeds import SUFFIXES
from fuzz.targets import TARGETS, everything, everything_seeds, labels, whole
from tests.sdk.labels.containers.films import mp4s
from tests.sdk.labels.containers.sound.test_wav import wav_of
from tests.sdk.labels.samples import riff_chunk

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 6
SEEDS = {name: target.seeds() for name, target in TARGETS.items()}
#: Those that take longer, and whose parsers others cover.
SLOW = {
    *("sm2-keys", "pdf", "flv"),
    *(f"verify-{name}" for name in ("html", "wav", "png", "tiff", "mp3", "flv", "pdf", "avif")),
}
QUICK = sorted(set(TARGETS) - SLOW)

FLIPS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=4)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_taken(name: str) -> None:
    assert SEEDS[name]
    for seed in SEEDS[name]:
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=25, derandomize=True)
@given(data=st.data(), flips=FLIPS)
def test_flipped_bits(name: str, data: st.DataObject, flips: list[tuple[float, int]]) -> None:
    seed = bytearray(data.draw(st.sampled_from(SEEDS[name])))
    for place, bit in flips:
        seed[int(place * (len(seed) - 1))] ^= 1 << bit
    TARGETS[name].run(bytes(seed))


@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=12, derandomize=True)
@given(data=st.data(), at=st.floats(0, 1), length=st.integers(0, 64))
def test_cut_and_holed_files(name: str, data: st.DataObject, at: float, length: int) -> None:
    seed = data.draw(st.sampled_from(SEEDS[name]))
    place = int(at * len(seed))
    TARGETS[name].run(seed[:place])
    TARGETS[name].run(seed[:place] + seed[place + length :])


REAL = {
    "png": "images/jimeng_cap_A.png",
    "jpeg": "images/adobe-20220124-CA.jpg",
    "webp": "images/c2pars_test_lossless.webp",
    "gif": "images/chi.gif",
    "avif": "images/c2pars_sample1.avif",
    "wav": "audio/espeak_de.wav",
    "mp3": "audio/tortoise_lj_1.mp3",
    "flac": "audio/sonicpi_guit_e_fifths.flac",
    "ogg": "audio/wesnoth_birds2.ogg",
    "mp4": "video/film_bw_480p30.mp4",
}
HEAD_BYTES = 1 << 14


@pytest.mark.parametrize("name", REAL)
@settings(max_examples=12, derandomize=True)
@given(flips=FLIPS, at=st.floats(0, 1))
def test_real_files_flipped_and_cut(
    media: Callable[[str], Path], name: str, flips: list[tuple[float, int]], at: float
) -> None:
    whole = media(REAL[name]).read_bytes()
    data = bytearray(whole)
    for place, bit in flips:
        # Both ends hold what parsers read; the middle is content.
        spot = int((place * 2 - 1) * min(len(data) // 2, HEAD_BYTES))
        data[spot] ^= 1 << bit
    labels(bytes(data), f"a.{SUFFIXES[name]}")
    labels(whole[: int(at * len(whole))], f"a.{SUFFIXES[name]}")


#: What fuzzing has found, and must not come back.
FOUND = {
    "a coding that is not known": mp4s.ISO + mp4s.box(b"moov", mp4s.FILM),
    "metadata that is not UTF-8": (
        mp4s.ISO + mp4s.box(b"moov", mp4s.FILM, mp4s.keyed((b"\xfbIGC", b"x")))
    ),
}


def test_a_note_within_the_header_is_replaced() -> None:
    labels(b'WEBVTT\nstyle\nNOTE AIGC\n{"Label":"1"}', "a.vtt")
    labels(b'WEBVTT\nNOTE AIGC\n{"Label":"1"}\n\n00:01.000 --> 00:02.000\nx\n', "a.vtt")


@pytest.mark.parametrize("name", FOUND)
def test_found_before(name: str) -> None:
    whole(FOUND[name], "a.mp4")


def test_a_sound_shorter_than_what_is_averaged() -> None:
    for rate in range(460_000, 470_000, 999):
        head = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
        whole(wav_of(riff_chunk(b"fmt ", head), riff_chunk(b"data", bytes(40))), "a.wav")


def test_everything_has_seeds_for_all_targets() -> None:
    assert len(everything_seeds()) == len(TARGETS) < 256
    everything(b"")


def test_atheris_finds_nothing_in_some_seconds(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("needs atheris (genlabel[fuzz]), which has wheels for Linux on x86-64 only")
    command = [sys.executable, "-m", "fuzz", "everything", "--seconds", str(SECONDS)]
    done = subprocess.run(
        [*command, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:]
