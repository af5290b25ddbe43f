"""Make this version's golden picture. Run it to change the wire format, and for nothing else.

    .venv/bin/python -m tests.golden.make

`VERSION` in `genlabel_kernels.image.layout` names the files. Until 0.1.0 is released the format is
provisional and version 1 is made anew; from then on raise the version first, and never replace a
file that was released: older marks stay readable.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image

from genlabel import Key
from genlabel.image import detect, embed
from genlabel_kernels.image.layout import COARSE_FRAME, FINE_FRAMES, LAYERS, VERSION, layout
from genlabel_kernels.plane.layout import TILE

HERE = Path(__file__).resolve().parent
SECRET = bytes(range(1, 33))
PAYLOAD = bytes.fromhex("67656e6c6162656c")
HEIGHT, WIDTH = 400, 560


def drawing() -> np.ndarray:
    """Draw hills under a sky: calm above, texture below, an edge between. No photograph, CC0."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    hills = 150 + 30 * np.sin(x / 70) + 12 * np.sin(x / 23 + 1)
    sky = 200 - 0.2 * y
    coarse = np.kron(rng.normal(0, 1, (HEIGHT // 8, WIDTH // 8)), np.ones((8, 8)))
    ground = 90 + 18 * coarse + rng.normal(0, 9, (HEIGHT, WIDTH))
    return np.clip(np.rint(np.where(y < hills, sky, ground)), 0, 255).astype(np.uint8)


def layout_digest() -> str:
    """Fingerprint of every number in the layout: what a key does not decide."""
    digest = hashlib.sha256(repr((TILE, FINE_FRAMES, COARSE_FRAME)).encode())
    for layer in LAYERS:
        plan = layout(layer)
        for part in (plan.bins, plan.binding, plan.bit_of_chip, plan.tones):
            digest.update(np.ascontiguousarray(part, "<i4").tobytes())
        # Phases are multiples of 1/4096 of a circle, whatever the last digit of a cosine.
        turns = np.rint(np.angle(plan.phases) / (2 * np.pi) * 4096).astype("<i4") % 4096
        digest.update(turns.tobytes())
    return digest.hexdigest()


def main() -> None:
    key = Key("golden", SECRET)
    marked = embed(drawing(), PAYLOAD, key)
    path = HERE / f"image-{VERSION}.webp"
    Image.fromarray(np.dstack([marked] * 3)).save(path, quality=90, method=6)
    with Image.open(path) as picture:
        found = detect(np.asarray(picture.convert("RGB")), key)
    assert found.payload == PAYLOAD
    record = {
        "picture": path.name,
        "key": {"name": key.name, "secret": SECRET.hex()},
        "payload": PAYLOAD.hex(),
        "log10_p": round(found.log10_p),
        "layout": layout_digest(),
    }
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes, log10_p {found.log10_p:.0f}")


if __name__ == "__main__":
    main()
