"""MP3 files: samples out, new samples in, tags before and behind kept.

References
----------
ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3 (frame header); ISO/IEC 13818-3, 2.4.2.3 (half rates); Gabriel
Bouvigne, Mp3 Info Tag rev 1 (Xing and LAME header).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from genlabel.audio._files import sndfile
from genlabel.audio._files.bitrate import Weights, excerpt, find_setting
from genlabel.audio._files.mp3_frames import Frame, Walk, walk
from genlabel.audio._files.mp3_header import header_frame
from genlabel.audio._files.sndfile import Form
from genlabel.audio._files.sound import (
    Block,
    Coding,
    Material,
    Sound,
    check_shape,
    count_frames,
    opened,
    scratch_file,
)
from genlabel.audio._files.tags import id3v2_bytes, tail_bytes, without_manifest

_MODES = {"constant": "CONSTANT", "average": "AVERAGE", "variable": "VARIABLE"}
# At 1 libsndfile asks LAME for a quality that it does not have.
_LEAST = 0.999
# Least and largest bitrates in kbit/s that libsndfile spreads over its levels, by LAME's classes.
_RANGES = {1: (32, 320), 2: (8, 160), 3: (8, 64)}


@dataclass(frozen=True, slots=True)
class Layout:
    """What an MP3 file holds but samples.

    Parameters
    ----------
    start, end : int
        Where its frames are: tags are before and behind.
    first : Frame
        The first frame's header.
    weights : Weights
        Of its frames.
    """

    start: int
    end: int
    first: Frame
    weights: Weights = field(repr=False)


def read(material: Material, name: str) -> Sound:
    """Open an MP3 file.

    Raises
    ------
    MediaError
        It is damaged or cut short.
    """
    with opened(material) as stream:
        tail = tail_bytes(stream)
        stream.seek(0)
        id3v2_bytes(stream)
        found = walk(stream, stream.tell(), stream.seek(0, 2) - tail, name)
    heard = sndfile.shape(material, name)
    frames = heard.frames
    if found.header is None or not found.header.gapless:
        # Without LAME's note the decoder only estimates.
        frames = count_frames(sndfile.decode(material, name), heard.rate, name)
    check_shape(heard.channels, heard.rate, frames, name)
    coding = Coding("mp3", lossless=False, mode=_mode(found), bitrate=_bitrate(found))
    layout = Layout(found.start, found.end, found.first, found.weights)
    return Sound(name, "audio/mpeg", material, heard.rate, heard.channels, frames, coding, layout)


def blocks(sound: Sound) -> Iterator[Block]:
    """Give an MP3 file's samples, block by block, without the encoder's delay where it is told."""
    return sndfile.decode(sound.material, sound.name)


def write(
    sound: Sound, new: Iterator[Block], target: BinaryIO, bitrate: float | None = None
) -> None:
    """Write an MP3 file anew, with other samples and the same tags.

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
    layout: Layout = sound.layout
    form = _form(sound, bitrate)
    with scratch_file() as coded:
        sndfile.encode(coded, new, sound.rate, sound.channels, form, sound.name)
        made = walk(coded, 0, coded.seek(0, 2), sound.name)
        coded.seek(0)
        with opened(sound.material) as stream:
            tags = id3v2_bytes(stream)
            target.write(without_manifest(tags) + stream.read(layout.start - len(tags)))
            if made.header is None:
                count, size = len(made.weights.sizes), made.weights.total
                head = coded.read(4)
                target.write(header_frame(head, count, size, sound.frames))
                coded.seek(0)
            shutil.copyfileobj(coded, target)
            stream.seek(layout.end)
            shutil.copyfileobj(stream, target)


def _mode(found: Walk) -> str:
    if found.constant:
        return "constant"
    return "average" if found.header is not None and found.header.average else "variable"


def _bitrate(found: Walk) -> float:
    if found.constant:
        return float(found.first.bitrate)
    return found.weights.total * 8 * found.first.rate / found.weights.frames[-1]


def _form(sound: Sound, bitrate: float | None) -> Form:
    """Find the encoder's setting that costs what the file's own did."""
    coding, layout = sound.coding, sound.layout
    low, high = _RANGES[layout.first.version]
    wanted = coding.bitrate if bitrate is None else bitrate
    assert wanted is not None
    level = min(max((high - wanted / 1000) / (high - low), 0.0), _LEAST)
    mode = _MODES[coding.mode or "constant"]
    if mode == "CONSTANT":
        return Form("MP3", "MPEG_LAYER_III", level, mode)
    samples, size = excerpt(sound, blocks(sound), layout.weights, bitrate)

    def weigh(setting: float) -> float:
        """Give the bytes of the excerpt at a compression level from 0 to 1."""
        form = Form("MP3", "MPEG_LAYER_III", setting, mode)
        with scratch_file() as coded:
            sndfile.encode(coded, samples, sound.rate, sound.channels, form, sound.name)
            return walk(coded, 0, coded.seek(0, 2), sound.name).weights.total

    setting = find_setting(weigh, size, 0.0, _LEAST, 0.4 if mode == "VARIABLE" else level)
    return Form("MP3", "MPEG_LAYER_III", setting, mode)
