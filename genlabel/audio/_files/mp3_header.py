"""The header frame that tells an MP3 stream's exact length.

References
----------
Gabriel Bouvigne, Mp3 Info Tag rev 1 (frames, bytes, encoder delays, CRC).
"""

from __future__ import annotations

from genlabel.audio._files.mp3_frames import LAME_DELAY, LAME_END, LAME_START, Frame, parse

# What LAME puts before the first sample.
_DELAY = 576
_MAX_PADDING = 0xFFF


def header_frame(head: bytes, count: int, size: int, frames: int) -> bytes:
    """Make the header frame that LAME leaves out where it does not fit into a frame of the stream.

    Without it players would play what the encoder put before and behind the sound.

    Parameters
    ----------
    head : bytes
        The four bytes that begin the stream's frames. The header's own may be larger.
    count, size : int
        How many frames there are, and their bytes.
    frames : int
        The sound's exact length.
    """
    for index in range(1, 15):
        own = bytes([head[0], head[1] | 1, index << 4 | head[2] & 0x0C, head[3]])
        frame = parse(own)
        if frame is not None and frame.size >= 4 + frame.side_bytes + LAME_END:
            return _filled(own, frame, count, size, frames)
    raise AssertionError("the largest frame holds any header")


def _filled(own: bytes, frame: Frame, count: int, size: int, frames: int) -> bytes:
    padding = min(max(count * frame.frames - _DELAY - frames, 0), _MAX_PADDING)
    table = bytes(256 * step // 100 for step in range(100))
    tag = b"Info" + (15).to_bytes(4, "big") + count.to_bytes(4, "big")
    tag += (size + frame.size).to_bytes(4, "big") + table + bytes(4)
    tag += (b"LAME3.100" + b"\x01").ljust(LAME_DELAY - LAME_START, b"\0")
    tag += (_DELAY << 12 | padding).to_bytes(3, "big") + bytes(4)
    tag += (size + frame.size).to_bytes(4, "big") + bytes(2)
    body = own + bytes(frame.side_bytes) + tag
    return (body + _crc(body).to_bytes(2, "big")).ljust(frame.size, b"\0")


def _crc(data: bytes) -> int:
    """Compute CRC-16 with the polynomial 0x8005, bits mirrored, from zero."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value
