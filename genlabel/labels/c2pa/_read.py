"""Reading and judging a file's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genlabel._data import Data
from genlabel._report import Layer
from genlabel.labels.c2pa._declared import actions, label_of, soft_bindings, source_type_of
from genlabel.labels.c2pa._finding import ManifestFinding
from genlabel.labels.c2pa._judge import problems_of, signer_of, state_of
from genlabel.labels.c2pa._settings import SOFT_BINDING_ALG
from genlabel.labels.c2pa._shape import codes, mapping, mappings, text
from genlabel.labels.c2pa._statement import WATERMARKED
from genlabel.labels.c2pa._store import NoStore, Store, open_store

_MAX_LISTED = 64


def read_manifest(
    data: Data,
    media_type: str,
    *,
    name: str,
    trust: bytes | None = None,
    sidecar: bytes | None = None,
) -> ManifestFinding:
    """Read a file's C2PA manifest and judge it, without touching the network.

    Parameters
    ----------
    data : bytes or Mapped
        The whole file, any bytes.
    media_type : str
        Its MIME type by content.
    name : str
        Its name, for errors.
    trust : bytes or None
        PEM root certificates under which a signer is trusted; None trusts nobody, so that
        ``valid`` is the most a manifest can be.
    sidecar : bytes or None
        A manifest kept beside the file, which is read instead of one inside.

    Returns
    -------
    ManifestFinding
        State, facts and problems. Damage and absence are results.

    Raises
    ------
    SignerError
        `trust` holds no PEM certificates.

    References
    ----------
    C2PA Technical Specification 2.4, 15 (validation).
    """
    store = open_store(data, media_type, trust=trust, sidecar=sidecar)
    if isinstance(store, NoStore):
        details = {} if store.url is None else {"remote": store.url}
        return ManifestFinding(Layer(store.state, details, (store.reason,) if store.reason else ()))
    active = store.manifest(store.active)
    bindings = soft_bindings(active)
    problems = problems_of(store, trust_given=trust is not None)
    done = {action.get("action") for action in actions(active)}
    return ManifestFinding(
        layer=Layer(state_of(store), _details(store), problems),
        label=label_of(store),
        soft_bindings=bindings,
        binds_watermark=WATERMARKED in done
        and any(binding.alg == SOFT_BINDING_ALG for binding in bindings),
    )


def has_manifest(data: Data, media_type: str) -> bool:
    """Whether a file carries a C2PA manifest, intact or not, or refers to one kept elsewhere.

    Parameters
    ----------
    data : bytes or Mapped
        The whole file, any bytes.
    media_type : str
        Its MIME type by content.
    """
    store = open_store(data, media_type)
    return isinstance(store, Store) or store.state != "absent"


def _details(store: Store) -> dict[str, Any]:
    active = store.manifest(store.active)
    signature = mapping(active.get("signature_info"))
    generator = next(iter(mappings(active.get("claim_generator_info"))), {})
    results = mapping(store.results.get("activeManifest"))
    named = [text(generator.get("name")), text(generator.get("version"))]
    return {
        "manifest": store.active,
        "manifests": len(store.manifests),
        "title": text(active.get("title")),
        "claim_generator": " ".join(part for part in named if part)
        or text(active.get("claim_generator")),
        "spec_version": text(generator.get("specVersion")),
        "signer": text(signature.get("common_name")),
        "issuer": text(signature.get("issuer")),
        "algorithm": text(signature.get("alg")),
        "signed": text(signature.get("time")),
        "source_type": source_type_of(store),
        "actions": [text(action.get("action")) for action in actions(active)[:_MAX_LISTED]],
        "soft_bindings": [binding.alg for binding in soft_bindings(active)],
        "ingredients": [
            _ingredient(store, item) for item in mappings(active.get("ingredients"))[:_MAX_LISTED]
        ],
        "failures": codes(results.get("failure")),
        "informational": codes(results.get("informational")),
    }


def _ingredient(store: Store, ingredient: Mapping[str, Any]) -> dict[str, Any]:
    below = text(ingredient.get("active_manifest"))
    return {
        "title": text(ingredient.get("title")),
        "relationship": text(ingredient.get("relationship")),
        "manifest": below,
        "signer": None if below is None else signer_of(store.manifest(below)),
    }
