"""``genlabel certs``."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest


@pytest.fixture
def made(cli, tmp_path: Path) -> Path:
    """Make an authority and a signer."""
    assert cli("certs", "init", "ca", "--organisation", "Acme", "--common-name", "Bot").status == 0
    return tmp_path / "ca"


def test_init_makes_what_doctor_finds_nothing_wrong_with(cli, made: Path) -> None:
    done = cli(
        "certs", "doctor", made / "signer.pem", made / "signer.key", "--trust", "ca/root.pem"
    )
    assert done.status == 0
    assert done.errors == []
    assert all(line.startswith("ok ") for line in done.text.splitlines())
    assert "key-match" in done.text and "anchored" in done.text


def test_init_says_how_to_use_it_and_keeps_keys_private(cli, tmp_path: Path) -> None:
    done = cli("certs", "init", "new/ca", "--days", "30", "--algorithm", "ed25519")
    assert done.out == b""
    assert "--sign new/ca/signer.pem new/ca/signer.key" in done.errors[0]
    for key in (tmp_path / "new" / "ca").glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_init_never_overwrites(cli, made: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    done = cli("certs", "init", "ca")
    assert done.status == 4
    assert len(done.errors) == 1 and "never overwritten" in done.errors[0]
    assert {path.name: path.read_bytes() for path in made.iterdir()} == before


@pytest.mark.parametrize("days", ["0", "99999999"])
def test_init_refuses_days_out_of_range(cli, days: str, tmp_path: Path) -> None:
    done = cli("certs", "init", "ca", "--days", days)
    assert done.status == 4 and len(done.errors) == 1
    assert not (tmp_path / "ca").exists()


def test_doctor_names_the_broken_rule(cli, made: Path) -> None:
    done = cli("certs", "doctor", "ca/signer.pem", "ca/root.key")
    assert done.status == 1
    broken = [line for line in done.text.splitlines() if line.startswith("broken")]
    assert len(broken) == 1 and "key-match" in broken[0]


def test_doctor_as_json(cli, made: Path) -> None:
    done = cli("certs", "doctor", "ca/root.pem", "--json")
    assert done.status == 1
    assert done.json["schema"] == "genlabel.certs/1"
    assert not done.json["ok"]
    broken = {finding["rule"] for finding in done.json["findings"] if not finding["ok"]}
    assert {"not-ca", "not-self-signed", "key-usage", "extended-key-usage"} <= broken
    assert cli("certs", "doctor", "ca/signer.pem", "--json").json["ok"]


def test_doctor_of_what_is_no_certificate(cli, tmp_path: Path) -> None:
    (tmp_path / "noise.pem").write_bytes(b"\x00\xff" * 600_000)
    done = cli("certs", "doctor", "noise.pem")
    assert done.status == 1 and "pem" in done.text
    missing = cli("certs", "doctor", "missing.pem")
    assert missing.status == 4
    assert missing.errors == ["genlabel: missing.pem: No such file or directory"]


def test_usage(cli) -> None:
    assert cli("certs").status == 2
    assert cli("certs", "heal").status == 2
    assert cli("certs", "init", "ca", "--days", "many").status == 2
