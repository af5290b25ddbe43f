"""Tracks that are copied into an AVI file count their time as they did.

FFmpeg's muxer makes the units up from what it knows of a codec, which for copied sound is too
little: AC-3 and MP3 were said to be too short, and ADPCM had a time of its own.

References
----------
AVI RIFF File Reference (Microsoft): AVISTREAMHEADER.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from genlabel._data import Mapped
from genlabel._errors import MediaError
from genlabel.labels.containers.films.avi import stream_headers

# Scale, rate, start and length; the size of a sample.
_TIMES = (slice(20, 36), slice(44, 48))
_HEADER_BYTES = 48


def keep_units(source: Path, target: Path, copies: Iterable[tuple[int, int]], name: str) -> None:
    """Give copied tracks the units of time that they had.

    Parameters
    ----------
    source, target : Path
        The old film, and the new one, which is changed in place.
    copies : iterable of (int, int)
        Numbers of tracks in the old film and in the new one.
    name : str
        For messages.

    Raises
    ------
    MediaError
        One of the two is damaged.
    """
    old, new = Mapped(source), Mapped(target)
    told, anew = stream_headers(old, name=name), stream_headers(new, name=name)
    changes: list[tuple[int, bytes]] = []
    for index, copy in copies:
        if not (index < len(told) and copy < len(anew)):
            raise MediaError("is a damaged AVI file: a stream has no header", path=name)
        header = told[index].content(old)
        if len(header) >= _HEADER_BYTES:
            changes += [(anew[copy].payload + part.start, header[part]) for part in _TIMES]
    old.close()
    new.close()
    with open(target, "r+b") as file:
        for at, value in changes:
            file.seek(at)
            file.write(value)
