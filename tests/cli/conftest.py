"""The command line as its users run it: a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from genlabel import Label, Marker
from genlabel.audio import AudibleLabel
from genlabel.text import TextLabel
from genlabel.video import Encoding
from genlabel.visible import VisibleLabel

ROOT = Path(__file__).resolve().parents[2]
ROOTS = os.pathsep.join(str(ROOT / part) for part in (".", "kernels", "cli"))
# What nobody types who types commands: the classes of settings, their fields and arguments.
_SETTINGS = (Label, Marker, Encoding, AudibleLabel, TextLabel, VisibleLabel)
_NAMES = {field.name for kind in _SETTINGS for field in fields(kind)}
PYTHON = re.compile(
    "|".join(
        [
            rf"\b({'|'.join(sorted(_NAMES))}|overwrite)=",
            rf"\b({'|'.join(sorted(name for name in _NAMES if '_' in name))})\b",
            rf"\b({'|'.join(kind.__name__ for kind in _SETTINGS[2:])})\b",
            r"\bgenlabel\.[A-Za-z]+\b(?!/)",
        ]
    )
)


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    status: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """What it printed."""
        return self.out.decode()

    @property
    def json(self) -> Any:
        """What it printed, as JSON that keeps the schema it names."""
        found = json.loads(self.out)
        for record in found if isinstance(found, list) else [found]:
            if "schema" in record:
                jsonschema.validate(record, schema(record["schema"]))
        return found

    @property
    def records(self) -> list[Any]:
        """What it printed, as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def errors(self) -> list[str]:
        """Lines of stderr: each is a message, none a traceback, and none speaks Python."""
        lines = self.err.decode().splitlines()
        assert all(line.startswith("genlabel") for line in lines), self.err.decode()
        assert not PYTHON.search(self.err.decode()), self.err.decode()
        return lines


def schema(name: str) -> Any:
    """Load the JSON Schema that ships under this id."""
    file = files("genlabel").joinpath("schemas", f"{name.replace('/', '-')}.json")
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Give a process the checkout's three source roots and one language."""
    return {**os.environ, "PYTHONPATH": ROOTS, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path) -> Callable[..., Finished]:
    """Run ``genlabel`` with these arguments in the test's own folder."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Finished:
        done = subprocess.run(
            [sys.executable, "-m", "genlabel", *map(os.fspath, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=environment,
            timeout=120,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def key(cli: Callable[..., Finished], tmp_path: Path) -> Path:
    """Make a key file."""
    assert cli("keygen", "acme-2026", "-o", "acme.key").status == 0
    return tmp_path / "acme.key"


@pytest.fixture
def photo(media: Callable[[str], Path]) -> Path:
    """Find a photograph of a quarter of a megapixel."""
    return media("images/coffee.png")
