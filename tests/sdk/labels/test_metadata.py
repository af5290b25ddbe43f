"""Labels written into real pictures: read back by us and by exiftool, and nothing else changed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from genlabel import Label, LabelError, MediaError, UnsupportedError
from genlabel.labels.iptc import VOCABULARY
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels import samples
from tests.sdk.labels.conftest import Tags

#: What our label adds to a file, as exiftool names it.
OURS = {
    "XMP-TC260:Aigc",
    "XMP-iptcExt:DigitalSourceType",
    "XMP-iptcExt:AISystemUsed",
    "XMP-iptcExt:AISystemVersionUsed",
    "XMP-iptcExt:RegistryID",
}
PLAIN = samples.picture("PNG")
KINDS = ["PNG", "JPEG", "WEBP"]


@pytest.fixture(scope="module")
def labelled(
    pictures: list[Path], label: Label, tmp_path_factory: pytest.TempPathFactory
) -> dict[Path, Path]:
    """Every real picture, labelled."""
    folder = tmp_path_factory.mktemp("labelled")
    out = {}
    for path in pictures:
        out[path] = folder / path.name
        out[path].write_bytes(write_metadata(path.read_bytes(), label, name=path.name)[0])
    return out


@pytest.fixture(scope="module")
def tags(
    labelled: dict[Path, Path], exiftool: Callable[[Iterable[Path]], dict[str, Tags]]
) -> tuple[dict[str, Tags], dict[str, Tags]]:
    """What exiftool says of them before and after."""
    return exiftool(labelled), exiftool(labelled.values())


def test_every_picture_reads_back(labelled: dict[Path, Path], label: Label) -> None:
    for before, after in labelled.items():
        found = read_metadata(after.read_bytes(), name=after.name)
        assert (found.aigc.state, found.xmp.state) == ("valid", "valid"), (after.name, found)
        assert found.label is not None
        # A picture's own xmp:CreateDate stays.
        assert dataclasses.replace(found.label, created=label.created) == label
        assert found.label.mark_id == label.mark_id
        old = read_metadata(before.read_bytes(), name=before.name)
        assert found.provenance_url == old.provenance_url


def test_nothing_else_is_touched(labelled: dict[Path, Path]) -> None:
    # Samples, ICC profile, Exif, C2PA, unknown chunks, their order and what follows the picture.
    for before, after in labelled.items():
        assert samples.besides_xmp(after.read_bytes()) == samples.besides_xmp(before.read_bytes())


def test_pixels_are_the_same(labelled: dict[Path, Path]) -> None:
    for before, after in labelled.items():
        with warnings.catch_warnings(), Image.open(before) as old, Image.open(after) as new:
            warnings.simplefilter("ignore")
            assert (old.mode, old.size, old.format) == (new.mode, new.size, new.format)
            for name in ("icc_profile", "exif", "transparency", "dpi"):
                assert old.info.get(name) == new.info.get(name), (before.name, name)
            assert old.tobytes() == new.tobytes(), before.name


def test_a_second_write_changes_nothing(labelled: dict[Path, Path], label: Label) -> None:
    for after in labelled.values():
        data = after.read_bytes()
        assert write_metadata(data, label, name=after.name)[0] == data


def test_exiftool_reads_the_label(tags: tuple[dict[str, Tags], dict[str, Tags]]) -> None:
    for name, found in tags[1].items():
        aigc = [key for key in found if key.upper().endswith(":AIGC")]
        assert aigc == ["XMP-TC260:Aigc"], name
        assert found["XMP-TC260:Aigc"] == (
            '{"Label":"2","ContentProducer":"001191110102MACQD9K64010000",'
            '"ProduceID":"7c9e6679-7425-40de-944b-e07fc1f90ae7",'
            '"ReservedCode1":"{\\"a\\":\\"b\\"}",'
            '"ContentPropagator":"001191110102MACQD9K64010000",'
            '"PropagateID":"7c9e6679-7425-40de-944b-e07fc1f90ae7","ReservedCode2":""}'
        )
        term = "compositeWithTrainedAlgorithmicMedia"
        source = found["XMP-iptcExt:DigitalSourceType"]
        assert source in (VOCABULARY + term, "Composite with Trained Algorithmic Media"), name
        assert found["XMP-iptcExt:AISystemUsed"] == 'Painter <&> "II"', name
        assert found["XMP-iptcExt:AISystemVersionUsed"] == "3.1 β", name
        entry = found["XMP-iptcExt:RegistryID"][0]
        assert entry["RegItemId"] == "Beijing-Painter-20260101", name
        assert "XMP-xmp:CreateDate" in found, name


def test_exiftool_reads_all_that_was_there(
    tags: tuple[dict[str, Tags], dict[str, Tags]],
) -> None:
    for name, before in tags[0].items():
        after = tags[1][name]
        lost = {
            key: value
            for key, value in before.items()
            if not key.startswith(("System:", "SourceFile", "ExifTool:"))
            and key not in OURS
            # A simple WebP becomes what exiftool calls an extended one.
            and key != "File:FileType"
            and after.get(key) != value
        }
        assert not lost, name
        assert before.get("ExifTool:Warning") == after.get("ExifTool:Warning"), name
        new = {key for key in after if key not in before} - OURS
        allowed = {"XMP-xmp:CreateDate"}
        allowed |= {key for key in new if key.startswith("RIFF:")}
        assert new <= allowed, name


REAL = {
    "doubao_gray_1x1_1.png": ("valid", "absent", "e3578014edd949debed102781a8c26f7"),
    "jimeng_cap_A.png": (
        "valid",
        "absent",
        "tos-cn-i-tb4s082cfz/c7fe057c61584857b10c5ad6f5ee96e6",
    ),
    "mj-1.png": ("absent", "valid", ""),
    "kodim01.png": ("absent", "absent", None),
    "crater-lake-cr.jpg": ("absent", "absent", None),
}


@pytest.mark.parametrize("name", REAL)
def test_real_labels(name: str, media: Callable[[str], Path]) -> None:
    aigc, xmp, produce_id = REAL[name]
    found = read_metadata(media(f"images/{name}").read_bytes(), name=name)
    assert (found.aigc.state, found.xmp.state) == (aigc, xmp)
    assert (found.label and found.label.produce_id) == produce_id
    assert found.label is None or found.label.status == "generated"


def test_source_type_is_told_only_where_it_is_declared(media: Callable[[str], Path]) -> None:
    midjourney = read_metadata(media("images/mj-1.png").read_bytes(), name="mj-1.png")
    assert midjourney.label is not None
    assert midjourney.label.source_type == "trainedAlgorithmicMedia"
    doubao = media("images/doubao_gray_1x1_1.png").read_bytes()
    found = read_metadata(doubao, name="doubao.png")
    assert found.label is not None and found.label.source_type == ""


def test_remote_manifest_address(media: Callable[[str], Path]) -> None:
    found = read_metadata(media("images/cloud.jpg").read_bytes(), name="cloud.jpg")
    assert found.provenance_url is not None
    assert found.provenance_url.startswith("https://cai-manifests.adobe.com/manifests/")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("aigc", "xmp"), [(True, False), (False, True), (False, False)])
def test_one_layer_alone(kind: str, aigc: bool, xmp: bool, label: Label) -> None:
    plain = samples.picture(kind)
    data, warned = write_metadata(plain, label, name="a", aigc=aigc, xmp=xmp)
    found = read_metadata(data, name="a")
    assert not warned
    assert found.aigc.state == ("valid" if aigc else "absent")
    assert found.xmp.state == ("valid" if xmp else "absent")
    if not aigc and not xmp:
        assert data is plain


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_label_takes_the_place_of_the_old(kind: str, label: Label) -> None:
    first, _ = write_metadata(samples.picture(kind), label, name="a")
    other = Label("acme", produce_id="n2", created=label.created)
    second, warned = write_metadata(first, other, name="a")
    found = read_metadata(second, name="a")
    assert found.aigc.state == "valid"
    assert found.label == other
    # What the file said of its generator would speak of another one.
    assert [text for text in warned if "AISystemUsed" in text]


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_layer_stays(kind: str, label: Label) -> None:
    both, _ = write_metadata(samples.picture(kind), label, name="a")
    other = Label("acme", produce_id="n2", created=label.created)
    data, _ = write_metadata(both, other, name="a", xmp=False)
    found = read_metadata(data, name="a")
    assert found.label is not None
    assert (found.label.producer, found.label.system) == ("acme", label.system)


def test_an_unchecked_label_is_not_written() -> None:
    declared = Label.as_declared(producer="a b", produce_id="1")
    with pytest.raises(LabelError, match="which is not allowed"):
        write_metadata(samples.picture("PNG"), declared, name="a.png")


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\uffff", "", " a", "a\n"])
@pytest.mark.parametrize("field", ["system", "system_version", "registration"])
def test_text_that_would_not_read_back_is_refused(field: str, text: str) -> None:
    with pytest.raises(LabelError) as caught:
        write_metadata(samples.picture("PNG"), Label("acme", **{field: text}), name="a.png")
    assert (caught.value.field, caught.value.path) == (field, "a.png")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")))
def test_any_other_text_reads_back(text: str) -> None:
    assume(text and text == text.strip())
    label = Label("acme", system=text, system_version="a\r\n\tb", registration=text)
    found = read_metadata(write_metadata(PLAIN, label, name="a")[0], name="a")
    assert found.label == label


def test_a_packet_that_does_not_fit_is_refused() -> None:
    with pytest.raises(LabelError, match=r"^big\.jpg: .*65502") as caught:
        write_metadata(samples.picture("JPEG"), Label("acme", system="x" * 70000), name="big.jpg")
    assert caught.value.path == "big.jpg"


def test_other_formats_are_named() -> None:
    for work in (read_metadata, lambda data, name: write_metadata(data, Label("a"), name=name)):
        with pytest.raises(UnsupportedError, match=r"x\.psd: is not a PNG, JPEG, WebP, "):
            work(b"8BPS" + bytes(40), name="x.psd")
        with pytest.raises(MediaError, match="is empty"):
            work(b"", name="x.png")


def test_reading_and_writing_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from genlabel import Label\n"
        "from genlabel.labels.metadata import read_metadata, write_metadata\n"
        f"data = {samples.picture('WEBP')!r}\n"
        "data, _ = write_metadata(data, Label('acme'), name='a')\n"
        "assert read_metadata(data, name='a').label.producer == 'acme'\n"
        "heavy = {'numpy', 'numba', 'PIL', 'cv2', 'c2pa', 'cryptography'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment())


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
