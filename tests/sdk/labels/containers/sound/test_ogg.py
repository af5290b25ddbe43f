"""Ogg pages, and the comment packets of Vorbis and Opus on them."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel import MediaError, UnsupportedError
from genlabel._data import Mapped, Scratch, joined
from genlabel.labels.containers import files
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.sound import ogg, ogg_pages
from tests.sdk.labels.containers.edits import PACKET, TEXT, check_edited, edited, own
from tests.sdk.labels.sounds import made

SIZES = st.one_of(
    st.integers(0, 600), st.sampled_from([254, 255, 256, 65025, 65026, 130050, 140000])
)


def _remainder(byte: int) -> int:
    value = byte << 24
    for _ in range(8):
        value = (value << 1 ^ (0x04C11DB7 if value & 1 << 31 else 0)) & 0xFFFFFFFF
    return value


REMAINDERS = [_remainder(byte) for byte in range(256)]


def checksum(page: bytes) -> int:
    """Ogg's CRC, a byte at a time."""
    value = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        value = value << 8 & 0xFFFFFFFF ^ REMAINDERS[value >> 24 ^ byte]
    return value


def page(flags: int, granule: int, serial: int, number: int, lacing: bytes, body: bytes) -> bytes:
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, serial, number, 0, len(lacing))
    plain = head + lacing + body
    return plain[:22] + struct.pack("<I", checksum(plain)) + plain[26:]


def comments(*texts: bytes, vendor: bytes = b"v") -> bytes:
    fields = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(texts)) + fields


def lacing_of(packet: bytes) -> bytes:
    return b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])


def opus_of(tags: bytes, serial: int = 7, sound: int = 3) -> bytes:
    """An Ogg Opus stream whose sound is no sound."""
    pages = [page(2, 0, serial, 0, b"\x13", b"OpusHead" + bytes(11))]
    lacing, at = lacing_of(b"OpusTags" + tags), 0
    body = b"OpusTags" + tags
    for start in range(0, len(lacing), 255):
        mine = lacing[start : start + 255]
        ends = any(size < 255 for size in mine)
        flags = 0 if start == 0 else 1
        pages.append(
            page(flags, 0 if ends else -1, serial, len(pages), mine, body[at : at + sum(mine)])
        )
        at += sum(mine)
    for number in range(sound):
        last = 4 if number == sound - 1 else 0
        pages.append(page(last, 960 * (number + 1), serial, len(pages), b"\4", b"snd%d" % number))
    return b"".join(pages)


def streams(data: bytes) -> dict[int, list[tuple[bytes, int, int]]]:
    """Packets, granules and flags of each stream, with a check of numbers and checksums."""
    found: dict[int, list[tuple[bytes, int, int]]] = {}
    counts: dict[int, int] = {}
    parts: dict[int, bytes] = {}
    at = 0
    while data[at : at + 4] == b"OggS":
        _, _, flags, granule, serial, number, crc, count = struct.unpack_from(
            "<4sBBqIIIB", data, at
        )
        lacing = data[at + 27 : at + 27 + count]
        end = at + 27 + count + sum(lacing)
        assert crc == checksum(data[at:end])
        assert number == counts.get(serial, 0)
        assert bool(flags & 1) == (serial in parts)
        counts[serial] = number + 1
        position = at + 27 + count
        for size in lacing:
            packet = parts.pop(serial, b"") + data[position : position + size]
            position += size
            if size == 255:
                parts[serial] = packet
            else:
                found.setdefault(serial, []).append((packet, granule, flags & 6))
        at = end
    assert not parts
    return found


@settings(max_examples=40)
@given(st.lists(SIZES, max_size=3), st.binary(max_size=3))
def test_everything_else_is_kept(sizes: list[int], rest: bytes) -> None:
    texts = [b"T=" + bytes([65 + size % 26]) * size for size in sizes]
    data = opus_of(comments(*texts) + b"\1pad" * bool(sizes)) + rest
    out = check_edited(ogg, data)
    before, after = streams(data)[7], streams(out)[7]
    assert after[0] == before[0]
    # The sound, its positions and its end.
    assert after[2:] == before[2:]
    assert after[1][0].startswith(b"OpusTags\1\0\0\0v")
    assert out.endswith(data[len(data) - len(rest) - 1 :])
    kept = [held.raw for held in ogg.read(out, name="a").texts if held.keyword == "T"]
    assert kept == [text[2:] for text in texts]


@pytest.mark.parametrize("size", [*range(500, 512), *range(65005, 65020)])
def test_every_length_around_a_segment_and_a_page(size: int) -> None:
    data = opus_of(comments(b"T=" + b"x" * size))
    before, after = streams(data)[7], streams(check_edited(ogg, data))[7]
    assert (after[0], after[2:]) == (before[0], before[2:])
    assert after[1][0].count(b"T=" + b"x" * size) == 1


@pytest.mark.parametrize("name", ["vorbis.ogg", "opus.ogg", "ffmpeg.ogg"])
def test_checksums_and_numbers_hold(name: str) -> None:
    ((serial, before),) = streams(made(name)).items()
    after = streams(edited(ogg, made(name), b"x" * 70000))[serial]
    assert [
        each for each in after if each[0][:8] not in (b"OpusTags",) and each[0][:7] != b"\3vorbis"
    ] == [
        each for each in before if each[0][:8] not in (b"OpusTags",) and each[0][:7] != b"\3vorbis"
    ]


def test_a_header_that_shares_its_page_with_sound(media: Callable[[str], Path]) -> None:
    data = media("audio/wesnoth_sad.ogg").read_bytes()
    for size in (10, 66000):
        out = edited(ogg, data, b"x" * size)
        old, new = (soundfile.read(io.BytesIO(each))[0] for each in (data, out))
        assert np.array_equal(old, new)


def test_streams_beside_and_behind_each_other() -> None:
    one, two = opus_of(comments(b"AIGC=one"), 7), opus_of(comments(b"aigc=two"), 8)
    chained = one + two
    found = ogg.read(chained, name="a")
    assert [held.raw for held in own(found)] == [b"one", b"two"]
    out = check_edited(ogg, chained)
    assert set(streams(out)) == {7, 8}
    assert streams(out)[8][2:] == streams(two)[8][2:]
    # The same serial number again, once its stream has ended.
    again = one + opus_of(comments(b"T=x"), 7)
    assert len(ogg.read(again, name="a").texts) == 2
    # Pages of two streams in turns.
    pages = [[data[p.start : p.end] for p in ogg_pages.read(data, "a")] for data in (one, two)]
    mixed = b"".join(each for pair in zip(*pages, strict=True) for each in pair)
    assert streams(check_edited(ogg, mixed))[8][2:] == streams(two)[8][2:]


def test_an_index_is_said_to_be_out_of_date() -> None:
    skeleton = page(2, 0, 1, 0, b"\x09", b"fishead\0x")
    data = skeleton + opus_of(comments())
    found = ogg.read(data, name="a")
    out, warned = ogg.write(data, found, Edits(new_text=("AIGC", TEXT)), name="a")
    assert "Skeleton" in warned[0]
    assert joined(data, out).startswith(skeleton)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (page(2, 0, 1, 0, b"\x09", b"\x80theora\0\0"), "is a film"),
        (page(2, 0, 1, 0, b"\x09", b"Speex   \0"), "neither Vorbis nor Opus"),
        (page(2, 0, 1, 0, b"", b""), "neither Vorbis nor Opus"),
    ],
)
def test_other_codings_are_named(data: bytes, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=f"^a: .*{reason}"):
        ogg.read(data, name="a")


PLAIN = opus_of(comments(b"T=x"))
FIRST = page(2, 0, 7, 0, b"\x13", b"OpusHead" + bytes(11))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PLAIN[:60] + b"\1" + PLAIN[61:], "fails its checksum"),
        (PLAIN[:-1], "is cut short"),
        (PLAIN + b"OggS", "is cut short"),
        (PLAIN + b"junk" + PLAIN, "no page begins at byte"),
        (FIRST, "header is not whole"),
        (FIRST + page(0, 0, 7, 1, b"\x04", b"tags"), "header is not whole"),
        (FIRST + page(0, 0, 9, 1, b"\x04", b"tags"), "belongs to no stream"),
        (opus_of(b"\xff\xff\xff\xff"), "its vendor claims"),
        (opus_of(bytes(4) + b"\xff\xff\xff\xff"), "claims 4294967295 comments in 0 bytes"),
        (opus_of(bytes(4) + b"\1\0\0\0\xff\0\0\0x"), "comment 1 claims 255 bytes, 1 are there"),
        (opus_of(b"\0"), "its vendor is cut short"),
        (FIRST * 5000, "more than 4096 streams"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        ogg.read(data, name="a")


def test_cut_files_are_refused_or_end_with_a_page() -> None:
    data = check_edited(ogg, PLAIN)
    ends = {each.end for each in ogg_pages.read(data, "a")}
    for at in range(len(data)):
        try:
            ogg.read(data[:at], name="a")
        except MediaError:
            continue
        assert at in ends or data[max(ends & set(range(at))) : at] in b"OggS"


def test_a_packet_of_many_comments_is_bounded() -> None:
    data = opus_of(comments(*[b""] * 65537))
    with pytest.raises(MediaError, match="claims 65537 comments"):
        ogg.read(data, name="a")


def test_the_packet_is_whole() -> None:
    found = ogg.read(check_edited(ogg, made("vorbis.ogg")), name="a")
    assert {held.keyword for held in found.texts} == {"ENCODER", "TITLE", "COMMENT", "AIGC"}
    assert found.xmp[0].raw == PACKET


@pytest.mark.parametrize("more", [b"", b"x" * 70_000])
def test_a_file_on_the_disk_gives_the_same_as_one_in_memory(tmp_path: Path, more: bytes) -> None:
    data = opus_of(comments()) + b"behind"
    edits = Edits(new_text=("AIGC", TEXT + more))
    in_memory, _ = files.write(data, files.read(data, name="a"), edits, name="a")
    (tmp_path / "a.ogg").write_bytes(data)
    mapped = Mapped(tmp_path / "a.ogg")
    with Scratch(str(tmp_path)) as scratch:
        contents = files.read(mapped, name="a")
        on_disk, _ = files.write(mapped, contents, edits, name="a", scratch=scratch)
        assert isinstance(on_disk, Mapped) and on_disk[:] == in_memory
