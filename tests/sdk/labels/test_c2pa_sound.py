"""Manifests in sound: where the container has a place for one, and a word where not."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import genlabel
from genlabel import Label, MediaError, Signer, SignerError
from genlabel.certs import CertFiles
from genlabel.labels.c2pa import no_carrier, read_manifest, sign_manifest
from genlabel.labels.metadata import read_metadata
from tests.sdk.labels.containers.films.mp4s import kept
from tests.sdk.labels.containers.sound.test_id3 import frames, old_frame, unsynchronised
from tests.sdk.labels.containers.sound.test_wav import DATA, FMT, chunks, wav_of
from tests.sdk.labels.samples import riff_chunk
from tests.sdk.labels.sounds import (
    FRAMES,
    MAKERS,
    coded,
    decoded,
    id3_frame,
    id3_tag,
    made,
    synchsafe,
    tags_of,
)

SUFFIXES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
}
SIGNED = [name for name in MAKERS if not name.endswith("ogg") and name != "rf64.wav"]


def labelled(data: bytes, label: Label, signer: Signer | None) -> tuple[bytes, genlabel.Receipt]:
    out = io.BytesIO()
    receipt = genlabel.label(data, out, label=label, signer=signer)
    return out.getvalue(), receipt


@pytest.mark.parametrize("name", SIGNED)
def test_signed_sound(name: str, label: Label, signer: Signer, authority: CertFiles) -> None:
    plain = made(name)
    data, receipt = labelled(plain, label, signer)
    assert receipt.layers == ("aigc", "xmp", "c2pa")
    assert coded(data) == coded(plain) and decoded(data) == decoded(plain)
    before, after = tags_of(plain), tags_of(data)
    assert {key: after.get(key) for key in before} == before
    report = genlabel.verify(data, trust=authority.root)
    states = {key: layer.state for key, layer in report.layers.items()}
    assert (states["aigc"], states["xmp"], states["c2pa"]) == ("valid", "valid", "trusted")
    assert report.conflicts == ()
    with pytest.raises(SignerError, match="carries a C2PA manifest"):
        labelled(data, label, None)
    other = Label("acme", produce_id="n2")
    again, _ = labelled(data, other, signer)
    layer = genlabel.verify(again, trust=authority.root).layers["c2pa"]
    assert (layer.state, layer.details["manifests"]) == ("trusted", 2)
    assert coded(again) == coded(plain)
    assert read_metadata(again, name="a").aigc.state == "valid"


@pytest.mark.parametrize("name", ["plain.wav", "v4.mp3", "plain.flac", "itunes.m4a"])
def test_a_changed_sample_shows(name: str, label: Label, signer: Signer) -> None:
    data = bytearray(labelled(made(name), label, signer)[0])
    starts = {".wav": b"data", ".m4a": b"mdat"}
    start = starts.get(Path(name).suffix)
    # Behind other sound than these there is nothing.
    at = len(data) - 900 if start is None else data.index(start) + 900
    data[at] ^= 1
    layer = read_manifest(bytes(data), SUFFIXES[Path(name).suffix], name="a").layer
    assert layer.state == "damaged"
    assert "its content is not what was signed" in layer.problems[0]


@pytest.mark.parametrize("name", ["vorbis.ogg", "opus.ogg", "rf64.wav"])
def test_no_place_for_a_manifest_is_said(name: str, label: Label, signer: Signer) -> None:
    data, receipt = labelled(made(name), label, signer)
    assert receipt.layers == ("aigc", "xmp")
    (said,) = [text for text in receipt.warnings if "no C2PA manifest was put in" in text]
    assert ("Ogg" if name.endswith("ogg") else "RF64") in said
    layer = genlabel.verify(data).layers["c2pa"]
    assert (layer.state, dict(layer.details)) == ("absent", {"carrier": False})
    assert "no C2PA manifest" not in " ".join(labelled(made(name), label, None)[1].warnings)


def test_the_library_still_has_no_ogg() -> None:
    import c2pa

    types = c2pa.Builder.get_supported_mime_types()
    for kind in SUFFIXES.values():
        assert kind in types
        assert no_carrier(b"RIFF", kind) is None
    assert not [kind for kind in types if "ogg" in kind or "opus" in kind]


def test_a_real_manifest_is_kept_as_the_parent(
    media: Callable[[str], Path], label: Label, signer: Signer, authority: CertFiles
) -> None:
    plain = media("audio/sample1_signed.wav").read_bytes()
    assert genlabel.verify(plain).layers["c2pa"].state == "valid"
    with pytest.raises(SignerError, match="carries a C2PA manifest"):
        labelled(plain, label, None)
    data, _ = labelled(plain, label, signer)
    layer = genlabel.verify(data, trust=authority.root).layers["c2pa"]
    assert (layer.state, layer.details["manifests"]) == ("trusted", 2)
    assert coded(data) == coded(plain)


SOUND = made("plain.mp3")
ODD = {
    "unsynchronised": id3_tag(unsynchronised(FRAMES[3]), 3, 0x80),
    "extended": id3_tag(struct.pack(">IHI", 6, 0, 0) + FRAMES[3], 3, 0x40),
    "in a group": id3_tag(FRAMES[3] + id3_frame(b"TALB", b"\5\0x", 3, 0x20), 3),
    "compressed": id3_tag(
        FRAMES[4] + id3_frame(b"TALB", synchsafe(2) + zlib.compress(b"\0x"), 4, 0x09)
    ),
    "sizes of version 3": id3_tag(FRAMES[3] + id3_frame(b"TALB", b"\0" + b"x" * 200, 3)),
    "two tags": id3_tag(FRAMES[3], 3) + id3_tag(id3_frame(b"TALB", b"\0x")),
    "version 2": b"ID3\2\0\0"
    + synchsafe(18)
    + old_frame(b"TT2", b"\0T")
    + old_frame(b"TAL", b"\0AB\0"),
}


@pytest.mark.parametrize("kind", ODD)
def test_tags_that_the_library_would_lose(kind: str, label: Label, signer: Signer) -> None:
    plain = ODD[kind] + SOUND
    data = sign_manifest(plain, "audio/mpeg", label, signer, name="a", payload=None)
    assert data.endswith(SOUND)
    names = [name for name, _ in frames(data)]
    if kind == "version 2":
        assert names == [b"TIT2", b"TALB", b"GEOB"]
        return
    inside = kind in ("in a group", "compressed", "sizes of version 3")
    before = [name for name, _ in frames(id3_tag(FRAMES[4]))]
    assert names == [*before, *[b"TALB"] * inside, b"GEOB"]
    old, new = tags_of(plain), tags_of(data)
    # FFmpeg takes the sizes of unsynchronised frames for those of what is stored.
    old.pop("title" if kind == "unsynchronised" else "", None)
    assert {key: new.get(key) for key in old} == old


LOST = {
    "an encrypted frame": id3_tag(id3_frame(b"TXXX", b"\1secret", 4, 0x04)),
    "a frame without content": id3_tag(FRAMES[4] + id3_frame(b"TALB", b"")),
    "the same description twice": id3_tag(
        id3_frame(b"TXXX", b"\0A\0a") + id3_frame(b"TXXX", b"\0A\0b")
    ),
}


@pytest.mark.parametrize("kind", LOST)
def test_what_would_be_lost_stops_the_signing(kind: str, label: Label, signer: Signer) -> None:
    with pytest.raises(MediaError, match=r"^a: cannot be signed: .* lo(se|st)"):
        sign_manifest(LOST[kind] + SOUND, "audio/mpeg", label, signer, name="a", payload=None)
    # Without a signer everything stays.
    out, _ = labelled(LOST[kind] + SOUND, label, None)
    assert out.endswith(SOUND)


def test_chunks_that_the_library_would_lose(label: Label, signer: Signer) -> None:
    cues = riff_chunk(b"LIST", b"adtl" + riff_chunk(b"labl", b"\1\0\0\0mark\0"))
    plain = wav_of(FMT, cues, riff_chunk(b"zzzz", b"odd"), DATA)
    data = sign_manifest(plain, "audio/wav", label, signer, name="a", payload=None)
    assert chunks(data)[:4] == chunks(plain)[:4]
    with pytest.raises(MediaError, match="would lose what follows the form"):
        sign_manifest(plain + b"junk", "audio/wav", label, signer, name="a", payload=None)


@pytest.mark.parametrize("name", ["itunes.m4a", "late.m4a", "keys.m4a"])
def test_boxes_stay(name: str, label: Label, signer: Signer) -> None:
    data = sign_manifest(made(name), "audio/mp4", label, signer, name="a", payload=None)
    assert kept(data) == kept(made(name))
