"""What is held against a target: shares of what was read exactly, and verdicts that are false."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Verdict(Protocol):
    """What a detector said of one file in one state; `exact` means every bit of the payload."""

    @property
    def name(self) -> str:
        """The attack, or the control."""

    @property
    def found(self) -> bool:
        """As in `Detection`."""

    @property
    def exact(self) -> bool:
        """Found, and every bit right."""


def below(title: str, exact: int, of: int, target: float | None) -> list[str]:
    """Say that a share is below its target, where it is; None is no target."""
    if target is None or exact >= target * of - 1e-9:
        return []
    return [f"{title}: {exact} of {of}, target {target:.1%}"]


def share(exact: int, of: int) -> str:
    """Give a count and its share, in bold Markdown."""
    return f"**{exact}/{of} = {exact / of:.1%}**"


def told(target: float | None) -> str:
    """Say what is aimed at, where anything is."""
    return "" if target is None else f"target {target:.1%}"


def false_verdicts(of: str, attacks: Iterable[Verdict], controls: Iterable[Verdict]) -> list[str]:
    """Name the wrong payloads after attacks, and the marks found where none of the key's is."""
    problems = [
        f"wrong payload: {of} after {reading.name}"
        for reading in attacks
        if reading.found and not reading.exact
    ]
    return problems + [
        f"false alarm: {of}, {reading.name}" for reading in controls if reading.found
    ]
