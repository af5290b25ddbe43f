"""Certificates and key from files."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from genlabel import Signer, SignerError
from genlabel.certs import init


def test_loads_what_certs_init_writes_and_hides_the_key(tmp_path: Path) -> None:
    files = init(tmp_path)
    signer = Signer.load(files.chain, str(files.key), tsa_url="https://clock.example")
    assert signer.chain == files.chain.read_bytes()
    assert signer.tsa_url == "https://clock.example"
    assert "PRIVATE" not in repr(signer)
    assert pickle.loads(pickle.dumps(signer)) == signer


def test_files_that_hold_something_else(tmp_path: Path) -> None:
    files = init(tmp_path)
    der = tmp_path / "der"
    der.write_bytes(b"\x30\x82\x01\x00")
    cases = [
        (tmp_path / "missing.pem", files.key, "cannot be read: No such file"),
        (tmp_path, files.key, "cannot be read: Is a directory"),
        (der, files.key, "holds no PEM certificate"),
        (files.chain, der, "holds no PEM private key"),
        (files.key, files.chain, "holds no PEM certificate"),
        ("/dev/zero", files.key, "holds no PEM certificate"),
    ]
    for chain, key, reason in cases:
        with pytest.raises(SignerError, match=reason) as caught:
            Signer.load(chain, key)
        assert caught.value.path in (str(chain), str(key))
