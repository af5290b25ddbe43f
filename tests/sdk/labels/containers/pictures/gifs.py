"""GIF files built by hand, and the plainest walk that valid ones allow."""

from __future__ import annotations

import io

from PIL import Image

LEAD_OUT = b"\x01" + bytes(reversed(range(256))) + b"\0"


def sub_blocks(content: bytes) -> bytes:
    """Data in sub-blocks of 255 bytes."""
    cut = [content[at : at + 255] for at in range(0, len(content), 255)]
    return b"".join(bytes([len(part)]) + part for part in cut) + b"\0"


def comment(text: bytes) -> bytes:
    return b"\x21\xfe" + sub_blocks(text)


def application(identifier: bytes, content: bytes) -> bytes:
    return b"\x21\xff\x0b" + identifier + sub_blocks(content)


def xmp(packet: bytes) -> bytes:
    return b"\x21\xff\x0bXMP DataXMP" + packet + LEAD_OUT


def gif(frames: int = 1) -> bytes:
    """24 x 16, with a palette."""
    shades = Image.radial_gradient("L").resize((24, 16))
    turned = [shades.rotate(90 * turn) for turn in range(frames)]
    out = io.BytesIO()
    turned[0].save(out, "GIF", save_all=frames > 1, append_images=turned[1:], duration=80, loop=0)
    return out.getvalue()


def header_bytes(data: bytes) -> int:
    return 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)


def gif_with(*blocks: bytes, frames: int = 1) -> bytes:
    """A GIF with these blocks behind its header."""
    plain = gif(frames)
    end = header_bytes(plain)
    return plain[:end] + b"".join(blocks) + plain[end:]
