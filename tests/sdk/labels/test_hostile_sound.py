"""Damaged and hostile sound: a result or a one-line error, never anything else."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from genlabel import GenlabelError, Label, MediaError, UnsupportedError
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.changes import outcomes_of_changes, with_sums
from tests.sdk.labels.containers.films.mp4s import (
    FTYP,
    SOUND,
    box,
    freeform,
    full,
    itunes,
    keyed,
    mp4_of,
)
from tests.sdk.labels.containers.sound.test_flac import flac_of
from tests.sdk.labels.containers.sound.test_ogg import comments, opus_of
from tests.sdk.labels.containers.sound.test_wav import DATA, FMT, wav_of
from tests.sdk.labels.samples import BARE, WRAPPED, aigc_element, riff_chunk
from tests.sdk.labels.sounds import FRAMES, MAKERS, id3_frame, id3_tag, info, made

#: Name: states of aigc and xmp, or the error and what it says.
BROKEN: dict[str, tuple[str, str] | tuple[type[GenlabelError], str]] = {
    "aigc_nul_in_chunk.wav": (MediaError, "'AIGC' chunk claims 4294967040 bytes"),
    "box_size_4_loop.mp4": (MediaError, "a box 'free' at byte 28 claims 4 bytes"),
    "box_size_zero_nested.mp4": (MediaError, "a box 'udta' at byte 36 claims 0 bytes"),
    # Its length was left open: what is there is what there is.
    "huge_data_len.wav": ("absent", "absent"),
    "id3_oversize_frame.mp3": (MediaError, "TXXX claims 268435455 bytes"),
    "odd_chunk_overrun.wav": (MediaError, "'LIST' chunk claims 2147483647 bytes"),
    "ogg_bad_crc.ogg": (MediaError, "the page at byte 58 fails its checksum"),
    "random_bytes.mp4": (UnsupportedError, "is not a PNG"),
    "truncated_data.wav": (MediaError, "is cut short"),
    "vorbis_4billion_comments.flac": (MediaError, "claims 4294967295 comments"),
    "wrong_ext_text.wav": (UnsupportedError, "is not a PNG"),
    "zero_channels.wav": (MediaError, "names no channels"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(name: str, media: Callable[[str], Path]) -> None:
    data, expected = media(f"broken/{name}").read_bytes(), BROKEN[name]
    tracemalloc.start()
    try:
        found = read_metadata(data, name=name)
        assert (found.aigc.state, found.xmp.state) == expected
    except GenlabelError as error:
        assert (type(error), str(error).startswith(f"{name}: ")) == (expected[0], True)
        assert expected[1] in str(error)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(data) + (1 << 20)


def test_every_broken_sound_has_an_expectation(media: Callable[[str], Path]) -> None:
    folder = media("broken/MANIFEST.csv").parent
    kinds = (".wav", ".mp3", ".mp4", ".flac", ".ogg", ".m4a", ".opus")
    assert {path.name for path in folder.iterdir() if path.suffix in kinds} == set(BROKEN)


@pytest.mark.parametrize("name", MAKERS)
def test_cut_files_give_a_result_or_an_error(name: str, label: Label) -> None:
    data, _ = write_metadata(made(name), label, name="a")
    cuts = {
        *range(min(3000, len(data))),
        *range(0, len(data), 97),
        *range(len(data) - 40, len(data)),
    }
    for at in sorted(cuts):
        try:
            found = read_metadata(data[:at], name="a")
        except GenlabelError as error:
            assert "\n" not in str(error)
            continue
        # What is still there is right: no label is ever read in half.
        assert found.label is None or found.label.producer in (label.producer, "")
        assert found.aigc.state in ("valid", "absent")


PACKET = aigc_element(WRAPPED)
TXXX = id3_frame(b"TXXX", b"\0AIGC\0" + BARE.encode())
LABELS = (b"AIGC=" + BARE.encode(), b"COMMENT=" + WRAPPED.encode(), b"XMP=" + PACKET)
SEEDS = {
    "wav": wav_of(
        FMT,
        riff_chunk(b"AIGC", BARE.encode()),
        info(ICMT=WRAPPED, INAM="x"),
        DATA,
        riff_chunk(b"_PMX", PACKET),
        riff_chunk(b"id3 ", id3_tag(TXXX + FRAMES[4])),
    ),
    "mp3": id3_tag(TXXX + FRAMES[4] + id3_frame(b"PRIV", b"XMP\0" + PACKET))
    + made("plain.mp3")[:900],
    "flac": flac_of((4, comments(*LABELS)), (1, bytes(50)))[:2000],
    "ogg": opus_of(comments(*LABELS)),
    "mp4": mp4_of(
        keyed((b"AIGC", BARE.encode()), (b"mood", b"calm")),
        itunes(freeform(b"AIGC", WRAPPED.encode())),
        after=b"\0\0\0\x18uuid" + bytes.fromhex("be7acfcb97a942e89c71999491e3afac"),
    ),
    "fragments": FTYP
    + box(b"moov", SOUND, box(b"mvex"), keyed((b"AIGC", BARE.encode())))
    + box(b"moof", box(b"traf", full(b"tfhd", bytes(4))[:11] + b"\1" + bytes(12)))
    + box(b"mdat", b"sound")
    + box(b"mfra", full(b"tfra", bytes(8), b"\0\0\0\2", bytes(22))),
}


@pytest.mark.parametrize("kind", SEEDS)
def test_mutations(kind: str, label: Label) -> None:
    repaired = with_sums if kind == "ogg" else None
    outcomes = outcomes_of_changes(SEEDS[kind], label, 400, repaired=repaired)
    assert {MediaError, "present"} <= outcomes


def test_a_bomb_of_nested_places_stays_small(label: Label) -> None:
    many = wav_of(FMT, *[riff_chunk(b"AIGC", BARE.encode())] * 900, DATA)
    tracemalloc.start()
    found = read_metadata(many, name="a")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * len(many)
    assert found.aigc.state == "present"
    out, _ = write_metadata(many, label, name="a")
    assert read_metadata(out, name="a").aigc.state == "valid"
