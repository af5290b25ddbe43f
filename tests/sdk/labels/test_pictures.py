"""Labels in the less common kinds of pictures: written, read by others, all else kept."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from PIL import Image

import genlabel
from genlabel import GenlabelError, Label, LabelError, MediaError, Signer
from genlabel.certs import CertFiles
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.changes import mutated
from tests.sdk.labels.conftest import Tags
from tests.sdk.labels.containers.pictures import gifs, heifs, tiffs
from tests.sdk.labels.samples import (
    WRAPPED,
    aigc_attribute,
    aigc_element,
    exif_block,
    rdf,
)

_USER = rdf(
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' dc:format="image/x">'
    "<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
)
_TEXT = WRAPPED.encode()
_SVG = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg">'
    b"<title>A &amp; B</title>%s<g>\xc3\xa9<![CDATA[<]]></g></svg>\n"
)

#: Kinds by what they hold before: nothing, somebody's XMP, or labels where they do not belong.
PLAIN = {
    "a.gif": gifs.gif(),
    "animated.gif": gifs.gif(3),
    "a.tif": tiffs.tiff(),
    "pages.tif": tiffs.tiff(">", pages=3),
    "big.tif": tiffs.tiff("<", True),
    "a.avif": heifs.avif(),
    "animated.avif": heifs.avif(3, duration=80),
    "exif.avif": heifs.avif(exif=exif_block(0x010E, b"text\0")),
    "a.heic": heifs.HEIC,
    "bare.jxl": heifs.JXL,
    "a.svg": _SVG % b"",
    "empty.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "boxes.jxl": heifs.jxl(),
}
MERGED = {
    "a.gif": gifs.gif_with(gifs.xmp(_USER)),
    "a.tif": tiffs.tiff(rows=((700, 1, _USER),)),
    "big.tif": tiffs.tiff("<", True, rows=((700, 1, _USER),)),
    "a.avif": heifs.avif(xmp=_USER),
    "a.jxl": heifs.jxl(heifs.box(b"xml ", _USER)),
    "a.svg": _SVG % (b"<metadata>" + _USER[_USER.index(b"<rdf:RDF") : -12] + b"</metadata>"),
}
STRAY = {
    "a.gif": gifs.gif_with(gifs.comment(_TEXT), gifs.xmp(aigc_attribute(WRAPPED))),
    "a.tif": tiffs.tiff(rows=((270, 2, _TEXT + b"\0"), (700, 1, aigc_attribute(WRAPPED)))),
    "big.tif": tiffs.tiff("<", True, rows=((270, 2, _TEXT + b"\0"),)),
    "a.avif": heifs.avif(
        xmp=aigc_attribute(WRAPPED), exif=exif_block(0x9286, b"ASCII\0\0\0" + _TEXT)
    ),
    "a.jxl": heifs.jxl(
        heifs.box(b"Exif", bytes(4), exif_block(0x9286, b"ASCII\0\0\0" + _TEXT)),
        heifs.box(b"xml ", aigc_attribute(WRAPPED)),
    ),
    "a.svg": _SVG % (b"<metadata>" + aigc_attribute(WRAPPED) + b"</metadata>"),
}
DAMAGED = {
    "a.gif": gifs.gif_with(gifs.xmp(aigc_element(WRAPPED)[:-20])),
    "cut.gif": gifs.gif_with(gifs.xmp(aigc_element(WRAPPED)))[:1100],
    "a.tif": tiffs.tiff(rows=((700, 1, aigc_element(WRAPPED)[:-20]),)),
    "a.avif": heifs.avif(xmp=aigc_element(WRAPPED)[:-20]),
    "a.jxl": heifs.jxl(heifs.box(b"xml ", aigc_element(WRAPPED)[:-20])),
}


def shown(data: bytes) -> list[bytes]:
    """The samples of every frame or page; coded as they are where nothing here decodes them."""
    if b"<svg" in data[:99]:
        kept = re.sub(rb"<metadata>.*</metadata>|\s*xmlns:c2pa=\S+?(?=>)", b"", data)
        return [kept.replace(b"/>", b"></svg>")]
    if data[8:12] == b"heic":
        return [heifs.items_of(data)[1]]
    if data.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return [data if data[0] else heifs.boxes_of(data)[b"jxlc"][1]]
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            frames.append(image.mode.encode() + image.tobytes())
        return frames


@pytest.mark.parametrize("name", PLAIN)
def test_one_label_and_nothing_else_changed(name: str, label: Label) -> None:
    data, warned = write_metadata(PLAIN[name], label, name=name)
    found = read_metadata(data, name=name)
    assert (found.aigc.state, found.xmp.state, found.label) == ("valid", "valid", label)
    assert not warned
    assert shown(data) == shown(PLAIN[name])
    assert write_metadata(data, label, name=name)[0] == data


@pytest.mark.parametrize("name", PLAIN)
def test_a_longer_and_a_shorter_label_take_the_place_of_the_old(name: str, label: Label) -> None:
    data = PLAIN[name]
    for system in ("x" * 3000, "y", "z" * 9000, "last"):
        other = Label("acme", produce_id="n2", created=label.created, system=system)
        data, _ = write_metadata(data, other, name=name)
        found = read_metadata(data, name=name)
        assert (found.aigc.state, found.label) == ("valid", other)
        assert data.count(b"TC260:AIGC>") == 2
    assert shown(data) == shown(PLAIN[name])


@pytest.mark.parametrize("name", MERGED)
def test_what_others_said_is_kept(
    name: str, label: Label, tmp_path: Path, exiftool: Callable[[Iterable[Path]], dict[str, Tags]]
) -> None:
    path = tmp_path / name
    path.write_bytes(write_metadata(MERGED[name], label, name=name)[0])
    tags = exiftool([path])[name]
    assert tags["XMP-dc:Format"] == "image/x"
    assert tags["XMP-dc:Creator"] == "Ada" or tags["XMP-dc:Creator"] == ["Ada"]
    assert shown(path.read_bytes()) == shown(MERGED[name])


@pytest.mark.parametrize("name", STRAY)
def test_labels_astray_are_read_named_and_moved(name: str, label: Label) -> None:
    found = read_metadata(STRAY[name], name=name)
    assert found.aigc.state == "present"
    data, _ = write_metadata(STRAY[name], label, name=name)
    assert read_metadata(data, name=name).aigc.state == "valid"
    assert data.count(b"001191110102MACQD9K64010000") == 2
    assert shown(data) == shown(STRAY[name])


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_never_absence(name: str, label: Label) -> None:
    found = read_metadata(DAMAGED[name], name=name)
    assert (found.aigc.state, found.xmp.state) == ("damaged", "damaged")
    with pytest.raises(LabelError, match="would be lost"):
        write_metadata(DAMAGED[name], label, name=name)


def test_exiftool_reads_every_kind(
    label: Label, tmp_path: Path, exiftool: Callable[[Iterable[Path]], dict[str, Tags]]
) -> None:
    for name, plain in PLAIN.items():
        (tmp_path / name).write_bytes(write_metadata(plain, label, name=name)[0])
        (tmp_path / f"plain-{name}").write_bytes(plain)
    tags = exiftool(tmp_path.iterdir())
    for name in PLAIN:
        assert '"Label":"2"' in tags[name]["XMP-TC260:Aigc"], name
        assert tags[name]["XMP-iptcExt:AISystemUsed"] == label.system
        assert tags[name].get("ExifTool:Warning") == tags[f"plain-{name}"].get("ExifTool:Warning")


SIGNED = [name for name in PLAIN if name != "pages.tif"]


@pytest.mark.parametrize("name", SIGNED)
def test_signed(name: str, label: Label, signer: Signer, authority: CertFiles) -> None:
    out = io.BytesIO()
    receipt = genlabel.label(PLAIN[name], out, label=label, signer=signer)
    assert receipt.layers == ("aigc", "xmp", "c2pa")
    assert shown(out.getvalue()) == shown(PLAIN[name])
    report = genlabel.verify(out.getvalue(), trust=authority.root)
    states = [report.layers[layer].state for layer in ("aigc", "xmp", "c2pa")]
    assert states == ["valid", "valid", "trusted"]
    again = io.BytesIO()
    genlabel.label(out.getvalue(), again, label=label, signer=signer)
    assert shown(again.getvalue()) == shown(PLAIN[name])


def test_pages_are_not_signed_inside(label: Label, signer: Signer) -> None:
    out = io.BytesIO()
    receipt = genlabel.label(PLAIN["pages.tif"], out, label=label, signer=signer)
    assert receipt.layers == ("aigc", "xmp")
    assert any("one page" in warning for warning in receipt.warnings)


@pytest.mark.parametrize("name", ["chi.gif", "c2pars_sample1.gif", "c2pars_sample1.avif"])
def test_real_pictures(name: str, label: Label, media: Callable[[str], Path]) -> None:
    data = media(f"images/{name}").read_bytes()
    out, _ = write_metadata(data, label, name=name)
    assert read_metadata(out, name=name).label == label
    assert shown(out) == shown(data)


@pytest.mark.parametrize("name", [*PLAIN, *(f"stray {name}" for name in STRAY)])
def test_mutations(name: str, label: Label) -> None:
    seed = STRAY[name.removeprefix("stray ")] if name.startswith("stray ") else PLAIN[name]
    seed, _ = (seed, ()) if name.startswith("stray ") else write_metadata(seed, label, name="a")
    rng = random.Random(45438)
    outcomes = set()
    for turn in range(200):
        data = mutated(seed, rng) if turn % 3 else seed[: rng.randrange(1, len(seed))]
        try:
            found = read_metadata(data, name="a")
            out, _ = write_metadata(data, label, name="a")
        except GenlabelError as error:
            assert "\n" not in str(error) and str(error).startswith("a: ")
            outcomes.add(type(error))
            continue
        outcomes.add(found.aigc.state)
        # Where a damaged file gives two places the same bytes, one may be freed by the first turn.
        again, _ = write_metadata(out, label, name="a")
        assert write_metadata(again, label, name="a")[0] == again
        assert read_metadata(out, name="a").aigc.state in ("valid", "present")
    assert MediaError in outcomes
