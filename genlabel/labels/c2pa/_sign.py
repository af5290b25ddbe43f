"""Signing: the last layer that is written, since it covers every byte of the file."""

from __future__ import annotations

import io
import os
from typing import Any, overload

from genlabel._data import Data, Mapped, Scratch, opened
from genlabel._errors import GenlabelError, MediaError, SignerError, UnsupportedError
from genlabel._label import Label
from genlabel._signer import Signer
from genlabel.labels.c2pa._carried import check_carried, prepared
from genlabel.labels.c2pa._credentials import Credentials
from genlabel.labels.c2pa._declared import label_of, soft_bindings, source_types
from genlabel.labels.c2pa._finding import SoftBinding
from genlabel.labels.c2pa._judge import problems_of, state_of
from genlabel.labels.c2pa._settings import SOFT_BINDING_ALG, context
from genlabel.labels.c2pa._statement import PARENT_ID, Statement
from genlabel.labels.c2pa._store import NoStore, Store, open_store

_MAX_REASON_CHARACTERS = 300


@overload
def sign_manifest(
    data: bytes,
    media_type: str,
    label: Label,
    signer: Signer,
    *,
    name: str,
    payload: bytes | None,
    parent: bytes | None = None,
    parent_media_type: str | None = None,
    visible: bool = False,
    box: tuple[int, int, int, int] | None = None,
) -> bytes: ...


@overload
def sign_manifest(
    data: Data,
    media_type: str,
    label: Label,
    signer: Signer,
    *,
    name: str,
    payload: bytes | None,
    parent: Data | None = None,
    parent_media_type: str | None = None,
    visible: bool = False,
    box: tuple[int, int, int, int] | None = None,
    scratch: Scratch | None,
) -> Data: ...


def sign_manifest(
    data: Data,
    media_type: str,
    label: Label,
    signer: Signer,
    *,
    name: str,
    payload: bytes | None,
    parent: Data | None = None,
    parent_media_type: str | None = None,
    visible: bool = False,
    box: tuple[int, int, int, int] | None = None,
    scratch: Scratch | None = None,
) -> Data:
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
    parent : bytes, Mapped or None
        The original the file was made from; passed over if it has no manifest.
    parent_media_type : str or None
        The original's MIME type; None means `media_type`.
    visible : bool
        Whether a label that people see or hear was put into it.
    box : tuple of int or None
        Left, top, width and height in pixels of the label that was drawn.
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

    credentials = Credentials.of(signer)
    if media_type not in c2pa.Builder.get_supported_mime_types():
        raise UnsupportedError(f"C2PA manifests cannot be put into {media_type}", path=name)
    original = _original(data, media_type, parent, parent_media_type, name)
    earlier = None if original is None else original[2]
    statement = Statement(
        label,
        title=os.path.basename(name),
        payload=payload,
        opened=original is not None,
        declared=isinstance(earlier, Store) and _declares(earlier, label.source_type),
        visible=visible,
        box=box,
    )
    data = prepared(data, media_type, name)
    builder = c2pa.Builder(statement.definition(), context=context())
    try:
        if original is not None:
            about = {"title": statement.title, "relationship": "parentOf", "label": PARENT_ID}
            with opened(original[0]) as stream:
                builder.add_ingredient(about, original[1], stream)
        result = _signed(builder, credentials, data, media_type, scratch)
    except c2pa.C2paError as error:
        raise _translate(error, name) from error
    finally:
        builder.close()
    _confirm(result, media_type, statement, earlier, name)
    check_carried(data, result, media_type, name)
    return result


def _signed(
    builder: Any, credentials: Credentials, data: Data, media_type: str, scratch: Scratch | None
) -> Data:
    if isinstance(data, bytes):
        signed = io.BytesIO()
        builder.sign(credentials.open(), media_type, io.BytesIO(data), signed)
        return signed.getvalue()
    assert scratch is not None, "a mapped file needs room for another"
    path = scratch.path()
    with opened(data) as source, open(path, "x+b") as target:
        builder.sign(credentials.open(), media_type, source, target)
    return Mapped(path)


def _original(
    data: Data,
    media_type: str,
    parent: Data | None,
    parent_media_type: str | None,
    name: str,
) -> tuple[Data, str, Store | NoStore] | None:
    """Find the file whose manifest must be kept: the parent, or else the file itself."""
    candidates = [(data, media_type)]
    if parent is not None:
        candidates.insert(0, (parent, parent_media_type or media_type))
    for content, kind in candidates:
        store = open_store(content, kind)
        if isinstance(store, Store) or store.state == "present":
            return content, kind, store
        if store.state == "damaged":
            raise MediaError(
                f"has a C2PA manifest that cannot be carried on: {store.reason}", path=name
            )
    return None


def _declares(store: Store, source_type: str) -> bool:
    return any(source_type in source_types(manifest) for _, manifest in store.lineage())


def _confirm(
    signed: Data,
    media_type: str,
    statement: Statement,
    earlier: Store | NoStore | None,
    name: str,
) -> None:
    store = open_store(signed, media_type)
    if isinstance(store, NoStore):
        raise MediaError(f"signed, and does not read back: {store.reason}", path=name)
    if state_of(store) not in ("valid", "trusted"):
        reasons = "; ".join(problems_of(store, trust_given=False))
        raise MediaError(f"signed, and does not verify: {reasons}", path=name)
    if isinstance(earlier, Store) and not set(earlier.manifests) <= set(store.manifests):
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
