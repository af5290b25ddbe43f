"""Signing: the last layer that is written, since it covers every byte of the file."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, cast

from genlabel._data import AnyData, Data, Mapped, Scratch, opened
from genlabel._errors import GenlabelError, MediaError, SignerError, UnsupportedError
from genlabel._label import Label
from genlabel._signer import Signer
from genlabel.labels.c2pa._carried import check_carried, prepared
from genlabel.labels.c2pa._carriers import opaque
from genlabel.labels.c2pa._credentials import Credentials
from genlabel.labels.c2pa._declared import label_of, soft_bindings
from genlabel.labels.c2pa._finding import SoftBinding
from genlabel.labels.c2pa._judge import problems_of, state_of
from genlabel.labels.c2pa._parent import Earlier, Parent, find_earlier
from genlabel.labels.c2pa._settings import SOFT_BINDING_ALG, context
from genlabel.labels.c2pa._statement import Statement
from genlabel.labels.c2pa._store import NoStore, open_store

_MAX_REASON_CHARACTERS = 300


def sign_manifest(
    data: AnyData,
    media_type: str,
    label: Label,
    signer: Signer,
    *,
    name: str,
    payload: bytes | None,
    parent: Parent | None = None,
    visible: Mapping[str, Any] | None = None,
    scratch: Scratch | None = None,
) -> AnyData:
    """Add a signed C2PA manifest to a file that is finished in every other respect.

    Where `parent`, or the file itself, carries a manifest already, that one is kept below the new
    one, whatever it is worth; a file never loses its history here.

    Parameters
    ----------
    data : bytes or Mapped
        The whole file; nothing may be changed in it afterwards.
    media_type : str
        Its MIME type by content.
    label : Label
        What it declares.
    signer : Signer
        Who signs. With a ``tsa_url`` the signature's hash is sent there to be time-stamped;
        otherwise the network is not touched.
    name : str
        The file's name; its last part becomes the manifest's title.
    payload : bytes or None
        What the file's watermark carries; None where there is none.
    parent : Parent or None
        The original the file was made from; passed over if it has no manifest.
    visible : mapping or None
        The label that people see, hear or read in it, as `genlabel.Receipt` tells of it.
    scratch : Scratch or None
        Where a new file comes that is too large for memory.

    Returns
    -------
    bytes or Mapped
        The signed file, read back and found valid.

    Raises
    ------
    SignerError
        Certificates or key cannot sign: ``rule`` names what they break; or there is no time
        stamp to be had.
    UnsupportedError
        A manifest cannot be put into files of this type.
    MediaError
        The file cannot be read, its own manifest or its tags cannot be kept, or what was written
        did not read back.

    References
    ----------
    C2PA Technical Specification 2.4: 10.3 (creating a claim), 18.10, 18.15.
    """
    import c2pa

    if media_type not in c2pa.Builder.get_supported_mime_types():
        raise UnsupportedError(f"C2PA manifests cannot be put into {media_type}", path=name)
    earlier = find_earlier(_ancestors(data, media_type, parent), name)
    data = prepared(data, media_type, name)
    statement = _statement(label, name, payload, earlier, visible=visible)
    with _builder(statement, earlier, signer, name) as (builder, credentials):
        result = _signed(builder, credentials, data, media_type, scratch)
    _confirm(result, media_type, statement, earlier, name)
    check_carried(data, result, media_type, name)
    return result


def sign_beside(
    data: Data,
    media_type: str,
    label: Label,
    signer: Signer,
    *,
    name: str,
    payload: bytes | None,
    parent: Parent | None = None,
    visible: Mapping[str, Any] | None = None,
    scratch: Scratch | None = None,
) -> bytes:
    """Make a signed C2PA manifest that is kept in a file of its own; as `sign_manifest`.

    Parameters
    ----------
    data, media_type, label, signer, name, payload, parent, visible, scratch
        As `sign_manifest` takes them; files of any type can be signed.

    Returns
    -------
    bytes
        The manifest, read back and found valid.

    Raises
    ------
    SignerError, UnsupportedError, MediaError
        As `sign_manifest` does.

    References
    ----------
    C2PA Technical Specification 2.4, 11.4 (external manifests).
    """
    earlier = find_earlier(_ancestors(data, media_type, parent), name)
    statement = _statement(label, name, payload, earlier, visible=visible)
    with _builder(statement, earlier, signer, name) as (builder, credentials):
        builder.set_no_embed()
        # A copy of the file comes out as well, which is not needed.
        with opened(data) as source, _room(data, scratch) as target:
            kind = opaque(data, media_type)
            manifest = bytes(builder.sign(credentials.open(), kind, source, target))
    _confirm(data, media_type, statement, earlier, name, sidecar=manifest)
    return manifest


def _ancestors(data: Data, media_type: str, parent: Parent | None) -> list[Parent]:
    own = Parent(data, media_type)
    return [own] if parent is None else [parent, own]


def _statement(
    label: Label,
    name: str,
    payload: bytes | None,
    earlier: Earlier | None,
    *,
    visible: Mapping[str, Any] | None,
) -> Statement:
    return Statement(
        label,
        title=os.path.basename(name),
        payload=payload,
        opened=earlier is not None,
        declared=earlier is not None and earlier.declares(label.source_type),
        visible=visible,
    )


@contextlib.contextmanager
def _builder(
    statement: Statement, earlier: Earlier | None, signer: Signer, name: str
) -> Iterator[tuple[Any, Credentials]]:
    """Open a builder that knows what to say, and turn its errors into ours."""
    import c2pa

    credentials = Credentials.of(signer)
    definition = statement.definition()
    if earlier is not None:
        definition["ingredients"] = earlier.ingredients(statement.title)
    try:
        builder = c2pa.Builder(definition, context=context())
        try:
            if earlier is not None:
                earlier.add_to(builder, statement.title)
            yield builder, credentials
        finally:
            builder.close()
    except c2pa.C2paError as error:
        raise _translate(error, name) from error


@contextlib.contextmanager
def _room(data: Data, scratch: Scratch | None) -> Iterator[BinaryIO]:
    if isinstance(data, bytes):
        yield io.BytesIO()
        return
    assert scratch is not None, "a mapped file needs room for another"
    path = scratch.path()
    with open(path, "x+b") as target:
        yield target
    path.unlink()


def _signed(
    builder: Any, credentials: Credentials, data: AnyData, media_type: str, scratch: Scratch | None
) -> AnyData:
    if isinstance(data, bytes):
        signed = io.BytesIO()
        builder.sign(credentials.open(), media_type, io.BytesIO(data), signed)
        return cast(AnyData, signed.getvalue())
    assert scratch is not None, "a mapped file needs room for another"
    path = scratch.path()
    with opened(data) as source, open(path, "x+b") as target:
        builder.sign(credentials.open(), media_type, source, target)
    return cast(AnyData, Mapped(path))


def _confirm(
    signed: Data,
    media_type: str,
    statement: Statement,
    earlier: Earlier | None,
    name: str,
    *,
    sidecar: bytes | None = None,
) -> None:
    store = open_store(signed, media_type, sidecar=sidecar)
    if isinstance(store, NoStore):
        raise MediaError(f"signed, and does not read back: {store.reason}", path=name)
    if state_of(store) not in ("valid", "trusted"):
        reasons = "; ".join(problems_of(store, trust_given=False))
        raise MediaError(f"signed, and does not verify: {reasons}", path=name)
    if earlier is not None and not earlier.kept_in(store):
        raise MediaError("signed, and has lost manifests it had before", path=name)
    written = label_of(store)
    if written is None or written.mark_id != statement.label.mark_id:
        raise MediaError("signed, and the label does not read back", path=name)
    bound = soft_bindings(store.manifest(store.active))
    expected = SoftBinding(SOFT_BINDING_ALG, statement.payload or b"")
    if statement.payload is not None and expected not in bound:
        raise MediaError("signed, and the soft binding does not read back", path=name)


def _translate(error: Any, name: str) -> GenlabelError:
    # Some of the library's messages run over several lines.
    message = " ".join(str(error).split())
    kind, _, reason = message.partition(": ")
    reason = (reason or message)[:_MAX_REASON_CHARACTERS]
    if "http resolver" in reason or "timestamp" in reason.lower().replace(" ", ""):
        return SignerError(
            f"the time-stamping service gave no time stamp: {reason}", rule="time-stamp"
        )
    if kind == "Signature" or "COSE" in reason or "certificate" in reason:
        return SignerError(f"the certificate or key is refused: {reason}")
    if kind == "NotSupported":
        return UnsupportedError(f"cannot be signed: {reason}", path=name)
    return MediaError(f"cannot be signed: {reason}", path=name)
