"""SM2 keys and signatures, held against the standard's example and against OpenSSL."""

from __future__ import annotations

import pickle
import shutil
import subprocess
from pathlib import Path

import pytest

from genlabel import SecretError, sm2

# GB/T 32918.5, Annex A: the key, a message, and its signature.
SECRET = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
X = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
Y = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
R = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
S = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
MESSAGE = b"message digest"


def test_the_example_of_the_standard() -> None:
    key = sm2.SigningKey(SECRET)
    assert key.public.point.hex().upper() == "04" + X + Y
    assert key.public.verifies(MESSAGE, bytes.fromhex(R + S))
    assert not key.public.verifies(MESSAGE + b"?", bytes.fromhex(R + S))
    assert key.public.verifies(MESSAGE, key.sign(MESSAGE))


@pytest.mark.parametrize(
    "signature",
    [b"", bytes(64), b"\xff" * 64, b"\x30\x00", b"\x30\x80", b"\x30\x06\x02\x01\x01\x02\x01\x01"],
)
def test_no_signature_is_none(signature: bytes) -> None:
    assert not sm2.SigningKey(SECRET).public.verifies(MESSAGE, signature)


@pytest.mark.parametrize("point", [b"", b"\0", b"\4" + bytes(64), b"\4" + b"\xff" * 64, b"\2" * 33])
def test_no_point_is_no_key(point: bytes) -> None:
    with pytest.raises(SecretError):
        sm2.PublicKey.from_bytes(point)


def test_a_compressed_point_is_the_same_key() -> None:
    found = sm2.PublicKey.from_x(bytes.fromhex(X))
    assert len(found) == 2
    assert sm2.PublicKey.from_bytes(bytes.fromhex("03" + X)) == sm2.SigningKey(SECRET).public
    assert sm2.SigningKey(SECRET).public in found


def test_a_key_keeps_its_secret() -> None:
    key = sm2.SigningKey(SECRET)
    assert "39" not in repr(key)
    assert pickle.loads(pickle.dumps(key)) == key
    with pytest.raises(SecretError):
        sm2.SigningKey(b"short")


def openssl(*arguments: str | Path) -> bytes:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True)
    if done.returncode and b"SM2" in done.stderr.upper():
        pytest.skip("this openssl has no SM2")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("sm2")
    openssl("genpkey", "-algorithm", "SM2", "-out", at / "key.pem")
    openssl("pkey", "-in", at / "key.pem", "-pubout", "-out", at / "public.pem")
    (at / "message").write_bytes(MESSAGE)
    return at


OPTIONS = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")


def test_openssl_verifies_what_is_signed_here(folder: Path) -> None:
    key = sm2.SigningKey.load(folder / "key.pem")
    assert sm2.load_public_keys(folder / "public.pem") == (key.public,)
    (folder / "ours").write_bytes(key.sign(MESSAGE))
    said = openssl(
        *("pkeyutl", "-verify", *OPTIONS, "-pubin", "-inkey", folder / "public.pem"),
        *("-in", folder / "message", "-sigfile", folder / "ours"),
    )
    assert b"Verified Successfully" in said


def test_what_openssl_signs_verifies_here(folder: Path) -> None:
    signature = openssl(
        *("pkeyutl", "-sign", *OPTIONS, "-inkey", folder / "key.pem", "-in", folder / "message")
    )
    assert sm2.load_public_keys(folder / "public.pem")[0].verifies(MESSAGE, signature)


def test_other_forms_of_keys(folder: Path) -> None:
    key = sm2.SigningKey.load(folder / "key.pem")
    openssl("ec", "-in", folder / "key.pem", "-out", folder / "sec1.pem")
    assert sm2.SigningKey.load(folder / "sec1.pem") == key
    openssl(
        *("req", "-x509", "-new", "-key", folder / "key.pem", "-sm3", "-subj", "/CN=Acme"),
        *("-sigopt", "distid:1234567812345678", "-out", folder / "cert.pem"),
    )
    both = (folder / "cert.pem").read_bytes() + (folder / "public.pem").read_bytes()
    assert sm2.load_public_keys(both) == (key.public, key.public)


def test_what_is_no_key_is_refused(folder: Path, tmp_path: Path) -> None:
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "group:P-256", "-out", tmp_path / "p256.pem")
    openssl(
        *("pkey", "-in", folder / "key.pem", "-aes256", "-passout", "pass:x"),
        *("-out", tmp_path / "encrypted.pem"),
    )
    (tmp_path / "empty.pem").write_bytes(b"")
    for name, reason in (
        ("p256.pem", "holds no SM2 private key"),
        ("encrypted.pem", "is encrypted"),
        ("empty.pem", "holds no SM2 private key"),
        ("missing.pem", "cannot be read"),
    ):
        with pytest.raises(SecretError, match=reason) as caught:
            sm2.SigningKey.load(tmp_path / name)
        assert caught.value.path == str(tmp_path / name)
    with pytest.raises(SecretError, match="holds no SM2 public keys"):
        sm2.load_public_keys(folder / "key.pem")
    with pytest.raises(SecretError, match="more than 64"):
        sm2.load_public_keys((folder / "public.pem").read_bytes() * 65)
