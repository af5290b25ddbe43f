"""Animated WebP files: frames out, and new samples in with every frame's time and place kept.

References
----------
RFC 9649, 2.7.1.1 (ANIM and ANMF) and 2.7.2 (assembling the canvas).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from genlabel._errors import MediaError
from genlabel.image._files.animation import Animation, Frame, check_animation, check_inside
from genlabel.image._files.picture import Pixels
from genlabel.image._files.webp import (
    Chunk,
    coding_of,
    decode_samples,
    encode_samples,
    joined,
    losses,
    read_chunks,
    riff,
)

_FRAME_HEADER_BYTES = 16
_SAMPLES = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
# Beside its samples a frame may hold chunks that nobody knows.
_MAX_CHUNKS = 16
_CLEAR, _REPLACE = 0x01, 0x02


def is_animated(data: bytes, name: str) -> bool:
    """Tell whether a WebP has frames."""
    return any(chunk.kind == b"ANMF" for chunk in read_chunks(data, name)[0])


def read(data: bytes, name: str) -> Animation:
    """Look into an animated WebP without decoding it.

    Raises
    ------
    MediaError
        The file is damaged or too large.
    """
    chunks, behind_end = read_chunks(data, name)
    bodies = _bodies(chunks)
    head = next((chunk.body for chunk in chunks if chunk.kind == b"VP8X"), b"")
    if len(head) < 10:
        raise _damaged(name, "it has no canvas")
    width, height = _number(head, 4) + 1, _number(head, 7) + 1
    check_animation(width, height, len(bodies), name)
    codings = [coding_of(_inner(body, name)) for body in bodies]
    warnings = losses(codings, behind_end)
    return Animation(name, "image/webp", data, width, height, len(bodies), warnings)


def frames(animation: Animation) -> Iterator[Frame]:
    """Decode an animation's frames one after another.

    Raises
    ------
    MediaError
        A frame is damaged.
    """
    name = animation.name
    chunks, _ = read_chunks(animation.data, name)
    for body in _bodies(chunks):
        pixels, _ = decode_samples(_inner(body, name), name)
        width, height, flags = _number(body, 6) + 1, _number(body, 9) + 1, body[15]
        if pixels.shape[:2] != (height, width):
            raise _damaged(name, "a frame has another size than its samples")
        frame = Frame(
            pixels,
            left=2 * _number(body, 0),
            top=2 * _number(body, 3),
            over=not flags & _REPLACE,
            disposal="clear" if flags & _CLEAR else "keep",
        )
        yield check_inside(frame, animation)


def encode(animation: Animation, pixels: Iterable[Pixels], *, quality: int | None = None) -> bytes:
    """Put new samples into an animated WebP; every chunk but a C2PA manifest is kept.

    Parameters
    ----------
    animation : Animation
        The file.
    pixels : iterable of ndarray
        New samples for each frame, of the shape and type of the old ones.
    quality : int or None
        0 to 100 for lossy frames; None keeps about each one's own.
    """
    name = animation.name
    old = [chunk for chunk in read_chunks(animation.data, name)[0] if chunk.kind != b"C2PA"]
    new = []
    for body, samples in zip(_bodies(old), pixels, strict=True):
        inner = _inner(body, name)
        coded = encode_samples(samples, coding_of(inner), quality, name)
        others = [chunk for chunk in inner if chunk.kind not in _SAMPLES]
        new.append(Chunk(b"ANMF", body[:_FRAME_HEADER_BYTES] + joined([*coded, *others])))
    replaced = iter(new)
    return riff([next(replaced) if chunk.kind == b"ANMF" else chunk for chunk in old])


def _bodies(chunks: list[Chunk]) -> list[bytes]:
    return [chunk.body for chunk in chunks if chunk.kind == b"ANMF"]


def _inner(body: bytes, name: str) -> list[Chunk]:
    """List the chunks within a frame."""
    chunks: list[Chunk] = []
    position = _FRAME_HEADER_BYTES
    while position + 8 <= len(body):
        size = int.from_bytes(body[position + 4 : position + 8], "little")
        end = position + 8 + size
        if end > len(body) or len(chunks) == _MAX_CHUNKS:
            raise _damaged(name, "a frame's chunks do not fit into it")
        chunks.append(Chunk(body[position : position + 4], body[position + 8 : end]))
        position = end + size % 2
    if not any(chunk.kind in (b"VP8 ", b"VP8L") for chunk in chunks):
        raise _damaged(name, "a frame has no samples")
    return chunks


def _number(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 3], "little")


def _damaged(name: str, reason: str) -> MediaError:
    return MediaError(f"is a damaged animated WebP: {reason}", path=name)
