"""Ogg files, Vorbis and Opus: samples out, new samples in, every comment and picture kept.

References
----------
RFC 3533 (Ogg pages); Vorbis I specification, 4.2, 5 and A.2; RFC 7845, 3 and 5 (Opus in Ogg).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from genlabel._errors import MediaError
from genlabel.audio._files import sndfile
from genlabel.audio._files.bitrate import Weights, excerpt, find_setting
from genlabel.audio._files.ogg_pages import Stream, assemble, paged, pages, survey
from genlabel.audio._files.sndfile import Form
from genlabel.audio._files.sound import (
    Block,
    Coding,
    Material,
    Sound,
    check_shape,
    opened,
    scratch_file,
)
from genlabel.labels.containers.sound.ogg_pages import summed

_OPUS_RATE = 48000
_PAGE_BYTES = 27
# What libsndfile's levels mean for Opus: bit/s for each channel, at 0 and at 1.
_OPUS_RANGE = (256_000, 6_000)
_SUBTYPES = {"vorbis": "VORBIS", "opus": "OPUS"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What an Ogg file holds but samples.

    Parameters
    ----------
    comments : bytes
        The comment packet behind its vendor string.
    weights : Weights
        Of its packets, in frames of the file.
    input_rate : bytes or None
        Opus: what its header says of the rate before it was coded.
    """

    comments: bytes = field(repr=False)
    weights: Weights = field(repr=False)
    input_rate: bytes | None = None


def read(material: Material, name: str) -> Sound:
    """Open an Ogg file.

    Raises
    ------
    MediaError
        It is damaged or cut short.
    UnsupportedError
        It holds something else than one Vorbis or Opus stream.
    """
    with opened(material) as stream:
        found = survey(stream, name)
    skipped, input_rate = 0, None
    if found.codec == "opus":
        # It begins with frames that are not played.
        skipped = int.from_bytes(found.headers[0][10:12], "little")
        input_rate = found.headers[0][12:16]
        material = _at_full_rate(material, input_rate)
    heard = sndfile.shape(material, name)
    check_shape(heard.channels, heard.rate, heard.frames, name)
    frames = [max(granule - skipped, 0) for granule in found.granules]
    weights = Weights(frames, found.sizes)
    bitrate = weights.total * 8 / (heard.frames / heard.rate)
    layout = Layout(_behind_vendor(found, name), weights, input_rate)
    coding = Coding(found.codec, lossless=False, mode="variable", bitrate=bitrate)
    return Sound(
        name, "audio/ogg", material, heard.rate, heard.channels, heard.frames, coding, layout
    )


def blocks(sound: Sound) -> Iterator[Block]:
    """Give an Ogg file's samples, block by block."""
    return sndfile.decode(sound.material, sound.name)


def write(
    sound: Sound, new: Iterator[Block], target: BinaryIO, bitrate: float | None = None
) -> None:
    """Write an Ogg file anew, with other samples and the same comments.

    Parameters
    ----------
    sound : Sound
        The file.
    new : iterator of ndarray
        The new samples.
    target : binary file object
        Where to write.
    bitrate : float or None
        Mean bits a second; None keeps the file's own.
    """
    form = _form(sound, bitrate)
    with scratch_file() as coded:
        sndfile.encode(coded, new, sound.rate, sound.channels, form, sound.name)
        coded.seek(0)
        _assemble(coded, sound, target)


def _at_full_rate(material: Material, input_rate: bytes) -> Material:
    """Let libsndfile decode Opus at 48 kHz.

    It takes the rate in the header for the sound's own, and 0 for 8 kHz, where the header only
    remembers what was coded once, or says nothing [RFC 7845, 5.1].
    """
    if int.from_bytes(input_rate, "little") == _OPUS_RATE:
        return material
    data = material if isinstance(material, bytes) else material.read_bytes()
    end = _PAGE_BYTES + data[_PAGE_BYTES - 1] + sum(data[_PAGE_BYTES : _PAGE_BYTES + data[26]])
    place = _PAGE_BYTES + data[_PAGE_BYTES - 1] + 12
    rate = _OPUS_RATE.to_bytes(4, "little")
    return summed(data[:place] + rate + data[place + 4 : end]) + data[end:]


def _assemble(coded: BinaryIO, sound: Sound, target: BinaryIO) -> None:
    """Put the old comments between the new headers, and number the pages again."""
    fresh = survey(coded, sound.name)
    first, comment, *more = fresh.headers
    if sound.layout.input_rate is not None:
        first = first[:12] + sound.layout.input_rate + first[16:]
    length = _vendor_end(fresh)
    headers = [comment[:length] + sound.layout.comments, *more]
    number = 0
    for page in paged([first], fresh.serial, number, begins=True):
        target.write(page)
        number += 1
    for page in paged(headers, fresh.serial, number):
        target.write(page)
        number += 1
    coded.seek(fresh.audio_start)
    for old in pages(coded, sound.name):
        target.write(assemble(old, number))
        number += 1


def _vendor_end(found: Stream) -> int:
    """Find the end of the vendor string in a comment packet: magic, length, string."""
    start = 8 if found.codec == "opus" else 7
    return start + 4 + int.from_bytes(found.headers[1][start : start + 4], "little")


def _behind_vendor(found: Stream, name: str) -> bytes:
    comments = found.headers[1][_vendor_end(found) :]
    if len(comments) < 4:
        raise MediaError("is a damaged Ogg file: its comments are cut short", path=name)
    return comments


def _form(sound: Sound, bitrate: float | None) -> Form:
    """Find the encoder's setting that costs what the file's own did."""
    coding, weights = sound.coding, sound.layout.weights
    subtype = _SUBTYPES[coding.codec]
    samples, size = excerpt(sound, blocks(sound), weights, bitrate)

    def weigh(setting: float) -> float:
        """Give the bytes of the excerpt at a compression level from 0 to 1."""
        form = Form("OGG", subtype, setting)
        with scratch_file() as coded:
            sndfile.encode(coded, samples, sound.rate, sound.channels, form, sound.name)
            coded.seek(0)
            return survey(coded, sound.name).sizes[-1]

    start = 0.6
    if coding.codec == "opus":
        most, least = _OPUS_RANGE
        seconds = sum(map(len, samples)) / sound.rate
        each = size * 8 / seconds / sound.channels
        start = min(max((most - each) / (most - least), 0.0), 1.0)
    return Form("OGG", subtype, find_setting(weigh, size, 0.0, 1.0, start))
