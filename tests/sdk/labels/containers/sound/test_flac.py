"""FLAC metadata blocks."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from genlabel import LabelError, MediaError
from genlabel.labels.containers.sound import flac
from tests.sdk.labels.containers.edits import TEXT, check_edited, edited, own
from tests.sdk.labels.containers.sound.test_ogg import comments
from tests.sdk.labels.sounds import FRAMES, flac_block, flac_cover, flac_with, id3_tag, made

PLAIN = made("plain.flac")
KINDS = st.sampled_from([1, 2, 3, 5, 6, 9])


def blocks(data: bytes) -> list[tuple[int, bytes]]:
    """A file's blocks and its sound, by the plainest walk that valid files allow."""
    found, at, last = [], 4, False
    assert data[:4] == b"fLaC"
    while not last:
        last, kind = bool(data[at] & 0x80), data[at] & 0x7F
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        found.append((kind, data[at + 4 : at + 4 + size]))
        at += 4 + size
    return [*found, (-1, data[at:])]


STREAMINFO = blocks(PLAIN)[0][1]
SOUND = blocks(PLAIN)[-1][1]


def flac_of(*parts: tuple[int, bytes]) -> bytes:
    inside = [flac_block(kind, content) for kind, content in ((0, STREAMINFO), *parts)]
    inside[-1] = bytes([inside[-1][0] | 0x80]) + inside[-1][1:]
    return b"".join([b"fLaC", *inside, SOUND])


@given(st.lists(st.tuples(KINDS, st.binary(max_size=20)), max_size=4), st.integers(0, 4))
def test_everything_else_is_kept(parts: list[tuple[int, bytes]], at: int) -> None:
    if at < 4:
        parts.insert(min(at, len(parts)), (4, comments(b"TITLE=x", b"B", vendor=b"somebody")))
    data = flac_of(*parts)
    out = check_edited(flac, data)
    assert [each for each in blocks(out) if each[0] != 4] == [
        each for each in blocks(data) if each[0] != 4
    ]
    assert sum(kind == 4 for kind, _ in blocks(out)) == 1
    ours = next(content for kind, content in blocks(out) if kind == 4)
    assert ours.startswith(b"\x08\0\0\0somebody" if at < 4 else b"\x08\0\0\0genlabel")


def test_names_are_the_same_in_upper_and_lower_case() -> None:
    data = flac_of((4, comments(b"aigc=old", b"AigC=older")))
    assert [held.raw for held in own(flac.read(data, name="a"))] == [b"old", b"older"]
    out = edited(flac, data, packet=None)
    assert b"aigc=" + TEXT in out and b"older" not in out


def test_a_second_block_of_comments() -> None:
    data = flac_of((4, comments(b"T=x")), (4, comments(b"AIGC=old")))
    out = check_edited(flac, data)
    assert b"old" not in out


def test_a_tag_before_it_stays() -> None:
    tag = id3_tag(FRAMES[4])
    data = tag + flac_with(flac_cover())
    out = check_edited(flac, data)
    assert out.startswith(tag + b"fLaC")
    old, new = (soundfile.read(io.BytesIO(each))[0] for each in (data, out))
    assert np.array_equal(old, new)


def test_a_text_that_outgrows_a_block_is_refused() -> None:
    with pytest.raises(LabelError, match="16777215 bytes of a FLAC block"):
        edited(flac, PLAIN, b"x" * (1 << 24))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"fLaC", "is cut short"),
        (PLAIN[:40], "is cut short"),
        (b"fLaC" + flac_block(4, comments()), "a block of type 4 at byte 4"),
        (flac_of((0, STREAMINFO)), "a block of type 0"),
        (flac_of((127, b"")), "a block of type 127"),
        (b"fLaC" + flac_block(0x80, bytes(33)) + SOUND, "its STREAMINFO has 33 bytes"),
        (flac_of()[: -len(SOUND)], "no sound follows"),
        (flac_of()[: -len(SOUND)] + bytes(10), "no sound follows"),
        (flac_of((4, b"\xff\xff\xff\xff")), "its vendor claims"),
        (flac_of(*[(1, b"")] * 4097), "more than 4096 blocks"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        flac.read(data, name="a")


def test_cut_metadata_is_refused() -> None:
    data = check_edited(flac, PLAIN)
    for at in range(len(data) - len(SOUND) + 2):
        with pytest.raises(MediaError):
            flac.read(data[:at], name="a")


def test_a_stream_without_samples() -> None:
    empty = STREAMINFO[:13] + bytes([STREAMINFO[13] & 0xF0]) + bytes(4) + STREAMINFO[18:]
    data = b"fLaC" + flac_block(0x80, empty)
    assert blocks(check_edited(flac, data))[-1] == (-1, b"")
