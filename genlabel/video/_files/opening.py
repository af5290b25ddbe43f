"""Film files, opened for reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from genlabel._message import Message, Option
from genlabel.video._files.container import Container

#: What the refusal of a damaged film ends with.
KEEP_GOING = Message("; ", Option("keep_going", True), " marks what is readable")


def opened(source: Path, kind: Container) -> Any:
    """Open a film as what it was recognised as, and nothing else.

    Parameters
    ----------
    source : Path
        The film.
    kind : Container
        What it is.
    """
    # Texts in other codings than UTF-8 are no reason not to read a film.
    return av.open(
        f"file:{source}",
        format=kind.demuxer,
        options={"protocol_whitelist": "file"},
        metadata_errors="replace",
    )
