"""One target under atheris: ``python -m fuzz.run TARGET FOLDER [libFuzzer's options]``."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["genlabel"]):
    from fuzz import targets


def main() -> None:
    """Fuzz until libFuzzer's options say that it is enough, or something escapes."""
    name, folder, *options = sys.argv[1:]
    run: Callable[[bytes], None]
    if name == "everything":
        run, seeds = targets.everything, targets.everything_seeds()
    else:
        run, seeds = targets.TARGETS[name].run, targets.TARGETS[name].seeds()
    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    longest = f"-max_len={max(map(len, seeds)) * 2}"
    atheris.Setup([sys.argv[0], longest, *options, str(corpus)], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
