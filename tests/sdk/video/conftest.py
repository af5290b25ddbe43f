"""A film of a room, marked once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genlabel import Key
from tests.sdk.video.films import marked, planes_of

FPS = 10


@pytest.fixture(scope="session")
def room(media: Callable[[str], Path]) -> np.ndarray:
    planes = planes_of(media("video/static_room_432p10.mp4"), 3 * FPS)
    planes.flags.writeable = False
    return planes


@pytest.fixture(scope="session")
def marked_room(room: np.ndarray, key: Key) -> np.ndarray:
    planes = marked(room, FPS, key)
    planes.flags.writeable = False
    return planes
