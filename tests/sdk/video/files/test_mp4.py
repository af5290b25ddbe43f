"""What only the old MP4 file has comes into the new one, and nothing else moves wrongly."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from genlabel._data import joined
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Patch
from tests.sdk.video.reels import Reel, packets, regrafted, remade

RICH: dict[str, Any] = {
    "sounds": [("aac", "eng"), ("aac", "fra")],
    "text": "mov_text",
    "chapters": True,
    "tags": {"title": "A film"},
}


def told(path: Path, *options: str) -> dict[str, Any]:
    """What exiftool reads of the film itself, not of its coding."""
    groups = ("ItemList", "Keys", "UserData", "XMP-dc", "XMP-xmp", "Track1", "Track2")
    done = subprocess.run(
        ["exiftool", "-j", "-G1", *options, str(path)], capture_output=True, text=True, check=True
    )
    (found,) = json.loads(done.stdout)
    dates = ("CreateDate", "ModifyDate")
    return {
        key: value
        for key, value in found.items()
        if key.split(":")[0] in groups
        and (not key.startswith("Track") or key.endswith((*dates, "Language")))
        or key in ("QuickTime:CreateDate", "QuickTime:ModifyDate")
    }


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs exiftool")
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
@pytest.mark.parametrize("fast", [True, False])
def test_tags_xmp_and_dates_stay_where_they_were(tmp_path: Path, name: str, fast: bool) -> None:
    reel = Reel(**RICH, muxer={"movflags": "faststart"} if fast else {})
    source = reel.write(tmp_path / name)
    written = [
        *("-ItemList:Artist=nobody", "-ItemList:Comment=kept ü", "-Keys:Author=somebody"),
        *("-UserData:Copyright=mine", "-XMP-dc:Title=XMP kept", "-CreateDate=2020:01:02 03:04:05"),
        *("-TrackCreateDate=2020:01:02 03:04:06", "-MediaModifyDate=2020:01:02 03:04:07"),
    ]
    command = ["exiftool", "-q", "-overwrite_original", *written, str(source)]
    subprocess.run(command, check=True)
    new, _ = remade(source)
    copied = [packets(new, kind, n) for kind, n in (("audio", 0), ("audio", 1), ("subtitle", 0))]
    shown = packets(new, "video")
    regrafted(source, new)
    before = told(source)
    assert len(before) > 8
    assert before.items() <= told(new).items()
    assert packets(new, "video") == shown
    assert [
        packets(new, kind, n) for kind, n in (("audio", 0), ("audio", 1), ("subtitle", 0))
    ] == copied


def test_what_is_said_of_light_stays_in_the_sample_entry(tmp_path: Path) -> None:
    source = Reel(times=range(4)).write(tmp_path / "a.mp4")
    light = boxes.framed(b"clli", bytes([3, 232, 1, 144]))
    data = source.read_bytes()
    around = []
    (box,) = (b for b in boxes.walk(data, 0, len(data), "a", nested=False) if b.kind == b"moov")
    around.append(box)
    for kind in (b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        inner = boxes.inside(data, around[-1], (kind,), "a")
        assert inner is not None
        around.append(inner)
    (entry,) = boxes.walk(data, around[-1].payload + 8, around[-1].end, "a")
    patch = Patch(entry.end, entry.end, light, (*around, entry))
    # Nothing points behind the movie, which comes last.
    source.write_bytes(joined(data, boxes.applied(data, boxes.resized([patch], data, "a"))))
    new, _ = remade(source)
    shown = packets(new, "video")
    assert light not in new.read_bytes()
    regrafted(source, new)
    assert light in new.read_bytes()
    assert packets(new, "video") == shown


def test_fragments_take_tags_too(tmp_path: Path) -> None:
    muxer = {"movflags": "frag_keyframe+empty_moov+use_metadata_tags"}
    source = Reel(muxer=muxer, tags={"title": "A film", "mood": "calm"}).write(tmp_path / "a.mp4")
    new, _ = remade(source)
    shown = packets(new, "video")
    regrafted(source, new)
    assert packets(new, "video") == shown
    assert new.read_bytes().count(b"calm") == 1
