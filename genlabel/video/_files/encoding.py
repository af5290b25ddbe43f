"""How a film's pictures are encoded anew: with the source's own codec at a like quality.

An encoder is asked for a constant quality. Of a source that is coarse, or of which nobody knows how
fine it is, it is held below a rate somewhat above the source's, so that it does not become a large
file. A source known to be fine is small only because it is simple (slides, screens, drawings), and
the mark takes bits in what cost none before: held to such a rate, it would be spoilt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from genlabel._errors import UnsupportedError
from genlabel._message import Message, Option
from genlabel._ranges import is_between

_CRF, _BITRATE = Option("Encoding.crf"), Option("Encoding.bitrate")
#: Encoders of codecs whose own name is not that of one.
_ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "av1": "libsvtav1",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "prores": "prores_ks",
    "flv1": "flv",
}
# Where the source does not tell, and at best where it does: the constant quality of each encoder,
# and the option that sets it.
_QUALITIES = {
    "libx264": ("crf", 20.0),
    "libx264rgb": ("crf", 20.0),
    "libx265": ("crf", 22.0),
    "libsvtav1": ("crf", 30.0),
    "libvpx": ("crf", 10.0),
    "libvpx-vp9": ("crf", 28.0),
    "h264_nvenc": ("cq", 21.0),
    "hevc_nvenc": ("cq", 23.0),
    "av1_nvenc": ("cq", 28.0),
    "h264_qsv": ("global_quality", 21.0),
    "hevc_qsv": ("global_quality", 23.0),
    "av1_qsv": ("global_quality", 28.0),
    "h264_videotoolbox": ("q", 65.0),
    "hevc_videotoolbox": ("q", 65.0),
}
_LIBVPX = ("libvpx", "libvpx-vp9")
_PRESETS = {
    "libx264": {"preset": "fast"},
    "libx264rgb": {"preset": "fast"},
    "libx265": {"preset": "fast"},
    "libsvtav1": {"preset": "8"},
    "libvpx": {"deadline": "good", "cpu-used": "4"},
    "libvpx-vp9": {"deadline": "good", "cpu-used": "4", "row-mt": "1"},
}
#: Encoders without a constant quality that lose nothing.
LOSSLESS = ("ffv1", "huffyuv", "ffvhuff", "utvideo", "rawvideo", "magicyuv", "png", "v210")
#: Encoders that count frames in place of telling times: they are given numbers, and times are put
#: back behind them. They make no B-frames then.
COUNTING = (
    *("mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "flv", "h263", "h263p", "msmpeg4", "msmpeg4v2"),
    *("wmv1", "wmv2", "dnxhd", "prores_ks", "cinepak", *LOSSLESS),
)
_TOLD = re.compile(rb"x26[45][^\0]{0,4000}?\bcrf=(\d{1,2}(?:\.\d)?)", re.DOTALL)
# The coarsest constant quality that x264 and x265 call fine.
_FINE = 26.0
# Finer quantisers than by so much below the constant quality would spend bits on the mark's own
# shape in flat places, and nobody would see it.
_FINER = 3.0
_LIMITED = ("libx264", "libx265")
# How far above the source's mean rate an encoder may go, and how long it may save up for it.
_HEADROOM = 1.5
_SAVED_SECONDS = 4
# Below this a cap would do nothing but harm: bits a second, and per pixel where it may be simple.
_LEAST_RATE = 20_000
_LEAST_PER_PIXEL = 0.03


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a film is encoded where the source's own way is not wanted.

    Parameters
    ----------
    encoder : str or None
        FFmpeg's name of the picture's encoder, hardware ones among them, as ``"libx265"`` or
        ``"h264_nvenc"``; None takes one of the source's codec.
    preset : str or None
        The encoder's own word for how long it takes; None for a rather fast one.
    crf : float or None
        Constant quality, in the encoder's own measure; None for one like the source's.
    bitrate : float or None
        Mean rate of the picture in kbit/s, in place of constant quality.
    options : mapping of str to str
        What else the encoder is told, by FFmpeg's names; it goes before anything chosen here.
    sound : bool
        Whether the sound is marked too, and so encoded anew.

    Raises
    ------
    UnsupportedError
        A setting makes no sense.
    """

    encoder: str | None = None
    preset: str | None = None
    crf: float | None = None
    bitrate: float | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    sound: bool = True

    def __post_init__(self) -> None:
        if self.crf is not None and not is_between(self.crf, 0, 100):
            raise UnsupportedError(Message(_CRF, f" {self.crf!r} is not between 0 and 100"))
        if self.bitrate is not None and not is_between(self.bitrate, 1, 10_000_000):
            told = f" {self.bitrate!r} is not between 1 and 10000000 kbit/s"
            raise UnsupportedError(Message(_BITRATE, told))
        if self.crf is not None and self.bitrate is not None:
            raise UnsupportedError(
                Message("either ", _CRF, " or ", _BITRATE, ": one follows from the other")
            )


def encoder_for(encoding: Encoding, codec: str) -> str:
    """Choose the encoder.

    Parameters
    ----------
    encoding : Encoding
        What was asked for.
    codec : str
        FFmpeg's name of the source's codec.
    """
    return encoding.encoder or _ENCODERS.get(codec, codec)


def told_quality(packet: bytes) -> float | None:
    """Read the constant quality that x264 and x265 note in a film's first picture.

    Parameters
    ----------
    packet : bytes
        As it is stored.
    """
    told = _TOLD.search(packet[: 1 << 14])
    return None if told is None else float(told[1])


def rate_options(
    encoding: Encoding,
    encoder: str,
    *,
    told: float | None,
    rate: float | None,
    pixels: float,
) -> tuple[dict[str, str], int | None]:
    """Say how an encoder is to spend its bits.

    Parameters
    ----------
    encoding : Encoding
        What was asked for.
    encoder : str
        Which one.
    told : float or None
        The source's constant quality, if it is known and of the same encoder.
    rate : float or None
        The source's mean rate, in bits a second.
    pixels : float
        A second.

    Returns
    -------
    tuple of (dict, int or None)
        Options, and the mean rate where there is one.
    """
    options = dict(_PRESETS.get(encoder, {}))
    if encoding.preset is not None:
        options["cpu-used" if encoder in _LIBVPX else "preset"] = encoding.preset
    mean: int | None = None
    most = None if rate is None else _most(rate, pixels, told)
    quality = _QUALITIES.get(encoder)
    if encoding.bitrate is not None:
        mean = round(1000 * encoding.bitrate)
    elif quality is None:
        if encoder not in (*LOSSLESS, "prores_ks"):
            mean = most
    else:
        name, usual = quality
        chosen = encoding.crf
        if chosen is None:
            chosen = usual if told is None else min(usual, told)
        options[name] = f"{chosen:g}"
        if encoder in _LIMITED and chosen > _FINER:
            options["qmin"] = f"{chosen - _FINER:.0f}"
        if encoding.crf is None and most is not None and chosen > 0:
            mean = _capped(options, encoder, most)
    return options | dict(encoding.options), mean


def _most(rate: float, pixels: float, told: float | None) -> int | None:
    """Give the rate that is not exceeded; None for a source that is fine at whatever rate."""
    if told is not None and told <= _FINE:
        return None
    least = _LEAST_RATE if told is not None else max(_LEAST_RATE, _LEAST_PER_PIXEL * pixels)
    return round(max(rate * _HEADROOM, least))


def _capped(options: dict[str, str], encoder: str, most: int) -> int | None:
    """Hold constant quality below a rate; libvpx takes it for a mean rate that is not exceeded."""
    if encoder in _LIBVPX:
        return most
    options["maxrate"] = str(most)
    options["bufsize"] = str(_SAVED_SECONDS * most)
    return None
