"""Profiles: every regime's data is complete, cites its source, and asks what we can name."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from genlabel import Label, UnsupportedError, profiles

LAYERS = ("aigc", "xmp", "c2pa", "watermark", "visible")


def test_the_regimes_of_the_contract_are_there() -> None:
    assert profiles.names() == ("cn", "eu", "in", "kr", "us-ca")
    assert set(profiles.DEFAULT) <= set(profiles.names())


@pytest.mark.parametrize("name", profiles.names())
def test_a_profile_is_complete(name: str) -> None:
    profile = profiles.load(name)
    assert profile.name == name
    assert profile.title and profile.source and profile.notices
    date.fromisoformat(profile.in_force)
    assert set(profile.layers) <= set(LAYERS)
    assert len({item.id for item in profile.requirements}) == len(profile.requirements)
    answered = {item.layer for item in profile.requirements}
    # What a profile asks of every file is asked by one of its requirements, with a clause.
    assert set(profile.layers) <= answered
    for item in profile.requirements:
        assert item.text.endswith(".") and item.clause and item.how.endswith(".")
        assert item.force in ("required", "recommended", "optional")
        assert item.layer is None or item.layer in LAYERS
        assert set(item.fields) <= {field.name for field in fields(Label)}


@pytest.mark.parametrize("name", profiles.names())
def test_a_profile_is_plain_json_and_says_no_more_than_its_file(name: str) -> None:
    file = Path(profiles.__file__).with_name(f"{name}.json")
    record = json.loads(file.read_text(encoding="utf-8"))
    assert json.loads(json.dumps(profiles.load(name).to_dict())) == record


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(UnsupportedError, match="no profile 'mars'; there are cn, eu"):
        profiles.load("mars")
    with pytest.raises(UnsupportedError, match="list of names"):
        profiles.load_all("cn")
    # No name reaches the file system.
    with pytest.raises(UnsupportedError):
        profiles.load("../profiles/cn")
