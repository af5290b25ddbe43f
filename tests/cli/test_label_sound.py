"""``genlabel label`` and ``genlabel read`` on sound of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sdk.labels.sounds import coded, made, tags_of

FILES = {
    "tagged.wav": "audio/wav",
    "tagged.flac": "audio/flac",
    "vorbis.ogg": "audio/ogg",
    "opus.ogg": "audio/ogg",
    "v3.mp3": "audio/mpeg",
    "itunes.m4a": "audio/mp4",
}
OPTIONS = ("--producer", "acme", "--system", "Speaker")


@pytest.fixture
def sounds(tmp_path: Path) -> list[Path]:
    """One file of each kind."""
    for name in FILES:
        (tmp_path / name).write_bytes(made(name))
    return [tmp_path / name for name in FILES]


def test_every_kind_is_labelled_and_read(cli, sounds: list[Path], tmp_path: Path) -> None:
    done = cli("label", *sounds, "--out-dir", "out", *OPTIONS, "--jsonl")
    assert done.status == 0
    assert [record["media_type"] for record in done.records] == list(FILES.values())
    outputs = [tmp_path / "out" / path.name for path in sounds]
    read = cli("read", "--check", "--jsonl", *outputs)
    assert read.status == 0
    for record, receipt in zip(read.records, done.records, strict=True):
        assert record["problem"] is None
        assert record["label"]["produce_id"] == receipt["label"]["produce_id"]
    for path in outputs:
        plain = made(path.name)
        assert coded(path.read_bytes()) == coded(plain)
        before = tags_of(plain)
        assert {key: tags_of(path.read_bytes()).get(key) for key in before} == before
    done = cli("verify", *outputs, "--jsonl")
    assert [record["verdict"] for record in done.records] == ["generated"] * len(FILES)
    assert [record["layers"]["aigc"]["state"] for record in done.records] == ["valid"] * len(FILES)


def test_unlabelled_sound_is_status_1(cli, sounds: list[Path]) -> None:
    done = cli("read", *sounds)
    assert done.status == 1
    assert done.text.count("no label found") == len(sounds)


def test_damaged_sound_ends_in_one_line(cli, sounds: list[Path]) -> None:
    for path in sounds:
        path.write_bytes(path.read_bytes()[:60])
    done = cli("read", *sounds)
    assert done.status == 4
    assert len(done.errors) == len(sounds)
