"""Make this version's golden sound. Run it to change the wire format, and for nothing else.

    .venv/bin/python -m tests.golden.make_audio

`VERSION` in `genlabel_kernels.audio.layout` names the files; the rules are those of `make`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import soundfile

from genlabel import Key
from genlabel.audio import detect, embed
from genlabel_kernels.audio.layout import BANDS, FIRST_BIN, FRAME, FRAMES, RATE, VERSION, layout

HERE = Path(__file__).resolve().parent
SECRET = bytes(range(1, 33))
PAYLOAD = bytes.fromhex("67656e6c6162656c")
SAMPLE_RATE, SECONDS = 16000, 8
# Vorbis is written in short blocks: long ones crash libsndfile 1.2.2.
BLOCK = 4096


def hum() -> np.ndarray:
    """Synthesise syllables of a buzzing voice over a hiss. Nobody's recording, CC0."""
    rng = np.random.default_rng(1)
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.4 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    voice = sum(np.sin(n * phase) / n**0.7 for n in range(1, 33))
    syllables = np.clip(np.sin(2 * np.pi * 1.7 * time) + 0.4, 0, 1)
    sound = 0.05 * voice * syllables + 0.004 * rng.normal(size=time.size)
    return np.asarray(sound, np.float32)


def layout_digest() -> str:
    """Fingerprint of every number in the layout: what a key does not decide."""
    plan = layout()
    digest = hashlib.sha256(repr((RATE, FRAME, FIRST_BIN, BANDS, FRAMES)).encode())
    for part in (plan.pilots, plan.pilot_signs, plan.chips, plan.bit_of_chip):
        digest.update(np.ascontiguousarray(part, "<i4").tobytes())
    return digest.hexdigest()


def main() -> None:
    key = Key("golden", SECRET)
    marked = embed(hum(), SAMPLE_RATE, PAYLOAD, key)
    path = HERE / f"audio-{VERSION}.ogg"
    with soundfile.SoundFile(path, "w", SAMPLE_RATE, 1, "VORBIS", format="OGG") as file:
        for start in range(0, len(marked), BLOCK):
            file.write(marked[start : start + BLOCK])
    sound, rate = soundfile.read(path, dtype="float32")
    found = detect(sound, rate, key)
    assert found.payload == PAYLOAD
    record = {
        "sound": path.name,
        "key": {"name": key.name, "secret": SECRET.hex()},
        "payload": PAYLOAD.hex(),
        "log10_p": round(found.log10_p),
        "layout": layout_digest(),
    }
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes, log10_p {found.log10_p:.0f}")


if __name__ == "__main__":
    main()
