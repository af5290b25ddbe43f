"""The command line on texts and documents."""

from __future__ import annotations

from pathlib import Path

LABEL = ("--producer", "acme")


def test_a_document_is_marked_read_and_verified(cli, key: Path, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A walk\n\nOver the hills.\n")
    words = ("--text-language", "en", "--text-at", "start,end")
    done = cli("mark", "a.md", "-o", "b.md", "--key", key, *LABEL, *words, "--json")
    assert done.status == 0, done.err
    assert done.json["layers"] == ["visible", "aigc", "xmp"]
    assert (tmp_path / "b.md").read_text().count("> AI生成 AI-generated") == 2
    told = cli("verify", "b.md", "--key", key)
    assert (told.status, "not searched" in told.text, "labels 2" in told.text) == (0, True, True)
    assert cli("read", "b.md").status == 0


def test_bare_text_needs_a_label_that_people_read(cli, key: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A walk.\n")
    done = cli("mark", "a.txt", "-o", "b.txt", "--key", key, *LABEL)
    assert (done.status, "--visible auto" in done.errors[0]) == (4, True)
    done = cli("mark", "a.txt", "-o", "b.txt", "--key", key, *LABEL, "--visible", "auto")
    assert done.status == 0
    assert b"visible" in done.out and b"line 1" in done.out
    assert (tmp_path / "b.txt").read_text() == "内容由AI生成\n\nA walk.\n"
    assert cli("verify", "b.txt").text.startswith("b.txt: suspected")


def test_words_that_lack_an_element_are_refused(cli, key: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A walk.\n")
    done = cli("mark", "a.txt", "-o", "b.txt", "--key", key, *LABEL, "--text", "AI-generated")
    assert (done.status, "GB 45438-2025 5.1" in done.errors[0]) == (4, True)
    done = cli("mark", "a.txt", "-o", "b", "--key", key, *LABEL, "--text", "x", "--visible", "off")
    assert done.status == 2
