"""Signing: what is stated, what is kept, what is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from genlabel import Label, MediaError, Signer, SignerError, UnsupportedError
from genlabel.labels.c2pa import (
    SOFT_BINDING_ALG,
    Parent,
    SoftBinding,
    has_manifest,
    read_manifest,
    sign_manifest,
)
from genlabel.labels.c2pa._settings import context
from tests.sdk.labels.films import made

MADE = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
LABEL = Label("acme", "id-1", system="Painter", system_version="3.1", created=MADE)

FRESH = {
    "images/test-card.png": "image/png",
    "images/china.jpg": "image/jpeg",
    "images/c2pars_sample1.webp": "image/webp",
    "images/c2pars_test_lossless.webp": "image/webp",
}
OTHERS = {
    "images/chi.gif": "image/gif",
    "images/c2pars_sample1.avif": "image/avif",
    "audio/LJ001-0001.wav": "audio/wav",
}
SIGNED = {
    "images/Firefly_tabby_cat.jpg": "image/jpeg",
    "images/adobe-20220124-CAICA.jpg": "image/jpeg",
    "images/C_with_CAWG_data.jpg": "image/jpeg",
    "images/samsung_gray_1.png": "image/png",
}


def manifests(data: bytes, media_type: str) -> dict[str, Any]:
    """Read the manifests with c2pa itself."""
    import c2pa

    with c2pa.Reader(media_type, io.BytesIO(data), context=context()) as reader:
        return json.loads(reader.json())


def active(data: bytes, media_type: str) -> dict[str, Any]:
    store = manifests(data, media_type)
    return store["manifests"][store["active_manifest"]]


def actions(data: bytes, media_type: str) -> list[dict[str, Any]]:
    return assertion(active(data, media_type), "c2pa.actions.v2")["actions"]


def assertion(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [item for item in manifest["assertions"] if item["label"] == name]
    assert found["created"]
    return found["data"]


@pytest.mark.parametrize("name", [*FRESH, *OTHERS])
def test_a_fresh_file(name, media, signer, root):
    media_type = {**FRESH, **OTHERS}[name]
    data = media(name).read_bytes()
    assert not has_manifest(data, media_type)
    signed = sign_manifest(data, media_type, LABEL, signer, name=name, payload=LABEL.mark_id)
    assert has_manifest(signed, media_type)
    assert len(signed) - len(data) < 8000

    finding = read_manifest(signed, media_type, name=name, trust=root)
    assert (finding.layer.state, finding.layer.problems) == ("trusted", ())
    assert finding.label == LABEL
    assert finding.soft_bindings == (SoftBinding(SOFT_BINDING_ALG, LABEL.mark_id),)
    assert finding.binds_watermark
    assert finding.layer.details["actions"] == ["c2pa.created", "c2pa.watermarked.bound"]
    json.dumps(finding.layer.to_dict())

    elsewhere = read_manifest(signed, media_type, name=name)
    assert (elsewhere.layer.state, elsewhere.layer.problems) == ("valid", ())


def test_what_is_stated_follows_the_specification(media, signer):
    data = media("images/test-card.png").read_bytes()
    signed = sign_manifest(
        data, "image/png", LABEL, signer, name="/home/me/card.png", payload=LABEL.mark_id
    )
    manifest = active(signed, "image/png")
    assert manifest["title"] == "card.png"
    assert manifest["claim_version"] == 2
    assert manifest["claim_generator_info"][0]["name"] == "genlabel"
    assert manifest["claim_generator_info"][0]["specVersion"] == "2.4.0"
    assert "thumbnail" not in manifest

    done = assertion(manifest, "c2pa.actions.v2")
    assert done["allActionsIncluded"] is True
    created, watermarked = done["actions"]
    assert created == {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/"
        "trainedAlgorithmicMedia",
        "softwareAgent": {"name": "Painter", "version": "3.1"},
        "when": "2026-11-20T10:30:00+00:00",
    }
    assert watermarked["action"] == "c2pa.watermarked.bound"
    assert watermarked["softwareAgent"]["name"] == "genlabel"
    metadata = assertion(manifest, "cawg.metadata")
    assert metadata["Iptc4xmpExt:AISystemUsed"] == "Painter"
    assert metadata["Iptc4xmpExt:AISystemVersionUsed"] == "3.1"
    own = assertion(manifest, "org.genlabel.label")
    assert (own["producer"], own["produce_id"]) == ("acme", "id-1")
    assert own["mark_id"] == LABEL.mark_id.hex()
    assert assertion(manifest, "c2pa.soft-binding")["alg"] == SOFT_BINDING_ALG


def test_without_a_watermark_none_is_claimed(media, signer):
    data = media("images/test-card.png").read_bytes()
    signed = sign_manifest(data, "image/png", LABEL, signer, name="x.png", payload=None)
    finding = read_manifest(signed, "image/png", name="x.png")
    assert not finding.binds_watermark and finding.soft_bindings == ()
    assert finding.layer.details["actions"] == ["c2pa.created"]


def test_a_label_people_see_is_an_edit(media, signer):
    data = media("images/test-card.png").read_bytes()
    heard = {"kind": "rhythm", "spans": [[0.0, 1.2], [62.5, 63.7]]}
    signed = sign_manifest(
        data, "image/png", LABEL, signer, name="x.png", payload=b"12345678", visible=heard
    )
    done = read_manifest(signed, "image/png", name="x.png").layer.details["actions"]
    assert done == ["c2pa.created", "c2pa.edited", "c2pa.watermarked.bound"]
    (action,) = [one for one in actions(signed, "image/png") if one["action"] == "c2pa.edited"]
    times = [change["region"][0]["time"] for change in action["changes"]]
    assert times[1] == {"type": "npt", "start": "62.5", "end": "63.7"} and len(times) == 2


def test_words_put_into_a_document_are_text_added(media, signer):
    data = media("images/test-card.png").read_bytes()
    told = {"text": "AI-generated", "at": ["start"], "places": ["line 1"]}
    signed = sign_manifest(
        data, "image/png", LABEL, signer, name="x.png", payload=None, visible=told
    )
    done = read_manifest(signed, "image/png", name="x.png").layer.details["actions"]
    assert done == ["c2pa.created", "c2pa.addedText"]


def test_a_label_drawn_is_text_added_at_a_place(media, signer):
    data = media("images/test-card.png").read_bytes()
    told = {"text": "AI生成", "box": [10, 20, 110, 47], "spans": [[0.0, 3.0]]}
    signed = sign_manifest(
        data, "image/png", LABEL, signer, name="x.png", payload=None, visible=told
    )
    finding = read_manifest(signed, "image/png", name="x.png")
    assert finding.layer.state in ("valid", "trusted")
    (action,) = [one for one in actions(signed, "image/png") if one["action"] == "c2pa.addedText"]
    where, when = action["changes"][0]["region"]
    shape = where["shape"]
    assert when["time"]["end"] == "3"
    assert (shape["origin"]["x"], shape["origin"]["y"]) == (10, 20)
    assert (shape["width"], shape["height"], shape["unit"]) == (110, 47, "pixel")


@pytest.mark.parametrize("size", [8, 16, 32])
def test_payloads_of_every_length(size, media, signer):
    data = media("images/c2pars_test_lossless.webp").read_bytes()
    payload = bytes(range(255, 255 - size, -1))
    signed = sign_manifest(data, "image/webp", LABEL, signer, name="x", payload=payload)
    finding = read_manifest(signed, "image/webp", name="x")
    assert finding.soft_bindings == (SoftBinding(SOFT_BINDING_ALG, payload),)


def test_every_field_of_a_label_comes_back(media, signer):
    data = media("images/c2pars_test_lossless.webp").read_bytes()
    full = Label(
        "Acme",
        "n-1",
        status="possible",
        system="画家",
        system_version="3",
        registration="Beijing-1",
        created=MADE,
        source_type="compositeWithTrainedAlgorithmicMedia",
        propagator="Platform",
        propagate_id="p-1",
        reserved1="r1",
        reserved2="r2",
    )
    for label in (full, Label("Acme")):
        signed = sign_manifest(data, "image/webp", label, signer, name="x", payload=None)
        assert read_manifest(signed, "image/webp", name="x").label == label


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_original_becomes_the_parent(name, media, signer, root):
    media_type = SIGNED[name]
    original = media(name).read_bytes()
    before = manifests(original, media_type)
    # What marking does: other samples, no manifest, possibly another container.
    pixels = media("images/test-card.png").read_bytes()
    signed = sign_manifest(
        pixels,
        "image/png",
        LABEL,
        signer,
        name="marked.png",
        payload=LABEL.mark_id,
        parent=Parent(original, media_type),
    )
    after = manifests(signed, "image/png")
    assert set(before["manifests"]) < set(after["manifests"])
    finding = read_manifest(signed, "image/png", name="marked.png", trust=root)
    assert finding.layer.state == "trusted"
    assert finding.label == LABEL
    (ingredient,) = finding.layer.details["ingredients"]
    assert ingredient["relationship"] == "parentOf"
    assert ingredient["manifest"] == before["active_manifest"]
    opened, *rest = actions(signed, "image/png")
    assert opened["action"] == "c2pa.opened"
    assert "digitalSourceType" not in opened
    assert opened["parameters"]["ingredients"][0]["url"].endswith("c2pa.ingredient.v3")
    assert [item["action"] for item in rest][-2:] == [
        "c2pa.watermarked.bound",
        "c2pa.edited.metadata",
    ]


def test_the_source_type_is_stated_unless_the_parent_already_does(media, signer):
    generated = media("images/Firefly_tabby_cat.jpg").read_bytes()
    captured = media("images/C_with_CAWG_data.jpg").read_bytes()
    for original, edited in ((generated, False), (captured, True)):
        signed = sign_manifest(original, "image/jpeg", LABEL, signer, name="x", payload=None)
        done = actions(signed, "image/jpeg")
        assert any(item["action"] == "c2pa.edited" for item in done) is edited
        details = read_manifest(signed, "image/jpeg", name="x").layer.details
        assert details["source_type"] == "trainedAlgorithmicMedia"


def test_signing_again_and_again_keeps_every_manifest(media, signer, root):
    data = media("images/Firefly_tabby_cat.jpg").read_bytes()
    for count in (2, 3, 4):
        label = replace(LABEL, produce_id=f"id-{count}")
        data = sign_manifest(data, "image/jpeg", label, signer, name="x", payload=label.mark_id)
        finding = read_manifest(data, "image/jpeg", name="x", trust=root)
        assert finding.layer.state == "trusted"
        assert finding.layer.details["manifests"] == count
        assert finding.label == label
        assert finding.soft_bindings == (SoftBinding(SOFT_BINDING_ALG, label.mark_id),)


def test_a_parent_without_a_manifest_is_no_history(media, signer):
    data = media("images/test-card.png").read_bytes()
    signed = sign_manifest(
        data, "image/png", LABEL, signer, name="x", payload=None, parent=Parent(data, "image/png")
    )
    assert actions(signed, "image/png")[0]["action"] == "c2pa.created"


def test_a_history_kept_elsewhere_is_referred_to(media, signer, root):
    data = media("images/cloud.jpg").read_bytes()
    signed = sign_manifest(data, "image/jpeg", LABEL, signer, name="cloud.jpg", payload=None)
    layer = read_manifest(signed, "image/jpeg", name="x", trust=root).layer
    assert layer.state == "trusted"
    assert layer.problems == (
        "ingredient 'cloud.jpg': its manifest is kept elsewhere and was not fetched "
        "(manifest.inaccessible)",
    )


def test_a_damaged_history_is_kept_and_told(media, signer, root):
    data = media("images/adobe-20220124-E-sig-CA.jpg").read_bytes()
    signed = sign_manifest(data, "image/jpeg", LABEL, signer, name="E.jpg", payload=None)
    layer = read_manifest(signed, "image/jpeg", name="x", trust=root).layer
    assert layer.state == "trusted"
    assert any("ingredient 'E.jpg'" in text and "signature" in text for text in layer.problems)


def test_a_history_that_cannot_be_read_is_not_dropped_in_silence(media, signer):
    data = media("broken/c2pa_jumbf_len_4g.jpg").read_bytes()
    with pytest.raises(MediaError, match="cannot be carried on") as caught:
        sign_manifest(data, "image/jpeg", LABEL, signer, name="4g.jpg", payload=None)
    assert caught.value.path == "4g.jpg"


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs exiftool")
@pytest.mark.parametrize(
    "name", ["images/china.jpg", "images/Kite_2560x1600.jpg", "images/mj-1.png"]
)
def test_everything_else_in_the_file_stays(name, media, signer, tmp_path: Path):
    path = media(name)
    media_type = "image/png" if path.suffix == ".png" else "image/jpeg"
    signed = tmp_path / path.name
    signed.write_bytes(
        sign_manifest(path.read_bytes(), media_type, LABEL, signer, name=name, payload=None)
    )

    def tags(file: Path) -> dict[str, Any]:
        command = ["exiftool", "-json", "-a", "-G1", "-struct", "-b", file]
        (record,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        # What any change to a file changes: its size, and where things lie in it.
        volatile = ("SourceFile", "System:", "ExifTool:", "IFD1:ThumbnailOffset", "JUMBF", "CBOR")
        return {key: value for key, value in record.items() if not key.startswith(volatile)}

    before = tags(path)
    assert before
    after = tags(signed)
    assert {key: after.get(key) for key in before} == before
    listed = subprocess.run(["exiftool", "-G0", "-s", signed], capture_output=True, check=True)
    assert b"JUMBF" in listed.stdout


def test_keys_in_older_encodings_just_work(authority, media):
    data = media("images/c2pars_test_lossless.webp").read_bytes()
    key = serialization.load_pem_private_key(authority.key.read_bytes(), None)
    older = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    assert b"EC PRIVATE KEY" in older
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    for pem in (older, parameters + older):
        signer = Signer(authority.chain.read_bytes(), pem)
        assert sign_manifest(data, "image/webp", LABEL, signer, name="x", payload=None)


def test_a_signer_that_cannot_sign_is_told_the_rule(authority, media):
    data = media("images/c2pars_test_lossless.webp").read_bytes()
    chain, key, root = (p.read_bytes() for p in (authority.chain, authority.key, authority.root))
    cases = [
        (Signer(chain, authority.root_key.read_bytes()), "key-match"),
        (Signer(root, authority.root_key.read_bytes()), "not-ca"),
        (Signer(chain, b"-----BEGIN PRIVATE KEY-----\n"), "key-readable"),
        (Signer(b"nothing", key), "pem"),
        (Signer(chain, key, "ftp://clock.example"), "time-stamp"),
        (Signer(chain, key, "http://127.0.0.1:9/"), "time-stamp"),
    ]
    for signer, rule in cases:
        with pytest.raises(SignerError) as caught:
            sign_manifest(data, "image/webp", LABEL, signer, name="x", payload=None)
        assert caught.value.rule == rule
        assert "\n" not in str(caught.value)


def test_threads_sign_side_by_side(media, signer, root):
    data = media("images/c2pars_test_lossless.webp").read_bytes()

    def sign(number: int) -> bool:
        label = Label("acme", f"id-{number}")
        signed = sign_manifest(data, "image/webp", label, signer, name="x", payload=label.mark_id)
        finding = read_manifest(signed, "image/webp", name="x", trust=root)
        return finding.layer.state == "trusted" and finding.label == label

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(sign, range(40)))


def test_files_that_cannot_be_signed(media, signer):
    webp = media("images/c2pars_test_lossless.webp").read_bytes()
    with pytest.raises(UnsupportedError, match="image/bmp") as caught:
        sign_manifest(webp, "image/bmp", LABEL, signer, name="x.bmp", payload=None)
    assert caught.value.path == "x.bmp"
    for data, media_type in ((webp[:100], "image/webp"), (b"", "image/png"), (webp, "image/png")):
        with pytest.raises(MediaError, match="cannot be signed"):
            sign_manifest(data, media_type, LABEL, signer, name="x", payload=None)


def test_settings_take_effect(media):
    """c2pa takes unknown settings in silence, so what each does is looked at."""
    import c2pa

    remote = media("images/cloud.jpg").read_bytes()
    with pytest.raises(c2pa.C2paError, match="must fetch"):
        c2pa.Reader("image/jpeg", io.BytesIO(remote), context=context())
    with pytest.raises(c2pa.C2paError) as caught:
        # With fetching on, the list of hosts still lets nothing through.
        hosts = {"core": {"allowed_network_hosts": []}}
        c2pa.Reader("image/jpeg", io.BytesIO(remote), context=c2pa.Context.from_dict(hosts))
    assert "not permitted by the allowed list" in str(caught.value)


def test_a_large_film_is_held_in_memory_once_at_most(tmp_path, authority):
    """What the library reads at once to hash it is beyond our settings, its copies are not."""
    size = 80 << 20
    with (tmp_path / "a.mp4").open("wb") as film:
        film.write(made("plain.mp4") + (size + 8).to_bytes(4, "big") + b"mdat")
        film.truncate(film.tell() + size)
    script = (
        "import resource, sys, genlabel\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "signer = genlabel.Signer.load(*sys.argv[3:])\n"
        "before = peak()\n"
        "label = genlabel.Label('acme')\n"
        "genlabel.label(sys.argv[1], sys.argv[2], label=label, signer=signer)\n"
        "print(peak() - before)\n"
    )
    paths = [tmp_path / "a.mp4", tmp_path / "b.mp4", authority.chain, authority.key]
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    unit = 1 if sys.platform == "darwin" else 1 << 10
    assert int(done.stdout) * unit < size, done.stdout


def test_roots_that_are_none(media):
    data = media("images/test-card.png").read_bytes()
    with pytest.raises(SignerError, match="trusted roots") as caught:
        read_manifest(data, "image/png", name="x", trust=b"no certificate")
    assert caught.value.rule == "pem"
