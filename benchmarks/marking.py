"""What every medium is marked with."""

from __future__ import annotations

import hashlib

from genlabel import Key

#: Fixed, so that a run can be repeated; a benchmark has nothing to keep secret.
MARK_KEY = Key("benchmark", hashlib.sha256(b"genlabel benchmark").digest())
OTHER_KEY = Key("another", hashlib.sha256(b"genlabel benchmark, another key").digest())


def payload_of(name: str, size: int = 8) -> bytes:
    """Give the bytes that what is called so is marked with: evenly spread, repeatable."""
    return hashlib.sha256(b"payload\n" + name.encode()).digest()[:size]
