"""Damaged and hostile films: a result or a one-line error, never anything else."""

from __future__ import annotations

import struct
import tracemalloc

import pytest

from genlabel import GenlabelError, Label, MediaError
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.changes import outcomes_of_changes
from tests.sdk.labels.containers.films import avis, mkvs
from tests.sdk.labels.containers.films.mp4s import ISO, box, full, itunes, keyed, movie
from tests.sdk.labels.containers.films.test_flv import flv_of, key, script, text
from tests.sdk.labels.films import MAKERS, made
from tests.sdk.labels.samples import BARE, WRAPPED, aigc_element

PACKET = aigc_element(WRAPPED)
COPY = b"AI-generated (AIGC Label=1 ContentProducer=acme ProduceID=n1)"
COMMENT = b"\xa9cmt" + struct.pack(">HH", len(COPY), 0x55C4) + COPY
SEEDS = {
    "mp4": ISO
    + movie(
        0,
        box(b"udta", keyed((b"AIGC", BARE.encode()), (b"comment", COPY)), itunes()),
        box(b"free", bytes(40)),
        kind=b"vide",
    )
    + box(b"mdat", b"one-second-third"),
    "mov": movie(
        0,
        box(b"udta", struct.pack(">I", 4 + len(COMMENT)), COMMENT, box(b"XMP_", PACKET)),
        kind=b"vide",
    )
    + box(b"mdat", b"one-second-third"),
    "fragments": ISO
    + box(b"moov", movie(0, kind=b"vide")[8:], box(b"mvex"), keyed((b"AIGC", BARE.encode())))
    + box(b"moof", box(b"traf", full(b"tfhd", bytes(4))[:11] + b"\1" + bytes(12)))
    + box(b"mdat", b"film")
    + box(b"mfra", full(b"tfra", bytes(8), b"\0\0\0\2", bytes(22))),
    "mkv": mkvs.mkv_of(
        mkvs.element(mkvs.TAGS, mkvs.tag(mkvs.simple(b"AIGC", BARE.encode()))),
        mkvs.element(mkvs.TAGS, mkvs.tag(mkvs.simple(b"COMMENT", WRAPPED.encode()))),
        mkvs.element(mkvs.TAGS, mkvs.tag(mkvs.simple(b"XMP", PACKET))),
        room=30,
        checksum=True,
    ),
    "webm": mkvs.mkv_of(unknown=True, early=True),
    "avi": avis.avi_of(
        avis.form(b"INFO", avis.chunk(b"AIGC", BARE.encode()), avis.chunk(b"ICMT", COPY)),
        avis.chunk(b"JUNK", bytes(30)),
        after=avis.chunk(b"_PMX", PACKET),
        forms=2,
        opendml=True,
    ),
    "flv": flv_of(
        key("AIGC", text(BARE.encode())),
        key("comment", text(WRAPPED.encode())),
        scripts=script("onXMPData", b"\x03" + key("liveXML", text(PACKET)) + b"\0\0\x09"),
    ),
}


@pytest.mark.parametrize("kind", SEEDS)
def test_mutations(kind: str, label: Label) -> None:
    outcomes = outcomes_of_changes(SEEDS[kind], label, 400)
    assert {MediaError, "absent" if kind == "webm" else "present"} <= outcomes


@pytest.mark.parametrize("name", MAKERS)
def test_cut_films_give_a_result_or_an_error(name: str, label: Label) -> None:
    data, _ = write_metadata(made(name), label, name="a")
    cuts = {*range(0, min(3000, len(data)), 3), *range(len(data) - 40, len(data))}
    for at in sorted(cuts):
        try:
            found = read_metadata(data[:at], name="a")
        except GenlabelError as error:
            assert "\n" not in str(error)
            continue
        # What is still there is right: no label is ever read in half.
        assert found.label is None or found.label.producer in (label.producer, "")
        assert found.aigc.state in ("valid", "absent")


def nested(depth: int) -> bytes:
    value = mkvs.simple(b"X", b"x")
    for _ in range(depth):
        value = mkvs.simple(b"X", b"x", value)
    return value


BOMBS = {
    "boxes in boxes": ISO + box(b"moov", box(b"udta") * 4000, movie(0, kind=b"vide")[8:]),
    "items": ISO + movie(0, box(b"udta", itunes(*[box(b"data")] * 4000)), kind=b"vide"),
    "keys": ISO + movie(0, box(b"udta", keyed(*[(b"AIGC", b"{}")] * 1200)), kind=b"vide"),
    "tags": mkvs.mkv_of(
        mkvs.element(mkvs.TAGS, *[mkvs.tag(mkvs.simple(b"AIGC", b"{}"))] * 1200), indexed=False
    ),
    "texts of texts": mkvs.mkv_of(mkvs.element(mkvs.TAGS, mkvs.tag(nested(900)))),
    "empty space": mkvs.HEAD + mkvs.element(mkvs.SEGMENT, mkvs.FILM, b"\xec\x80" * 8000, width=8),
    "texts": avis.avi_of(avis.form(b"INFO", *[avis.chunk(b"AIGC", b"{}")] * 3000)),
    "values": flv_of(*[key("AIGC", text(b"{}"))] * 3000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_stay_small(name: str, label: Label) -> None:
    data = BOMBS[name]
    tracemalloc.start()
    try:
        found = read_metadata(data, name="a")
        assert found.aigc.state in ("absent", "present", "damaged")
        out, _ = write_metadata(data, label, name="a")
        assert read_metadata(out, name="a").aigc.state in ("valid", "present")
    except GenlabelError as error:
        assert "\n" not in str(error)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * len(data) + (8 << 20)
