"""``genlabel keygen``."""

from __future__ import annotations

import stat
from pathlib import Path

from genlabel import Key


def test_makes_a_key_only_its_owner_can_read(cli, tmp_path: Path) -> None:
    done = cli("keygen", "acme-2026", "-o", "acme.key")
    path = tmp_path / "acme.key"
    assert done.status == 0
    assert done.out == b""
    assert Key.load(path).name == "acme-2026"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Key.load(path).secret.hex() not in done.err.decode()


def test_never_overwrites_a_key_unless_told_to(cli, key: Path) -> None:
    before = key.read_bytes()
    done = cli("keygen", "other", "-o", key)
    assert done.status == 4
    assert done.errors == [f"genlabel: {key}: already exists; --force replaces it"]
    assert key.read_bytes() == before
    assert cli("keygen", "other", "-o", key, "-f").status == 0
    assert Key.load(key).name == "other"


def test_a_bad_name_and_a_missing_folder_are_one_line(cli, tmp_path: Path) -> None:
    assert len(cli("keygen", "two\nlines", "-o", "a.key").errors) == 1
    done = cli("keygen", "acme", "-o", "missing/a.key")
    assert done.status == 4
    assert len(done.errors) == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_key_file(cli, tmp_path: Path) -> None:
    for force in ((), ("-f",)):
        done = cli("keygen", "acme", "-o", ".", *force)
        reason = "genlabel: .: cannot be written: it is a folder"
        assert (done.status, done.errors) == (4, [reason])
    assert not list(tmp_path.iterdir())
