"""Reading manifests that others wrote, and ones that were tampered with."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel import Label
from genlabel.labels.c2pa import has_manifest, read_manifest, sign_manifest

LABEL = Label("acme", "id-1")

# C2PA's own test files, and what services deliver. The truepic file says that its manifest lies
# elsewhere in the file than it does; flux was signed with a certificate that has expired since,
# and time-stamped by nobody known; only document signing is allowed to the samsung signer.
STATES = {
    "adobe-20220124-A.jpg": "absent",
    "adobe-20220124-C.jpg": "valid",
    "adobe-20220124-CA.jpg": "valid",
    "adobe-20220124-CAICA.jpg": "valid",
    "adobe-20220124-E-sig-CA.jpg": "damaged",
    "adobe-20220124-XCA.jpg": "damaged",
    "C_with_CAWG_data.jpg": "valid",
    "ChatGPT_Image_May_31__2026__02_02_23_PM.png": "valid",
    "Firefly_tabby_cat.jpg": "valid",
    "firefly-1.png": "valid",
    "flux-1.png": "present",
    "samsung_gray_1.png": "valid",
    "truepic-20230212-camera.jpg": "damaged",
    "trustmark_example_wm_signed.jpg": "valid",
    "cloud.jpg": "present",
    "crater-lake-cr.jpg": "present",
    "mj-1.png": "absent",
}


def kind(name: str) -> str:
    return {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}[name.rpartition(".")[2]]


@pytest.fixture(scope="module")
def signed(media, signer) -> bytes:
    data = media("images/c2pars_test_lossless.webp").read_bytes()
    return sign_manifest(data, "image/webp", LABEL, signer, name="x", payload=LABEL.mark_id)


@pytest.mark.parametrize("name", STATES)
def test_the_state_of_real_files(name, media):
    data = media(f"images/{name}").read_bytes()
    finding = read_manifest(data, kind(name), name=name)
    assert finding.layer.state == STATES[name]
    assert has_manifest(data, kind(name)) == (STATES[name] != "absent")
    assert bool(finding.layer.problems) == (STATES[name] in ("present", "damaged"))
    assert not finding.binds_watermark
    json.dumps(finding.layer.to_dict())


def test_problems_name_what_is_wrong(media):
    expected = {
        "adobe-20220124-E-sig-CA.jpg": "the signature does not match the manifest",
        "adobe-20220124-XCA.jpg": "its content is not what was signed",
        "flux-1.png": "the signer's certificate was not valid when it signed",
        "cloud.jpg": "was not fetched",
    }
    for name, text in expected.items():
        data = media(f"images/{name}").read_bytes()
        (problem,) = read_manifest(data, kind(name), name=name).layer.problems
        assert text in problem


def test_what_generators_declare(media):
    expected = {
        "Firefly_tabby_cat.jpg": ("Adobe Firefly", "trainedAlgorithmicMedia", "2025-10-23"),
        "flux-1.png": ("Flux.2", "trainedAlgorithmicMedia", "2026-06-19"),
        "ChatGPT_Image_May_31__2026__02_02_23_PM.png": (
            "gpt-image",
            "trainedAlgorithmicMedia",
            "2026-05-31",
        ),
        "samsung_gray_1.png": (
            "Photo assist",
            "compositeWithTrainedAlgorithmicMedia",
            "2026-06-05",
        ),
    }
    for name, (system, source_type, day) in expected.items():
        label = read_manifest(media(f"images/{name}").read_bytes(), kind(name), name=name).label
        assert label is not None and label.created is not None
        assert (label.system, label.source_type) == (system, source_type)
        assert label.created.date().isoformat() == day
        assert (label.producer, label.produce_id) == ("", "")


def test_a_photograph_declares_no_generation(media):
    for name in ("C_with_CAWG_data.jpg", "truepic-20230212-camera.jpg", "adobe-20220124-C.jpg"):
        assert (
            read_manifest(media(f"images/{name}").read_bytes(), kind(name), name=name).label is None
        )
    details = read_manifest(
        media("images/C_with_CAWG_data.jpg").read_bytes(), "image/jpeg", name="x"
    ).layer.details
    assert details["source_type"] == "digitalCapture"


def test_details(media):
    name = "ChatGPT_Image_May_31__2026__02_02_23_PM.png"
    details = read_manifest(
        media(f"images/{name}").read_bytes(), "image/png", name=name
    ).layer.details
    assert details["claim_generator"] == "OpenAI Media Service API"
    assert details["spec_version"] == "2.2.0"
    assert (details["signer"], details["issuer"]) == ("OpenAI Media Service", "OpenAI OpCo, LLC")
    assert details["signed"].startswith("2026-05-31T21:02:12")
    assert details["actions"] == ["c2pa.created", "c2pa.converted", "c2pa.watermarked.unbound"]
    assert details["failures"] == ["signingCredential.untrusted"]


def test_soft_bindings_of_others(media):
    data = media("images/trustmark_example_wm_signed.jpg").read_bytes()
    finding = read_manifest(data, "image/jpeg", name="x")
    (binding,) = finding.soft_bindings
    assert binding.alg == "com.adobe.trustmark.Q"
    assert binding.value.startswith(b"2*0000001001")
    assert not finding.binds_watermark


def test_an_unknown_signer_is_worth_a_sentence_only_where_roots_are_given(media, signed, root):
    data = media("images/Firefly_tabby_cat.jpg").read_bytes()
    assert read_manifest(data, "image/jpeg", name="x").layer.problems == ()
    layer = read_manifest(data, "image/jpeg", name="x", trust=root).layer
    assert layer.state == "valid"
    assert layer.problems == (
        "signed by Adobe Firefly C2PA, Adobe Inc., for whom no given root vouches",
    )


def test_ingredients_of_ingredients_are_looked_at(media, signer, root):
    """A tampered file at the bottom is told at the top, which itself is trusted."""
    bottom = media("images/adobe-20220124-XCA.jpg").read_bytes()
    middle = sign_manifest(bottom, "image/jpeg", LABEL, signer, name="middle.jpg", payload=None)
    top = sign_manifest(middle, "image/jpeg", LABEL, signer, name="top.jpg", payload=None)
    layer = read_manifest(top, "image/jpeg", name="x", trust=root).layer
    assert layer.state == "trusted"
    assert layer.details["manifests"] == 3
    assert (
        "ingredient 'middle.jpg': its content is not what was signed "
        "(assertion.dataHash.mismatch)" in layer.problems
    )
    assert any("C2PA Test Signing Cert" in problem for problem in layer.problems)
    # The one in the middle is signed by the same, trusted signer.
    assert not any("genlabel signer" in problem for problem in layer.problems)


def test_a_component_is_looked_at_too(media, root, signer):
    data = media("images/adobe-20220124-CAICA.jpg").read_bytes()
    signed = sign_manifest(data, "image/jpeg", LABEL, signer, name="top.jpg", payload=None)
    problems = read_manifest(signed, "image/jpeg", name="x", trust=root).layer.problems
    assert [text.partition(":")[0] for text in problems] == [
        "ingredient 'top.jpg'",
        "ingredient 'CA.jpg'",
    ]


def test_the_label_of_a_tampered_parent_does_not_count(media, signer):
    import io

    import c2pa

    from genlabel.labels.c2pa._credentials import Credentials
    from genlabel.labels.c2pa._settings import context

    marked = media("images/Firefly_tabby_cat.jpg").read_bytes()
    tampered = marked[:-2000] + bytes([marked[-2000] ^ 1]) + marked[-1999:]
    for parent, source_type in ((marked, "trainedAlgorithmicMedia"), (tampered, None)):
        edit = {
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [
                    {"action": "c2pa.opened", "parameters": {"ingredientIds": ["p"]}}
                ]}}
            ]
        }  # fmt: skip
        out = io.BytesIO()
        with c2pa.Builder(edit, context=context()) as builder:
            about = {"title": "p.jpg", "relationship": "parentOf", "label": "p"}
            builder.add_ingredient(about, "image/jpeg", io.BytesIO(parent))
            builder.sign(Credentials.of(signer).open(), "image/jpeg", io.BytesIO(parent), out)
        finding = read_manifest(out.getvalue(), "image/jpeg", name="x")
        assert finding.layer.state == "valid"
        assert finding.layer.details["source_type"] == source_type
        assert (finding.label is None) == (source_type is None)


def test_one_changed_byte_of_the_picture_is_damage(media, signer, root):
    for name in ("images/test-card.png", "images/china.jpg", "images/c2pars_sample1.webp"):
        data = media(name).read_bytes()
        signed = bytearray(
            sign_manifest(data, kind(name), LABEL, signer, name=name, payload=LABEL.mark_id)
        )
        signed[len(signed) // 2] ^= 1
        finding = read_manifest(bytes(signed), kind(name), name=name, trust=root)
        assert finding.layer.state == "damaged"
        assert "its content is not what was signed" in finding.layer.problems[0]
        assert finding.binds_watermark


def test_bytes_after_the_end_are_damage(media, signer, root):
    for name in ("images/test-card.png", "images/china.jpg", "images/c2pars_sample1.webp"):
        data = media(name).read_bytes()
        signed = sign_manifest(data, kind(name), LABEL, signer, name=name, payload=None)
        assert read_manifest(signed, kind(name), name=name, trust=root).layer.state == "trusted"
        longer = read_manifest(signed + b"\0", kind(name), name=name, trust=root)
        assert longer.layer.state == "damaged"


def test_a_truncated_file_is_damage(media, signer, root):
    for name in ("images/test-card.png", "images/china.jpg", "images/c2pars_sample1.webp"):
        data = media(name).read_bytes()
        signed = sign_manifest(data, kind(name), LABEL, signer, name=name, payload=None)
        for share in (0.3, 0.5, 0.9, 0.999):
            cut = signed[: int(len(signed) * share)]
            finding = read_manifest(cut, kind(name), name=name, trust=root)
            # In front of the manifest, nothing of it is left to be found.
            expected = "damaged" if b"jumdc2pa" in cut else "absent"
            assert finding.layer.state == expected


def test_a_manifest_moved_to_another_picture_is_damage(media, signer, root):
    ours, theirs = (media(f"images/kodim{n}.png").read_bytes() for n in ("01", "02"))
    signed = sign_manifest(ours, "image/png", LABEL, signer, name="x", payload=LABEL.mark_id)
    start = signed.index(b"caBX") - 4
    chunk = signed[start : start + 12 + struct.unpack(">I", signed[start : start + 4])[0]]
    moved = theirs[:start] + chunk + theirs[start:]
    finding = read_manifest(moved, "image/png", name="x", trust=root)
    assert finding.layer.state == "damaged"
    assert finding.layer.problems == (
        "its content is not what was signed (assertion.dataHash.mismatch)",
    )


def test_a_statement_changed_after_signing_is_damage(signed, root):
    changed = signed.replace(b"acme", b"evil")
    finding = read_manifest(changed, "image/webp", name="x", trust=root)
    assert finding.layer.state == "damaged"
    assert "a statement in the manifest is not the one that was signed" in finding.layer.problems[0]


def test_hostile_and_foreign_files(media):
    cases = {
        "broken/c2pa_jumbf_len_4g.jpg": "damaged",
        "broken/zero_byte.png": "absent",
        "broken/truncated_scan.jpg": "absent",
        "broken/wrong_ext_png.jpg": "absent",
        "broken/bomb_50000x50000_1bit.png": "absent",
        "broken/riff_webp_chunk_overrun.webp": "absent",
        "broken/bad_ihdr_crc.png": "absent",
        "broken/jpeg_segment_len_1.jpg": "absent",
        "broken/xmp_billion_laughs.jpg": "absent",
    }
    for name, state in cases.items():
        data = media(name).read_bytes()
        assert read_manifest(data, kind(name), name=name).layer.state == state, name
    assert read_manifest(b"BM", "image/bmp", name="x").layer.to_dict() == {
        "state": "absent",
        "details": {},
        "problems": [],
    }


@settings(max_examples=300)
@given(st.data())
def test_no_change_of_bytes_raises_or_forges(signed, root, data):
    """Whatever is done to the bytes, either nothing is claimed or the claim is the signed one."""
    changed = bytearray(signed)
    begin = signed.index(b"C2PA")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(begin, len(signed) - 1))
        remove = data.draw(st.integers(0, 3))
        changed[place : place + remove] = data.draw(st.binary(max_size=6))
    finding = read_manifest(bytes(changed), "image/webp", name="x", trust=root)
    json.dumps(finding.layer.to_dict())
    if finding.layer.state in ("valid", "trusted"):
        assert finding.label == LABEL


@given(st.binary(max_size=300))
def test_nothing_is_raised_whatever_the_bytes(noise):
    for prefix in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xeb", b"RIFF\0\1\0\0WEBPC2PA"):
        for media_type in ("image/png", "image/jpeg", "image/webp", "nonsense"):
            assert read_manifest(prefix + noise, media_type, name="x").layer.state in (
                "absent",
                "damaged",
            )
