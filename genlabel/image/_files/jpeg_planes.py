"""JPEG coding of single components: any number, any sampling, each with its own table.

The encoder at hand writes gray and colours in three samplings. But a scan of one component is
coded like a gray picture of that component's size (ITU-T T.81, A.2.2), so a file of scans that
do not interleave can be put together from gray pictures, whatever its components are.

References
----------
ITU-T T.81, A.1.1 (size of a component), A.2 (order of its blocks), B.2 (frame and scan headers).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

from PIL import Image

from genlabel.image._files.jpeg_segments import DHT, DQT, FRAMES, SOS, Layer, Segment, read_segments
from genlabel.image._files.picture import Pixels


def steps(layers: Sequence[Layer]) -> list[tuple[int, int]] | None:
    """Tell by how much each component is coarser than the finest; None where in no whole steps."""
    across, down = max(layer.across for layer in layers), max(layer.down for layer in layers)
    if any(
        layer.across < 1 or layer.down < 1 or across % layer.across or down % layer.down
        for layer in layers
    ):
        return None
    return [(across // layer.across, down // layer.down) for layer in layers]


def assemble(
    planes: Sequence[Pixels],
    layers: Sequence[Layer],
    tables: Sequence[Sequence[int]],
    *,
    small: bool,
    progressive: bool,
) -> bytes:
    """Code components one behind the other.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W), uint8
        One for each component, all at full size; coarser ones are averaged here.
    layers : sequence of Layer
        As in the frame header, with `steps`.
    tables : sequence of sequences of int
        A quantisation table of 64 for each component, in Pillow's order.
    small : bool
        Make Huffman tables for this picture.
    progressive : bool
        Several scans for each component.

    Returns
    -------
    bytes
        A file without application data.

    Raises
    ------
    OSError
        The encoder's buffer is too small for pictures of pure noise, unless `small` is false.
    """
    height, width = planes[0].shape
    marker = 0
    quantisation: list[bytes] = []
    scans: list[bytes] = []
    numbers = _table_numbers(tables)
    reductions = steps(layers) or [(1, 1)] * len(layers)
    for index, (plane, layer, table, reduction) in enumerate(
        zip(planes, layers, tables, reductions, strict=True)
    ):
        gray = Image.fromarray(plane)
        if reduction != (1, 1):
            gray = gray.reduce(reduction)
        options = {"optimize": True, "progressive": progressive} if small else {}
        buffer = io.BytesIO()
        gray.save(buffer, "JPEG", qtables=[list(table)], **options)
        coded = buffer.getvalue()
        segments, _ = read_segments(coded, "<component>")
        for segment in segments:
            piece = bytearray(coded[segment.start : segment.end])
            if segment.marker in FRAMES:
                marker = max(marker, segment.marker)
            elif segment.marker == DQT and numbers[index] == len(quantisation):
                # Precision in the upper half, the table's number in the lower.
                piece[4] = piece[4] & 0xF0 | numbers[index]
                quantisation.append(bytes(piece))
            elif segment.marker in (DHT, SOS):
                scans.append(_of_component(piece, segment, layer))
    head = struct.pack(">BHHB", 8, height, width, len(layers))
    head += b"".join(
        bytes((layer.identifier, layer.across << 4 | layer.down, number))
        for layer, number in zip(layers, numbers, strict=True)
    )
    frame = bytes((0xFF, marker)) + struct.pack(">H", len(head) + 2) + head
    return b"".join([b"\xff\xd8", *quantisation, frame, *scans, b"\xff\xd9"])


def _table_numbers(tables: Sequence[Sequence[int]]) -> list[int]:
    """Give tables numbers in order of appearance; equal ones are one."""
    seen: list[Sequence[int]] = []
    for table in tables:
        if table not in seen:
            seen.append(table)
    return [seen.index(table) for table in tables]


def _of_component(piece: bytearray, segment: Segment, layer: Layer) -> bytes:
    if segment.marker == SOS:
        # Behind marker, length and the number of components: which component it is.
        piece[5] = layer.identifier
    return bytes(piece)
