"""M4A files: AAC or ALAC out, new samples in, everything around them kept.

References
----------
ISO/IEC 14496-12; ISO/IEC 14496-14; Apple, QuickTime File Format, appendix G (encoder delay).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import BinaryIO

from genlabel._data import copy_bytes
from genlabel._errors import MediaError, UnsupportedError
from genlabel.audio._files import m4a_boxes as mp4
from genlabel.audio._files import pyav
from genlabel.audio._files.bitrate import Weights, excerpt, find_setting
from genlabel.audio._files.m4a_boxes import Box
from genlabel.audio._files.sound import (
    Block,
    Coding,
    Material,
    Sound,
    check_shape,
    opened,
    scratch_file,
    size_of,
)

_C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_CODECS = {"aac": "aac", "alac": "alac"}
# Padding goes; a fragmented file's samples are elsewhere.
_PADDING = frozenset((b"free", b"skip", b"wide"))
_FRAGMENTED = frozenset((b"moof", b"sidx", b"styp"))
# iTunes' own way to tell delay, padding and length: hexadecimal, behind one that is always zero.
_GAPLESS = re.compile(rb"( 0{8}) ([0-9A-Fa-f]{8}) ([0-9A-Fa-f]{8}) ([0-9A-Fa-f]{16})")
_LEAST_BITRATE = 8_000


@dataclass(frozen=True, slots=True)
class Layout:
    """What an M4A file holds but samples.

    Parameters
    ----------
    boxes : tuple of Box
        The file's own, in order.
    moov : bytes
        The description, whole.
    channels : str
        Which ones, in FFmpeg's words.
    weights : Weights
        Of its packets.
    """

    boxes: tuple[Box, ...]
    moov: bytes = field(repr=False)
    channels: str
    weights: Weights = field(repr=False)


def read(material: Material, name: str) -> Sound:
    """Open an M4A file.

    Raises
    ------
    MediaError
        It is damaged or cut short.
    UnsupportedError
        It is a film, fragmented, or neither AAC nor ALAC.
    """
    with opened(material) as stream:
        found = mp4.top_boxes(stream, size_of(material), name)
        moov = _moov(stream, found, name)
    track = _track(moov, name)
    heard = pyav.heard(material, name)
    if heard.codec not in _CODECS:
        raise UnsupportedError(f"is an MP4 file of {heard.codec}, not of AAC or ALAC", path=name)
    frames, weights = _length(moov, track, heard.rate, name)
    check_shape(heard.channels, heard.rate, frames, name)
    if heard.codec == "alac":
        coding = Coding("alac", lossless=True, bits=_alac_bits(moov, track))
    else:
        bitrate = weights.total * 8 * heard.rate / frames
        coding = Coding("aac", lossless=False, mode="average", bitrate=bitrate)
    warnings: tuple[str, ...] = ()
    if "HE" in heard.profile:
        warnings = (f"{heard.profile} is written again as AAC-LC, at the same bitrate",)
    layout = Layout(tuple(found), moov, heard.layout, weights)
    return Sound(
        name, "audio/mp4", material, heard.rate, heard.channels, frames, coding, layout, warnings
    )


def blocks(sound: Sound) -> Iterator[Block]:
    """Give an M4A file's samples, block by block, without the encoder's delay."""
    return pyav.decode(sound.material, sound.name)


def write(
    sound: Sound, new: Iterator[Block], target: BinaryIO, bitrate: float | None = None
) -> None:
    """Write an M4A file anew, with other samples and the same tags.

    Parameters
    ----------
    sound : Sound
        The file.
    new : iterator of ndarray
        The new samples.
    target : binary file object
        Where to write.
    bitrate : float or None
        AAC: mean bits a second; None keeps the file's own.
    """
    form = _form(sound, bitrate)
    with scratch_file() as coded:
        pyav.encode(coded, new, form, sound.name)
        end = coded.seek(0, 2)
        fresh = mp4.top_boxes(coded, end, sound.name)
        moov = _described(_moov(coded, fresh, sound.name), sound)
        samples = next(box for box in fresh if box.kind == b"mdat")
        _put_together(sound, moov, coded, samples, target)


def _put_together(
    sound: Sound, moov: bytes, coded: BinaryIO, samples: Box, target: BinaryIO
) -> None:
    """Write the file's own boxes in their order, with the new samples and description."""
    layout: Layout = sound.layout
    first = next(box for box in layout.boxes if box.kind == b"mdat")
    with opened(sound.material) as stream:
        parts: list[bytes | None] = []
        for box in layout.boxes:
            if box.kind == b"moov":
                parts.append(moov)
            elif box == first:
                parts.append(None)
            elif box.kind != b"mdat" and box.kind not in _PADDING:
                stream.seek(box.start)
                raw = stream.read(box.end - box.start)
                if not (box.kind == b"uuid" and raw[8:24] == _C2PA_UUID):
                    parts.append(raw)
    before = sum(len(part) for part in parts[: parts.index(None)] if part is not None)
    placed = mp4.moved(moov, before - samples.start)
    for part in parts:
        if part is None:
            coded.seek(samples.start)
            copy_bytes(coded, samples.end - samples.start, target)
        else:
            target.write(placed if part is moov else part)


def _moov(stream: BinaryIO, found: list[Box], name: str) -> bytes:
    if any(box.kind in _FRAGMENTED for box in found):
        raise UnsupportedError("is a fragmented MP4 file", path=name)
    described = [box for box in found if box.kind == b"moov"]
    if len(described) != 1 or not any(box.kind == b"mdat" for box in found):
        raise MediaError("is a damaged MP4 file: it lacks samples or description", path=name)
    box = described[0]
    if box.end - box.start > mp4.MAX_MOOV_BYTES:
        raise MediaError("is a damaged MP4 file: its description is too large", path=name)
    stream.seek(box.start)
    return stream.read(box.end - box.start)


def _track(moov: bytes, name: str) -> Box:
    head = next(mp4.boxes(moov))
    tracks = [box for box in mp4.boxes(moov, head.body, head.end) if box.kind == b"trak"]
    kinds = []
    for track in tracks:
        handler = mp4.find(moov, b"mdia/hdlr", track.body, track.end)
        kinds.append(moov[handler.body + 8 : handler.body + 12] if handler else b"")
    if kinds != [b"soun"]:
        raise UnsupportedError(
            f"is an MP4 file of {len(kinds)} tracks, not of a single one of sound", path=name
        )
    return tracks[0]


def _length(moov: bytes, track: Box, rate: int, name: str) -> tuple[int, Weights]:
    """Find how many frames are played, as exactly as the file tells it."""
    media = mp4.find(moov, b"mdia/mdhd", track.body, track.end)
    movie = mp4.find(moov, b"moov/mvhd")
    stbl = mp4.find(moov, b"mdia/minf/stbl", track.body, track.end)
    if media is None or movie is None or stbl is None:
        raise MediaError("is a damaged MP4 file: its description is not whole", path=name)
    media_scale, told = mp4.times(moov, media)
    movie_scale, _ = mp4.times(moov, movie)
    if not media_scale or not movie_scale:
        raise MediaError("is a damaged MP4 file: its clock stands still", path=name)
    sizes = mp4.sizes(moov, stbl)
    lasting = mp4.durations(moov, stbl, len(sizes))
    total = sum(lasting) or told
    edits = [edit for edit in mp4.edits(moov, track) if edit.media_time >= 0]
    start = edits[0].media_time if edits else 0
    length = total - start
    if edits and edits[0].duration:
        played = edits[0].duration * media_scale / movie_scale
        # Where the movie's clock is too coarse to tell, the packets' own durations do.
        if abs(played - length) > media_scale / movie_scale:
            length = min(length, round(played))
    gapless = _GAPLESS.search(moov, max(moov.find(b"iTunSMPB"), 0)) if b"iTunSMPB" in moov else None
    if gapless is not None and rate == media_scale:
        length = int(gapless[4], 16) or length
    ends = [round((end - start) * rate / media_scale) for end in accumulate(lasting)]
    frames = round(length * rate / media_scale)
    return frames, Weights(ends, list(accumulate(sizes)))


def _alac_bits(moov: bytes, track: Box) -> int:
    place = moov.find(b"alac", moov.find(b"alac", track.start) + 4)
    return 16 if moov[place + 13 : place + 14] == b"\x10" else 24


def _form(sound: Sound, bitrate: float | None) -> pyav.Form:
    layout: Layout = sound.layout
    if sound.coding.codec == "alac":
        return pyav.Form("alac", sound.rate, layout.channels, bits=sound.coding.bits)
    wanted = sound.coding.bitrate if bitrate is None else bitrate
    assert wanted is not None
    samples, size = excerpt(sound, blocks(sound), layout.weights, bitrate)

    def form(setting: float) -> pyav.Form:
        """Give the form of AAC at so many bits a second."""
        return pyav.Form("aac", sound.rate, layout.channels, bitrate=round(setting))

    def weigh(setting: float) -> float:
        """Give the bytes of the excerpt at so many bits a second."""
        return pyav.weigh(samples, form(setting), sound.name)

    # A packet holds 6144 bits of each channel at most [ISO/IEC 14496-3, 4.5.3].
    most = 6144 / 1024 * sound.rate * sound.channels
    start = min(max(wanted, _LEAST_BITRATE), most)
    return form(find_setting(weigh, size, _LEAST_BITRATE, most, start))


def _described(fresh: bytes, sound: Sound) -> bytes:
    """Give the new description what the old one said of tags, times and language."""
    old: bytes = sound.layout.moov
    head, old_head = next(mp4.boxes(fresh)), next(mp4.boxes(old))
    body = b"".join(
        fresh[box.start : box.end]
        for box in mp4.boxes(fresh, head.body, head.end)
        if box.kind in (b"mvhd", b"trak")
    )
    carried = b"".join(
        old[box.start : box.end]
        for box in mp4.boxes(old, old_head.body, old_head.end)
        if box.kind not in (b"mvhd", b"trak", b"iods")
    )
    moov = bytearray(mp4.framed(b"moov", body))
    for path, first, last in (
        (b"moov/mvhd", 4, 12),
        (b"moov/trak/tkhd", 4, 12),
        (b"moov/trak/mdia/mdhd", 4, 12),
        (b"moov/trak/mdia/mdhd", 20, 22),
    ):
        new_box, old_box = mp4.find(bytes(moov), path), mp4.find(old, path)
        if new_box is None or old_box is None or old[old_box.body] or moov[new_box.body]:
            continue
        moov[new_box.body + first : new_box.body + last] = old[
            old_box.body + first : old_box.body + last
        ]
    return mp4.framed(b"moov", bytes(moov[8:]) + _with_gapless(carried, bytes(moov), sound))


def _with_gapless(carried: bytes, moov: bytes, sound: Sound) -> bytes:
    """Amend iTunes' note of delay, padding and length: it was about the old samples."""
    place = carried.find(b"iTunSMPB")
    track = mp4.find(moov, b"moov/trak")
    stbl = mp4.find(moov, b"moov/trak/mdia/minf/stbl")
    if place < 0 or track is None or stbl is None:
        return carried
    sizes = mp4.sizes(moov, stbl)
    delay = next((edit.media_time for edit in mp4.edits(moov, track)), 0)
    total = -(-sum(mp4.durations(moov, stbl, len(sizes))) // 1024) * 1024
    padding = max(total - delay - sound.frames, 0)
    note = b"\\1 %08X %08X %016X" % (delay, padding, sound.frames)
    return carried[:place] + _GAPLESS.sub(note, carried[place:], count=1)
