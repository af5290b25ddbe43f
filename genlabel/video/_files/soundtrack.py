"""One sound track on its way: decoded, marked as it goes by, and encoded at its own times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import av
import numpy as np

from genlabel import audio
from genlabel._errors import MediaError, UnsupportedError
from genlabel._key import Key
from genlabel._message import Message
from genlabel.audio._files.sound import Block
from genlabel.video._files.opening import KEEP_GOING
from genlabel.video._files.sound import Timeline, sound_decoder
from genlabel.video._files.sound_coding import SoundPlan, check_unchanged
from genlabel.video._files.vorbis import VorbisEncoder

# Containers that cannot say that an encoder puts frames before the first: so many are left out.
_NO_DELAY = ("avi", "flv")


# Encodes samples, None behind the last, that are heard at a frame.
_Encode: TypeAlias = Callable[[Block | None, int], Iterable[Any]]


class SoundTrack:
    """Encodes a sound track anew, marked.

    Parameters
    ----------
    source : av.AudioStream
        Where its packets come from.
    plan : SoundPlan
        How it is marked and encoded.
    target : av.container.OutputContainer
        Where the new track is added.
    mark : tuple of (bytes, Key, float)
        Payload, key and strength.
    keep_going : bool
        Whether damaged packets are left out.
    name : str
        For messages.
    """

    def __init__(
        self,
        source: Any,
        plan: SoundPlan,
        target: Any,
        mark: tuple[bytes, Key, float],
        *,
        keep_going: bool,
        name: str,
    ) -> None:
        self._plan, self._name, self._keep_going = plan, name, keep_going
        self._decoder = sound_decoder(source)
        self._index = source.index
        #: Whether it is marked.
        self.carries = plan.carries
        #: The new track.
        self.stream, self._encode = _added(plan, target)
        self._timeline = Timeline(plan.rate)
        self._embedder: audio.Embedder | None = None
        if plan.marked is None and plan.carries:
            payload, key, strength = mark
            self._embedder = audio.Embedder(plan.rate, plan.channels, payload, key, strength)
        self._labeller = None if plan.cue is None else plan.cue()
        self._early = plan.delay if target.format.name in _NO_DELAY else 0
        self._skipped = self._early
        self._held: Block | None = None
        self._unheard = 0
        self._taken = self._given = 0
        #: Packets that could not be decoded.
        self.damaged = 0

    def push(self, packet: Any) -> Iterator[Any]:
        """Take a packet of the old track, give those of the new one.

        Parameters
        ----------
        packet : av.Packet or None
            None behind the last one.

        Yields
        ------
        av.Packet
            To be muxed.

        Raises
        ------
        MediaError
            The sound is damaged, and there is no going on.
        SoundChangesError
            It changes its channels or its rate.
        """
        for block in self._heard(packet):
            yield from self._encoded(self._marked(block))
        if packet is None:
            if self._embedder is not None:
                yield from self._encoded(self._embedder.flush().reshape(-1, self._plan.channels))
            yield from self._muxable(self._encode(None, 0))

    def _heard(self, packet: Any) -> Iterator[Block]:
        """Give a packet's samples, the last frame's only as far as they are heard."""
        frames = self._decoded(packet)
        for frame in frames:
            check_unchanged(frame, self._plan.rate, self._plan.channels, self._index)
            for block in self._timeline.push(frame):
                if self._held is not None:
                    yield self._held
                self._held = block
        if len(frames) == 1 and packet is not None:
            self._unheard = _unheard(packet, frames[0])
        if packet is None and self._held is not None:
            yield self._held[: max(len(self._held) - self._unheard, 0)]

    @property
    def end(self) -> float:
        """When what was given so far ends, in seconds."""
        return ((self._timeline.start or 0) + self._given) / self._plan.rate

    def _decoded(self, packet: Any) -> list[Any]:
        try:
            return list(self._decoder.decode(packet))
        except av.FFmpegError as error:
            self.damaged += 1
            if not self._keep_going:
                raise MediaError(
                    Message(
                        f"is damaged: its sound cannot be decoded: {error.strerror}", KEEP_GOING
                    ),
                    path=self._name,
                ) from error
            return []

    @property
    def heard(self) -> list[tuple[float, float]]:
        """Where a label is heard, in seconds of the film."""
        start = (self._timeline.start or 0) / self._plan.rate
        spans = [] if self._labeller is None else self._labeller.spans
        return [(round(start + one, 3), round(start + other, 3)) for one, other in spans]

    def _marked(self, block: Block) -> Block:
        if self._labeller is not None:
            block = self._labeller.push(block)
        if self._embedder is not None:
            return self._embedder.push(block).reshape(-1, self._plan.channels)
        if self._plan.marked is None:
            return block
        marked = self._plan.marked[self._taken : self._taken + len(block)]
        self._taken += len(marked)
        return marked

    def _encoded(self, block: Block) -> Iterator[Any]:
        left_out = min(self._skipped, len(block))
        self._skipped -= left_out
        block = block[left_out:]
        if not len(block) or self._timeline.start is None:
            return
        at = self._timeline.start + self._given
        self._given += len(block)
        try:
            yield from self._muxable(self._encode(np.ascontiguousarray(block), at))
        except av.FFmpegError as error:
            raise UnsupportedError(
                f"{self._plan.encoder} does not take its sound: {error.strerror}", path=self._name
            ) from error

    def _muxable(self, packets: Any) -> Iterator[Any]:
        for packet in packets:
            # Else FFmpeg would put off all other streams by what comes before the beginning.
            packet.pts += self._early
            packet.dts += self._early
            packet.stream = self.stream
            yield packet


def _added(plan: SoundPlan, target: Any) -> tuple[Any, _Encode]:
    """Add a track to a film, and give what encodes for it."""
    if plan.level is not None:
        vorbis = VorbisEncoder(plan.rate, plan.channels, plan.level)
        return vorbis.added(target), vorbis.encode
    stream = target.add_stream(plan.encoder, rate=plan.rate)
    plan.set_up(stream.codec_context)

    def encode(block: Block | None, at: int) -> Iterable[Any]:
        packets: Iterable[Any] = stream.codec_context.encode(
            None if block is None else plan.frame(block, at)
        )
        return packets

    return stream, encode


def _unheard(packet: Any, frame: Any) -> int:
    """Say how many of a frame's samples its packet ends before, as MP4 tells of a track's last."""
    if not packet.duration or packet.time_base * frame.sample_rate != 1:
        return 0
    return max(int(frame.samples) - int(packet.duration), 0)
