"""Tracks that are copied packet by packet, and what a film says of itself and its tracks."""

from __future__ import annotations

from typing import Any

import av

from genlabel.video._files.picture import is_cover

# Statistics that some muxer noted of the old packets.
_STALE = ("BPS", "DURATION", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES", "_STATISTICS", "ENCODER")


def copied_stream(target: Any, source: Any) -> Any | None:
    """Add a track that is copied as it is.

    Parameters
    ----------
    target : av.container.OutputContainer
        The new film.
    source : av.stream.Stream
        The old one's track.

    Returns
    -------
    av.stream.Stream or None
        None where the container cannot hold it.
    """
    try:
        stream = target.add_stream_from_template(source, opaque=True)
    except (av.FFmpegError, ValueError, NotImplementedError, TypeError):
        return None
    stream.time_base = source.time_base
    return stream


def attach_cover(target: Any, source: Any, content: bytes) -> None:
    """Attach a picture that stands for the film, where it would become a track.

    Parameters
    ----------
    target : av.container.OutputContainer
        The new film, in Matroska.
    source : av.VideoStream
        What the picture was read as.
    content : bytes
        Its file.
    """
    codec = source.codec_context.name
    kind = source.metadata.get("mimetype") or f"image/{'jpeg' if codec == 'mjpeg' else codec}"
    target.add_attachment(source.metadata.get("filename") or "cover", kind, content)


def describe(stream: Any, source: Any, *, anew: bool) -> None:
    """Give a new track the old one's names, language and place among the others.

    Parameters
    ----------
    stream, source : av.stream.Stream
        The new track and the old one.
    anew : bool
        Whether it was encoded anew.
    """
    stale = _STALE if anew else ("DURATION", "ENCODER")
    told = {
        key: value for key, value in source.metadata.items() if not key.upper().startswith(stale)
    }
    stream.metadata.update(told)
    stream.disposition = source.disposition
    if source.id and not is_cover(source):
        stream.id = source.id


def describe_film(target: Any, source: Any) -> None:
    """Give the new film the old one's tags and chapters.

    Parameters
    ----------
    target : av.container.OutputContainer
        The new film.
    source : av.container.InputContainer
        The old one.
    """
    own = ("major_brand", "minor_version", "compatible_brands", "encoder")
    target.metadata.update({k: v for k, v in source.metadata.items() if k.lower() not in own})
    chapters = source.chapters()
    if chapters:
        target.set_chapters(chapters)
