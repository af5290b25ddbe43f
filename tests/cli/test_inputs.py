"""Which files are processed, and where their results go."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from genlabel_cli import _options
from genlabel_cli._inputs import find_sources
from genlabel_cli._status import UsageError
from genlabel_cli._targets import plan_targets

FILES = ["b.png", "a.JPG", "notes.txt", "deep/c.jpeg", "deep/er/d.webp", "deep/e.psd"]


def parse(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    _options.add_inputs(parser)
    _options.add_outputs(parser)
    return parser.parse_args(arguments)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def planned(*arguments: str) -> dict[str, str]:
    args = parse(*arguments)
    sources = find_sources(args, skip=args.out_dir)
    return {source.name: target for source, target in plan_targets(args, sources).items()}


def test_a_folder_is_searched_in_order_and_keeps_its_structure() -> None:
    assert list(planned("-r", "in", "--out-dir", "out").items()) == [
        ("in/a.JPG", "out/a.JPG"),
        ("in/b.png", "out/b.png"),
        ("in/deep/c.jpeg", "out/deep/c.jpeg"),
        ("in/deep/er/d.webp", "out/deep/er/d.webp"),
    ]


def test_what_is_left_out_of_a_folder_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "in" / "b.c2pa").touch()
    (folder / "in" / "README").touch()
    planned("-r", "in", "--out-dir", "out")
    said = capsys.readouterr().err
    assert said == "genlabel: in: 3 files of other kinds are left out (.psd, .txt, no ending)\n"
    planned("-r", "in/deep/er", "--out-dir", "out")
    assert capsys.readouterr().err == ""


def test_a_named_file_is_taken_whatever_its_name() -> None:
    assert planned("in/notes.txt", "--out-dir", "out") == {"in/notes.txt": "out/notes.txt"}


def test_results_are_never_inputs(folder: Path) -> None:
    (folder / "in" / "out").mkdir()
    (folder / "in" / "out" / "old.png").touch()
    assert "in/out/old.png" not in planned("-r", "in", "--out-dir", "in/out")


def test_a_folder_needs_r_and_an_empty_one_says_so(folder: Path) -> None:
    (folder / "empty").mkdir()
    (plain,) = find_sources(parse("in", "-o", "x"))
    assert plain.problem is not None
    assert "-r" in plain.problem
    (empty,) = find_sources(parse("-r", "empty", "-o", "x"))
    assert empty.problem is not None
    assert ".webp" in empty.problem


@pytest.mark.parametrize("null", [False, True])
def test_a_list_holds_any_name(folder: Path, null: bool) -> None:
    names = ["in/b.png", "in/with space.png", "-", "in/\udcff.png"]
    separator = b"\0" if null else b"\n"
    rows = separator.join(name.encode("utf-8", "surrogateescape") for name in names)
    (folder / "list").write_bytes(rows + separator)
    options = ["--files-from", "list", *(["-0"] if null else [])]
    sources = find_sources(parse(*options, "-o", "x"))
    assert [source.name for source in sources] == names
    # In a list, "-" is a name like any other.
    assert not any(source.is_stream for source in sources)


def test_two_inputs_never_become_one_file() -> None:
    with pytest.raises(UsageError, match="both become"):
        planned("in/b.png", "./in/b.png", "--out-dir", "out")
    with pytest.raises(UsageError, match="both become"):
        planned("-r", "in", "in/a.JPG", "--out-dir", "out/x/..")
