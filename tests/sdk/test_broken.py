"""Every hostile file ends as its manifest says, whatever is asked of it."""

from __future__ import annotations

import csv
import io
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


def test_every_file_of_the_manifest_has_an_outcome(media: Callable[[str], Path]) -> None:
    with media("broken/MANIFEST.csv").open(newline="") as stream:
        assert {row["file"] for row in csv.DictReader(stream)} == NO_FILES | set(FILES)


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
