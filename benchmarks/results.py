"""Results as tables for the reader, and as JSON for the record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.environment import ROOT

OUTPUT = ROOT / "bench-out"


def table(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Give a Markdown table."""
    rule = ["---"] * len(heads)
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in (heads, rule, *lines))


def listed(problems: Iterable[str]) -> str:
    """Give what failed as a Markdown list, or say that nothing did."""
    return "\n".join(f"- {problem}" for problem in problems) or "No failures."


def page(*parts: str) -> str:
    """Give a Markdown text of these parts."""
    return "\n\n".join(parts) + "\n"


def write(record: dict[str, Any], name: str, folder: Path) -> None:
    """Write a record of plain JSON types as ``name.json``; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
