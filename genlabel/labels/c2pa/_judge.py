"""What validation results mean: the state of the layer, and a sentence for every problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from genlabel._report import State
from genlabel.labels.c2pa._shape import codes, mapping, mappings, text
from genlabel.labels.c2pa._store import Store

_UNTRUSTED = "signingCredential.untrusted"
_TRUSTED = "signingCredential.trusted"
# About who signed, not about what was signed.
_SIGNER_CODES = ("signingCredential.", "timeStamp.", "cawg.")

_CONTENT = "its content is not what was signed"
_MEANINGS = {
    "assertion.dataHash.mismatch": _CONTENT,
    "assertion.bmffHash.mismatch": _CONTENT,
    "assertion.boxesHash.mismatch": _CONTENT,
    "assertion.hashedURI.mismatch": "a statement in the manifest is not the one that was signed",
    "assertion.missing": "a statement that was signed is gone from the manifest",
    "claimSignature.mismatch": "the signature does not match the manifest",
    "claimSignature.missing": "the manifest has no signature",
    "manifest.inaccessible": "its manifest is kept elsewhere and was not fetched",
    "signingCredential.expired": "the signer's certificate was not valid when it signed, "
    "as far as a trusted time stamp shows",
    "signingCredential.invalid": "the signer's certificate breaks the C2PA certificate profile",
    "signingCredential.revoked": "the signer's certificate has been revoked",
}


def state_of(store: Store) -> State:
    """Tell the layer's state.

    Parameters
    ----------
    store : Store
        The manifests.
    """
    if store.state == "Trusted":
        return "trusted"
    if store.state == "Valid":
        return "valid"
    active = mapping(store.results.get("activeManifest"))
    failures = codes(active.get("failure"))
    about_signer = all(code.startswith(_SIGNER_CODES) for code in failures)
    intact = "claimSignature.validated" in codes(active.get("success"))
    # Intact and signed by whoever it says, but with a certificate that could not sign.
    return "present" if failures and about_signer and intact else "damaged"


def problems_of(store: Store, *, trust_given: bool) -> tuple[str, ...]:
    """Say what is wrong with the active manifest and with every ingredient below it.

    Parameters
    ----------
    store : Store
        The manifests.
    trust_given : bool
        Whether roots were given, so that an unknown signer is worth a sentence.
    """
    failures = codes(mapping(store.results.get("activeManifest")).get("failure"))
    problems = list(_sentences("", failures))
    if trust_given and _UNTRUSTED in failures:
        signer = signer_of(store.manifest(store.active))
        problems.append(f"signed by {signer}, for whom no given root vouches")
    for name, below, findings in _ingredients(store):
        problems += _sentences(f"ingredient {name!r}: ", findings)
        if store.state == "Trusted" and _UNTRUSTED in findings:
            signer = signer_of(store.manifest(below))
            problems.append(
                f"ingredient {name!r}: signed by {signer}, for whom no given root vouches"
            )
    return tuple(dict.fromkeys(problems))


def damaged_manifests(store: Store) -> set[str]:
    """Name the manifests of ingredients that are not what was signed.

    Parameters
    ----------
    store : Store
        The manifests.
    """
    return {
        below
        for _, below, findings in _ingredients(store)
        if below is not None and not all(code.startswith(_SIGNER_CODES) for code in findings)
    }


def signer_of(manifest: Mapping[str, Any]) -> str:
    """Name who signed a manifest.

    Parameters
    ----------
    manifest : mapping
        The manifest.
    """
    signature = mapping(manifest.get("signature_info"))
    names = [text(signature.get("common_name")), text(signature.get("issuer"))]
    return ", ".join(name for name in names if name) or "an unnamed signer"


def _sentences(subject: str, findings: Iterable[str]) -> Iterator[str]:
    for code in findings:
        if code != _UNTRUSTED and not code.startswith("cawg."):
            meaning = _MEANINGS.get(code)
            yield f"{subject}{meaning} ({code})" if meaning else f"{subject}{code}"


def _ingredients(store: Store) -> Iterator[tuple[str, str | None, list[str]]]:
    """Give every ingredient's name, manifest and failures, now or when it was taken in."""
    recorded = _deltas(store)
    for label, manifest in store.reachable():
        for ingredient in mappings(manifest.get("ingredients")):
            uri = f"self#jumbf=/c2pa/{label}/c2pa.assertions/{ingredient.get('label')}"
            name = text(ingredient.get("title")) or text(ingredient.get("instance_id")) or "?"
            results = mapping(ingredient.get("validation_results"))
            at_intake = mapping(results.get("activeManifest"))
            failures = codes(at_intake.get("failure"))
            # Before ingredient version 3 there was one list for good and bad; bad ones fail.
            failures += [code for code in codes(ingredient.get("validation_status")) if _bad(code)]
            successes: list[str] = []
            for delta in recorded.get(uri, []):
                failures += codes(delta.get("failure"))
                successes += codes(delta.get("success"))
            if _TRUSTED in successes:
                failures = [code for code in failures if code != _UNTRUSTED]
            yield name, text(ingredient.get("active_manifest")), list(dict.fromkeys(failures))


def _deltas(store: Store) -> dict[str, list[Mapping[str, Any]]]:
    # What validation finds now comes last, but neither takes a failure back.
    found: dict[str, list[Mapping[str, Any]]] = {}
    sources = [
        mapping(ingredient.get("validation_results"))
        for _, manifest in store.reachable()
        for ingredient in mappings(manifest.get("ingredients"))
    ]
    for results in (*sources, store.results):
        for delta in mappings(results.get("ingredientDeltas")):
            uri = text(delta.get("ingredientAssertionURI"))
            if uri is not None:
                found.setdefault(uri, []).append(mapping(delta.get("validationDeltas")))
    return found


def _bad(code: str) -> bool:
    good = (".validated", ".match", ".trusted", ".accessible", ".notRevoked", ".insideValidity")
    return not code.endswith(good)
