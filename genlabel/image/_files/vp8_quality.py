"""How finely a lossy WebP picture was coded, read from its frame header.

References
----------
RFC 6386, 7.3 (boolean decoder), 9.3 (segments), 9.6 (loop filter), 9.6 and 19.2 (header order).
"""

from __future__ import annotations

import math

_DEFAULT_QUALITY = 90
_MAX_INDEX = 127
_HEADER_BYTES = 10  # frame tag, start code, width, height
_SEGMENTS = 4


class _Bits:
    """The boolean decoder of RFC 6386, for values of even probability."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 2
        self.value = int.from_bytes(data[:2])
        self.range = 255
        self.shifted = 0

    def flag(self) -> bool:
        """Read a bit that is as often set as not."""
        split = 1 + ((self.range - 1) * 128 >> 8)
        bit = self.value >= split << 8
        if bit:
            self.range -= split
            self.value -= split << 8
        else:
            self.range = split
        while self.range < 128:
            self.value <<= 1
            self.range <<= 1
            self.shifted += 1
            if self.shifted == 8:
                self.shifted = 0
                if self.position < len(self.data):
                    self.value |= self.data[self.position]
                self.position += 1
        return bit

    def number(self, bits: int) -> int:
        """Read so many bits, the highest first."""
        value = 0
        for _ in range(bits):
            value = value << 1 | self.flag()
        return value

    def optional(self, bits: int) -> int | None:
        """Read a magnitude and a sign, where a flag says there is one."""
        if not self.flag():
            return None
        magnitude = self.number(bits)
        return -magnitude if self.flag() else magnitude


def vp8_quality(frame: bytes) -> int:
    """Estimate the quality setting a VP8 key frame was encoded with.

    Parameters
    ----------
    frame : bytes
        Body of a ``VP8`` chunk.

    Returns
    -------
    int
        0 to 100 on libwebp's scale, good to a unit or two; 90 where the header is too short.
    """
    if len(frame) < _HEADER_BYTES + 16:
        return _DEFAULT_QUALITY
    indices, shares = _quantiser_indices(_Bits(frame[_HEADER_BYTES : _HEADER_BYTES + 128]))
    # libwebp sets index = 127 (1 - c) with c the cube root of a piecewise linear curve, and raises
    # c to a power per segment, whose mean over the picture is 1: the geometric mean undoes that.
    # It rounds down; what could be the finest setting is taken for it.
    middles = [index and min(index + 0.5, _MAX_INDEX - 0.1) for index in indices]
    fineness = [math.log(1 - middle / _MAX_INDEX) for middle in middles]
    mean = sum(share * value for share, value in zip(shares, fineness, strict=True))
    linear = math.exp(mean) ** 3
    quality = 1.5 * linear if linear < 0.5 else (linear + 1) / 2
    return round(100 * quality)


def _quantiser_indices(bits: _Bits) -> tuple[list[int], list[float]]:
    """Give the quantiser of each segment, and its share of the picture."""
    bits.number(2)  # colour space, clamping
    segments: list[int] = []
    shares = [1.0, 0.0, 0.0, 0.0]
    absolute = False
    if bits.flag():
        new_map = bits.flag()
        if bits.flag():
            absolute = bits.flag()
            segments = [bits.optional(7) or 0 for _ in range(_SEGMENTS)]
            for _ in range(_SEGMENTS):
                bits.optional(6)
        if new_map:
            # How often a segment is of the first two, the first of these, the first of the others.
            low, first, third = (bits.number(8) / 255 if bits.flag() else 1.0 for _ in range(3))
            shares = [low * first, low * (1 - first), (1 - low) * third, (1 - low) * (1 - third)]
    bits.number(10)  # loop filter: type, level, sharpness
    if bits.flag() and bits.flag():
        for _ in range(8):
            bits.optional(6)
    bits.number(2)  # partitions
    base = bits.number(7)
    if not segments:
        return [base], [1.0]
    chosen = segments if absolute else [base + offset for offset in segments]
    return [min(max(index, 0), _MAX_INDEX) for index in chosen], shares
