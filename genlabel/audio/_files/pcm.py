"""Samples as a file stores them, and as numbers.

Integers become floats exactly and come back exactly: what nobody changed is written as it was.

References
----------
ITU-T G.711 (11/1988), tables 1 and 2: A-law and mu-law.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genlabel.audio._files.sound import Block

# Samples this far below full scale can be told apart by a float32.
_SINGLE_BITS = 24
_MINUS_ZERO, _PLUS_ZERO = 0x7F, 0xFF


@dataclass(frozen=True, slots=True)
class Stored:
    """How one sample is stored.

    Parameters
    ----------
    kind : {"int", "float", "alaw", "ulaw"}
        What its bits mean. Integers of one byte are unsigned, as in a WAV file.
    width : int
        Bytes a sample.
    bits : int
        Integers: the bits that count, the upper ones; the others are zero.
    """

    kind: str
    width: int
    bits: int


def dtype_of(stored: Stored) -> type[np.float32 | np.float64]:
    """Tell which floats hold every sample exactly."""
    wide = stored.bits > _SINGLE_BITS if stored.kind == "int" else stored.width > 4
    return np.float64 if wide else np.float32


def to_floats(data: bytes, stored: Stored, channels: int) -> Block:
    """Read stored samples.

    Parameters
    ----------
    data : bytes
        Whole frames.
    stored : Stored
        How they are stored.
    channels : int
        Samples a frame.

    Returns
    -------
    ndarray, shape (frames, channels), float32 or float64
        Full scale at 1.
    """
    kind = dtype_of(stored)
    samples: Block
    if stored.kind == "float":
        samples = np.frombuffer(data, f"<f{stored.width}").astype(kind)
    elif stored.kind != "int":
        samples = _law(stored.kind)[np.frombuffer(data, np.uint8)]
    else:
        samples = _integers(data, stored.width).astype(kind)
        samples *= 2.0 ** (1 - 8 * stored.width)
    return samples.reshape(-1, channels)


def to_bytes(block: Block, stored: Stored) -> bytes:
    """Store samples: rounded to the nearest step, limited to full scale.

    Parameters
    ----------
    block : ndarray, shape (frames, channels), float
        Full scale at 1.
    stored : Stored
        How to store them.

    Returns
    -------
    bytes
        Frame by frame.
    """
    if stored.kind == "float":
        return block.astype(f"<f{stored.width}").tobytes()
    if stored.kind != "int":
        return _nearest(block, stored.kind).tobytes()
    steps = quantised(block, stored.bits) << (8 * stored.width - stored.bits)
    return (
        (steps + 128).astype(np.uint8).tobytes()
        if stored.width == 1
        else packed(steps, stored.width)
    )


def packed(steps: npt.NDArray[np.int32], width: int) -> bytes:
    """Store signed integers in so many bytes each, the lowest first."""
    if width != 3:
        return steps.astype(f"<i{width}").tobytes()
    raw = steps.astype("<i4").reshape(-1, 1).view(np.uint8)
    return np.ascontiguousarray(raw[:, :3]).tobytes()


def quantised(block: Block, bits: int) -> npt.NDArray[np.int32]:
    """Round samples to integers of so many bits.

    No noise is added against rounding: the watermark is some 30 dB above it.

    Parameters
    ----------
    block : ndarray, float
        Full scale at 1. What is beyond is limited, which can only make a mark smaller.
    bits : int
        Sign included.
    """
    full = 1 << (bits - 1)
    kind = np.float32 if bits <= _SINGLE_BITS and block.dtype == np.float32 else np.float64
    steps = np.rint(np.multiply(block, full, dtype=kind))
    return np.clip(steps, -full, full - 1, out=steps).astype(np.int32)


def _integers(data: bytes, width: int) -> npt.NDArray[np.int32]:
    if width == 1:
        return np.frombuffer(data, np.uint8).astype(np.int32) - 128
    if width == 2:
        return np.frombuffer(data, "<i2").astype(np.int32)
    if width == 4:
        return np.frombuffer(data, "<i4").astype(np.int32)
    padded = np.zeros((len(data) // 3, 4), np.uint8)
    padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return np.asarray(padded.view("<i4").reshape(-1) >> 8, np.int32)


@functools.cache
def _law(kind: str) -> npt.NDArray[np.float32]:
    """Give the value of each of the 256 codes of G.711."""
    codes = np.arange(256) ^ (0x55 if kind == "alaw" else 0xFF)
    segment, step = codes >> 4 & 7, codes & 15
    if kind == "alaw":
        size = np.where(segment == 0, 2 * step + 1, (2 * step + 33) << np.maximum(segment - 1, 0))
        size, sign = size * 8, codes & 0x80
        values = np.where(sign, size, -size)
    else:
        size = (((2 * step + 33) << segment) - 33) * 4
        values = np.where(codes & 0x80, -size, size)
    table = (values / 32768).astype(np.float32)
    if kind == "ulaw":
        # Two codes are zero, and files have both.
        table[_MINUS_ZERO] = -0.0
    table.flags.writeable = False
    return table


def _nearest(block: Block, kind: str) -> npt.NDArray[np.uint8]:
    table = _law(kind)
    order = np.argsort(table, kind="stable")
    values = table[order]
    between = (values[1:] + values[:-1]) / 2
    codes = order[np.searchsorted(between, block.astype(np.float32))].astype(np.uint8)
    if kind == "ulaw":
        codes[(codes == _MINUS_ZERO) & ~np.signbit(block)] = _PLUS_ZERO
    return codes
