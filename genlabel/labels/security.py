"""Security data in a label's reserved fields: a signature over what its producer says.

The guide's Appendix A.1 has the producer's signature; a propagator's is written over its own part
alike, which no public source and no file in the field bears out. How content is bound is not public
either: that is not written, and read with that said. Whose key it is nothing in the file tells: a
signature under the key that came with it is intact, and authentic only under a key that the reader
has pinned.

References
----------
TC260-PG-202511A (SecurityData, PubSD) and its Appendix A.1 (the signed text); GB/T 32918.2 (SM2).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from genlabel._errors import LabelError, SecretError
from genlabel._label import Label
from genlabel._sm2_keys import PublicKey, SigningKey, available
from genlabel.labels._aigc_json import DamagedAigc, load_object

GUIDE = "TC260-PG-202511A"
SM3_WITH_SM2 = "1.2.156.10197.1.501"
#: More entries than any writer has; those behind are not looked at.
MAX_ENTRIES = 8

_KIND = "TC260PG"
_LABEL_TYPES = ("Md", "LabelMataData")
_PRODUCER = ("ContentProducer", "ProduceID")
_PROPAGATOR = ("ContentPropagator", "PropagateID")
#: Which fields are signed beside Label, by the field that holds the signature.
_SIGNED = {"ReservedCode1": (_PRODUCER,), "ReservedCode2": (_PROPAGATOR, _PRODUCER)}

Part = Literal["producer", "propagator"]
#: Where the signature over a part stands in `Label`, and what it covers.
_PARTS: dict[Part, tuple[str, tuple[str, ...]]] = {
    "producer": ("reserved1", _PRODUCER),
    "propagator": ("reserved2", _PROPAGATOR),
}

State = Literal["authentic", "intact", "broken", "unsupported", "unchecked"]


@dataclass(frozen=True, slots=True)
class Signature:
    """What a reserved field's security data says, and whether it holds.

    Parameters
    ----------
    field : str
        ``"ReservedCode1"`` or ``"ReservedCode2"``.
    state : {"authentic", "intact", "broken", "unsupported", "unchecked"}
        ``authentic``: signed by a pinned key; ``intact``: signed by the key that came with it;
        ``broken``: it does not fit the label; ``unsupported``: of an algorithm or about something
        that is not served; ``unchecked``: the extra is not installed.
    algorithm : str
        As an object identifier.
    key : str or None
        The public key, in hexadecimal.
    problems, remarks : tuple of str
        Departures from the guide; facts that are none but matter.
    """

    field: str
    state: State
    algorithm: str
    key: str | None
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON types."""
        names = ("field", "state", "algorithm", "key")
        return {name: getattr(self, name) for name in names}


def signed(label: Label, key: SigningKey, part: Part = "producer") -> Label:
    """Give a label with a signature over one part of it; as `genlabel.sm2.signed`.

    Parameters
    ----------
    label : Label
        To be signed.
    key : SigningKey
        The producer's or the propagator's.
    part : {"producer", "propagator"}
        Whose.

    Raises
    ------
    LabelError
        The part's reserved field is taken.
    """
    field, names = _PARTS[part]
    if getattr(label, field):
        raise LabelError(f"{field} is taken, and the signature stands there", field=field)
    from genlabel.labels import aigc

    fields = json.loads(aigc.compose(label))
    signature = key.sign(message(fields, names))
    block = {
        "SecurityData": {
            "Type": _KIND,
            "Version": 1,
            "PubSD": [
                {
                    "Type": "DS",
                    "AlgID": SM3_WITH_SM2,
                    "TBSData": {"Type": _LABEL_TYPES[0]},
                    "Signature": signature.hex().upper(),
                },
                {
                    "Type": "PubKey",
                    "AlgID": SM3_WITH_SM2,
                    "KeyValue": key.public.point.hex().upper(),
                },
            ],
        }
    }
    reserved: dict[str, Any] = {field: json.dumps(block, separators=(",", ":"))}
    return dataclasses.replace(label, **reserved)


def is_signed(label: Label) -> bool:
    """Tell whether a label carries a signature, which holds for this label alone.

    Parameters
    ----------
    label : Label
        Any.
    """
    reserved = (label.reserved1, label.reserved2)
    return any(_entries(text, "", []) is not None for text in reserved)


def message(fields: Mapping[str, str], names: Iterable[str]) -> bytes:
    """Give the text that is signed: Label and two more fields as JSON, without its braces.

    Parameters
    ----------
    fields : mapping of str to str
        The standard's.
    names : iterable of str
        Those beside Label.
    """
    chosen = {name: fields.get(name, "") for name in ("Label", *names)}
    return json.dumps(chosen, separators=(",", ":"), ensure_ascii=False)[1:-1].encode()


def judge(fields: Mapping[str, str], pinned: Sequence[PublicKey]) -> list[Signature]:
    """Check the security data of both reserved fields, where they hold any.

    Parameters
    ----------
    fields : mapping of str to str
        The standard's.
    pinned : sequence of PublicKey
        Keys that the reader trusts to be the producer's.
    """
    return [
        found for name in _SIGNED if (found := _judged(name, fields, tuple(pinned))) is not None
    ]


def _judged(
    name: str, fields: Mapping[str, str], pinned: tuple[PublicKey, ...]
) -> Signature | None:
    problems: list[str] = []
    entries = _entries(fields.get(name, ""), name, problems)
    if entries is None:
        return None
    about = [entry for entry in entries if entry.get("Type") == "DS"]
    mine = next((entry for entry in about if _type(entry) in _LABEL_TYPES), None)
    if mine is None or mine.get("AlgID") != SM3_WITH_SM2:
        algorithm = str((mine or next(iter(about), {})).get("AlgID", ""))[:64]
        remark = f"what is signed in {name}, or how, is not checked here ({algorithm or 'nothing'})"
        return Signature(name, "unsupported", algorithm, None, tuple(problems), (remark,))
    if _type(mine) != _LABEL_TYPES[0]:
        problems.append(
            f"{name}: the type of what is signed is {_type(mine)!r}, not 'Md' [{GUIDE}]"
        )
    remarks = [f"a binding to the content in {name} is not checked"] if len(about) > 1 else []
    if not available():
        remarks.append(f"the signature in {name} needs genlabel[sm2] to be checked")
        return Signature(name, "unchecked", SM3_WITH_SM2, None, tuple(problems), tuple(remarks))
    state, key = _checked(mine, entries, [message(fields, each) for each in _SIGNED[name]], pinned)
    text = f"the signature in {name} {_MEANINGS[state]} [{GUIDE} A.1]"
    # What a propagator signs is not known, so that nothing fits need not be its fault.
    (problems if state == "broken" and name == "ReservedCode1" else remarks).append(text)
    shown = None if key is None else key.point.hex()
    return Signature(name, state, SM3_WITH_SM2, shown, tuple(problems), tuple(remarks))


_MEANINGS: dict[State, str] = {
    "authentic": "is that of a pinned key: who holds it said so, though not of which content",
    "intact": "fits, under a key that came with it: who signed is not known",
    "broken": "does not fit what the label says",
}


def _checked(
    entry: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    messages: Sequence[bytes],
    pinned: tuple[PublicKey, ...],
) -> tuple[State, PublicKey | None]:
    try:
        signature = bytes.fromhex(str(entry.get("Signature", "")))
    except ValueError:
        return "broken", None
    carried = next(
        (
            list(_keys(str(each.get("KeyValue", ""))))
            for each in entries
            if each.get("Type") == "PubKey" and each.get("KeyID") == entry.get("KeyID")
        ),
        [],
    )
    # Without a key of its own only the pinned ones can fit.
    for key in carried or pinned:
        if any(key.verifies(text, signature) for text in messages):
            return ("authentic" if key in pinned else "intact"), key
    return "broken", next(iter(carried), None)


def _keys(text: str) -> Iterator[PublicKey]:
    """Give what a key's value can mean: a point, its coordinates, SubjectPublicKeyInfo."""
    try:
        value = bytes.fromhex(text[:1024])
    except ValueError:
        return
    # An info of a key ends in its point.
    point = value[-65:] if len(value) > 65 else value
    try:
        if len(point) == 64:
            yield PublicKey(b"\4" + point)
        elif len(point) == 32 or (len(point) == 33 and point[0] == 0):
            # MiniMax gives the first coordinate alone.
            yield from PublicKey.from_x(point[-32:])
        else:
            yield PublicKey.from_bytes(point)
    except SecretError:
        return


def _entries(text: str, name: str, problems: list[str]) -> list[Mapping[str, Any]] | None:
    """Give the entries of security data; None where a field holds something else."""
    try:
        found = load_object(text, []).get("SecurityData")
    except DamagedAigc:
        return None
    if not isinstance(found, dict) or found.get("Type") != _KIND:
        return None
    key = next((key for key in found if key.upper() == "PUBSD"), "PubSD")
    if key != "PubSD":
        problems.append(f"{name}: key {key!r} is misspelt, the guide has PubSD [{GUIDE}]")
    entries = found.get(key)
    listed = entries if isinstance(entries, list) else []
    return [entry for entry in listed[:MAX_ENTRIES] if isinstance(entry, dict)]


def _type(entry: Mapping[str, Any]) -> str:
    about = entry.get("TBSData")
    return str(about.get("Type", ""))[:64] if isinstance(about, dict) else ""
