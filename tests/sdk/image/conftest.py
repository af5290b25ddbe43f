"""Pictures for the watermark's tests: real ones, marked once, and made ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genlabel import Key
from genlabel.image import embed

PAYLOAD = bytes.fromhex("00112233445566f7")

Pixels = np.ndarray
Picture = Callable[[str], Pixels]


@pytest.fixture(scope="session")
def payload() -> bytes:
    return PAYLOAD


@pytest.fixture(scope="session")
def other_key() -> Key:
    return Key("somebody else", bytes(range(1, 33)))


@pytest.fixture(scope="session")
def kodak(media: Callable[[str], Path]) -> Picture:
    """Read a Kodak picture: "23" gives kodim23, 768 x 512."""
    read: dict[str, Pixels] = {}

    def give(number: str) -> Pixels:
        if number not in read:
            with Image.open(media(f"images/kodim{number}.png")) as picture:
                read[number] = np.asarray(picture.convert("RGB"))
            read[number].flags.writeable = False
        return read[number]

    return give


@pytest.fixture(scope="session")
def marked_kodak(kodak: Picture, key: Key) -> Picture:
    """Give a Kodak picture marked with `PAYLOAD`."""
    done: dict[str, Pixels] = {}

    def give(number: str) -> Pixels:
        if number not in done:
            done[number] = embed(kodak(number), PAYLOAD, key)
            done[number].flags.writeable = False
        return done[number]

    return give
