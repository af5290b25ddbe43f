"""Every image mark of the comparison behind one face: embed a word, read a word.

The peers are third-party packages and may be absent: see the extra ``peers`` in pyproject.toml.
Each runs as its authors ship it, with its default strength.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from benchmarks.image import Pixels
from benchmarks.marking import MARK_KEY
from genlabel import CapacityError
from genlabel.image import detect, embed

#: The only size that rivaGan takes, and the kindest to the others, which have no error correction.
_PEER_BYTES = 4

OURS = "genlabel"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of marking pictures.

    Parameters
    ----------
    name : str
        As printed.
    payload_bytes : int
        Size of the words given to `embed`.
    told : str
        What the reader is told besides the pixels.
    verdict : str
        How the reader says that there is no mark.
    distributions : tuple of str
        Packages whose versions matter.
    embed : callable
        ``embed(pixels, word) -> pixels``, RGB to RGB.
    read : callable
        ``read(pixels) -> bytes or None``; None where the reader says that there is no mark.
    refusal : type
        What either raises for a picture it does not take.
    """

    name: str
    payload_bytes: int
    told: str
    verdict: str
    distributions: tuple[str, ...]
    embed: Callable[[Pixels, bytes], Pixels]
    read: Callable[[Pixels], bytes | None]
    # The peers raise whatever comes up: AssertionError, RuntimeError, errors of their libraries.
    refusal: type[Exception] = Exception

    @property
    def bits(self) -> int:
        """Size of the payload."""
        return 8 * self.payload_bytes

    def versions(self) -> dict[str, str | None]:
        """Give the installed versions; None for what is not there as a package."""
        return {name: _version(name) for name in self.distributions}


def load(names: Iterable[str]) -> tuple[list[Scheme], dict[str, str]]:
    """Give the schemes that can be run, and why the others cannot, by name.

    Parameters
    ----------
    names : iterable of str
        Of `NAMES`.
    """
    schemes, missing = [], {}
    for name in names:
        try:
            schemes.append(_LOADERS[name]())
        except ImportError as error:
            missing[name] = f"{error}; pip install 'genlabel[peers]'"
    return schemes, missing


def bits_of(word: bytes) -> NDArray[np.uint8]:
    """Give a word's bits, highest first."""
    return np.unpackbits(np.frombuffer(word, np.uint8))


def _ours() -> Scheme:
    def read(pixels: Pixels) -> bytes | None:
        return detect(pixels, [MARK_KEY]).payload

    return Scheme(
        OURS,
        payload_bytes=8,
        told="nothing",
        verdict="found or not, log10 p <= -9",
        distributions=(),
        embed=lambda pixels, word: embed(pixels, word, MARK_KEY),
        read=read,
        refusal=CapacityError,
    )


def _invisible(method: str) -> Scheme:
    """Wrap a method of invisible-watermark, which imports torch whichever is used."""
    from imwatermark import WatermarkDecoder, WatermarkEncoder

    distributions = ["invisible-watermark", "torch", "PyWavelets"]
    if method == "rivaGan":
        distributions.append("onnxruntime")
        WatermarkEncoder.loadModel()

    def mark(pixels: Pixels, word: bytes) -> Pixels:
        encoder = WatermarkEncoder()
        encoder.set_watermark("bytes", word)
        return _swapped(encoder.encode(_swapped(pixels), method))

    def read(pixels: Pixels) -> bytes:
        return bytes(WatermarkDecoder("bytes", 8 * _PEER_BYTES).decode(_swapped(pixels), method))

    return _peer(method, "payload size", distributions, mark, read)


def _blind() -> Scheme:
    import blind_watermark

    blind_watermark.bw_notes.close()  # else it greets on standard output

    def mark(pixels: Pixels, word: bytes) -> Pixels:
        marker = blind_watermark.WaterMark()
        marker.read_img(img=_swapped(pixels))
        marker.read_wm([bool(bit) for bit in bits_of(word)], mode="bit")
        # As its own writing of a file does: OpenCV rounds.
        return _swapped(np.rint(marker.embed()).astype(np.uint8))

    def read(pixels: Pixels) -> bytes:
        bits = blind_watermark.WaterMark().extract(
            embed_img=_swapped(pixels), wm_shape=8 * _PEER_BYTES, mode="bit"
        )
        return np.packbits(np.asarray(bits, dtype=bool)).tobytes()

    told = "payload size, two passwords"
    return _peer("blind-watermark", told, ["blind-watermark", "PyWavelets"], mark, read)


def _peer(
    name: str,
    told: str,
    distributions: list[str],
    mark: Callable[[Pixels, bytes], Pixels],
    read: Callable[[Pixels], bytes],
) -> Scheme:
    return Scheme(
        name,
        payload_bytes=_PEER_BYTES,
        told=told,
        verdict="never: gives a word for every picture",
        distributions=tuple(distributions),
        embed=mark,
        read=read,
    )


def _swapped(pixels: Pixels) -> Pixels:
    """Turn RGB to OpenCV's BGR, or back."""
    return np.ascontiguousarray(pixels[..., ::-1])


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


_LOADERS: dict[str, Callable[[], Scheme]] = {
    OURS: _ours,
    "dwtDct": lambda: _invisible("dwtDct"),
    "dwtDctSvd": lambda: _invisible("dwtDctSvd"),
    "rivaGan": lambda: _invisible("rivaGan"),
    "blind-watermark": _blind,
}
NAMES = tuple(_LOADERS)
