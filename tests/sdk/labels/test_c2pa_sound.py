"""Manifests in sound: where the container has a place for one, and a word where not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

import genlabel
from genlabel import Label, Signer, SignerError
from genlabel.certs import CertFiles
from genlabel.labels.c2pa import no_carrier, read_manifest
from genlabel.labels.metadata import read_metadata
from tests.sdk.labels.sounds import MAKERS, coded, decoded, made, tags_of

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
