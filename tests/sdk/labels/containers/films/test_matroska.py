"""Matroska: tags in every form, indices that point to clusters, and clusters as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import MediaError, UnsupportedError
from genlabel.labels.containers import sniff
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.films import matroska
from tests.sdk.labels.containers.edits import PACKET, TEXT, check_edited, edited, own
from tests.sdk.labels.containers.films.mkvs import (
    BLOCKS,
    CLUSTER,
    CRC,
    EBML,
    FILM,
    HEAD,
    SEGMENT,
    SIMPLE,
    TAGS,
    VOID,
    WEB_HEAD,
    check_places,
    element,
    mkv_of,
    places,
    segment_of,
    simple,
    tag,
    tracks,
    walk,
)

CALM = simple(b"MOOD", b"calm")
OLDER = simple(b"AIGC", b"older, and quite a bit longer than what comes instead of it" * 9)
OF_TRACK = tag(simple(b"DURATION", b"1"), targets=element(0x63C5, b"\7"))
OF_FILM = tag(CALM, targets=element(0x68CA, b"\x32"))
OF_EPISODE = tag(CALM, targets=element(0x68CA, b"\x32") + element(0x63CA, b"MOVIE"))
NESTED = tag(simple(b"ARTIST", b"A", simple(b"URL", b"x", simple(b"AIGC", b"deep"))))
LISTS = st.sampled_from(
    [
        (),
        (element(TAGS, tag(CALM)),),
        (element(TAGS, OF_TRACK, OF_FILM),),
        (element(TAGS, OF_EPISODE), element(VOID, bytes(40))),
        (element(TAGS, OF_TRACK, tag(OLDER)),),
        (
            element(TAGS, element(CRC, b"abcd"), tag(simple(b"AIGC", b"o"))),
            element(VOID, bytes(1200)),
        ),
        (element(TAGS, tag(simple(b"AIGC", b"o"), simple(b"AIGC", b"p"))),),
        (element(TAGS, NESTED), element(TAGS, tag(simple(b"AIGC", TEXT), simple(b"XMP", PACKET)))),
    ]
)


def blocks(data: bytes) -> list[bytes]:
    """What the clusters hold."""
    start, end = segment_of(data)
    found = []
    waiting = [(start, end)]
    while waiting:
        for kind, _, payload, stop in walk(data, *waiting.pop(0)):
            if kind == CLUSTER:
                waiting.append((payload, stop))
            elif kind == 0xA3:
                found.append(data[payload:stop])
    return found


@given(
    LISTS,
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 3, 60]),
    st.booleans(),
    st.sampled_from([0, 2, 8]),
    st.booleans(),
    st.booleans(),
)
def test_clusters_are_where_they_are_said_to_be(
    lists: tuple[bytes, ...],
    last: bool,
    indexed: bool,
    room: int,
    unknown: bool,
    width: int,
    early: bool,
    checksum: bool,
) -> None:
    front, back = ((), lists) if last and not unknown else (lists, ())
    data = mkv_of(
        *front,
        back=back,
        indexed=indexed,
        room=room,
        unknown=unknown,
        width=width,
        early=early or unknown,
        checksum=checksum,
        behind=b"" if unknown else element(VOID, b"behind"),
    )
    check_places(data)
    out = check_edited(matroska, data)
    check_places(out)
    assert sorted(blocks(out)) == sorted(BLOCKS)
    assert out.endswith(data[-5:])
    kinds = [kind for kind, *_ in walk(out, *segment_of(out))]
    assert out == data or kinds.index(TAGS) < kinds.index(CLUSTER)


def test_positions_that_outgrow_their_bytes_get_more() -> None:
    # The second cluster ends up beyond what one byte can say.
    data = mkv_of(element(TAGS, tag(CALM)), early=True)
    assert places(data, 0xF1)[-1] - segment_of(data)[0] < 256
    out = check_edited(matroska, data)
    check_places(out)
    assert places(out, 0xF1)[0] - segment_of(out)[0] > 256
    # A cluster's own word of it is no longer than it was: it goes.
    assert places(out, 0xA7) == []


def test_empty_space_is_used_and_nothing_moves() -> None:
    data = mkv_of(element(TAGS, tag(CALM)), element(VOID, bytes(1000)))
    out = edited(matroska, data, packet=None)
    assert len(out) == len(data)
    assert [a for kind, a, *_ in walk(data, *segment_of(data)) if kind == CLUSTER] == [
        a for kind, a, *_ in walk(out, *segment_of(out)) if kind == CLUSTER
    ]


def test_the_segment_gets_its_size() -> None:
    content = FILM + element(CLUSTER, element(0xA3, b"x" * 60))
    data = HEAD + element(SEGMENT, content, width=1) + element(VOID, b"behind")
    out = check_edited(matroska, data)
    assert out.endswith(element(VOID, b"behind"))
    assert [kind for kind, *_ in walk(out, 0, len(out))] == [EBML, SEGMENT, VOID]
    assert blocks(out) == [b"x" * 60]


def test_texts_of_every_form() -> None:
    lists = element(TAGS, OF_TRACK, NESTED, tag(simple(b"AIGC", b"{}"), simple(b"XMP", b"<x/>")))
    found = matroska.read(mkv_of(lists), name="a")
    assert [(held.where, held.raw, held.own) for held in found.texts] == [
        ("Matroska tag 'DURATION'", b"1", False),
        ("Matroska tag 'ARTIST'", b"A", True),
        ("Matroska tag 'URL'", b"x", False),
        ("Matroska tag 'AIGC'", b"deep", False),
        ("Matroska tag 'AIGC'", b"{}", True),
    ]
    assert [(held.where, held.raw) for held in found.xmp] == [("Matroska tag 'XMP'", b"<x/>")]


def test_a_dropped_text_leaves_the_others() -> None:
    data = mkv_of(element(TAGS, tag(CALM, simple(b"AIGC", b"x")), NESTED, tag(OLDER)))
    found = matroska.read(data, name="a")
    gone = frozenset(held.index for held in found.texts if held.keyword == "AIGC")
    assert len(gone) == 3
    pieces, _ = matroska.write(data, found, Edits(drop=gone), name="a")
    out = b"".join(data[p.start : p.stop] if isinstance(p, range) else p for p in pieces)
    left = [(held.keyword, held.raw) for held in matroska.read(out, name="a").texts]
    assert left == [("MOOD", b"calm"), ("ARTIST", b"A"), ("URL", b"x")]
    check_places(out)


def test_only_texts_of_the_whole_film_are_the_label() -> None:
    lists = element(TAGS, tag(simple(b"AIGC", b"{}"), targets=element(0x63C5, b"\7")))
    data = mkv_of(lists)
    assert own(matroska.read(data, name="a")) == []
    assert len(own(matroska.read(edited(matroska, data), name="a"))) == 1


def test_a_named_level_is_the_whole_film_and_stays_alone() -> None:
    movie = element(0x68CA, b"\x32") + element(0x63CA, b"MOVIE")
    data = mkv_of(element(TAGS, tag(simple(b"AIGC", b"{}"), targets=movie)))
    assert len(own(matroska.read(data, name="a"))) == 1
    check_edited(matroska, data)
    out = check_edited(matroska, mkv_of(element(TAGS, OF_EPISODE)))
    assert out.index(b"AIGC") > out.index(b"MOVIE") + 30
    season = element(0x68CA, b"\x3c")
    data = mkv_of(element(TAGS, tag(simple(b"AIGC", b"{}"), targets=season)))
    assert own(matroska.read(data, name="a")) == []


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (HEAD + element(SEGMENT, FILM), "video/matroska"),
        (HEAD + element(SEGMENT, tracks(2)), "audio/matroska"),
        (WEB_HEAD + element(VOID, b"x") + element(SEGMENT, FILM, unknown=1), "video/webm"),
        (WEB_HEAD + element(SEGMENT, tracks(2, 17)), "audio/webm"),
    ],
)
def test_films_and_sound_are_told_apart(data: bytes, media_type: str) -> None:
    assert sniff(data[:12]) == "matroska"
    assert matroska.read(data, name="a").media_type == media_type


DEEP = simple(b"AIGC", b"{}")
for _ in range(40):
    DEEP = simple(b"X", b"x", DEEP)


def test_depth_has_a_limit() -> None:
    found = matroska.read(mkv_of(element(TAGS, tag(DEEP))), name="a")
    assert len(found.texts) == 7
    check_edited(matroska, mkv_of(element(TAGS, tag(DEEP))))


@pytest.mark.parametrize(
    ("data", "error", "reason"),
    [
        (element(EBML, element(0x4282, b"other")), UnsupportedError, "another kind than Matroska"),
        (element(EBML), UnsupportedError, "another kind than Matroska"),
        (HEAD, MediaError, "holds no segment"),
        (HEAD + element(VOID, b"x"), MediaError, "holds no segment"),
        (HEAD + element(SEGMENT), MediaError, "lists no tracks"),
        (HEAD + element(SEGMENT, tracks(17)), UnsupportedError, "neither picture nor sound"),
        (HEAD + element(SEGMENT, FILM)[:-1], MediaError, "is cut short"),
        (HEAD + element(SEGMENT, FILM, b"\0"), MediaError, "no EBML element at byte 36"),
        (HEAD + element(SEGMENT, FILM, element(TAGS, unknown=1)), MediaError, "has no size"),
        (
            HEAD + element(SEGMENT, FILM, element(CLUSTER, element(0xA0, unknown=1), unknown=1)),
            MediaError,
            "has no size",
        ),
        (
            HEAD + element(SEGMENT, FILM, element(TAGS, tag(*[element(SIMPLE)] * 16385))),
            MediaError,
            "more than 16384 tags",
        ),
    ],
)
def test_damage_is_named(data: bytes, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=f"^a: .*{reason}"):
        matroska.read(data, name="a")


@pytest.mark.parametrize("unknown", [False, True])
def test_cut_files_are_refused(unknown: bool) -> None:
    data = check_edited(matroska, mkv_of(element(TAGS, tag(CALM)), unknown=unknown, early=True))
    start, end = segment_of(data)
    ends = set()
    waiting = [(start, end)]
    while waiting:
        for kind, _, payload, stop in walk(data, *waiting.pop()):
            ends |= {payload, stop} if kind == CLUSTER else {stop}
            waiting += [(payload, stop)] if kind == CLUSTER else []
    for at in range(len(HEAD), len(data)):
        try:
            matroska.read(data[:at], name="a")
        except MediaError:
            continue
        # Of a film of unknown length nobody knows how much is missing.
        assert unknown and at in ends
