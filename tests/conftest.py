"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

#: Real media live beside the repository, not in it: freely licensed, and too large for it.
MEDIA = Path(os.environ.get("GENLABEL_TEST_DATA", ROOT.parent / "shared" / "data"))

# Shared machines stall; a slow example is no failure.
settings.register_profile("genlabel", deadline=None)
settings.load_profile("genlabel")


@pytest.fixture(scope="session")
def media() -> Callable[[str], Path]:
    """Find a real file by its path under the data folder, or skip the test.

    >>> media("images/kodim01.png")  # doctest: +SKIP
    """

    def find(name: str) -> Path:
        path = MEDIA / name
        if not path.is_file():
            pytest.skip(f"needs {name} from the test data, expected under {MEDIA}")
        return path

    return find
