"""Static metadata of HDR pictures: read from a decoder's frame, told to an encoder.

References
----------
SMPTE ST 2086 (mastering display colour volume); CTA-861.3 (content light levels); FFmpeg,
AVMasteringDisplayMetadata and AVContentLightMetadata.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

_MASTERING = struct.Struct("<22i")
_LIGHT = struct.Struct("<2I")
# The units of HEVC's SEI: chromaticities in 1/50000, luminance in 1/10000 cd/m2.
_CHROMATICITY, _LUMINANCE = 50_000, 10_000


@dataclass(frozen=True, slots=True)
class StaticHdr:
    """What an HDR film says of its mastering.

    Parameters
    ----------
    primaries : tuple of Fraction or None
        Chromaticities x and y of red, green, blue and white.
    luminance : tuple of Fraction or None
        Least and most, in cd/m2.
    light : tuple of int or None
        Maximum content light level and maximum frame-average light level, in cd/m2.
    """

    primaries: tuple[Fraction, ...] | None = None
    luminance: tuple[Fraction, Fraction] | None = None
    light: tuple[int, int] | None = None

    def options(self, encoder: str) -> dict[str, str] | None:
        """Say it in an encoder's words; None where the encoder has none.

        Parameters
        ----------
        encoder : str
            FFmpeg's name of it.
        """
        if encoder == "libsvtav1":
            return self._plain("mastering-display", "content-light", real=True)
        if encoder == "libx265":
            return self._plain("master-display", "max-cll")
        if encoder == "libx264":
            return self._plain("mastering-display", "cll")
        return None

    def _plain(self, mastering: str, light: str, *, real: bool = False) -> dict[str, str]:
        told: dict[str, str] = {}
        if self.primaries is not None and self.luminance is not None:
            units = (1, 1) if real else (_CHROMATICITY, _LUMINANCE)
            values = [value * units[0] for value in self.primaries]
            (rx, ry, gx, gy, bx, by, wx, wy) = (_text(value, real) for value in values)
            least, most = (_text(value * units[1], real) for value in self.luminance)
            told[mastering] = f"G({gx},{gy})B({bx},{by})R({rx},{ry})WP({wx},{wy})L({most},{least})"
        if self.light is not None:
            told[light] = f"{self.light[0]},{self.light[1]}"
        return told


def read(mastering: bytes | None, light: bytes | None) -> StaticHdr | None:
    """Read the side data of a frame.

    Parameters
    ----------
    mastering, light : bytes or None
        Of the types MASTERING_DISPLAY_METADATA and CONTENT_LIGHT_LEVEL.
    """
    primaries: tuple[Fraction, ...] | None = None
    luminance: tuple[Fraction, Fraction] | None = None
    if mastering is not None and len(mastering) >= _MASTERING.size:
        *numbers, has_primaries, has_luminance = _MASTERING.unpack_from(mastering)
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        values = [Fraction(number, scale or 1) for number, scale in pairs]
        primaries = tuple(values[:8]) if has_primaries else None
        luminance = (values[8], values[9]) if has_luminance else None
    levels = None
    if light is not None and len(light) >= _LIGHT.size:
        most, mean = _LIGHT.unpack_from(light)
        levels = (most, mean)
    found = StaticHdr(primaries, luminance, levels)
    return None if found == StaticHdr() else found


def _text(value: Fraction, real: bool) -> str:
    return f"{float(value):.4f}" if real else str(round(value))
