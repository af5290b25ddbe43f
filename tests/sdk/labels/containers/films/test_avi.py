"""AVI: texts in every place, indices that point to frames, and frames as they were."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import LabelError, MediaError, UnsupportedError
from genlabel.labels.c2pa import no_carrier
from genlabel.labels.containers import sniff
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.films import avi
from tests.sdk.labels.containers.edits import PACKET, TEXT, check_edited, edited
from tests.sdk.labels.containers.films.avis import (
    FRAMES,
    avi_of,
    chunk,
    form,
    frames,
    indexed,
    walk,
)

TITLE = chunk(b"INAM", b"T\0")
OLDER = chunk(b"AIGC", b"older, and quite a bit longer than what comes instead of it" * 9)
LISTS = st.sampled_from(
    [
        (),
        (form(b"INFO", TITLE),),
        (form(b"INFO", TITLE), chunk(b"JUNK", bytes(1000))),
        (form(b"INFO", TITLE), chunk(b"JUNK", bytes(9))),
        (form(b"INFO", OLDER, TITLE),),
        (form(b"INFO", chunk(b"AIGC", b"o"), chunk(b"AIGC", b"p")), form(b"INFO")),
        (chunk(b"_PMX", b"old"),),
        # Its last text has lost its padding.
        (chunk(b"LIST", b"INFO", chunk(b"IART", b"odd")[:-1]),),
        # Behind its last text there is less than a chunk.
        (form(b"INFO", TITLE, bytes(4)),),
        (form(b"INFO", bytes(6)),),
    ]
)


@given(
    LISTS,
    st.booleans(),
    st.booleans(),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([b"", b"behind the film"]),
)
def test_frames_are_where_they_are_said_to_be(
    lists: tuple[bytes, ...],
    late: bool,
    absolute: bool,
    forms: int,
    opendml: bool,
    low_base: bool,
    behind: bytes,
) -> None:
    before, after = ((), b"".join(lists)) if late else (lists, b"")
    data = avi_of(
        *before,
        after=after,
        absolute=absolute,
        forms=forms,
        opendml=opendml,
        low_base=low_base,
        behind=behind,
    )
    end = len(data) - len(behind)
    assert indexed(data, end) == FRAMES * (forms * opendml + 1)
    out = check_edited(avi, data)
    assert out.endswith(behind)
    end = len(out) - len(behind)
    assert frames(out, end) == FRAMES * forms
    assert indexed(out, end) == FRAMES * (forms * opendml + 1)


def test_empty_space_is_used_and_nothing_moves() -> None:
    data = avi_of(form(b"INFO", TITLE), chunk(b"JUNK", bytes(1000)))
    out = edited(avi, data, packet=None)
    assert len(out) == len(data)
    assert out.index(b"movi") == data.index(b"movi")


def test_texts_of_every_form() -> None:
    after = chunk(b"AIGC", b"{}") + chunk(b"_PMX", b"<x/>") + chunk(b"strn", b"x")
    data = avi_of(form(b"INFO", TITLE, chunk(b"ICMT", b"A cut\0\0")), after=after)
    found = avi.read(data, name="a")
    assert [(held.where, held.raw, held.own) for held in found.texts] == [
        ("RIFF INFO 'INAM'", b"T", True),
        ("RIFF INFO 'ICMT'", b"A cut", True),
        ("RIFF chunk 'AIGC'", b"{}", False),
    ]
    assert [held.raw for held in found.xmp] == [b"<x/>"]
    assert (found.comment, sniff(data[:12])) == ("ICMT", "avi")


def test_texts_go() -> None:
    data = avi_of(form(b"INFO", OLDER, TITLE), after=chunk(b"AIGC", b"{}"))
    found = avi.read(data, name="a")
    gone = frozenset(held.index for held in found.texts if held.keyword == "AIGC")
    pieces, _ = avi.write(data, found, Edits(drop=gone), name="a")
    out = b"".join(data[p.start : p.stop] if isinstance(p, range) else p for p in pieces)
    assert [held.keyword for held in avi.read(out, name="a").texts] == ["INAM"]
    assert (frames(out), indexed(out)) == (FRAMES, FRAMES)


def test_what_c2pa_would_lose_is_not_signed() -> None:
    assert no_carrier(avi_of(), "video/x-msvideo") is None
    for data in (avi_of(forms=2), avi_of(behind=b"behind")):
        assert "one RIFF form" in (no_carrier(data, "video/x-msvideo") or "")


def test_names_of_chunks_have_four_letters() -> None:
    found = avi.read(avi_of(), name="a")
    with pytest.raises(LabelError, match="no name of a RIFF chunk"):
        avi.write(avi_of(), found, Edits(new_text=("AIGC2", TEXT)), name="a")


def test_a_long_text_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avi, "MAX_TEXT_BYTES", 16)
    (held,) = avi.read(avi_of(form(b"INFO", OLDER)), name="a").texts
    assert held.problem == "it is longer than 0 MiB"


def with_index(data: bytes, head: bytes) -> bytes:
    at = data.index(b"indx") + 8
    return data[:at] + head + data[at + len(head) :]


@pytest.mark.parametrize(
    ("head", "error", "reason"),
    [
        (struct.pack("<HBBI", 4, 0, 0, 0xFFFFFFFF), MediaError, "claims 4294967295 entries"),
        (struct.pack("<HBBI", 2, 0, 0, 1), MediaError, "claims 1 entries"),
        (struct.pack("<HBBI", 4, 0, 9, 1), UnsupportedError, "index of an unknown kind"),
        (
            struct.pack("<HBBI16xQ", 4, 0, 0, 1, 1 << 60),
            MediaError,
            "its index points beyond it",
        ),
        (struct.pack("<HBBI16xQ", 4, 0, 0, 1, 12), MediaError, "an index claims"),
    ],
)
def test_damaged_indices_are_named(head: bytes, error: type[Exception], reason: str) -> None:
    data = with_index(avi_of(form(b"INFO", TITLE), opendml=True), head)
    with pytest.raises(error, match=f"^a: .*{reason}"):
        edited(avi, data, packet=PACKET)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"RIFF\0\0\0\0AVI ", "its AVI header"),
        (avi_of()[:-1], "is cut short: a chunk 'RIFF' at byte 0"),
        (avi_of(forms=2)[:-1], "is cut short: a chunk 'RIFF'"),
        (avi_of(form(b"INFO", b"AIGC\xff\xff\xff\x7f")), "'AIGC' at byte 176 claims 2147483647"),
        (avi_of(*[chunk(b"JUNK")] * 65537), "more than 65536 chunks"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        avi.read(data, name="a")


def test_cut_files_are_refused() -> None:
    data = check_edited(avi, avi_of(form(b"INFO", TITLE), forms=2, opendml=True))
    first = next(stop for kind, _, stop in walk(data, 0, len(data)) if kind == b"RIFFAVI ")
    for at in range(8, len(data)):
        try:
            avi.read(data[:at], name="a")
        except MediaError:
            continue
        assert first <= at < first + 8


@pytest.mark.parametrize("left", range(1, 8))
def test_less_than_a_chunk_at_the_end_is_no_part_of_what_is_written(left: int) -> None:
    data = chunk(b"RIFF", b"AVI ", avi_of()[12:], bytes(left))
    check_edited(avi, data)
