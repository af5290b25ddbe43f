"""Keys: files only their owner can read, never overwritten, never leaked."""

from __future__ import annotations

import json
import os
import pickle
import stat
from pathlib import Path

import pytest

from genlabel import Key, SecretError


def test_generated_keys_differ_and_hide_their_secret() -> None:
    one, other = Key.generate("acme"), Key.generate("acme")
    assert one.secret != other.secret
    assert one.secret.hex() not in repr(one) and str(one.secret) not in repr(one)


def test_a_saved_key_loads_equal_and_is_private(tmp_path: Path) -> None:
    key = Key.generate("acme 2026 中文")
    key.save(tmp_path / "a.key")
    assert Key.load(tmp_path / "a.key") == key
    assert stat.S_IMODE(os.stat(tmp_path / "a.key").st_mode) == 0o600
    assert os.listdir(tmp_path) == ["a.key"]


def test_an_existing_key_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    first = Key.generate("first")
    first.save(path)
    with pytest.raises(SecretError, match="already exists") as caught:
        Key.generate("second").save(path)
    assert caught.value.path == str(path)
    assert Key.load(path) == first
    assert os.listdir(tmp_path) == ["a.key"]
    Key.generate("second").save(path, overwrite=True)
    assert Key.load(path).name == "second"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"schema": "genlabel.key/2", "name": "a", "secret": "' + b"00" * 32 + b'"}',
        b'{"schema": "genlabel.key/1", "name": "a", "secret": "00"}',
        b'{"schema": "genlabel.key/1", "name": "a", "secret": 7}',
        b'{"schema": "genlabel.key/1", "name": 7, "secret": "' + b"00" * 32 + b'"}',
        b'{"schema": "genlabel.key/1", "secret": "' + b"00" * 32 + b'"}',
        b"\xff\xfe",
        b"[" * 4000,
        b" " * 5000,
    ],
)
def test_what_is_no_key_file_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(content)
    with pytest.raises(SecretError):
        Key.load(path)


def test_a_missing_key_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="nowhere.key: cannot be read"):
        Key.load(tmp_path / "nowhere.key")


@pytest.mark.parametrize("name", ["", "a" * 129, "a\nb", "a\x00b"])
def test_names_are_printable_and_short(name: str) -> None:
    with pytest.raises(SecretError):
        Key.generate(name)


def test_sub_keys_are_those_of_hkdf_and_differ_by_purpose() -> None:
    key = Key("acme", bytes(range(32)))
    # RFC 5869 with SHA-256, no salt, info "genlabel/test": pinned, since marks depend on it.
    assert key.derive("test").hex() == (
        "eb7345b31f3998d2ded9eade7d05d696fe0f512e7c23e4c5058d436a1fdad324"
    )
    assert key.derive("test") != key.derive("test/2")
    assert len(key.derive("test", 100)) == 100
    assert key.derive("test", 100)[:32] == key.derive("test")


def test_a_key_travels_to_workers() -> None:
    key = Key.generate("acme")
    assert pickle.loads(pickle.dumps(key)) == key


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    key = Key.generate("acme")
    key.save(tmp_path / "a.key")
    record = json.loads((tmp_path / "a.key").read_text(encoding="utf-8"))
    assert record == {"schema": "genlabel.key/1", "name": "acme", "secret": key.secret.hex()}
