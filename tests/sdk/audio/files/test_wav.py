"""WAV files in and out: every way to store samples, every chunk kept."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genlabel import MediaError, UnsupportedError
from genlabel.audio._files.formats import blocks_of, open_sound, write
from genlabel.audio._files.pcm import Stored, dtype_of, to_bytes, to_floats
from tests.sdk.audio.sounds import chunk, extensible_fmt, plain_fmt, remade, wav

WAYS = [
    Stored("int", 1, 8),
    Stored("int", 2, 16),
    Stored("int", 3, 24),
    Stored("int", 4, 32),
    Stored("int", 4, 24),
    Stored("float", 4, 32),
    Stored("float", 8, 64),
    Stored("alaw", 1, 8),
    Stored("ulaw", 1, 8),
]
TAGS = {"int": 1, "float": 3, "alaw": 6, "ulaw": 7}


def raw_samples(stored: Stored, count: int) -> bytes:
    rng = np.random.default_rng(stored.width * 100 + stored.bits)
    if stored.kind == "float":
        return rng.standard_normal(count).astype(f"<f{stored.width}").tobytes()
    if stored.kind == "int" and stored.bits < 8 * stored.width:
        steps = rng.integers(-(1 << stored.bits - 1), 1 << stored.bits - 1, count)
        return (steps << 8 * stored.width - stored.bits).astype("<i4").tobytes()
    return rng.integers(0, 256, count * stored.width, np.uint8).tobytes()


def file_of(stored: Stored, channels: int = 2, frames: int = 5001) -> bytes:
    fmt = plain_fmt(TAGS[stored.kind], channels, 48000, 8 * stored.width)
    if stored.bits < 8 * stored.width:
        fmt = extensible_fmt(TAGS["int"], channels, 48000, 8 * stored.width, stored.bits, 3)
    return wav(fmt, raw_samples(stored, channels * frames), chunk(b"LIST", b"INFOISFT\2\0\0\0x\0"))


@pytest.mark.parametrize("stored", WAYS, ids=str)
def test_untouched_samples_come_back_bit_for_bit(stored: Stored) -> None:
    data = file_of(stored)
    sound = open_sound(data, name="x.wav")
    assert (sound.rate, sound.channels, sound.frames) == (48000, 2, 5001)
    assert remade(data, blocks_of, name="x.wav") == data


@pytest.mark.parametrize("stored", [way for way in WAYS if way.bits != 64], ids=str)
def test_samples_are_what_libsndfile_reads(stored: Stored) -> None:
    data = file_of(stored)
    ours = np.concatenate(list(blocks_of(open_sound(data, name="x.wav"))))
    theirs, _ = soundfile.read(io.BytesIO(data), dtype="float64", always_2d=True)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("stored", [way for way in WAYS if way.kind == "int"], ids=str)
def test_the_limit_is_full_scale_and_rounding_half_a_step(stored: Stored) -> None:
    values = np.array([[-2.0], [-1.0], [0.3], [0.99999999], [2.0]])
    back = to_floats(to_bytes(values, stored), stored, 1).astype(np.float64)
    step = 2.0 ** (1 - stored.bits)
    expected = np.clip(values, -1, 1 - step)
    assert np.abs(back - expected).max() <= step / 2
    assert back[0] == -1
    assert back[-1] == 1 - step


@given(
    hnp.arrays(np.uint8, st.integers(1, 40).map(lambda frames: frames * 24)),
    st.sampled_from([way for way in WAYS if way.kind == "int" and way.bits == 8 * way.width]),
)
def test_any_integers_survive_being_floats(raw: np.ndarray, stored: Stored) -> None:
    floats = to_floats(raw.tobytes(), stored, 2)
    assert floats.dtype == dtype_of(stored)
    assert to_bytes(floats, stored) == raw.tobytes()


def test_eight_channels_keep_their_places() -> None:
    data = wav(extensible_fmt(1, 8, 48000, 24, 24, 0x63F), raw_samples(WAYS[2], 8 * 900))
    new = remade(data, lambda sound: (block * 0.5 for block in blocks_of(sound)), name="x")
    assert new[:60] == data[:60]
    before, _ = soundfile.read(io.BytesIO(data), always_2d=True)
    after, _ = soundfile.read(io.BytesIO(new), always_2d=True)
    assert after.shape == (900, 8)
    assert np.abs(after - before / 2).max() <= 2.0**-24


def test_what_speaks_of_the_old_samples_goes_and_all_else_stays() -> None:
    kept = chunk(b"bext", b"x" * 603) + chunk(b"iXML", b"<a/>") + chunk(b"AIGC", b"{}")
    stale = chunk(b"PEAK", b"p" * 16) + chunk(b"MD5 ", b"m" * 16) + chunk(b"C2PA", b"c" * 9)
    data = wav(plain_fmt(1, 1, 8000, 16), bytes(200), kept, stale)
    assert remade(data, blocks_of, name="x") == wav(plain_fmt(1, 1, 8000, 16), bytes(200), kept)


def test_what_follows_the_form_stays_behind_it() -> None:
    data = wav(plain_fmt(1, 1, 8000, 8), bytes(201)) + b"TAG and more"
    assert remade(data, blocks_of, name="x") == data


def test_rf64_tells_its_sizes_in_64_bits(tmp_path: Path) -> None:
    samples = np.arange(-3000, 3000, dtype=np.int16)
    path = tmp_path / "x.wav"
    soundfile.write(path, samples, 8000, format="RF64", subtype="PCM_16")
    new = remade(path, blocks_of, name="x")
    assert new[:4] == b"RF64"
    back, _ = soundfile.read(io.BytesIO(new), dtype="int16")
    np.testing.assert_array_equal(back, samples)
    assert struct.unpack_from("<Q", new, 20) == (len(new) - 8,)


@pytest.mark.parametrize("told", [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xdc\xff\xff\xff"])
def test_a_streamed_file_gets_its_sizes(told: bytes) -> None:
    data = bytearray(wav(plain_fmt(1, 1, 8000, 16), bytes(range(200))))
    data[4:8] = data[40:44] = told
    assert remade(bytes(data), blocks_of, name="x") == wav(
        plain_fmt(1, 1, 8000, 16), bytes(range(200))
    )


def test_real_files_pass_through_unchanged(media: Callable[[str], Path]) -> None:
    for name in ("LJ001-0001.wav", "leak-test.wav", "p286_011.wav"):
        path = media(f"audio/{name}")
        assert remade(path, blocks_of, name=name) == path.read_bytes()
    # A signed one loses its manifest alone.
    signed = media("audio/sample1_signed.wav")
    new = remade(signed, blocks_of, name="signed")
    assert b"C2PA" not in new
    assert len(new) < signed.stat().st_size


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("truncated_data.wav", MediaError),
        ("odd_chunk_overrun.wav", MediaError),
        ("zero_channels.wav", MediaError),
        ("wrong_ext_text.wav", UnsupportedError),
    ],
)
def test_broken_files_are_refused_by_name(
    media: Callable[[str], Path], name: str, kind: type[Exception]
) -> None:
    path = media(f"broken/{name}")
    with pytest.raises(kind, match=name):
        open_sound(path, name=name)


@pytest.mark.parametrize("end", [3, 11, 20, 43, 44, 100])
def test_a_file_cut_anywhere_is_refused(end: int) -> None:
    data = wav(plain_fmt(1, 1, 8000, 16), bytes(200))
    with pytest.raises((MediaError, UnsupportedError), match="cut.wav"):
        open_sound(data[:end], name="cut.wav")


def test_compressed_wav_is_named_unsupported() -> None:
    with pytest.raises(UnsupportedError, match="coding 0x2"):
        open_sound(wav(plain_fmt(2, 1, 8000, 4), bytes(256)), name="adpcm.wav")


def test_new_samples_must_fit() -> None:
    sound = open_sound(wav(plain_fmt(1, 2, 8000, 16), bytes(400)), name="x.wav")
    for wrong, what in (
        (np.zeros((99, 2)), "99 frames"),
        (np.zeros((101, 2)), "101 frames"),
        (np.zeros((100, 1)), "other channels"),
        (np.full((100, 2), np.nan), "not all numbers"),
    ):
        with pytest.raises(MediaError, match=what):
            write(sound, [wrong], io.BytesIO())
