"""MP4 boxes: metadata in every form, room for it, and sound that is where it is said to be."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import MediaError, UnsupportedError
from genlabel._data import joined
from genlabel.labels.containers import boxes, sniff
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.films import bmff
from tests.sdk.labels.containers.edits import PACKET, TEXT, check_edited, edited, own
from tests.sdk.labels.containers.films.mp4s import (
    CHUNKS,
    FILM,
    FTYP,
    ISO,
    SOUND,
    XMP_ID,
    box,
    chunks,
    data_box,
    freeform,
    full,
    handler,
    itunes,
    kept,
    keyed,
    long_box,
    mp4_of,
    offsets,
    walk,
)
from tests.sdk.labels.films import coded as coded_film
from tests.sdk.labels.films import film, sought
from tests.sdk.labels.sounds import TAGS, by_ffmpeg, coded, decoded, made, tags_of

METAS = st.sampled_from(
    [
        (),
        (box(b"udta"),),
        (box(b"udta", bytes(4)),),
        (box(b"udta", box(b"name", b"x"), bytes(4)),),
        (box(b"udta", itunes(box(b"\xa9nam", data_box(b"T"))), bytes(40)),),
        (box(b"udta", keyed((b"mood", b"calm"))),),
        (box(b"udta", keyed((b"mood", b"calm"), (b"AIGC", b"older"))),),
        (box(b"udta", itunes(box(b"\xa9nam", data_box(b"T")))),),
        (box(b"udta", itunes(freeform(b"MOOD", b"calm")), keyed((b"AIGC", b"old"))),),
        (keyed((b"AIGC", b"old, and quite a bit longer than what comes instead of it" * 9)),),
        (box(b"udta", full(b"meta", handler(b"mdta"))),),
        (box(b"meta", handler(b"mdta"), full(b"keys", bytes(4))),),
        (box(b"free", bytes(700)), box(b"udta", keyed((b"AIGC", b"o"), (b"AIGC", b"p")))),
    ]
)
FREE = st.sampled_from([0, 1, 8, 40, 300, 3000])
BETWEEN = st.sampled_from([b"", box(b"uuid", XMP_ID, b"old"), box(b"uuid", bytes(16), b"other")])


@given(METAS, FREE, BETWEEN, st.booleans(), st.booleans())
def test_sound_is_where_it_is_said_to_be(
    parts: tuple[bytes, ...], room: int, between: bytes, wide: bool, late: bool
) -> None:
    free = box(b"free", bytes(room)) if room else b""
    data = mp4_of(*parts, before=free + between, after=box(b"wide"), wide=wide, late=late)
    assert chunks(data) == CHUNKS
    out = check_edited(bmff, data)
    assert chunks(out) == CHUNKS
    assert kept(out) == kept(data)


def test_free_space_is_used_and_nothing_moves() -> None:
    data = mp4_of(before=box(b"free", bytes(1000)))
    out = edited(bmff, data, packet=None)
    assert len(out) == len(data)
    assert out.index(b"mdat") == data.index(b"mdat")
    # As much as is needed: the box goes altogether.
    need = len(edited(bmff, mp4_of(), packet=None)) - len(mp4_of())
    for size, left in ((need, 0), (need + 8, 1), (need + 7, 1)):
        data = mp4_of(before=box(b"free", bytes(size - 8)))
        out = edited(bmff, data, packet=None)
        assert chunks(out) == CHUNKS
        assert out.count(b"free") == left


@pytest.mark.parametrize(
    "options", ["", "faststart", "use_metadata_tags", "faststart+use_metadata_tags"]
)
@pytest.mark.parametrize("form", ["mp4", "ipod", "mov"])
def test_what_ffmpeg_writes(options: str, form: str) -> None:
    data = by_ffmpeg(form, "aac", {"movflags": options} if options else {}, **TAGS)
    out = check_edited(bmff, data)
    assert (coded(out), decoded(out)) == (coded(data), decoded(data))
    before, after = tags_of(data), tags_of(out)
    assert after.pop("AIGC") == TEXT.decode()
    assert after == before


def test_texts_and_packets_of_every_form() -> None:
    text = "{ÿ}".encode("utf-16-be")
    comment = box(b"\xa9cmt", data_box(b"A cut"))
    data = mp4_of(
        box(b"udta", itunes(comment, freeform(b"AIGC", b"{}")), box(b"XMP_", b"<x/>")),
        keyed((b"com.acme.AIGC", b"{}")),
        after=box(b"uuid", XMP_ID, b"<y/>"),
    )
    found = bmff.read(data, name="a")
    assert [(held.where, held.raw, held.own) for held in found.texts] == [
        ("MP4 moov.udta.meta 'Comment'", b"A cut", False),
        ("MP4 moov.udta.meta 'AIGC'", b"{}", False),
        ("MP4 moov.meta 'com.acme.AIGC'", b"{}", True),
    ]
    assert [(held.where, held.raw) for held in found.xmp] == [
        ("MP4 box 'uuid'", b"<y/>"),
        ("MP4 box 'XMP_'", b"<x/>"),
    ]
    (held,) = own(bmff.read(mp4_of(keyed((b"AIGC", text), coding=2)), name="a"))
    assert held.raw.decode() == "{ÿ}"


def test_a_dropped_text_leaves_its_key() -> None:
    data = mp4_of(box(b"udta", keyed((b"AIGC", b"old"), (b"mood", b"calm"))))
    found = bmff.read(data, name="a")
    new, _ = bmff.write(data, found, Edits(drop=frozenset([0])), name="a")
    out = joined(data, new)
    assert [held.keyword for held in bmff.read(out, name="a").texts] == ["mood"]
    again = edited(bmff, out, packet=None)
    assert again.count(b"AIGC") == 1
    assert [held.raw for held in bmff.read(again, name="a").texts] == [b"calm", TEXT]


def test_samples_up_to_the_end_of_the_file() -> None:
    data = mp4_of()
    at = data.index(b"mdat") - 4
    data = data[:at] + bytes(4) + data[at + 4 :]
    out = check_edited(bmff, data)
    assert chunks(out) == CHUNKS
    assert out.endswith(b"mdat" + b"".join(CHUNKS))


def test_sizes_of_64_bits() -> None:
    plain = mp4_of()
    inside = plain[len(FTYP) + 8 : plain.index(b"mdat") - 4]
    grown = inside.replace(offsets_of(plain), offsets_of(plain, 8))
    data = FTYP + long_box(b"moov", grown) + box(b"mdat", *CHUNKS)
    assert chunks(data) == CHUNKS
    out = check_edited(bmff, data)
    assert chunks(out) == CHUNKS
    assert out[len(FTYP) : len(FTYP) + 4] == b"\0\0\0\1"


def offsets_of(data: bytes, more: int = 0) -> bytes:
    at = data.index(b"stco") + 12
    return struct.pack(">3I", *(place + more for place in struct.unpack_from(">3I", data, at)))


def test_offsets_that_outgrow_their_bits_are_refused() -> None:
    data = mp4_of()
    start = data.index(b"stco") + 12
    data = data[:start] + b"\xff\xff\xff\xf0" + data[start + 4 :]
    with pytest.raises(MediaError, match="what its chunk offsets can say"):
        edited(bmff, data)


def places(data: bytes) -> list[tuple[bytes, int]]:
    """Where fragments are said to be: by their own headers, by the index, and by chance."""
    found = []
    for kind, start, end in walk(data):
        for inner, at, stop in walk(data, start, end) if kind in (b"moof", b"mfra") else ():
            if inner == b"tfra":
                wide, sizes, count = (
                    data[at] == 1,
                    data[at + 11],
                    int.from_bytes(data[at + 12 : at + 16], "big"),
                )
                step = 2 * (8 if wide else 4) + sum((sizes >> by & 3) + 1 for by in (4, 2, 0))
                for number in range(count):
                    place = at + 16 + number * step + (8 if wide else 4)
                    found.append(
                        (inner, int.from_bytes(data[place : place + (8 if wide else 4)], "big"))
                    )
            for leaf, head, _ in walk(data, at, stop) if inner == b"traf" else ():
                if leaf == b"tfhd" and data[head + 3] & 1:
                    found.append((leaf, int.from_bytes(data[head + 8 : head + 16], "big")))
    return found


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ("frag_keyframe+empty_moov", {b"tfhd", b"tfra"}),
        ("frag_keyframe+empty_moov+default_base_moof", {b"tfra"}),
        ("frag_keyframe+empty_moov+dash+global_sidx", {b"tfra"}),
        ("frag_keyframe+empty_moov+use_metadata_tags", {b"tfhd", b"tfra"}),
    ],
)
def test_fragments(options: str, kinds: set[bytes]) -> None:
    flags = {"movflags": options, "frag_duration": "100000"}
    data = by_ffmpeg("mp4", "aac", flags, **TAGS)
    out = check_edited(bmff, data)
    assert (coded(out), decoded(out)) == (coded(data), decoded(data))
    assert {kind for kind, _ in places(out)} == kinds
    for _, at in places(out):
        assert out[at + 4 : at + 8] == b"moof"
    # An index of the other kind counts from its own end on.
    indices = [(start, end) for kind, start, end in walk(out) if kind == b"sidx"]
    assert bool(indices) == ("sidx" in options)
    for start, end in indices:
        wide = out[start] == 1
        offset = int.from_bytes(
            out[start + (20 if wide else 16) : start + (28 if wide else 20)], "big"
        )
        assert out[end + offset + 4 : end + offset + 8] == b"moof"
    assert [kind for kind, _, _ in walk(out)][-1] == b"mfra"


def indexed(data: bytes) -> list[bytes]:
    """What stands at the beginning of every part that an index counts, and behind the last."""
    found = []
    for kind, start, end in walk(data):
        if kind == b"sidx":
            width = 8 if data[start] else 4
            at = start + 12 + width
            place = end + int.from_bytes(data[at : at + width], "big")
            for row in range(at + width + 4, end, 12):
                found.append(data[place + 4 : place + 8])
                place += int.from_bytes(data[row : row + 4], "big") & 0x7FFFFFFF
            found.append(data[place + 4 : place + 8])
    return found


def with_packet(data: bytes, number: int, packet: bytes) -> bytes:
    """An indexed film with XMP before one of its fragments, as part of the one before it."""
    at = [start - 8 for kind, start, _ in walk(data) if kind == b"moof"][number]
    new = box(b"uuid", XMP_ID, packet)
    for kind, start, _ in walk(data):
        if kind == b"sidx":
            row = start + 12 + 2 * (8 if data[start] else 4) + 4 + 12 * (number - 1)
            size = int.from_bytes(data[row : row + 4], "big") + len(new)
            data = data[:row] + size.to_bytes(4, "big") + data[row + 4 :]
    # What is behind says where fragments are, and would have to be moved by hand.
    end = next(start - 8 for kind, start, _ in walk(data) if kind == b"mfra")
    return data[:at] + new + data[at:end]


@pytest.mark.parametrize("packet", [b"", PACKET, PACKET * 40])
def test_labels_between_indexed_fragments_are_changed(packet: bytes) -> None:
    options = {"movflags": "frag_keyframe+empty_moov+cmaf+dash+global_sidx"}
    data = with_packet(film("mp4", audio=None, options=options), 1, packet)
    assert indexed(data) == [b"moof", b"moof", b"moof", b""]
    out = check_edited(bmff, data)
    assert coded_film(out) == coded_film(data)
    assert sought(out) == sought(data)
    assert indexed(out) == [b"moof", b"moof", b"moof", b""]


def test_an_index_counts_to_where_its_last_part_ends() -> None:
    start = FTYP + box(b"moov", SOUND, box(b"mvex"))
    fragment = box(b"moof") + box(b"mdat", b"x")
    head = struct.pack(">IIIIIHHIII", 0, 1, 1, 0, 0, 0, 1, len(fragment), 0, 0)
    out = edited(bmff, start + box(b"sidx", head) + fragment)
    assert indexed(out) == [b"moof", b"uuid"]
    gap = box(b"uuid", XMP_ID, b"old")
    head = struct.pack(">IIIIIHHIII", 0, 1, 1, 0, len(gap), 0, 1, len(fragment), 0, 0)
    out = edited(bmff, start + box(b"sidx", head) + gap + fragment)
    assert indexed(out) == [b"moof", b""]


def test_labels_within_a_fragment_are_left() -> None:
    start = FTYP + box(b"moov", SOUND, box(b"mvex"))
    rest = box(b"moof") + box(b"uuid", XMP_ID, PACKET) + box(b"mdat", b"x")
    with pytest.raises(UnsupportedError, match="within a fragment"):
        edited(bmff, start + rest)
    found = bmff.read(start + rest, name="a")
    new, _ = bmff.write(start + rest, found, Edits(new_text=("AIGC", TEXT)), name="a")
    out = joined(start + rest, new)
    assert out.endswith(rest)


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (
            box(b"moof", box(b"traf", full(b"tfhd", bytes(4))[:11] + b"\1" + bytes(4))),
            "tfhd is cut short",
        ),
        (box(b"mfra", full(b"tfra", bytes(8), b"\xff\xff\xff\xff")), "claims 4294967295 fragments"),
        (full(b"sidx", bytes(18), b"\xff\xff"), "claims 65535 fragments"),
        (full(b"sidx", bytes(9)), "fragments"),
        (
            box(
                b"mfra",
                full(b"tfra", bytes(8), b"\0\0\0\1", bytes(4), b"\xff\xff\xff\xff", bytes(3)),
            ),
            "fragments can say",
        ),
    ],
)
def test_damaged_fragments_are_named(rest: bytes, reason: str) -> None:
    data = FTYP + box(b"moov", SOUND, box(b"mvex")) + rest
    with pytest.raises(MediaError, match=reason):
        edited(bmff, data)


def test_what_has_offsets_of_another_kind_is_refused() -> None:
    table = full(b"saio", struct.pack(">II", 1, 0))
    inner = box(b"stbl", table, offsets(0, False))
    track = box(b"trak", box(b"mdia", handler(b"soun"), box(b"minf", inner)))
    with pytest.raises(UnsupportedError, match="encrypted samples"):
        edited(bmff, FTYP + box(b"moov", track) + box(b"mdat", *CHUNKS))
    elsewhere = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", b"file:b\0")))
    track = box(b"trak", box(b"mdia", handler(b"soun"), box(b"minf", elsewhere, box(b"stbl"))))
    with pytest.raises(UnsupportedError, match="kept in another file"):
        edited(bmff, FTYP + box(b"moov", track) + box(b"mdat", *CHUNKS))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ISO + box(b"moov"), "with neither picture nor sound"),
        (ISO + box(b"moov", box(b"trak")), "with neither picture nor sound"),
    ],
)
def test_other_kinds_are_named(data: bytes, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=f"^a: .*{reason}"):
        bmff.read(data, name="a")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        # Pictures among chapters make no film of a sound.
        (FTYP + box(b"moov", SOUND, FILM), "audio/mp4"),
        (FTYP + box(b"moov", SOUND), "audio/mp4"),
        (ISO + box(b"moov", SOUND, FILM), "video/mp4"),
        (ISO + box(b"moov", FILM), "video/mp4"),
        (box(b"ftyp", b"qt  \0\0\2\0qt  ") + box(b"moov", FILM), "video/quicktime"),
        (box(b"wide") + box(b"mdat", b"x") + box(b"moov", FILM), "video/quicktime"),
    ],
)
def test_films_and_sound_are_told_apart(data: bytes, media_type: str) -> None:
    assert sniff(data[:12]) == "mp4"
    assert bmff.read(data, name="a").media_type == media_type


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (FTYP, "holds no movie"),
        (FTYP + box(b"moov", SOUND)[:-1], "is cut short"),
        (FTYP + b"\0\0\0\4moov", "a box 'moov' at byte 20 claims 4 bytes"),
        (FTYP + b"\0\0\0\1moov" + bytes(8), "'moov' at byte 20 claims 0 bytes"),
        (FTYP + b"\0\0\0\1moov", "'moov' at byte 20 claims 1 bytes"),
        (FTYP + box(b"moov", SOUND, b"\0\0\0\0udta"), "'udta' at byte 77 claims 0 bytes"),
        (FTYP + box(b"moov", SOUND, b"\0\0\0\x20udta"), "is damaged"),
        (FTYP + box(b"moov", SOUND, box(b"udta", keyed((b"a", b"b"))[:-1])), "is damaged"),
        (FTYP + box(b"moov", box(b"free") * 262145), "more than 262144 boxes"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        bmff.read(data, name="a")


def test_a_table_that_lies_is_refused() -> None:
    data = mp4_of()
    at = data.index(b"stco") + 8
    data = data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]
    with pytest.raises(MediaError, match="claims 4294967295"):
        edited(bmff, data)


@pytest.mark.parametrize("late", [False, True])
def test_cut_files_are_refused(late: bool) -> None:
    data = check_edited(bmff, mp4_of(box(b"udta", keyed((b"a", b"b"))), late=late))
    movie_end = next(end for kind, _, end in walk(data) if kind == b"moov")
    ends = {end for _, _, end in walk(data)}
    for at in range(8, len(data)):
        try:
            bmff.read(data[:at], name="a")
        except MediaError:
            continue
        assert at >= movie_end and any(at - end < 8 for end in ends if end <= at)


def test_shift_of_several_changes() -> None:
    shift = boxes.Shift(
        [boxes.Patch(10, 12, b"abcde"), boxes.Patch(20, 20, b"x"), boxes.Patch(3, 5, b"")]
    )
    assert [shift.moved(at) for at in (0, 2, 5, 9, 12, 19, 20, 99)] == [0, 2, 3, 7, 13, 20, 22, 101]


def test_made_files_keep_their_packet() -> None:
    found = bmff.read(edited(bmff, made("itunes.m4a")), name="a")
    assert [held.raw for held in found.xmp] == [PACKET]


def test_long_texts_are_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "MAX_TEXT_BYTES", 40)
    data = mp4_of(
        keyed((b"AIGC", b"{" + b" " * 40), (b"mood", b"calm")),
        after=box(b"uuid", XMP_ID, bytes(41)),
    )
    found = bmff.read(data, name="a")
    assert [held.problem for held in found.xmp] == ["it is longer than 0 MiB"]
    assert [(held.problem is None, held.raw) for held in found.texts] == [
        (False, b""),
        (True, b"calm"),
    ]
