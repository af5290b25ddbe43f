"""Vorbis in films: encoded by libsndfile, since FFmpeg's own encoder is a poor one.

libsndfile writes Ogg pages; their packets are taken out again as soon as a page is whole.

References
----------
RFC 3533, 6 (Ogg pages); Vorbis I specification, 4.2 (headers), 4.3.9 (channel order); the Matroska
codec specification (RFC 9559, codec mappings), A_VORBIS.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.packet import PacketSideData

from genlabel.audio._files import sndfile
from genlabel.audio._files.bitrate import find_setting
from genlabel.audio._files.ogg_pages import pages, survey
from genlabel.audio._files.sndfile import Form
from genlabel.audio._files.sound import Block, scratch_file

#: Stands for libsndfile among FFmpeg's encoders.
VORBIS = "libsndfile"
#: libsndfile does not take more in one go.
MAX_CHANNELS = 6
# Where in FFmpeg's order Vorbis's channels are.
_ORDERS = {3: (0, 2, 1), 5: (0, 2, 1, 3, 4), 6: (0, 2, 1, 4, 5, 3)}
_HEADERS = 3
_LACED = 255
# FFmpeg's AV_PKT_DATA_SKIP_SAMPLES: frames to skip at the start and the end, and why.
_SKIP_SAMPLES, _SKIPPED = 11, struct.Struct("<IIBB")
_NAME = "the sound"


def level_of(block: Block, rate: int, bit_rate: float) -> float:
    """Find the encoder's level that costs as many bits.

    Parameters
    ----------
    block : ndarray, shape (frames, channels)
        Some of the sound, in FFmpeg's order of channels.
    rate : int
        Frames a second.
    bit_rate : float
        Bits a second.

    Raises
    ------
    UnsupportedError
        The encoder does not take such sound.
    """
    samples = _ordered(block)

    def weigh(level: float) -> float:
        with scratch_file() as coded:
            form = Form("OGG", "VORBIS", level)
            sndfile.encode(coded, [samples], rate, samples.shape[1], form, _NAME)
            coded.seek(0)
            return survey(coded, _NAME).sizes[-1]

    return find_setting(weigh, max(bit_rate * len(samples) / rate / 8, 1.0), 0.0, 1.0, 0.6)


class VorbisEncoder:
    """Encodes Vorbis, block by block.

    Parameters
    ----------
    rate, channels : int
        Frames a second, and samples of each.
    level : float
        As of `level_of`.
    """

    def __init__(self, rate: int, channels: int, level: float) -> None:
        form = Form("OGG", "VORBIS", level)
        self._rate = rate
        self._headers = io.BytesIO()
        # The headers do not depend on the samples.
        few = np.zeros((1, channels), np.float32)
        sndfile.encode(self._headers, [few], rate, channels, form, _NAME)
        self._headers.seek(0)
        self._decoder = av.CodecContext.create("vorbis", "r")
        self._decoder.extradata = _laced(survey(self._headers, _NAME).headers)
        self._coded = io.BytesIO()
        self._file = sndfile.created(self._coded, rate, channels, form, _NAME)
        self._partial = b""
        self._left_out = _HEADERS
        self._start: int | None = None
        self._given = self._taken = 0

    def added(self, target: Any) -> Any:
        """Add a track for it to a film.

        Parameters
        ----------
        target : av.container.OutputContainer
            The film.
        """
        self._headers.seek(0)
        with av.open(self._headers) as likewise:
            return target.add_stream_from_template(likewise.streams.audio[0], opaque=True)

    def encode(self, block: Block | None, at: int) -> Iterator[Any]:
        """Take samples, give packets.

        Parameters
        ----------
        block : ndarray, shape (frames, channels), or None
            The next ones; None behind the last.
        at : int
            Where they are heard, in frames.

        Yields
        ------
        av.Packet
            With times.
        """
        if block is None:
            self._file.close()
        else:
            self._start = at if self._start is None else self._start
            self._taken += len(block)
            sndfile.put(self._file, _ordered(block))
        held: Any = None
        for data in self._packets():
            if held is not None:
                yield held
            held = self._timed(data)
        if held is not None:
            if block is None and self._given > self._taken:
                _cut(held, self._given - self._taken)
            yield held

    def _packets(self) -> Iterator[bytes]:
        """Take what was written apart."""
        written = self._coded.getvalue()
        self._coded.seek(0)
        self._coded.truncate()
        for page in pages(io.BytesIO(written), _NAME):
            place = 0
            for laced in page.lacing:
                self._partial += page.body[place : place + laced]
                place += laced
                if laced == _LACED:
                    continue
                data, self._partial = self._partial, b""
                if self._left_out:
                    self._left_out -= 1
                else:
                    yield data

    def _timed(self, data: bytes) -> Any:
        """Say when a packet is heard: how long one lasts is known when it is decoded."""
        count = sum(frame.samples for frame in self._decoder.decode(av.Packet(data)))
        packet = av.Packet(data)
        packet.pts = packet.dts = (self._start or 0) + self._given
        packet.duration, packet.time_base = count, Fraction(1, self._rate)
        self._given += count
        return packet


def _ordered(block: Block) -> Block:
    order = _ORDERS.get(block.shape[1])
    return np.ascontiguousarray(block if order is None else block[:, order], np.float32)


def _laced(headers: tuple[bytes, ...]) -> bytes:
    """Put the headers together as Matroska and FFmpeg have them."""
    first, second, third = headers
    sizes = b"".join(
        bytes([_LACED] * (len(header) // _LACED) + [len(header) % _LACED])
        for header in (first, second)
    )
    return bytes([_HEADERS - 1]) + sizes + first + second + third


def _cut(packet: Any, frames: int) -> None:
    """Have the last frames of a packet left out."""
    # Its types leave out what it takes.
    skipped = PacketSideData(_SKIP_SAMPLES, _SKIPPED.size)  # type: ignore[call-arg]
    skipped.update(_SKIPPED.pack(0, frames, 0, 0))
    packet.set_sidedata(skipped)
    packet.duration -= frames
