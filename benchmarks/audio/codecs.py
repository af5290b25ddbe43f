"""Codecs: the sound is really encoded and decoded, and comes back in its place and length.

An encoder puts silence before the sound, and fills its last frame. Containers say how much, and
decoders skip the former; the latter is cut here.
"""

from __future__ import annotations

import io

import av
import numpy as np
import soundfile
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from benchmarks.audio import Samples, Sound
from benchmarks.audio.scaling import at_rate

_OPUS_RATES = (8000, 12_000, 16_000, 24_000, 48_000)
#: MPEG-1 has no bit rate below the first, so LAME halves the sample rate, as here.
_MPEG_1_LEAST, _MPEG_2_RATE = 32, 24_000
# Written at once, a minute of Vorbis overruns libsndfile 1.2.2's stack.
_BLOCK = 4096


def mp3(sound: Sound, kilobits: float) -> Sound:
    """Encode with LAME at a constant bit rate."""
    slower = kilobits < _MPEG_1_LEAST and sound.rate > _MPEG_2_RATE
    narrow = at_rate(sound, _MPEG_2_RATE) if slower else sound
    return _back(_round_trip(narrow, "libmp3lame", "mp3", kilobits), sound)


def aac(sound: Sound, kilobits: float) -> Sound:
    """Encode with ffmpeg's own AAC-LC encoder, in MP4."""
    return _back(_round_trip(sound, "aac", "mp4", kilobits), sound)


def opus(sound: Sound, kilobits: float) -> Sound:
    """Encode with libopus, VBR about this bit rate; rates that it lacks go through 48 kHz."""
    fitting = sound if sound.rate in _OPUS_RATES else at_rate(sound, _OPUS_RATES[-1])
    return _back(_round_trip(fitting, "libopus", "ogg", kilobits), sound)


def vorbis(sound: Sound, quality: float) -> Sound:
    """Encode with libvorbis at a quality of 0 to 10."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer,
        "w",
        sound.rate,
        sound.samples.shape[1],
        format="OGG",
        subtype="VORBIS",
        compression_level=1 - quality / 10,
    ) as file:
        for start in range(0, len(sound.samples), _BLOCK):
            file.write(sound.samples[start : start + _BLOCK])
    buffer.seek(0)
    samples, rate = soundfile.read(buffer, dtype="float32", always_2d=True)
    return _back(Sound(samples, rate), sound)


def mu_law(sound: Sound, rate: float) -> Sound:
    """Carry as G.711 mu-law at a rate, 8 bits a sample, and back."""
    narrow = at_rate(sound, int(rate))
    buffer = io.BytesIO()
    soundfile.write(buffer, narrow.samples, narrow.rate, format="WAV", subtype="ULAW")
    buffer.seek(0)
    samples, _ = soundfile.read(buffer, dtype="float32", always_2d=True)
    return _back(Sound(samples, narrow.rate), sound)


def _round_trip(sound: Sound, codec: str, container: str, kilobits: float) -> Sound:
    buffer = io.BytesIO()
    layout = "mono" if sound.samples.shape[1] == 1 else "stereo"
    with av.open(buffer, "w", container) as output:
        stream = output.add_stream(codec, rate=sound.rate, layout=layout)
        assert isinstance(stream, AudioStream)
        stream.bit_rate = int(1000 * kilobits)
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.samples.T), format="fltp", layout=layout
        )
        frame.sample_rate = sound.rate
        frame.pts = 0
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    buffer.seek(0)
    return _decoded(buffer)


def _decoded(buffer: io.BytesIO) -> Sound:
    with av.open(buffer, "r") as source:
        stream = source.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        blocks = [
            block.to_ndarray()
            for frame in source.decode(stream)
            for block in resampler.resample(frame)
        ]
        rate = stream.codec_context.sample_rate
    return Sound(np.ascontiguousarray(np.concatenate(blocks, axis=1).T), rate)


def _back(decoded: Sound, original: Sound) -> Sound:
    """Give the original's rate and length."""
    samples = at_rate(decoded, original.rate).samples
    missing = len(original.samples) - len(samples)
    if missing > 0:
        samples = np.pad(samples, ((0, missing), (0, 0)))
    return Sound(_contiguous(samples[: len(original.samples)]), original.rate)


def _contiguous(samples: Samples) -> Samples:
    return np.ascontiguousarray(samples, np.float32)
