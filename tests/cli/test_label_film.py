"""``genlabel label`` and ``genlabel read`` on films of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sdk.labels.films import coded, made

FILES = {
    "early.mp4": "video/mp4",
    "late.mov": "video/quicktime",
    "plain.mkv": "video/matroska",
    "live.webm": "video/webm",
    "tagged.avi": "video/x-msvideo",
    "keyframes.flv": "video/x-flv",
}
OPTIONS = ("--producer", "acme", "--system", "Painter")


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """One file of each kind."""
    for name in FILES:
        (tmp_path / name).write_bytes(made(name))
    return [tmp_path / name for name in FILES]


def test_every_kind_is_labelled_and_read(cli, films: list[Path], tmp_path: Path) -> None:
    done = cli("label", *films, "--out-dir", "out", *OPTIONS, "--jsonl")
    assert done.status == 0
    assert [record["media_type"] for record in done.records] == list(FILES.values())
    outputs = [tmp_path / "out" / path.name for path in films]
    read = cli("read", "--check", "--jsonl", *outputs)
    assert read.status == 0
    for record, receipt in zip(read.records, done.records, strict=True):
        assert record["problem"] is None
        assert record["label"]["produce_id"] == receipt["label"]["produce_id"]
    for path in outputs:
        assert coded(path.read_bytes()) == coded(made(path.name))


def test_manifests_stand_beside_where_they_must(cli, films: list[Path], tmp_path: Path) -> None:
    assert cli("certs", "init", "certs").status == 0
    sign = ("--sign", "certs/signer.pem", "certs/signer.key")
    done = cli("label", *films, "--out-dir", "out", *OPTIONS, *sign, "--jsonl")
    assert done.status == 0
    beside = {Path(record["sidecar"]).name for record in done.records if record["sidecar"]}
    assert beside == {"plain.c2pa", "live.c2pa", "keyframes.c2pa"}
    outputs = [tmp_path / "out" / path.name for path in films]
    done = cli("read", "--check", "--jsonl", *outputs)
    assert done.status == 0
    assert all(record["problem"] is None for record in done.records)


def test_a_transport_stream_says_what_it_cannot_carry(cli, tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(made("plain.ts"))
    done = cli("label", "a.ts", "-o", "b.ts", *OPTIONS)
    assert done.status == 4
    assert "video/mp2t has no place for metadata" in done.errors[0]
    assert not (tmp_path / "b.ts").exists()
    assert cli("read", "a.ts").status == 1
