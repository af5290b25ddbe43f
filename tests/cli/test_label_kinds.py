"""``genlabel label`` and ``genlabel read`` on sound and films of every kind."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.sdk.labels import films, sounds

SOUNDS = {
    "tagged.wav": "audio/wav",
    "tagged.flac": "audio/flac",
    "vorbis.ogg": "audio/ogg",
    "opus.ogg": "audio/ogg",
    "v3.mp3": "audio/mpeg",
    "itunes.m4a": "audio/mp4",
}
FILMS = {
    "early.mp4": "video/mp4",
    "late.mov": "video/quicktime",
    "plain.mkv": "video/matroska",
    "live.webm": "video/webm",
    "tagged.avi": "video/x-msvideo",
    "keyframes.flv": "video/x-flv",
}
OPTIONS = ("--producer", "acme", "--system", "Painter")


def files(maker: ModuleType, names: dict[str, str], folder: Path) -> list[Path]:
    """One file of each kind."""
    for name in names:
        (folder / name).write_bytes(maker.made(name))
    return [folder / name for name in names]


@pytest.mark.parametrize(("maker", "names"), [(sounds, SOUNDS), (films, FILMS)])
def test_every_kind_is_labelled_and_read(
    cli, maker: ModuleType, names: dict[str, str], tmp_path: Path
) -> None:
    plain = files(maker, names, tmp_path)
    done = cli("label", *plain, "--out-dir", "out", *OPTIONS, "--jsonl")
    assert done.status == 0
    assert [record["media_type"] for record in done.records] == list(names.values())
    outputs = [tmp_path / "out" / path.name for path in plain]
    read = cli("read", "--check", "--jsonl", *outputs)
    assert read.status == 0
    for record, receipt in zip(read.records, done.records, strict=True):
        assert record["problem"] is None
        assert record["label"]["produce_id"] == receipt["label"]["produce_id"]
    for path in outputs:
        assert maker.coded(path.read_bytes()) == maker.coded(maker.made(path.name))


def test_sound_keeps_its_tags_and_verifies(cli, tmp_path: Path) -> None:
    plain = files(sounds, SOUNDS, tmp_path)
    assert cli("label", *plain, "--out-dir", "out", *OPTIONS).status == 0
    outputs = [tmp_path / "out" / path.name for path in plain]
    for path in outputs:
        before, after = (
            sounds.tags_of(data) for data in (sounds.made(path.name), path.read_bytes())
        )
        assert {key: after.get(key) for key in before} == before
    done = cli("verify", *outputs, "--jsonl")
    assert [record["verdict"] for record in done.records] == ["generated"] * len(SOUNDS)
    states = [record["layers"]["aigc"]["state"] for record in done.records]
    assert states == ["valid"] * len(SOUNDS)


def test_manifests_stand_beside_where_they_must(cli, tmp_path: Path) -> None:
    plain = files(films, FILMS, tmp_path)
    assert cli("certs", "init", "certs").status == 0
    sign = ("--sign", "certs/signer.pem", "certs/signer.key")
    done = cli("label", *plain, "--out-dir", "out", *OPTIONS, *sign, "--jsonl")
    assert done.status == 0
    beside = {Path(record["sidecar"]).name for record in done.records if record["sidecar"]}
    assert beside == {"plain.c2pa", "live.c2pa", "keyframes.c2pa"}
    outputs = [tmp_path / "out" / path.name for path in plain]
    done = cli("read", "--check", "--jsonl", *outputs)
    assert done.status == 0
    assert all(record["problem"] is None for record in done.records)


def test_a_transport_stream_says_what_it_cannot_carry(cli, tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(films.made("plain.ts"))
    done = cli("label", "a.ts", "-o", "b.ts", *OPTIONS)
    assert done.status == 4
    assert "video/mp2t has no place for metadata" in done.errors[0]
    assert not (tmp_path / "b.ts").exists()
    assert cli("read", "a.ts").status == 1


def test_unlabelled_sound_is_status_1(cli, tmp_path: Path) -> None:
    done = cli("read", *files(sounds, SOUNDS, tmp_path))
    assert done.status == 1
    assert done.text.count("no label found") == len(SOUNDS)


def test_damaged_sound_ends_in_one_line(cli, tmp_path: Path) -> None:
    plain = files(sounds, SOUNDS, tmp_path)
    for path in plain:
        path.write_bytes(path.read_bytes()[:60])
    done = cli("read", *plain)
    assert done.status == 4
    assert len(done.errors) == len(SOUNDS)
