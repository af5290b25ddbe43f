"""Every hostile file ends as its manifest says, whatever is asked of it."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import genlabel
from genlabel import Label, LabelError, MediaError, SignerError, UnsupportedError

REFUSED = (MediaError, UnsupportedError)
# Read without a label, written with one.
EMPTY = ("absent", "absent", "absent")
#: Files that are no whole file of their kind: every journey refuses them.
NO_FILES = {
    "aigc_nul_in_chunk.wav",
    "bad_ihdr_crc.png",
    "box_size_4_loop.mp4",
    "box_size_zero_nested.mp4",
    "id3_oversize_frame.mp3",
    "jpeg_segment_len_1.jpg",
    "no_idat.png",
    "odd_chunk_overrun.wav",
    "ogg_bad_crc.ogg",
    "random_bytes.mp4",
    "riff_webp_chunk_overrun.webp",
    "truncated_data.wav",
    "truncated_idat.png",
    "truncated_scan.jpg",
    "vorbis_4billion_comments.flac",
    "wrong_ext_text.wav",
    "zero_byte.png",
    "zero_channels.wav",
}
#: States of aigc, xmp and c2pa, and what labelling ends in: None where it succeeds.
FILES: dict[str, tuple[tuple[str, str, str], type[Exception] | None]] = {
    "aigc_deep_json.png": (("damaged", "absent", "absent"), None),
    "aigc_not_json.jpg": (("damaged", "absent", "absent"), None),
    "aigc_wrong_types.png": (("damaged", "absent", "absent"), None),
    "bomb_50000x50000_1bit.png": (EMPTY, None),
    "bomb_ztxt_100MB.png": (EMPTY, None),
    # Nothing is changed in what cannot be read.
    "c2pa_jumbf_len_4g.jpg": (("absent", "absent", "damaged"), SignerError),
    "declared_65535x65535.gif": (EMPTY, None),
    "exif_ifd_loop.jpg": (EMPTY, None),
    "huge_data_len.wav": (EMPTY, None),
    "nonutf8_text.png": (("damaged", "absent", "absent"), None),
    "wrong_ext_png.jpg": (EMPTY, None),
    "xmp_billion_laughs.jpg": (("damaged", "damaged", "absent"), LabelError),
    "xmp_deep_elements.png": (("damaged", "damaged", "absent"), LabelError),
    "xmp_unclosed.jpg": (("damaged", "damaged", "absent"), LabelError),
}
#: Their samples are more than anybody would decode.
BOMBS = {"bomb_50000x50000_1bit.png", "declared_65535x65535.gif"}


def manifest(media: Callable[[str], Path]) -> dict[str, str]:
    """What the manifest expects of each file, in its own words."""
    with media("broken/MANIFEST.csv").open(newline="") as stream:
        return {row["file"]: row["expected"] for row in csv.DictReader(stream)}


def test_every_file_of_the_manifest_has_an_outcome(media: Callable[[str], Path]) -> None:
    assert set(manifest(media)) == NO_FILES | set(FILES)


def reported(path: Path) -> bool:
    """It is refused, or something is said of it."""
    try:
        report = genlabel.verify(path, samples=path.name in BOMBS)
    except REFUSED:
        return True
    return any(layer.problems for layer in report.layers.values())


def called(state: str, *layers: str) -> Callable[[Path], bool]:
    """These layers have this state."""
    return lambda path: all(
        genlabel.verify(path, samples=False).layers[layer].state == state for layer in layers
    )


def keeps_its_type(path: Path) -> bool:
    out = io.BytesIO()
    receipt = genlabel.label(path, out, label=Label("acme"))
    return receipt.media_type == "image/png" and out.getvalue().startswith(b"\x89PNG")


def keeps_the_bytes(path: Path) -> bool:
    """What is not UTF-8 is kept, unless it stands in the label's own place."""
    out = io.BytesIO()
    genlabel.label(path, out, label=Label("acme"))
    return b"tEXtComment\0\xff\xfe\x80\x81\xc3(" in out.getvalue()


def refuses_to_write(path: Path) -> bool:
    out = io.BytesIO()
    with pytest.raises(LabelError, match="declares a document type"):
        genlabel.label(path, out, label=Label("acme"))
    return not out.getvalue()


#: What each expectation of the manifest means here.
MEANINGS: dict[str, Callable[[Path], bool]] = {
    "refuse or report an error; no crash, no hang, bounded memory": reported,
    "detect the real type or refuse; never write JPEG markers into it": keeps_its_type,
    "read what is there or refuse; no 4 GB allocation": called("absent", "aigc", "xmp"),
    "refuse DTD/entities": refuses_to_write,
    'report unreadable label; not silently "no label" and not "valid"': called(
        "damaged", "aigc", "xmp"
    ),
    "report malformed label": called("damaged", "aigc"),
    "keep or skip the bytes; no exception to the caller": keeps_the_bytes,
    "no endless loop": called("absent", "aigc", "xmp", "c2pa"),
    "report damaged manifest": called("damaged", "c2pa"),
}


@pytest.mark.parametrize("name", sorted(NO_FILES | set(FILES)))
def test_the_outcome_is_what_the_manifest_expects(name: str, media: Callable[[str], Path]) -> None:
    assert MEANINGS[manifest(media)[name]](media(f"broken/{name}"))


def test_memory_is_bounded(media: Callable[[str], Path]) -> None:
    # In a process of its own, which shares its peak with no other test.
    script = (
        "import io, resource, sys, genlabel\n"
        "def each(path, bomb=False):\n"
        "    out, label = io.BytesIO(), genlabel.Label('a')\n"
        "    for work in (lambda: genlabel.verify(path, samples=bomb),\n"
        "                 lambda: genlabel.label(path, out, label=label)):\n"
        "        try: work()\n"
        "        except genlabel.GenlabelError: pass\n"
        "each(sys.argv[1])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for path in sys.argv[2:]:\n"
        "    each(path, 'bomb_' in path or 'declared_' in path)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    sound = media("images/adobe-20220124-CA.jpg")
    paths = [str(media(f"broken/{name}")) for name in manifest(media)]
    done = subprocess.run(
        [sys.executable, "-c", script, str(sound), *paths],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    # The largest of them are half a megabyte, and claim gigabytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    assert int(done.stdout) / unit < 100, done.stdout


@pytest.mark.parametrize("name", sorted(NO_FILES))
def test_what_is_no_file_is_refused(name: str, media: Callable[[str], Path]) -> None:
    path = media(f"broken/{name}")
    for journey in (
        genlabel.read,
        genlabel.verify,
        lambda source: genlabel.label(source, io.BytesIO(), label=Label("acme")),
    ):
        with pytest.raises(REFUSED) as caught:
            journey(path)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_is_said(name: str, media: Callable[[str], Path]) -> None:
    path, (states, error) = media(f"broken/{name}"), FILES[name]
    report = genlabel.verify(path, samples=name not in BOMBS)
    assert tuple(report.layers[layer].state for layer in ("aigc", "xmp", "c2pa")) == states
    for layer in report.layers.values():
        assert layer.problems or layer.state != "damaged"
    if "damaged" in states:
        with pytest.raises(LabelError, match="holds a damaged label"):
            genlabel.read(path)
    else:
        assert genlabel.read(path) is None
    out = io.BytesIO()
    if error is not None:
        with pytest.raises(error):
            genlabel.label(path, out, label=Label("acme"))
        assert not out.getvalue()
        return
    genlabel.label(path, out, label=Label("acme"))
    # What the name says decides nothing.
    assert out.getvalue()[:4] == path.read_bytes()[:4]
    assert genlabel.verify(out.getvalue(), samples=False).layers["aigc"].state == "valid"


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bombs_are_not_decoded(name: str, media: Callable[[str], Path]) -> None:
    with pytest.raises(MediaError):
        genlabel.verify(media(f"broken/{name}"))
