"""Messages in the words of the command line, whatever the SDK calls a setting."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from genlabel import Label
from genlabel._message import Option
from genlabel.audio import AudibleLabel
from genlabel.text import TextLabel
from genlabel.video import Encoding
from genlabel.visible import VisibleLabel
from genlabel_cli._flags import flag
from genlabel_cli.main import build_parser

# A label's other fields are a platform's or the file's; of the rest the command line has no option.
_WITHOUT_FLAG = {
    "Label": {"created", "propagator", "propagate_id", "reserved1", "reserved2"},
    "VisibleLabel": {"opacity", "margin"},
    "AudibleLabel": {"duck", "pause"},
    "Encoding": {"options", "sound"},
}


def _flags() -> set[str]:
    commands = build_parser()._subparsers._group_actions[0].choices
    return {word for action in commands["mark"]._actions for word in action.option_strings}


def _named() -> set[str]:
    """Names of all settings that messages of the SDK name by a constant."""
    names = set()
    for path in (Path(__file__).parents[2] / "genlabel").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "")
            if called == "Option" and isinstance(node.args[0], ast.Constant):
                names.add(node.args[0].value)
    return names


def test_every_setting_that_a_message_names_is_an_option_of_the_command_line() -> None:
    named = _named()
    for kind in (Label, VisibleLabel, AudibleLabel, TextLabel, Encoding):
        known = {field.name for field in fields(kind)} - _WITHOUT_FLAG.get(kind.__name__, set())
        named |= {f"{kind.__name__}.{name}" for name in known}
    assert {"visible", "keep_going", "overwrite", "signer"} <= named
    assert {flag(Option(name)) for name in named} <= _flags()
    assert flag(Option("visible", "auto")) == "--visible auto"
    assert flag(Option("keep_going", True)) == "--keep-going"


def test_no_text_of_the_sdk_spells_a_setting_out_in_python() -> None:
    spelt = re.compile(r"\b((visible|keep_going|overwrite|strength|sound|signer)=|keep_going\b)")
    for path in (Path(__file__).parents[2] / "genlabel").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and " " in str(node.value) and node not in prose:
                assert not spelt.search(str(node.value)), (path, node.lineno)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--strength", "9"], "--strength is 0.25 to 4.0, not 9.0"),
        (["--quality", "0"], "--quality 0 is not between 1 and 100"),
        (["--bitrate", "1"], "--bitrate 1.0 is not between 4 and 10000 kbit/s"),
        (["--crf", "200"], "--crf 200.0 is not between 0 and 100"),
        (["--video-bitrate", "0"], "--video-bitrate 0.0 is not between 1 and"),
        (["--crf", "20", "--video-bitrate", "9"], "either --crf or --video-bitrate"),
        (["--text-height", "9"], "--text-height is 0.02 to 0.3"),
        (["--position", "nowhere"], "--position is auto, "),
        (["--cue", "en", "--cue-at", "nowhere"], "--cue-at is of start, middle, end"),
        (["--cue", "en", "--cue-every", "0"], "--cue-every is 0.05 minutes or more"),
        (["--cue", "en", "--cue-level", "99"], "--cue-level is "),
        (["--text-at", "nowhere"], "--text-at is of start"),
        (["--text-height", "0.02"], "--text-height of 0.02 is less than 5 %"),
        (["--text", "内容由AI生成 \U00012000"], "name one that has (--font)"),
        (["--produce-id", ""], "--produce-id is empty"),
        (["--source-type", "x"], "--source-type 'x' is no IPTC Digital Source Type term"),
        (["--system-version", " 1"], "--system-version is empty, or begins or ends with white"),
        (["--text-at", "end"], "a label that is read is for texts and documents"),
        (["--cue", "en"], "a label that people hear is for sound and films, not for image/png"),
    ],
)
def test_a_setting_that_is_refused_is_called_by_its_option(
    cli, key: Path, photo: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    done = cli("mark", photo, "-o", "out.png", "--producer", "acme", "--key", key, *options)
    assert (done.status, len(done.errors)) == (4, 1)
    assert words in done.errors[0]
    assert not os.path.exists(tmp_path / "out.png")


def test_warnings_name_options_in_text_and_json(cli, key: Path, photo: Path) -> None:
    mark = ("mark", photo, "--producer", "acme", "--key", key, "--profile", "cn,us-ca,eu")
    told = cli(*mark, "-o", "out.png").errors
    assert any("none was chosen (--visible auto)" in line for line in told)
    assert any("which no signer was given (--sign)" in line for line in told)
    assert any("the label lacks: --system, --system-version" in line for line in told)
    again = cli(*mark, "-o", "out.png", "--json")
    assert again.errors[0].endswith("out.png: already exists; --force replaces it")
    warnings = cli(*mark, "-o", "out.png", "--json", "--force").json["warnings"]
    assert [f"genlabel: warning: {warning}" for warning in warnings] == told
