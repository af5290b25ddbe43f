"""``genlabel profiles``."""

from __future__ import annotations

import pytest

NAMES = ["cn", "eu", "in", "kr", "us-ca"]


def test_lists_every_regime(cli) -> None:
    done = cli("profiles")
    assert done.status == 0
    assert [line.split()[0] for line in done.text.splitlines()] == NAMES
    assert [profile["name"] for profile in cli("profiles", "--json").json] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_says_what_a_regime_asks_and_by_which_clause(cli, name: str) -> None:
    record = cli("profiles", name, "--json").json
    text = " ".join(cli("profiles", name).text.split())
    for requirement in record["requirements"]:
        assert requirement["clause"] in text
        assert requirement["force"] in text


def test_an_unknown_regime_is_one_line_that_names_the_known(cli) -> None:
    done = cli("profiles", "atlantis")
    assert done.status == 4
    assert len(done.errors) == 1
    assert "cn, eu" in done.errors[0]


def test_writes_notices_and_badges(cli, tmp_path) -> None:
    done = cli("profiles", "eu", "--assets", "eu")
    assert done.status == 0
    assert set(done.text.split()) == {f"eu/{path.name}" for path in (tmp_path / "eu").iterdir()}
    assert (tmp_path / "eu" / "badge-de.svg").is_file()
    again = cli("profiles", "eu", "--assets", "eu")
    assert (again.status, "already exists" in again.errors[0]) == (4, True)
    assert cli("profiles", "eu", "--assets", "eu", "-f", "--json").status == 0
    assert cli("profiles", "--assets", "x").status == 2
