"""ID3v2 tags before MPEG sound: versions, unsynchronisation, extended headers, odd frames."""

from __future__ import annotations

import io
import struct
import zlib

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import LabelError, MediaError, UnsupportedError
from genlabel._data import joined
from genlabel.labels.containers import sniff
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.sound import id3, mpeg
from tests.sdk.labels.containers.edits import TEXT, check_edited, edited, own
from tests.sdk.labels.sounds import APE, COVER, FRAMES, ID3_V1, id3_frame, id3_tag, made, synchsafe

SOUND = made("plain.mp3")
FALSE_SYNC = id3_frame(b"PRIV", b"x\0\xff\xe0\xff\0\xff\xff\xff", 3)


def frames(data: bytes) -> list[tuple[bytes, bytes]]:
    """A tag's frames, by the plainest walk that valid tags allow."""
    size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
    found, at, end = [], 10, 10 + size
    while at < end and data[at]:
        field = data[at + 4 : at + 8]
        length = int.from_bytes(field, "big")
        if data[3] == 4:
            length = field[0] << 21 | field[1] << 14 | field[2] << 7 | field[3]
        found.append((data[at : at + 4], data[at + 10 : at + 10 + length]))
        at += 10 + length
    return found


def by_keyword(found: Contents) -> dict[str, bytes]:
    return {held.keyword: held.content() for held in found.texts}


def unsynchronised(content: bytes) -> bytes:
    """What the standard asks of a writer, byte by byte."""
    out = bytearray()
    for index, byte in enumerate(content):
        out.append(byte)
        after = content[index + 1 : index + 2]
        if byte == 0xFF and (not after or after[0] >= 0xE0 or after[0] == 0):
            out.append(0)
    return bytes(out)


BODIES = st.lists(
    st.tuples(st.sampled_from([b"TIT2", b"XYZZ", b"PRIV", b"GEOB"]), st.binary(max_size=300)),
    max_size=4,
)


@given(BODIES, st.sampled_from([3, 4]), st.integers(0, 2000), st.sampled_from([b"", APE, ID3_V1]))
def test_everything_else_is_kept(
    bodies: list[tuple[bytes, bytes]], version: int, padding: int, behind: bytes
) -> None:
    before = [(name, body) for name, body in bodies if not body.startswith(b"XMP\0")]
    stored = b"".join(id3_frame(name, body, version) for name, body in before)
    data = id3_tag(stored + bytes(padding), version) + SOUND + behind
    out = check_edited(mpeg, data)
    assert frames(out)[: len(before)] == before
    assert [name for name, _ in frames(out)[len(before) :]] == [b"TXXX", b"PRIV"]
    assert out.endswith(SOUND + behind)
    if padding > 400:
        # The sound stays where it was.
        assert len(out) == len(data)


def test_a_file_without_a_tag_gets_one() -> None:
    assert SOUND[:2] == b"\xff\xfb"
    out = check_edited(mpeg, SOUND)
    assert out[:5] == b"ID3\4\0" and out.endswith(SOUND)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (0, b"AIGC\0{}"),
        (3, b"AIGC\0{}"),
        (1, b"\xff\xfe" + "AIGC\0".encode("utf-16-le") + b"\xff\xfe" + "{}".encode("utf-16-le")),
        (1, b"\xfe\xff" + "AIGC\0".encode("utf-16-be") + b"\xfe\xff" + "{}".encode("utf-16-be")),
        # Some writers leave out the second mark.
        (1, b"\xff\xfe" + "AIGC\0{}".encode("utf-16-le")),
        (2, "AIGC\0{}\0".encode("utf-16-be")),
    ],
)
@pytest.mark.parametrize("version", [3, 4])
def test_encodings(encoding: int, text: bytes, version: int) -> None:
    data = id3_tag(id3_frame(b"TXXX", bytes([encoding]) + text, version), version) + SOUND
    assert by_keyword(mpeg.read(data, name="a")) == {"AIGC": b"{}"}


def test_text_that_is_not_ascii_is_written_as_the_version_has_it() -> None:
    for version in (3, 4):
        data = id3_tag(FRAMES[version], version) + SOUND
        out = edited(mpeg, data, "ä\N{GRINNING FACE}".encode())
        (held,) = own(mpeg.read(out, name="a"))
        assert held.raw.decode() == "ä\N{GRINNING FACE}"


def old_frame(name: bytes, body: bytes) -> bytes:
    """A frame of version 2.2."""
    return name + len(body).to_bytes(3, "big") + body


@pytest.mark.parametrize("flags", [0, 0x80])
def test_version_2_is_written_as_version_3(flags: int) -> None:
    stored = (
        old_frame(b"TT2", b"\0Title")
        + old_frame(b"TXX", b"\0AIGC\0old")
        + old_frame(b"COM", b"\0engiTunNORM\0 0000")
        + old_frame(b"PIC", b"\0PNG\3\0" + COVER)
        + old_frame(b"TCP", b"\0" + b"1")
    )
    stored = unsynchronised(stored) if flags else stored
    data = b"ID3\2\0" + bytes([flags]) + synchsafe(len(stored) + 20) + stored + bytes(20) + SOUND
    (held,) = own(mpeg.read(data, name="a"))
    assert (held.where, held.raw) == ("ID3v2.2 TXX 'AIGC'", b"old")
    assert (
        "of version 2.3"
        in mpeg.write(data, mpeg.read(data, name="a"), Edits(texts={held.index: TEXT}), name="a")[
            1
        ][0]
    )
    out = check_edited(mpeg, data)
    assert out[3] == 3 and out.endswith(SOUND)
    names = [frame.name for frame in id3.read(out, 0).frames]
    assert names == ["TIT2", "TXXX", "COMM", "APIC", "TCMP", "PRIV"]
    with av.open(io.BytesIO(data)) as before, av.open(io.BytesIO(out)) as after:
        (old,), (new,) = before.streams.video, after.streams.video
        assert (old.codec_context.name, new.codec_context.name) == ("png", "png")
        assert after.metadata["title"] == before.metadata["title"] == "Title"


def test_version_2_with_a_frame_of_its_own_is_refused() -> None:
    stored = old_frame(b"CRM", b"x")
    data = b"ID3\2\0\0" + synchsafe(len(stored)) + stored + SOUND
    with pytest.raises(UnsupportedError, match="has no frame for its CRM"):
        edited(mpeg, data)


@given(st.binary(max_size=40).filter(lambda body: not body.startswith(b"XMP\0")))
def test_unsynchronisation_of_a_whole_tag(body: bytes) -> None:
    stored = id3_frame(b"PRIV", b"x\0" + body + b"\xff\xe0\xff\0\xff", 3)
    coded = unsynchronised(stored)
    data = id3_tag(coded, 3, 0x80) + SOUND
    out = edited(mpeg, data)
    assert out[5] == 0x80
    assert out[10 : 10 + len(coded) - 1] == coded[:-1]
    size = id3.tag_bytes(out, 0)
    assert b"\xff\xe0" not in out[10:size] and out[size - 1] != 0xFF
    tag = id3.read(out, 0)
    assert tag.frames[0].stored == stored
    assert by_keyword(mpeg.read(out, name="a")) == {"AIGC": TEXT}


@pytest.mark.parametrize(
    ("tag_flags", "frame_flags"), [(0x80, 0x02), (0x80, 0), (0, 0x02), (0, 0x03)]
)
def test_unsynchronisation_of_frames(tag_flags: int, frame_flags: int) -> None:
    plain = b"\1\xff\xfe" + "AIGC\0".encode("utf-16-le") + b"\xff\xfe" + "{ÿ}".encode("utf-16-le")
    length = synchsafe(len(plain)) if frame_flags & 1 else b""
    frame = id3_frame(b"TXXX", length + unsynchronised(plain), 4, frame_flags)
    data = id3_tag(frame, 4, tag_flags) + SOUND
    assert by_keyword(mpeg.read(data, name="a")) == {"AIGC": "{ÿ}".encode()}
    check_edited(mpeg, data)


@pytest.mark.parametrize("version", [3, 4])
def test_compressed_and_encrypted_frames(version: int) -> None:
    packed, locked = {3: (0x80, 0x40), 4: (0x09, 0x04)}[version]
    body = zlib.compress(b"\0AIGC\0{}")
    length = struct.pack(">I", 8)
    data = id3_tag(id3_frame(b"TXXX", length + body, version, packed), version) + SOUND
    assert by_keyword(mpeg.read(data, name="a")) == {"AIGC": b"{}"}
    check_edited(mpeg, data)
    data = id3_tag(id3_frame(b"TXXX", b"\1secret", version, locked), version) + SOUND
    (held,) = mpeg.read(data, name="a").texts
    assert held.problem is not None and "encrypted" in held.problem
    bomb = zlib.compress(b"\0AIGC\0" + bytes(8 << 20))
    data = id3_tag(id3_frame(b"TXXX", length + bomb, version, packed), version) + SOUND
    (held,) = mpeg.read(data, name="a").texts
    assert held.problem is not None and "inflates beyond" in held.problem


def test_extended_headers_are_kept_and_their_sums_made_anew() -> None:
    stored = FRAMES[3]
    old = struct.pack(">IHII", 10, 0x8000, 40, zlib.crc32(stored))
    out = check_edited(mpeg, id3_tag(old + stored + bytes(40), 3, 0x40) + SOUND)
    tag = id3.read(out, 0)
    content = b"".join(frame.stored for frame in tag.frames)
    assert tag.extended == struct.pack(">IHII", 10, 0x8000, len(tag.rest), zlib.crc32(content))
    stored = FRAMES[4]
    # Update flag without data, then the checksum in five bytes of seven bits.
    old = synchsafe(13) + b"\1\x60\0\5" + bytes(5)
    out = check_edited(mpeg, id3_tag(old + stored, 4, 0x40) + SOUND)
    tag = id3.read(out, 0)
    total = zlib.crc32(b"".join(frame.stored for frame in tag.frames) + tag.rest)
    assert tag.extended[:8] == old[:8]
    assert (
        sum(byte << shift for byte, shift in zip(tag.extended[8:], (28, 21, 14, 7, 0), strict=True))
        == total
    )


def test_a_footer_repeats_the_header() -> None:
    tag = id3_tag(FRAMES[4], 4, 0x10)
    out = check_edited(mpeg, tag + b"3DI" + tag[3:10] + SOUND)
    size = id3.tag_bytes(out, 0)
    assert out[size - 10 : size] == b"3DI" + out[3:10]
    assert out[size:] == SOUND


def test_sizes_of_version_3_in_version_4_are_mended() -> None:
    long = b"\0AIGC\0" + b"x" * 300
    wrong = b"TXXX" + struct.pack(">I", len(long)) + b"\0\0" + long
    out = check_edited(mpeg, id3_tag(wrong + FRAMES[3]) + SOUND)
    names = [b"TIT2", b"TXXX", b"COMM", b"APIC", b"PRIV", b"XYZZ", b"PRIV"]
    assert [name for name, _ in frames(out)] == [b"TXXX", *names]


def test_sizes_of_version_3_that_end_in_a_zero_by_chance() -> None:
    # Read as 7 bits a byte, the first size ends on a zero that would pass for padding.
    long = b"x\0" + bytes(400)
    wrong = b"PRIV" + struct.pack(">I", len(long)) + b"\0\0" + long
    data = id3_tag(wrong + id3_frame(b"TXXX", b"\0AIGC\0old")) + SOUND
    assert by_keyword(mpeg.read(data, name="a")) == {"AIGC": b"old"}


def test_several_tags_at_the_front() -> None:
    one, two = id3_tag(FRAMES[3], 3), id3_tag(id3_frame(b"TXXX", b"\0AIGC\0old"))
    data = one + two + bytes(100) + SOUND
    (held,) = own(mpeg.read(data, name="a"))
    assert held.raw == b"old"
    out = check_edited(mpeg, data)
    # The label stays in its tag; what is new comes into the first one.
    assert out.count(b"AIGC") == 1 and out.endswith(bytes(100) + SOUND)


def test_a_tag_of_which_nothing_is_left_goes() -> None:
    data = id3_tag(id3_frame(b"TXXX", b"\0AIGC\0old")) + SOUND
    out, _ = mpeg.write(data, mpeg.read(data, name="a"), Edits(drop=frozenset([0])), name="a")
    assert joined(data, out) == SOUND


def test_a_text_that_outgrows_a_tag_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id3, "MAX_TAG_BYTES", 1000)
    with pytest.raises(LabelError, match="would grow beyond the 1000 bytes"):
        edited(mpeg, SOUND, b"x" * 1000)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (id3_tag(FRAMES[4]) + bytes(2000), "no MPEG sound follows"),
        (id3_tag(FRAMES[4]) + b"\xff\xfb\x90\x00" + bytes(2000), "no MPEG sound follows"),
        (b"ID3\4\0\0\0\0\x7f\x7f" + bytes(20), "claims 16393 bytes, 30 are there"),
        (id3_tag(FRAMES[4], 5) + SOUND, "version 2.5 is unknown"),
        (id3_tag(b"TX-X" + bytes(20)) + SOUND, "no frame begins at byte 0"),
        (id3_tag(b"TXXX\0\0\1\0\0\0x") + SOUND, "TXXX claims 128 bytes, 1 are there"),
        (id3_tag(b"\0\0\0\1" + bytes(20), 3, 0x40) + SOUND, "extended header claims 5"),
        (id3_tag(b"\x7f\x7f\x7f\x7f" + bytes(20), 4, 0x40) + SOUND, "extended header claims"),
        (b"ID3\2\0\x40" + synchsafe(20) + bytes(20) + SOUND, "never defined"),
        (id3_tag(b"TXXX\0\0\0\0\0\0" * 16386) + SOUND, "more than 16384 frames"),
        (id3_tag(b"") * 9 + SOUND, "more than 8 ID3 tags"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        mpeg.read(data, name="a")


def test_cut_tags_are_refused() -> None:
    data = edited(mpeg, id3_tag(FRAMES[4] + bytes(30)) + SOUND)
    for at in range(id3.tag_bytes(data, 0)):
        with pytest.raises(MediaError):
            mpeg.read(data[:at], name="a")


HEADERS = {
    b"\xff\xfb\x90\x64": 417,
    b"\xff\xfb\x92\x64": 418,
    b"\xff\xf3\x40\xc4": 104,
    b"\xff\xe3\x18\xc4": 72,
    b"\xff\xfd\x84\x00": 384,
    b"\xff\xff\x14\x00": 32,
    b"\xff\xfb\x00\x64": 0,
    b"\xff\xfb\xf0\x64": 0,
    b"\xff\xfb\x9c\x64": 0,
    b"\xff\xeb\x90\x64": 0,
    b"\xff\xf1\x90\x64": 0,
    b"\xfe\xfb\x90\x64": 0,
    b"\xff\xfb": 0,
}


@pytest.mark.parametrize("header", HEADERS)
def test_lengths_of_frames(header: bytes) -> None:
    assert mpeg.frame_bytes(header) == HEADERS[header]


def test_what_stands_behind_a_tag_decides() -> None:
    tag = id3_tag(FRAMES[4])
    assert sniff(tag + SOUND) == "mp3"
    assert sniff(tag * 2 + made("plain.flac")) == "flac"
    assert sniff(tag + b"\xff\xf1\x50\x80") is None
    assert sniff(tag + b"OggS") is None
    assert sniff(b"\xff\xf1\x50\x80" + bytes(20)) is None
    assert sniff(tag[:12]) == "mp3"


def test_places_have_the_numbers_of_their_frames() -> None:
    found: list[Held] = [held for held, _ in id3.read(id3_tag(FRAMES[4]), 0).places(5)]
    assert [(held.index, held.keyword) for held in found] == [(6, "MOOD"), (7, "COMM")]
