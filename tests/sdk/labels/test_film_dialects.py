"""Labels that other programs put into films: read wherever they are, named, and moved."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

import pytest

from genlabel import Label
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.containers.films import avis, mkvs
from tests.sdk.labels.containers.films.mp4s import (
    CHUNKS,
    ISO,
    XMP_ID,
    box,
    chunks,
    data_box,
    freeform,
    itunes,
    keyed,
    movie,
)
from tests.sdk.labels.containers.films.test_flv import flv_of, key, script, text
from tests.sdk.labels.samples import FULL, WRAPPED, aigc_element

BARE = json.dumps(FULL, separators=(",", ":"))
OTHER = BARE.replace("e3578014", "00000000")
COPY = "AI-generated (AIGC Label=1 ContentProducer=acme ProduceID=n1)"


def mp4(*parts: bytes, after: bytes = b"") -> bytes:
    head = movie(0, *parts, kind=b"vide")
    start = len(ISO) + len(head) + 8
    return ISO + movie(start, *parts, kind=b"vide") + box(b"mdat", *CHUNKS) + after


def user(*parts: bytes) -> bytes:
    return mp4(box(b"udta", *parts))


def quicktime(kind: bytes, words: str) -> bytes:
    content = words.encode()
    return box(kind, struct.pack(">HH", len(content), 0x55C4), content)


def mkv(*tags: bytes) -> bytes:
    return mkvs.mkv_of(mkvs.element(mkvs.TAGS, *tags), width=4)


def tagged(name: bytes, words: str, targets: bytes = b"") -> bytes:
    return mkvs.tag(mkvs.simple(name, words.encode()), targets=targets)


def info(name: bytes, words: str) -> bytes:
    return avis.avi_of(avis.form(b"INFO", avis.chunk(name, words.encode(), b"\0")))


def spoken(name: str, words: str) -> bytes:
    return flv_of(key(name, text(words.encode())))


#: What is in its place: bare or wrapped.
PLACED: dict[str, Callable[[str], bytes]] = {
    "MP4": lambda words: user(keyed((b"AIGC", words.encode()))),
    "MP4, directly in the movie": lambda words: mp4(keyed((b"AIGC", words.encode()))),
    "MKV": lambda words: mkv(tagged(b"AIGC", words)),
    "AVI": lambda words: info(b"AIGC", words),
    "FLV": lambda words: spoken("AIGC", words),
}
#: What is not.
STRAYS: dict[str, Callable[[], bytes]] = {
    "iTunes' list": lambda: user(itunes(freeform(b"AIGC", BARE.encode()))),
    "iTunes' comment": lambda: user(itunes(box(b"\xa9cmt", data_box(WRAPPED.encode())))),
    "QuickTime's comment": lambda: user(quicktime(b"\xa9cmt", WRAPPED)),
    "another key": lambda: user(keyed((b"com.acme.AIGC", BARE.encode()))),
    "XMP of MP4": lambda: mp4(after=box(b"uuid", XMP_ID, aigc_element(BARE))),
    "XMP of MOV": lambda: user(box(b"XMP_", aigc_element(BARE))),
    "a track of MKV": lambda: mkv(tagged(b"AIGC", BARE, mkvs.element(0x63C5, b"\7"))),
    "a text's text in MKV": lambda: mkv(
        mkvs.tag(mkvs.simple(b"ARTIST", b"A", mkvs.simple(b"AIGC", BARE.encode())))
    ),
    "a comment of MKV": lambda: mkv(tagged(b"COMMENT", WRAPPED)),
    "lower case in MKV": lambda: mkv(tagged(b"aigc", BARE)),
    "XMP of MKV": lambda: mkv(tagged(b"XMP", aigc_element(BARE).decode())),
    "a chunk of AVI": lambda: avis.avi_of(after=avis.chunk(b"AIGC", BARE.encode())),
    "a comment of AVI": lambda: info(b"ICMT", WRAPPED),
    "XMP of AVI": lambda: avis.avi_of(after=avis.chunk(b"_PMX", aigc_element(BARE))),
    "a comment of FLV": lambda: spoken("comment", WRAPPED),
    "XMP of FLV": lambda: flv_of(
        scripts=script(
            "onXMPData", b"\x03" + key("liveXML", text(aigc_element(BARE))) + b"\0\0\x09"
        )
    ),
}


def relabelled(data: bytes, label: Label) -> bytes:
    out, _ = write_metadata(data, label, name="a")
    found = read_metadata(out, name="a")
    assert (found.aigc.state, found.label) == ("valid", label), found.aigc
    assert out.count(b'"ContentProducer"') == 1
    assert write_metadata(out, label, name="a")[0] == out
    if b"ftyp" in data[:12]:
        assert chunks(out) == CHUNKS
    return out


@pytest.mark.parametrize("place", PLACED)
@pytest.mark.parametrize(
    ("words", "state", "problem"),
    [
        (BARE, "valid", ""),
        (WRAPPED, "valid", ""),
        ("{", "damaged", "not JSON"),
        (BARE.replace("ProduceID", "producerId"), "present", "misspelt"),
    ],
)
def test_labels_in_their_place(
    place: str, words: str, state: str, problem: str, label: Label
) -> None:
    data = PLACED[place](words)
    found = read_metadata(data, name="a").aigc
    assert found.state == state, found
    assert problem in " ".join(found.problems)
    relabelled(data, label)


@pytest.mark.parametrize("place", STRAYS)
def test_labels_astray_are_read_and_moved(place: str, label: Label) -> None:
    data = STRAYS[place]()
    found = read_metadata(data, name="a")
    assert found.aigc.state == "present", found.aigc
    assert "TC260-PG-20257A" in " ".join(found.aigc.problems)
    assert found.label is not None and found.label.produce_id == FULL["ProduceID"]
    relabelled(data, label)


@pytest.mark.parametrize(
    "data",
    [
        user(keyed((b"AIGC", BARE.encode()), (b"AIGC", OTHER.encode())), itunes()),
        mkv(tagged(b"AIGC", BARE), tagged(b"AIGC", OTHER)),
        avis.avi_of(avis.form(b"INFO", *[avis.chunk(b"AIGC", w.encode()) for w in (BARE, OTHER)])),
        flv_of(key("AIGC", text(BARE.encode())), key("AIGC", text(OTHER.encode()))),
    ],
)
def test_one_of_several_labels_is_left(data: bytes, label: Label) -> None:
    found = read_metadata(data, name="a")
    assert found.aigc.state == "present"
    assert "2 labels, not alike" in found.aigc.problems[0]
    relabelled(data, label)


@pytest.mark.parametrize(
    "data",
    [
        user(quicktime(b"\xa9cmt", COPY)),
        user(itunes(box(b"\xa9cmt", data_box(COPY.encode())))),
        user(keyed((b"com.apple.quicktime.comment", COPY.encode()))),
        mkv(tagged(b"COMMENT", COPY)),
        info(b"ICMT", COPY),
        spoken("comment", COPY),
    ],
)
def test_a_copy_in_words_is_read_where_no_label_is_left(data: bytes, label: Label) -> None:
    found = read_metadata(data, name="a")
    assert found.aigc.state == "present"
    assert "only a copy in words is left" in found.aigc.problems[0]
    assert found.label is not None
    assert (found.label.producer, found.label.produce_id) == ("acme", "n1")
    out = relabelled(data, label)
    assert (out.count(b"(AIGC Label="), out.count(COPY.encode())) == (1, 0)


def test_a_comment_of_its_own_stays(label: Label) -> None:
    for data in (user(quicktime(b"\xa9cmt", "A cut")), mkv(tagged(b"COMMENT", "A cut"))):
        out, warnings = write_metadata(data, label, name="a")
        assert "its own comment stays, and no copy of the label stands there" in warnings
        assert b"A cut" in out and b"(AIGC Label=" not in out


def test_a_copy_beside_the_label_is_no_second_one(label: Label) -> None:
    copy = COPY.replace("n1", FULL["ProduceID"])
    for words, copied, problems in (
        (BARE, copy, ()),
        (WRAPPED.replace('"', '\\"').join('""'), copy, ("JSON inside",)),
        (BARE, COPY, ("of another label",)),
    ):
        data = user(keyed((b"AIGC", words.encode()), (b"comment", copied.encode())))
        found = read_metadata(data, name="a")
        assert (found.aigc.state == "valid") == (not problems), found.aigc
        assert all(text in " ".join(found.aigc.problems) for text in problems)
        assert len(found.aigc.problems) == len(problems)
        assert found.label is not None and found.label.produce_id == FULL["ProduceID"]
        relabelled(data, label)
