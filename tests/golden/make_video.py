"""Make this version's golden film. Run it to change the wire format, and for nothing else.

    .venv/bin/python -m tests.golden.make_video

`VERSION` in `genlabel_kernels.video.layout` names the files; the rules are those of `make`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel import Key
from genlabel.video import Embedder, detect
from genlabel_kernels.plane.layout import TILE
from genlabel_kernels.video.layout import FRAME, VERSION, layout

HERE = Path(__file__).resolve().parent
SECRET = bytes(range(2, 34))
PAYLOAD = bytes.fromhex("67656e6c6162656c")
WIDTH, HEIGHT, FPS, FRAMES = 384, 216, 10, 30
# Sums of what is added, with random signs, that are kept.
PROJECTIONS = 32

Planes = NDArray[np.uint8]


def meadow() -> Planes:
    """Synthesise a textured ground over which a camera pans: (n, H, W). Nobody's film, CC0."""
    rng = np.random.default_rng(1)
    size = (HEIGHT + 8, WIDTH + 2 * FRAMES)
    ground = sum(
        cv2.GaussianBlur(rng.normal(size=size), (0, 0), spread) * spread
        for spread in (0.8, 1.6, 3.2, 6.4, 12.8)
    )
    light = np.linspace(70, 160, size[0])[:, None] + 20 * np.asarray(ground)
    seen = np.clip(np.rint(light), 16, 235).astype(np.uint8)
    return np.stack([seen[4 : 4 + HEIGHT, n : n + WIDTH] for n in range(FRAMES)])


def marked(planes: Planes, key: Key) -> Planes:
    """Mark a copy."""
    out = planes.copy()
    embedder = Embedder(WIDTH, HEIGHT, FPS, PAYLOAD, key)
    for luma in out:
        embedder.push(luma)
    return out


def projections(plain: Planes, done: Planes) -> list[float]:
    """Sum up what was added to the first plane, with signs drawn at random."""
    added = (done[0].astype(np.float64) - plain[0]).ravel()
    signs = np.random.default_rng(2).choice([-1.0, 1.0], (PROJECTIONS, added.size))
    return [round(float(value), 2) for value in signs @ added / np.sqrt(added.size)]


def layout_digest() -> str:
    """Fingerprint of every number in the layout: what a key does not decide."""
    plan = layout()
    digest = hashlib.sha256(repr((TILE, FRAME)).encode())
    for part in (plan.bins, plan.bit_of_chip, plan.tones):
        digest.update(np.ascontiguousarray(part, "<i4").tobytes())
    # Phases are multiples of 1/4096 of a circle, whatever the last digit of a cosine.
    turns = np.rint(np.angle(plan.phases) / (2 * np.pi) * 4096).astype("<i4") % 4096
    digest.update(turns.tobytes())
    return digest.hexdigest()


def main() -> None:
    key = Key("golden", SECRET)
    plain = meadow()
    done = marked(plain, key)
    path = HERE / f"video-{VERSION}.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "18", "preset": "slow"}
        for number, luma in enumerate(done):
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(
                format="yuv420p", src_color_range="MPEG", dst_color_range="MPEG"
            )
            frame.pts = number
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    found = detect(path, key)
    assert found.payload == PAYLOAD
    record = {
        "film": path.name,
        "key": {"name": key.name, "secret": SECRET.hex()},
        "payload": PAYLOAD.hex(),
        "log10_p": round(found.log10_p),
        "layout": layout_digest(),
        "added": projections(plain, done),
    }
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes, log10_p {found.log10_p:.0f}")


if __name__ == "__main__":
    main()
