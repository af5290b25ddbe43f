"""TIFF pages of every layout, written the plainest way."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]


def tiff_of(
    *pages: Pixels,
    order: str = "<",
    tile: int = 0,
    rows: int = 20,
    planar: bool = False,
    predictor: int = 1,
    deflated: bool = False,
    photometric: int | None = None,
    extra: int | None = None,
    private: bytes = b"",
) -> bytes:
    """A classic TIFF; alpha where there are four samples."""
    mark = b"II" if order == "<" else b"MM"
    out = bytearray(mark + struct.pack(order + "HI", 42, 0))
    pointer = 4
    for pixels in pages:
        samples = pixels[..., None] if pixels.ndim == 2 else pixels
        height, width, count = samples.shape
        chunks = []
        for plane in range(count) if planar else [slice(None)]:
            part = samples[..., [plane]] if planar else samples
            down, across = (tile, tile) if tile else (rows, width)
            for top in range(0, height, down):
                for left in range(0, width, across):
                    chunk = part[top : top + down, left : left + across]
                    if tile:
                        edge = ((0, tile - chunk.shape[0]), (0, tile - chunk.shape[1]), (0, 0))
                        chunk = np.pad(chunk, edge)
                    if predictor == 2:
                        chunk = np.concatenate([chunk[:, :1], chunk[:, 1:] - chunk[:, :-1]], axis=1)
                    raw = chunk.astype(chunk.dtype.newbyteorder(order)).tobytes()
                    chunks.append(zlib.compress(raw) if deflated else raw)
        places = []
        for chunk_bytes in chunks:
            places.append(len(out))
            out += chunk_bytes
        shown = 1 if count < 3 else 2
        fields: list[tuple[int, str, list[int]]] = [
            (256, "I", [width]),
            (257, "I", [height]),
            (258, "H", [pixels.dtype.itemsize * 8] * count),
            (259, "H", [8 if deflated else 1]),
            (262, "H", [shown if photometric is None else photometric]),
            (277, "H", [count]),
            (284, "H", [2 if planar else 1]),
            (317, "H", [predictor]),
            (30000, "B", list(private)),
        ]
        if count in (2, 4):
            fields.append((338, "H", [2 if extra is None else extra]))
        sizes = [len(chunk) for chunk in chunks]
        if tile:
            fields += [(322, "I", [tile]), (323, "I", [tile]), (324, "I", places)]
            fields.append((325, "I", sizes))
        else:
            fields += [(273, "I", places), (278, "I", [rows])]
            # Short numbers, as frugal writers have them.
            fields.append((279, "H", sizes))
        entries = b""
        for tag, kind, numbers in sorted(fields):
            values = struct.pack(f"{order}{len(numbers)}{kind}", *numbers)
            stored = values.ljust(4, b"\0")
            if len(values) > 4:
                stored = struct.pack(order + "I", len(out))
                out += values
            code = {"B": 1, "H": 3, "I": 4}[kind]
            entries += struct.pack(order + "HHI", tag, code, len(numbers)) + stored
        struct.pack_into(order + "I", out, pointer, len(out))
        out += struct.pack(order + "H", len(fields)) + entries
        pointer = len(out)
        out += bytes(4)
    return bytes(out)
