"""What the tests of labels share."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from genlabel import Label
from tests.conftest import MEDIA

#: What exiftool says of a file, by group and name.
Tags = dict[str, Any]
#: Asks it for the tags of files by name.
Told = Callable[[Mapping[str, bytes]], dict[str, Tags]]


@pytest.fixture(scope="session")
def label() -> Label:
    """A label that sets every field metadata can carry."""
    return Label(
        "001191110102MACQD9K64010000",
        produce_id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
        status="possible",
        system='Painter <&> "II"',
        system_version="3.1 β",
        registration="Beijing-Painter-20260101",
        created=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
        source_type="compositeWithTrainedAlgorithmicMedia",
        reserved1='{"a":"b"}',
    )


@pytest.fixture(scope="session")
def exiftool() -> Callable[[Iterable[Path]], dict[str, Tags]]:
    """Ask exiftool for all tags of many files at once, by file name, or skip the test."""
    program = shutil.which("exiftool")
    if program is None:
        pytest.skip("needs exiftool on the path")

    def ask(paths: Iterable[Path]) -> dict[str, Tags]:
        command = [program, "-json", "-G1", "-a", "-struct", *map(str, paths)]
        out = subprocess.run(command, capture_output=True, check=False).stdout
        return {Path(tags["SourceFile"]).name: tags for tags in json.loads(out)}

    return ask


@pytest.fixture(scope="session")
def told(
    exiftool: Callable[[Iterable[Path]], dict[str, Tags]], tmp_path_factory: pytest.TempPathFactory
) -> Told:
    """Ask exiftool for all tags of files in memory, by their names."""

    def ask(files: Mapping[str, bytes]) -> dict[str, Tags]:
        folder = tmp_path_factory.mktemp("told")
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return exiftool(sorted(folder.iterdir()))

    return ask


@pytest.fixture(scope="session")
def pictures() -> list[Path]:
    """Every real PNG, JPEG and WebP, or skip the test."""
    folder = MEDIA / "images"
    found = sorted(p for p in folder.glob("*") if p.suffix in (".png", ".jpg", ".webp"))
    if not found:
        pytest.skip(f"needs the test data, expected under {folder}")
    return found
