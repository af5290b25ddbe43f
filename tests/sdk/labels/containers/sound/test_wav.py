"""WAV chunks, their sizes, and the texts inside some of them."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from genlabel import LabelError, MediaError
from genlabel._data import joined
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.sound import wav
from tests.sdk.labels.containers.edits import PACKET, TEXT, check_edited, edited, own
from tests.sdk.labels.samples import riff_chunk
from tests.sdk.labels.sounds import (
    BEXT,
    FRAMES,
    by_soundfile,
    id3_frame,
    id3_tag,
    info,
    made,
    riff,
    wav_with,
)

FMT = riff_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16))
DATA = riff_chunk(b"data", bytes(range(40)))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """A form's chunks, by the plainest walk that valid files allow."""
    found, at = [], 12
    end = 8 + int.from_bytes(data[4:8], "little")
    while at < end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    assert at == end
    return [*found, (b"rest", data[end:])]


def wav_of(*parts: bytes, rest: bytes = b"") -> bytes:
    body = b"WAVE" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body + rest


def besides_ours(data: bytes) -> list[tuple[bytes, bytes]]:
    return [part for part in chunks(data) if part[0] not in (b"AIGC", b"_PMX")]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    kinds = st.sampled_from([b"bext", b"cue ", b"JUNK", b"zzzz", b"LIST", b"id3 ", b"C2PA"])
    parts = [
        riff_chunk(draw(kinds), text) for text in draw(st.lists(st.binary(max_size=9), max_size=4))
    ]
    parts.insert(draw(st.integers(0, len(parts))), DATA)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), riff_chunk(b"_PMX", b"old"))
    for _ in range(draw(st.integers(0, 3))):
        parts.insert(draw(st.integers(0, len(parts))), riff_chunk(b"AIGC", b"older"))
    return wav_of(FMT, *parts, rest=draw(st.binary(max_size=9)))


@given(files())
def test_everything_else_is_kept(data: bytes) -> None:
    out = check_edited(wav, data)
    assert besides_ours(out) == besides_ours(data)
    counts = [sum(kind == ours for kind, _ in chunks(out)) for ours in (b"AIGC", b"_PMX")]
    assert counts == [1, 1]


@given(st.data())
def test_any_change_of_any_place(draw: st.DataObject) -> None:
    data = wav_with(info(INAM="x", ICMT="y"), BEXT, riff_chunk(b"id3 ", id3_tag(FRAMES[3], 3)))
    found = wav.read(data, name="a")
    numbers = [held.index for held in (*found.texts, *found.xmp)]
    drop = draw.draw(st.frozensets(st.sampled_from(numbers)))
    out = joined(data, wav.write(data, found, Edits(drop=drop), name="a")[0])
    left = [held.raw for held in found.texts if held.index not in drop]
    assert [held.raw for held in wav.read(out, name="a").texts] == left


def test_texts_of_info_and_of_a_tag() -> None:
    tag = riff_chunk(b"id3 ", id3_tag(id3_frame(b"PRIV", b"XMP\0" + PACKET) + FRAMES[4]))
    found = wav.read(wav_with(info(INAM="Tön", ICMT="A cut"), tag), name="a")
    texts = {held.where: held.raw for held in found.texts}
    assert texts["RIFF INFO 'ICMT'"] == b"A cut\0"
    assert texts["ID3v2.4 TXXX 'MOOD'"] == b"calm"
    assert [held.where for held in found.xmp] == ["ID3v2.4 PRIV 'XMP'"]


def test_a_comment_joins_the_texts_that_are_there_or_makes_a_list() -> None:
    new = Edits(new_comment=("ICMT", b"odd"))
    item = riff_chunk(b"ICMT", b"odd\0")
    for there, wanted in ((info(INAM="x"), info(INAM="x")[8:] + item), (b"", b"INFO" + item)):
        plain = wav_with(there)
        out = joined(plain, wav.write(plain, wav.read(plain, name="a"), new, name="a")[0])
        assert [part for kind, part in chunks(out) if kind == b"LIST"] == [wanted]
        found = wav.read(out, name="a")
        texts = {held.index: b"even" for held in found.texts if held.keyword == "ICMT"}
        again = joined(out, wav.write(out, found, Edits(texts=texts), name="a")[0])
        assert [part for kind, part in chunks(again) if kind == b"LIST"] == [
            wanted.replace(item, riff_chunk(b"ICMT", b"even\0"))
        ]


def test_a_last_chunk_without_padding() -> None:
    body = b"WAVE" + FMT + DATA + b"zzzz\1\0\0\0z"
    out = edited(wav, b"RIFF" + struct.pack("<I", len(body)) + body)
    assert dict(chunks(out))[b"zzzz"] == b"z"


@pytest.mark.parametrize("overcount", [1, 8])
def test_a_header_that_counts_itself_is_mended(overcount: int) -> None:
    data = wav_of(FMT, DATA)
    counted = data[:4] + struct.pack("<I", len(data) - 8 + overcount) + data[8:]
    assert chunks(edited(wav, counted)) == chunks(edited(wav, data))


@pytest.mark.parametrize("form", [0, 0x7FFFF024, 0xFFFFFFFF])
@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_lengths_left_open_are_filled_in(form: int, size: int) -> None:
    plain = made("plain.wav")
    at = plain.index(b"data")
    head = plain[:4] + struct.pack("<I", form) + plain[8 : at + 4] + struct.pack("<I", size)
    data = head + plain[at + 8 :]
    found = wav.read(data, name="a")
    pieces, warned = wav.write(data, found, Edits(new_text=("AIGC", TEXT)), name="a")
    out = joined(data, pieces)
    assert "left its length open" in warned[0]
    assert besides_ours(out) == besides_ours(plain)
    old, new = (soundfile.read(io.BytesIO(each))[0] for each in (plain, out))
    assert np.array_equal(old, new)


def test_a_long_form_keeps_its_sizes_of_64_bits() -> None:
    data = riff(by_soundfile("RF64", "PCM_16") + BEXT)
    out = check_edited(wav, data)
    assert out[:8] == b"RF64\xff\xff\xff\xff"
    assert struct.unpack_from("<Q", out, 20) == (len(out) - 8,)
    assert out[28:36] == data[28:36]
    with soundfile.SoundFile(io.BytesIO(out)) as sound:
        assert sound.format == "RF64"


def test_a_long_form_with_a_table() -> None:
    table = struct.pack("<QQQI", 0, 40, 20, 1) + b"bigg" + struct.pack("<Q", 6)
    body = riff_chunk(b"ds64", table) + FMT + b"bigg\xff\xff\xff\xff" + b"abcdef"
    body += b"data\xff\xff\xff\xff" + bytes(range(40))
    data = b"BW64\xff\xff\xff\xffWAVE" + body
    data = data[:20] + struct.pack("<Q", len(data) - 8) + data[28:]
    found = wav.read(data, name="a")
    assert {held.keyword: held.raw for held in found.texts} == {"bigg": b"abcdef"}
    assert own(wav.read(check_edited(wav, data), name="a"))[0].raw == TEXT


def test_a_list_or_tag_that_cannot_be_walked_is_left() -> None:
    broken = riff_chunk(b"LIST", b"INFOICMT\xff\0\0\0x")
    tag = riff_chunk(b"id3 ", id3_tag(b"TXXX\x7f\x7f\x7f\x7f\0\0"))
    data = wav_of(FMT, DATA, broken, tag)
    out = check_edited(wav, data)
    assert besides_ours(out) == besides_ours(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"RIFF\4\0\0\0WAVE", "holds no chunk"),
        (wav_of(DATA), "holds no sound"),
        (wav_of(FMT), "holds no sound"),
        (wav_of(riff_chunk(b"fmt ", bytes(16)), DATA), "names no channels"),
        (wav_of(riff_chunk(b"fmt ", b""), DATA), "names no channels"),
        (wav_of(FMT, b"AIGC\0\xff\xff\xff"), "'AIGC' chunk claims 4294967040 bytes"),
        (wav_of(FMT, DATA)[:-9], "its header claims"),
        (b"RIFF\4\0\0\0WAV", "ends in its WAV header"),
        (wav_of(*[b"zzzz\0\0\0\0"] * 65537), "more than 65536 chunks"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        wav.read(data, name="a")


def test_a_keyword_that_is_no_name_of_a_chunk() -> None:
    data = made("plain.wav")
    with pytest.raises(LabelError, match="no name of a RIFF chunk"):
        wav.write(data, wav.read(data, name="a"), Edits(new_text=("LABEL", b"x")), name="a")


@given(st.integers(0, 200))
def test_cut_files_are_refused(at: int) -> None:
    data = wav_of(FMT, DATA, riff_chunk(b"AIGC", TEXT))
    if at < len(data) - 8:
        with pytest.raises(MediaError):
            wav.read(data[:at], name="a")
