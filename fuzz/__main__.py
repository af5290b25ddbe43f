"""Fuzz all targets, or those named, one behind the other, each in a process of its own."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

# A parser that takes longer for some kilobytes, or more memory, has no limits.
_OPTIONS = ("-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=0", "-verbosity=0")


def main() -> int:
    """Print what came of each target; status 1 where something escaped."""
    from fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--out", type=Path, default=Path("fuzz-out"), help="corpora and findings")
    args = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("fuzz: needs atheris (pip install 'genlabel[fuzz]'), which has wheels for Linux only")
        return 2
    failed = 0
    for name in args.targets or [*TARGETS]:
        command = [sys.executable, "-m", "fuzz.run", name, str(args.out / name), *_OPTIONS]
        command += [f"-max_total_time={args.seconds}", f"-artifact_prefix={args.out}/{name}-"]
        done = subprocess.run(command, capture_output=True, text=True)
        print(f"{name:<20} {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode:
            failed += 1
            said = f"{done.stdout}\n{done.stderr}".splitlines()
            print("\n".join(line for line in said if not line.startswith("INFO:")), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
