"""What tests of the journeys share: a key, an authority, and marked files made once."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from genlabel import Key, Label, Receipt, Signer, mark
from genlabel.certs import CertFiles, init

DOUBAO = "001191110102MACQD9K64010000"

#: One small real picture of each kind that can carry the watermark.
CARRIERS = {
    "png": "images/kodim23.png",
    "jpeg": "images/china.jpg",
    "webp": "images/c2pars_sample1.webp",
    "png-rgba": "images/debian_logo.png",
    "png-16": "images/powerscoal-full.png",
    "jpeg-gray": "images/Grey_2560x1600.jpg",
}

Media = Callable[[str], Path]
Marked = Callable[[str], tuple[Path, Receipt]]


@pytest.fixture(scope="session")
def key() -> Key:
    return Key("acme-2026", bytes(range(32)))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertFiles:
    return init(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def signer(authority: CertFiles) -> Signer:
    return Signer.load(authority.chain, authority.key)


@pytest.fixture(scope="session")
def root(authority: CertFiles) -> bytes:
    return authority.root.read_bytes()


@pytest.fixture(scope="session")
def marked(
    media: Media, key: Key, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Marked:
    """Mark and sign a carrier, once for all tests."""
    folder = tmp_path_factory.mktemp("marked")
    done: dict[str, tuple[Path, Receipt]] = {}

    def give(kind: str) -> tuple[Path, Receipt]:
        if kind not in done:
            source = media(CARRIERS[kind])
            target = folder / f"{kind}{source.suffix}"
            label = Label(DOUBAO, f"id-{kind}", system="Painter", system_version="3.1")
            done[kind] = target, mark(source, target, label=label, key=key, signer=signer)
        return done[kind]

    return give


@pytest.fixture(scope="session")
def check_schema() -> Callable[[Any], None]:
    """Hold a result's JSON to the schema it names."""
    schemas = {}
    for entry in files("genlabel").joinpath("schemas").iterdir():
        schema = json.loads(entry.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        schemas[schema["title"]] = jsonschema.Draft202012Validator(schema)

    def check(result: Any) -> None:
        record = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        schemas[record["schema"]].validate(record)

    return check
