"""Results as text for people."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genlabel_cli._console import one_line, paint

if TYPE_CHECKING:
    from genlabel import Label, Receipt, Report
    from genlabel._report import Layer
    from genlabel.profiles import Profile

_WIDTH = 96
_COLUMN = 14
_STATE_STYLES = {
    "absent": "dim",
    "valid": "green",
    "trusted": "green",
    "damaged": "red",
    "conflicting": "red",
}
_LABEL_ROWS = (
    ("status", "status"),
    ("producer", "producer"),
    ("produce id", "produce_id"),
    ("system", "system"),
    ("version", "system_version"),
    ("registration", "registration"),
    ("prompt", "prompt"),
    ("prompt writer", "prompt_writer"),
    ("created", "created"),
    ("source type", "source_type"),
    ("propagator", "propagator"),
    ("propagate id", "propagate_id"),
    ("reserved 1", "reserved1"),
    ("reserved 2", "reserved2"),
    ("mark id", "mark_id"),
)


def receipt_text(receipt: Receipt) -> str:
    """Show what was written."""
    rows = [("produce id", receipt.label.produce_id or "")]
    if receipt.payload is not None:
        rows.append(("payload", f"{receipt.payload.hex()}, key {receipt.key}"))
    rows.append(("layers", ", ".join(receipt.layers)))
    if receipt.visible is not None:
        rows.append(("visible", _explicit_label(receipt.visible)))
    if receipt.psnr is not None:
        rows.append(("fidelity", f"PSNR {receipt.psnr:.1f} dB"))
    if receipt.snr is not None:
        rows.append(("fidelity", f"SNR {receipt.snr:.1f} dB"))
    head = f"{one_line(receipt.source)} -> {one_line(receipt.target)}"
    return "\n".join([paint(head, "bold"), *_rows(rows)])


def _explicit_label(told: Mapping[str, Any]) -> str:
    """Say in one line what a label says, and where it is."""
    if "kind" in told:
        times = ", ".join(f"{start:g} to {end:g} s" for start, end in told["spans"])
        return f"{told['kind']}, {times}"
    where = told["position"] if "position" in told else ", ".join(told["places"] or told["at"])
    # Where no sound could take it, a warning says so.
    heard = f"; {_explicit_label(told['heard'])}" if told.get("heard", {}).get("spans") else ""
    return f"{one_line(told['text'] or told['icon'])}, {where}{heard}"


def report_text(report: Report) -> str:
    """Show the verdict, every layer, and where they disagree."""
    verdict = "nothing found" if report.verdict == "none" else report.verdict
    head = f"{paint(one_line(report.source), 'bold')}: {verdict}"
    lines = [head, *_rows([("notice", _in_own_language(report.notice))])]
    for name, layer in report.layers.items():
        lines += _layer_lines(name, layer, _layer_facts(layer))
    lines.extend(paint(f"  ! {one_line(conflict)}", "red") for conflict in report.conflicts)
    return "\n".join(lines)


def label_text(
    name: str, label: Label | None, problem: str | None, layers: Mapping[str, Layer]
) -> str:
    """Show a declared label, or that there is none; and what is wrong with each layer."""
    head = paint(one_line(name), "bold")
    if label is None:
        damaged = any(layer.state == "damaged" for layer in layers.values())
        reason = "no label that can be read" if damaged else problem or "no label found"
        lines = [f"{head}: {one_line(reason)}"]
    else:
        record = label.to_dict()
        rows = [(title, str(record[field])) for title, field in _LABEL_ROWS if record[field]]
        lines = [head, *_rows(rows)]
    for layer_name, layer in layers.items():
        if layer.state != "absent":
            lines += _layer_lines(layer_name, layer, "")
            remarks = layer.details.get("remarks", ())
            lines += [f"  {'':<{_COLUMN}}- {one_line(remark)}" for remark in remarks]
    return "\n".join(lines)


def profiles_text(profiles: Sequence[Profile]) -> str:
    """List the regimes, one a line."""
    return "\n".join(f"{p.name:<8}{p.in_force}  {p.title}" for p in profiles)


def profile_text(profile: Profile) -> str:
    """Show what a regime asks for and how it is met."""
    lines = [paint(profile.title, "bold")]
    lines += _rows([("in force", profile.in_force), ("layers", ", ".join(profile.layers))])
    lines += [f"  notice {tag:<5}{text}" for tag, text in profile.notices.items()]
    for requirement in profile.requirements:
        lines += ["", f"{paint(requirement.id, 'bold')}  {requirement.force}"]
        lines += _wrapped("asks", requirement.text) + _wrapped("clause", requirement.clause)
        lines += _wrapped("met by", requirement.how)
    return "\n".join([*lines, "", *textwrap.wrap(profile.source, _WIDTH)])


def _rows(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [f"  {title:<{_COLUMN}}{one_line(text)}" for title, text in rows]


def _wrapped(title: str, text: str) -> list[str]:
    head = f"  {title:<8}"
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _layer_lines(name: str, layer: Layer, facts: str) -> list[str]:
    head = f"  {name:<{_COLUMN}}{_painted_state(layer.state)}{facts}".rstrip()
    problems = (
        f"  {'':<{_COLUMN}}{paint('! ', 'yellow')}{one_line(problem)}" for problem in layer.problems
    )
    return [head, *problems]


def _painted_state(state: str) -> str:
    padded = f"{state:<13}"
    return paint(padded, _STATE_STYLES[state]) if state in _STATE_STYLES else padded


def _layer_facts(layer: Layer) -> str:
    if layer.state == "absent":
        return "not searched" if layer.details.get("searched") is False else ""
    facts = [
        f"{name} {value:.1f}" if isinstance(value, float) else f"{name} {one_line(str(value))}"
        for name, value in layer.details.items()
        if isinstance(value, (str, int, float))
        and not isinstance(value, bool)
        and value != ""
        # A vocabulary's address says no more than the term beside it.
        and not str(value).startswith("http")
    ]
    if "heard" in layer.details:
        facts.insert(1, f"{layer.details['heard']['kind']} heard")
    return textwrap.shorten(", ".join(facts), _WIDTH, placeholder=" ...")


def _in_own_language(notice: Any) -> str:
    spoken = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")[:2].lower()
    for tag in (spoken, "en"):
        for offered, text in notice.items():
            if offered.lower().startswith(tag):
                return str(text)
    return str(next(iter(notice.values()), ""))
