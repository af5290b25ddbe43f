"""FLV: metadata of every form, and key frames that are where they are said to be."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import LabelError, MediaError
from genlabel.labels.containers import sniff
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.films import amf, flv
from genlabel.labels.containers.films.amf import DamagedScript
from tests.sdk.labels.containers.edits import PACKET, check_edited, edited

FRAMES = [b"\x17one", b"\x27second", b"\x17third"]
END = b"\0\0\x09"


def key(name: str, value: bytes) -> bytes:
    return struct.pack(">H", len(name)) + name.encode() + value


def text(content: bytes) -> bytes:
    return struct.pack(">BH", 2, len(content)) + content


def number(value: float) -> bytes:
    return struct.pack(">Bd", 0, value)


def listed(*pairs: bytes, end: bytes = END) -> bytes:
    return struct.pack(">BI", 8, len(pairs)) + b"".join(pairs) + end


def tag(kind: int, content: bytes) -> bytes:
    head = bytes([kind]) + len(content).to_bytes(3, "big") + bytes(7)
    return head + content + struct.pack(">I", 11 + len(content))


def script(name: str, value: bytes) -> bytes:
    return tag(18, text(name.encode()) + value)


def keyframes(places: list[int]) -> bytes:
    array = struct.pack(">BI", 10, len(places)) + b"".join(map(number, places))
    return key("keyframes", b"\x03" + key("filepositions", array) + END)


def flv_of(*pairs: bytes, metadata: bool = True, scripts: bytes = b"", end: bytes = END) -> bytes:
    """A film of three frames, whose metadata says where they are."""
    frames = [tag(9, frame) for frame in FRAMES]
    places = [0, 0, 0]
    data = b""
    for _ in range(2):
        told = [key("filesize", number(len(data))), keyframes(places), *pairs]
        told.append(key("lastkeyframelocation", number(places[-1])))
        front = script("onMetaData", listed(*told, end=end)) if metadata else b""
        front = b"FLV\1\5" + struct.pack(">II", 9, 0) + front + scripts
        places = [len(front) + sum(map(len, frames[:n])) for n in range(3)]
        data = front + b"".join(frames)
    return data


def tags(data: bytes) -> list[tuple[int, int, bytes]]:
    """Place, type and content of every tag, whose size stands behind it."""
    found, at = [], 13
    while at < len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        assert data[at + 11 + size : at + 15 + size] == struct.pack(">I", 11 + size)
        found.append((at, data[at], data[at + 11 : at + 11 + size]))
        at += 15 + size
    return found


def check_places(data: bytes) -> None:
    """Hold the metadata to what it says of the file."""
    found = tags(data)
    frames = [at for at, kind, _ in found if kind == 9]
    assert [content for _, kind, content in found if kind == 9] == FRAMES
    for _, kind, content in found:
        if kind == 18 and b"filepositions" in content:
            at = content.index(b"filepositions") + 13 + 5
            told = [struct.unpack_from(">d", content, at + 1 + 9 * n)[0] for n in range(3)]
            assert told == frames
            for name, value in (("filesize", len(data)), ("lastkeyframelocation", frames[-1])):
                at = content.index(name.encode()) + len(name) + 1
                assert struct.unpack_from(">d", content, at)[0] == value


TITLE = key("title", text(b"T"))
DATE = key("date", b"\x0b" + bytes(10))
OTHERS = (TITLE, key("stereo", b"\1\1"), DATE, key("none", b"\5"), key("long", b"\x0c\0\0\0\1x"))
XMP_SCRIPT = script("onXMPData", listed(key("liveXML", text(b"old"))))
CUE = script("onCuePoint", b"\x03" + key("name", text(b"x")) + END)


@given(
    st.sampled_from(
        [
            (),
            OTHERS,
            (TITLE, key("AIGC", text(b"older, and quite a bit longer than the new one" * 9))),
            (key("AIGC", text(b"o")), key("AIGC", text(b"p")), TITLE),
            (key("liveXML", text(b"old")),),
            (key("typed", b"\x10" + key("A", b"")[:3] + TITLE + END), TITLE),
        ]
    ),
    st.booleans(),
    st.sampled_from([b"", CUE, XMP_SCRIPT, XMP_SCRIPT + CUE]),
    st.sampled_from([END, b""]),
)
def test_key_frames_are_where_they_are_said_to_be(
    pairs: tuple[bytes, ...], metadata: bool, scripts: bytes, end: bytes
) -> None:
    data = flv_of(*pairs, metadata=metadata, scripts=scripts, end=end)
    check_places(data)
    out = check_edited(flv, data)
    check_places(out)
    (content,) = [c for _, kind, c in tags(out) if kind == 18 and b"onMetaData" in c]
    names = {value.path[0] for value in amf.read(content).values}
    assert int.from_bytes(content[14:18], "big") >= len(names)


def test_texts_of_every_form() -> None:
    data = flv_of(*OTHERS, scripts=XMP_SCRIPT + CUE)
    found = flv.read(data, name="a")
    assert [(held.where, held.raw, held.own) for held in found.texts] == [
        ("FLV onMetaData 'title'", b"T", True),
        ("FLV onMetaData 'long'", b"x", True),
    ]
    assert [(held.where, held.raw) for held in found.xmp] == [("FLV onXMPData 'liveXML'", b"old")]
    assert (found.media_type, sniff(data[:12])) == ("video/x-flv", "flv")
    assert flv.read(data[:4] + b"\4" + data[5:], name="a").media_type == "audio/x-flv"


def test_a_dropped_text_leaves_the_others() -> None:
    data = flv_of(TITLE, key("AIGC", text(b"{}")))
    found = flv.read(data, name="a")
    (held,) = (held for held in found.texts if held.keyword == "AIGC")
    pieces, _ = flv.write(data, found, Edits(drop=frozenset([held.index])), name="a")
    out = b"".join(data[p.start : p.stop] if isinstance(p, range) else p for p in pieces)
    assert [held.keyword for held in flv.read(out, name="a").texts] == ["title"]
    check_places(out)


def test_long_texts_are_written_as_such() -> None:
    long = b"{" + b" " * 70000 + b"}"
    out = edited(flv, flv_of(), text=long, packet=PACKET)
    assert [held.raw for held in flv.read(out, name="a").texts] == [long]
    with pytest.raises(LabelError, match="does not fit into a tag"):
        edited(flv, flv_of(), text=b"x" * (1 << 24))


def nested(depth: int) -> bytes:
    value = number(1)
    for _ in range(depth):
        value = b"\x03" + key("a", value) + END
    return text(b"onMetaData") + value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (text(b"onMetaData")[:-1], "cut short"),
        (b"\3" + text(b"onMetaData")[1:], "has no name"),
        (text(b"onMetaData"), "cut short"),
        (text(b"onMetaData") + number(1), "holds no list"),
        (text(b"onMetaData") + listed(key("a", b"\x11")), "unknown type 17"),
        (text(b"onMetaData") + listed(key("a", b"\0\0"), end=b""), "cut short"),
        (text(b"onMetaData") + listed(key("a", b"\x0a\xff\xff\xff\xff"), end=b""), "cut short"),
        (nested(9), "deeper than 8"),
    ],
)
def test_damaged_scripts_are_named(content: bytes, reason: str) -> None:
    with pytest.raises(DamagedScript, match=reason):
        amf.read(content)
    if b"onMetaData" in content:
        with pytest.raises(MediaError, match=f"^a: is a damaged FLV: its metadata .*{reason}"):
            flv.read(flv_of(metadata=False, scripts=tag(18, content)), name="a")


def test_values_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amf, "MAX_VALUES", 3)
    with pytest.raises(DamagedScript, match="more than 3 values"):
        amf.read(text(b"onMetaData") + listed(TITLE, TITLE, TITLE, TITLE))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"FLV\1\5\0\0\0\x09", "ends in its FLV header"),
        (b"FLV\1\5" + bytes(12), "ends in its FLV header"),
        (flv_of()[:-5], "claims 6 bytes, 5 are there"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        flv.read(data, name="a")


def test_cut_files_are_refused() -> None:
    data = check_edited(flv, flv_of(TITLE))
    ends = {at for at, _, _ in tags(data)} | {len(data)}
    for at in range(9, len(data)):
        try:
            flv.read(data[:at], name="a")
        except MediaError:
            continue
        # The size behind a tag says nothing that is not known.
        assert any(end - 4 <= at <= end for end in ends)
