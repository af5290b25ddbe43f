"""An authority of one's own."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from genlabel import Label, Signer, SignerError
from genlabel.certs import doctor, init
from genlabel.labels.c2pa import read_manifest, sign_manifest

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="8" height="8"/></svg>'


@pytest.mark.parametrize("algorithm", ["es256", "es384", "es512", "ps256", "ed25519"])
def test_what_it_signs_is_trusted_under_its_root(algorithm: str, tmp_path: Path) -> None:
    files = init(tmp_path, organisation="Acme 公司", common_name="Bot", algorithm=algorithm)
    root = files.root.read_bytes()
    findings = doctor(files.chain.read_bytes(), files.key.read_bytes(), trust=root)
    assert all(finding.ok for finding in findings)
    signer = Signer.load(files.chain, files.key)
    signed = sign_manifest(SVG, "image/svg+xml", Label("acme"), signer, name="x.svg", payload=None)
    layer = read_manifest(signed, "image/svg+xml", name="x.svg", trust=root).layer
    assert (layer.state, layer.problems) == ("trusted", ())
    assert (layer.details["signer"], layer.details["issuer"]) == ("Bot", "Acme 公司")
    assert layer.details["algorithm"].lower() == algorithm


def test_c2pa_without_any_setting_of_ours_trusts_it_too(tmp_path: Path) -> None:
    import io

    import c2pa

    files = init(tmp_path)
    signed = sign_manifest(
        SVG,
        "image/svg+xml",
        Label("acme"),
        Signer.load(files.chain, files.key),
        name="x.svg",
        payload=b"12345678",
    )
    plain = c2pa.Context.from_dict({"trust": {"user_anchors": files.root.read_text()}})
    with c2pa.Reader("image/svg+xml", io.BytesIO(signed), context=plain) as reader:
        assert reader.get_validation_state() == "Trusted"


def test_files_and_their_modes(tmp_path: Path) -> None:
    files = init(tmp_path / "deep" / "ca", days=30)
    for key in (files.key, files.root_key, files.intermediate_key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert key.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    leaf, intermediate = x509.load_pem_x509_certificates(files.chain.read_bytes())
    assert load_pem_private_key(files.key.read_bytes(), None).public_key() == leaf.public_key()
    left = leaf.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    root = x509.load_pem_x509_certificate(files.root.read_bytes())
    assert leaf.not_valid_after_utc < intermediate.not_valid_after_utc < root.not_valid_after_utc
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "intermediate.key").write_text("precious")
    with pytest.raises(SignerError, match="never overwritten") as caught:
        init(tmp_path)
    assert caught.value.path == str(tmp_path / "intermediate.key")
    assert [path.name for path in tmp_path.iterdir()] == ["intermediate.key"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SignerError, match="cannot be written"):
        init(tmp_path / "file" / "ca")


@pytest.mark.parametrize(
    "wrong",
    [
        {"organisation": ""},
        {"organisation": "x" * 65},
        {"common_name": "two\nlines"},
        {"days": 0},
        {"days": 1_000_000},
        {"algorithm": "rs256"},
    ],
)
def test_what_is_out_of_range_is_refused_before_anything_is_written(wrong, tmp_path: Path) -> None:
    with pytest.raises(SignerError):
        init(tmp_path / "ca", **wrong)
    assert not (tmp_path / "ca").exists()


def test_the_longest_names_fit(tmp_path: Path) -> None:
    files = init(tmp_path, organisation="o" * 64, common_name="c" * 64)
    assert all(finding.ok for finding in doctor(files.chain.read_bytes()))
