"""Subtitles: a label is a cue of its own, where no other is shown.

References
----------
W3C WebVTT, 4.1 (cue identifiers, order of cues); SubRip, which numbers its cues; GB 45438-2025, 5.1
and 5.4 (at least two seconds).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from genlabel._errors import UnsupportedError
from genlabel.text._known import is_known
from genlabel.text._label import Notice, Place, Trace

_LEAST_SECONDS = 2.0
_SECONDS = 4.0
_SAME = 0.002
_IDENTIFIER = "genlabel-notice"
_BLOCK = re.compile(r"(?:[^\r\n]+(?:\r\n|\n|\r|\Z))+")
_TIME = r"(?:(\d{1,4}):)?(\d\d):(\d\d)[.,](\d{3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}[^\r\n]*(?:\r\n|\n|\r|\Z)")
_OWN = re.compile(rf"{_IDENTIFIER}(?:\r\n|\n|\r){_TIMING.pattern}[^\r\n]+(?:\r\n|\n|\r|\Z){{1,2}}")


@dataclass(frozen=True, slots=True)
class _Cue:
    """One cue: where its block stands, when it is shown, and what it says."""

    position: int
    start: float
    end: float
    words: str
    head: str


def insert_vtt(text: str, notice: Notice, newline: str) -> str:
    """Put a label into WebVTT, in place of one that genlabel has put there.

    Parameters
    ----------
    text : str
        The subtitles.
    notice : Notice
        The label.
    newline : str
        The text's line ending.
    """
    text = _OWN.sub("", text)
    words = notice.text.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "--&gt;")
    for place in notice.at:
        cues = list(_cues(text))
        start, end = _gap(cues, place)
        timing = f"{_clock(start, '.')} --> {_clock(end, '.')}"
        text = _put(text, cues, start, f"{_IDENTIFIER}{newline}{timing}", words, newline)
    return text


def insert_srt(text: str, notice: Notice, newline: str) -> str:
    """Put a label into SubRip; where its cues are numbered from 1, they are so afterwards.

    Parameters
    ----------
    text : str
        The subtitles.
    notice : Notice
        The label.
    newline : str
        The text's line ending.
    """
    for place in notice.at:
        cues = list(_cues(text))
        there = [cue for cue in cues if cue.words == notice.text]
        start, end = _gap([cue for cue in cues if cue not in there], place)
        if any(abs(cue.start - start) < _SAME for cue in there):
            continue
        numbered = [cue.head.strip() for cue in cues] == [str(n + 1) for n in range(len(cues))]
        timing = f"{_clock(start, ',')} --> {_clock(end, ',')}"
        text = _put(text, cues, start, f"0{newline}{timing}", notice.text, newline)
        if numbered:
            text = _renumbered(text)
    return text


def find_cues(text: str) -> Iterator[Trace]:
    """Find cues of ours, and cues that are nothing but a known label.

    Parameters
    ----------
    text : str
        The subtitles, WebVTT or SubRip.
    """
    for cue in _cues(text):
        own = cue.head.strip() == _IDENTIFIER
        if own or is_known(cue.words):
            yield Trace(cue.words, f"{cue.start:.3f} to {cue.end:.3f} s", own)


def _cues(text: str) -> Iterator[_Cue]:
    for block in _BLOCK.finditer(text):
        # A cue's timing is its first line, or its second behind an identifier.
        head = re.match(r"[^\r\n]*(?:\r\n|\n|\r|\Z)", block[0])
        for skipped in ("", head[0] if head else ""):
            timing = _TIMING.match(block[0], len(skipped))
            if timing is not None:
                start, end = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
                words = " ".join(block[0][timing.end() :].split())
                yield _Cue(block.start(), start, max(end, start), words, skipped)
                break


def _gap(cues: list[_Cue], place: Place) -> tuple[float, float]:
    """Find two seconds or more in which no cue is shown."""
    free, covered = [], 0.0
    for cue in sorted(cues, key=lambda cue: cue.start):
        if cue.start - covered >= _LEAST_SECONDS:
            free.append((covered, min(cue.start, covered + _SECONDS)))
        covered = max(covered, cue.end)
    behind = (covered, covered + _SECONDS)
    if place == "end":
        return behind
    if place == "start":
        return (free or [behind])[0]
    if not free:
        raise UnsupportedError("has no two seconds without a cue for a label in its middle")
    return min(free, key=lambda gap: abs(gap[0] - covered / 2))


def _put(text: str, cues: list[_Cue], start: float, head: str, words: str, newline: str) -> str:
    block = f"{head}{newline}{words}{newline}"
    later = [cue for cue in cues if cue.start >= start]
    if later:
        cut = min(cue.position for cue in later)
        return f"{text[:cut]}{block}{newline}{text[cut:]}"
    lines = len(re.findall(r"\r\n|\n|\r", text[len(text.rstrip("\r\n")) :]))
    return text + newline * max(0, 2 - lines) + block if text else block


def _renumbered(text: str) -> str:
    out, position = [], 0
    for number, cue in enumerate(_cues(text), 1):
        old = cue.head.rstrip("\r\n")
        out += [text[position : cue.position], str(number)]
        position = cue.position + len(old)
    return "".join((*out, text[position:]))


def _seconds(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in clock)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    minutes, rest = divmod(whole, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"
