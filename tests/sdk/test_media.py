"""Files in and out: whole or not at all, whatever is asked."""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
from pathlib import Path

import pytest

from genlabel import MediaError, _media
from genlabel._data import Mapped, Scratch, joined
from genlabel._media import check_target, read_source, scratch_for, write_target

#: Room that no test below needs: nothing in them is a film.
SCRATCH = Scratch("/nowhere")


def test_a_path_bytes_and_a_stream_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    for src in (path, str(path), b"abc", bytearray(b"abc"), memoryview(b"abc"), io.BytesIO(b"abc")):
        assert read_source(src, SCRATCH).data == b"abc"
    assert read_source(path, SCRATCH).name == str(path)
    assert read_source(b"abc", SCRATCH).name == "<bytes>"
    assert read_source(io.BytesIO(b"abc"), SCRATCH).name == "<stream>"
    with open(path, "rb") as stream:
        assert read_source(stream, SCRATCH).name == str(path)
        assert not stream.closed


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    for src, reason in [
        (tmp_path / "nowhere", "No such file"),
        (tmp_path, "Is a directory"),
        ("a\0b", "null"),
        (b"", "is empty"),
        (io.StringIO("text"), "binary mode"),
        (7, "not int"),
    ]:
        with pytest.raises(MediaError, match=reason):
            read_source(src, SCRATCH)  # type: ignore[arg-type]


def test_an_endless_stream_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_media, "MAX_FILE_BYTES", 1 << 20)
    with open("/dev/zero", "rb") as endless, pytest.raises(MediaError, match="larger than 1 MiB"):
        read_source(endless, SCRATCH)


def test_a_file_is_written_with_usual_permissions_and_no_trace(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    write_target(target, b"abc", overwrite=False)
    (tmp_path / "usual").touch()
    assert target.read_bytes() == b"abc"
    assert target.stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "usual"]


def test_an_existing_file_is_kept_unless_asked(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    target.chmod(0o640)
    for refused in (
        check_target,
        lambda dst, overwrite: write_target(dst, b"x", overwrite=overwrite),
    ):
        with pytest.raises(MediaError, match="already exists"):
            refused(target, overwrite=False)
    assert target.read_bytes() == b"old"
    write_target(target, b"new", overwrite=True)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.bin"]


def test_of_many_writers_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    target, refused = tmp_path / "a.bin", []
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        try:
            write_target(target, bytes([number]) * 100_000, overwrite=False)
        except MediaError:
            refused.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7
    data = target.read_bytes()
    assert len(data) == 100_000 and len(set(data)) == 1 and data[0] not in refused
    assert os.listdir(tmp_path) == ["a.bin"]


def test_without_hard_links_a_race_is_still_lost_by_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    target = tmp_path / "a.bin"
    write_target(target, b"first", overwrite=False)
    assert target.read_bytes() == b"first"
    monkeypatch.setattr(_media, "check_target", lambda dst, overwrite: str(dst))
    with pytest.raises(MediaError, match="already exists"):
        write_target(target, b"second", overwrite=False)
    assert target.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_failed_write_leaves_the_target_and_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MediaError, match="No space left"):
        write_target(target, b"new", overwrite=True)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "a.bin", tmp_path / "link.bin"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with pytest.raises(MediaError, match="already exists"):
        write_target(link, b"new", overwrite=False)
    write_target(link, b"new", overwrite=True)
    assert link.is_symlink() and real.read_bytes() == b"new"


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for target, reason in [
        (tmp_path, "folder"),
        (tmp_path / "missing" / "a.bin", "folder does not exist"),
        (tmp_path / "pipe", "not a regular file"),
        (Path("/dev/null"), "not a regular file"),
        (7, "not int"),
    ]:
        with pytest.raises(MediaError, match=reason):
            check_target(target, overwrite=True)  # type: ignore[arg-type]


def test_a_stream_is_written_where_it_stands_and_left_open() -> None:
    stream = io.BytesIO(b"head")
    stream.seek(4)
    write_target(stream, b"body", overwrite=False)
    assert stream.getvalue() == b"headbody"
    with pytest.raises(MediaError, match="cannot be written"):
        write_target(io.StringIO(), b"x", overwrite=False)  # type: ignore[arg-type]


def test_films_stay_on_the_disk_and_leave_nothing_behind(tmp_path: Path) -> None:
    film = b"\0\0\0\x14ftypisom" + b"film" * 100
    path = tmp_path / "a.mp4"
    path.write_bytes(film)
    with scratch_for(tmp_path / "out.mp4") as scratch:
        source = read_source(path, scratch)
        assert isinstance(source.data, Mapped) and source.data.path == path
        assert scratch.own(source.data) is not source.data
        assert read_source(film, scratch).data == film
    assert os.listdir(tmp_path) == ["a.mp4"]
    with scratch_for(io.BytesIO()) as scratch, open(path, "rb") as stream:
        piped = read_source(io.BytesIO(film), scratch).data
        assert isinstance(piped, Mapped) and piped[:] == film
        assert read_source(stream, scratch).name == str(path)
        stored = piped.path
    assert not stored.exists()


def test_what_is_mapped_is_renamed_into_its_place(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    target.write_bytes(b"old")
    target.chmod(0o640)
    old = Mapped(target)
    for overwrite in (False, True):
        with scratch_for(target) as scratch:
            new = joined(old, [b"new ", range(1, 3)], scratch)
            if overwrite:
                write_target(target, new, overwrite=True)
            else:
                with pytest.raises(MediaError, match="already exists"):
                    write_target(target, new, overwrite=False)
    assert target.read_bytes() == b"new ld"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["out.mp4"]
    with scratch_for(io.BytesIO()) as scratch:
        stream = io.BytesIO()
        write_target(stream, joined(Mapped(target), [b"x", range(6)], scratch), overwrite=False)
        assert stream.getvalue() == b"xnew ld"
