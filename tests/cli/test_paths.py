"""Folders that are made and those that are not; files that options name and that are not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

LABEL = ("--producer", "acme")


@pytest.fixture
def inputs(photo: Path, tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    shutil.copy(photo, tmp_path / "in" / "ä b.png")
    (tmp_path / "in" / "words.md").write_text("One paragraph.\n\nAnother one.\n")
    return tmp_path / "in"


def test_no_folder_is_made_for_a_single_file(cli, inputs: Path, tmp_path: Path) -> None:
    done = cli("label", "in/ä b.png", "-o", "missing/x.png", *LABEL)
    reason = "missing/x.png: cannot be written: its folder does not exist"
    assert (done.status, done.errors) == (4, [f"genlabel: {reason}"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.parametrize("where", [("--out-dir", "out"), ("-o", "out/"), ("-o", "./out//")])
def test_the_folder_of_many_is_made(cli, inputs: Path, tmp_path: Path, where: tuple[str]) -> None:
    assert cli("label", "-r", "in", *where, *LABEL).status == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ä b.png"]


@pytest.mark.parametrize("where", ["missing/out", "in/words.md", "in/words.md/out", "dangling"])
def test_what_cannot_be_a_folder_is_said_before_any_work(
    cli, inputs: Path, tmp_path: Path, where: str
) -> None:
    (tmp_path / "dangling").symlink_to("missing/out")
    done = cli("label", "-r", "in", "--out-dir", where, *LABEL)
    assert (done.status, done.out) == (4, b"")
    assert [line for line in done.errors if line.startswith(f"genlabel: {where}: cannot be")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "in"]


@pytest.mark.parametrize(
    "options",
    [
        ("--key", "missing"),
        ("--sign", "missing", "signer.key"),
        ("--sm2-key", "missing"),
        ("--cue", "missing"),
        ("--cue", "in"),
        ("--text", "AI生成", "--cue", "missing"),
        ("--icon", "missing"),
        ("--font", "missing"),
        ("--text-at", "end", "--font", "missing"),
    ],
)
@pytest.mark.parametrize("source", ["in/ä b.png", "in/words.md"])
def test_a_file_that_is_not_there_is_said_before_any_work(
    cli, key: Path, inputs: Path, tmp_path: Path, options: tuple[str, ...], source: str
) -> None:
    done = cli("mark", source, "-o", "out/", *LABEL, "--key", key, *options)
    assert (done.status, done.out, len(done.errors)) == (4, b"", 1)
    named = "in" if "in" in options else "missing"
    assert done.errors[0].startswith(f"genlabel: {named}: cannot be read: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "--trust", "missing"),
        ("verify", "--sm2-trust", "missing"),
        ("verify", "--key", "missing"),
        ("read", "--check", "--sm2-trust", "missing"),
        ("verify", "--files-from", "missing"),
    ],
)
def test_one_line_tells_of_a_missing_file_whatever_the_number_of_inputs(
    cli, inputs: Path, arguments: tuple[str, ...]
) -> None:
    done = cli(*arguments, "in/ä b.png", "in/words.md")
    assert (done.status, done.out, len(done.errors)) == (4, b"", 1)
    assert done.errors[0].startswith("genlabel: missing: ")
