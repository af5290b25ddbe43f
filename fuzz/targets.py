"""What is fuzzed: each target takes bytes, and only a `GenlabelError` may escape from genlabel.

What a target writes it reads back: a label that was written and does not read is a crash, too, and
so is an error that does not name the file in one line, or a result that is none of those defined.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import get_args

import genlabel
from fuzz import seeds
from genlabel import GenlabelError, Label
from genlabel._report import State
from genlabel.labels import exif, security, xmp
from genlabel.labels.aigc import Claim, DamagedAigc, interpret
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.changes import with_crcs, with_sums

LABEL = Label("acme", "1")
VERDICTS = ("generated", "possible", "suspected", "none")
STATES = get_args(State)


@dataclass(frozen=True)
class Target:
    """A parser, and whole files to begin with."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def labels(data: bytes, name: str) -> None:
    """Read the labels of a file, write one, and read it back."""
    try:
        read_metadata(data, name=name)
        out, _ = write_metadata(data, LABEL, name=name)
    except GenlabelError as error:
        refused(error, name)
        return
    found = read_metadata(out, name=name)
    if name.endswith(".html"):
        # In tag soup a label may land in an attribute: genlabel.label reads back, and refuses.
        return
    assert found.label is not None and found.label.produce_id == LABEL.produce_id, found
    assert found.aigc.state in ("valid", "present"), found.aigc
    assert write_metadata(out, LABEL, name=name)[0] == out, "writing again changes the file"


def refused(error: GenlabelError, name: str) -> None:
    """Hold an error to what every error promises: the file's name, and one line."""
    said = str(error)
    assert said.startswith(f"{name}: ") and "\n" not in said, said


def checked(data: bytes, name: str, repaired: Callable[[bytes], bytes]) -> None:
    """Do the same behind checksums, which random changes never keep."""
    labels(repaired(data), name)


def whole(data: bytes, name: str) -> None:
    """Verify a file, samples and all."""
    source = io.BytesIO(data)
    source.name = name
    try:
        report = genlabel.verify(source, effort="quick")
    except GenlabelError as error:
        refused(error, name)
    else:
        assert report.verdict in VERDICTS
        assert all(layer.state in STATES for layer in report.layers.values())
        json.dumps(report.to_dict(), allow_nan=False)
    assert source.getvalue() == data


def aigc(data: bytes) -> None:
    """Read an AIGC label's JSON, and what it carries as a signature."""
    text = data.decode("utf-8", "replace")
    for keyed in (True, False):
        try:
            found = interpret(Claim("here", text, keyed, True))
        except DamagedAigc:
            continue
        security.judge(found.fields, ())


def packet(data: bytes) -> None:
    """Read an XMP packet, and take half of its properties out of it."""
    try:
        found = xmp.parse(data)
    except xmp.DamagedXmp:
        return
    gone = {id(each) for each in found.properties[::2]}
    xmp.parse(found.edited(lambda each: id(each) in gone, ["<a:b xmlns:a='urn:a'>1</a:b>"]))


def block(data: bytes) -> None:
    """Read an Exif block, and blank its texts."""
    found = list(exif.texts(data))
    assert len(exif.blanked(data, found)) == len(data)


def keys(data: bytes) -> None:
    """Read keys that a user gives, which come from anywhere."""
    from genlabel import sm2

    with contextlib.suppress(GenlabelError):
        sm2.load_public_keys(data)


def _containers() -> Mapping[str, Target]:
    found = {
        name: Target(partial(labels, name=f"a.{suffix}"), partial(seeds.files, name))
        for name, suffix in seeds.SUFFIXES.items()
    }
    found["png"] = Target(
        partial(checked, name="a.png", repaired=with_crcs), partial(seeds.files, "png")
    )
    found["ogg"] = Target(
        partial(checked, name="a.ogg", repaired=with_sums), partial(seeds.files, "ogg")
    )
    return found


TARGETS: dict[str, Target] = {
    **_containers(),
    "aigc": Target(aigc, seeds.json_texts),
    "xmp": Target(packet, seeds.packets),
    "exif": Target(block, seeds.exif_blocks),
    "sm2-keys": Target(keys, seeds.keys),
    **{
        f"verify-{name}": Target(
            partial(whole, name=f"a.{seeds.SUFFIXES[name]}"), partial(seeds.files, name)
        )
        for name in seeds.VERIFIED
    },
}


def everything(data: bytes) -> None:
    """Give bytes to the target that their first one names: all targets in one process."""
    if data:
        names = list(TARGETS)
        TARGETS[names[data[0] % len(names)]].run(data[1:])


def everything_seeds() -> list[bytes]:
    """Give one seed of each target, with the byte that names it."""
    return [bytes([at]) + target.seeds()[0] for at, target in enumerate(TARGETS.values())]
