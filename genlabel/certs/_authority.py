"""A certificate authority of one's own: root, intermediate and signer."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

from genlabel._errors import SignerError
from genlabel.certs._algorithms import ALGORITHMS, new_key
from genlabel.certs._issue import Issuer, Party
from genlabel.certs._key import private_pem

_ROOT_DAYS = 3650
_INTERMEDIATE_DAYS = 1825
_MAX_DAYS = 36500
# RFC 5280, appendix A: ub-organization-name and ub-common-name.
_MAX_NAME_CHARACTERS = 64
_MAX_STEM_CHARACTERS = 56


@dataclass(frozen=True, slots=True)
class CertFiles:
    """What `init` wrote.

    Parameters
    ----------
    chain : Path
        The signer's certificate and the intermediate's, PEM: what `Signer.load` takes.
    key : Path
        The signer's private key, PKCS#8 PEM, readable by its owner only.
    root : Path
        The root certificate, PEM: what ``verify`` takes as trust. Hand this one out.
    root_key, intermediate, intermediate_key : Path
        What new signers are made with; keep them away from where files are signed.
    """

    chain: Path
    key: Path
    root: Path
    root_key: Path
    intermediate: Path
    intermediate_key: Path


def init(
    directory: str | os.PathLike[str],
    *,
    organisation: str = "genlabel local",
    common_name: str = "genlabel signer",
    days: int = 365,
    algorithm: str = "es256",
) -> CertFiles:
    """Make a root, an intermediate and a signer whose C2PA manifests verify under that root.

    Elsewhere such a signer reads as valid and unknown: being on the public C2PA trust list takes
    a certificate from one of its authorities.

    Parameters
    ----------
    directory : path-like
        Where to write six files; made if it does not exist.
    organisation, common_name : str
        Whom verifiers will name as the signer; 1 to 64 printable characters each.
    days : int
        How long the signer's certificate is valid; root and intermediate last at least as long.
    algorithm : {"es256", "es384", "es512", "ps256", "ed25519"}
        What signs.

    Returns
    -------
    CertFiles
        Where everything is.

    Raises
    ------
    SignerError
        A name or number is out of range, a file exists already, or cannot be written.

    References
    ----------
    C2PA Technical Specification 2.2, 14.5.1 (certificate profiles); RFC 5280.
    """
    _check(organisation, common_name, days, algorithm)
    files = _files(Path(directory))
    for item in fields(files):
        path = getattr(files, item.name)
        if path.exists() or path.is_symlink():
            raise SignerError("already exists; certificates are never overwritten", path=path)
    _write(files, _contents(organisation, common_name, days, algorithm))
    return files


def _check(organisation: str, common_name: str, days: int, algorithm: str) -> None:
    for what, name in (("organisation", organisation), ("common name", common_name)):
        if not 0 < len(name) <= _MAX_NAME_CHARACTERS or not name.isprintable():
            raise SignerError(f"{what}: 1 to {_MAX_NAME_CHARACTERS} printable characters")
    if not 0 < days <= _MAX_DAYS:
        raise SignerError(f"days: 1 to {_MAX_DAYS}, not {days}")
    if algorithm not in ALGORITHMS:
        raise SignerError(f"algorithm {algorithm!r} is not one of {', '.join(ALGORITHMS)}")


def _files(directory: Path) -> CertFiles:
    return CertFiles(
        chain=directory / "signer.pem",
        key=directory / "signer.key",
        root=directory / "root.pem",
        root_key=directory / "root.key",
        intermediate=directory / "intermediate.pem",
        intermediate_key=directory / "intermediate.key",
    )


def _contents(organisation: str, common_name: str, days: int, algorithm: str) -> dict[str, bytes]:
    """Make the keys and certificates: what goes into each field of `CertFiles`."""
    from cryptography.hazmat.primitives.serialization import Encoding

    stem = organisation[:_MAX_STEM_CHARACTERS]
    root = Party(f"{stem} root", new_key(algorithm))
    intermediate = Party(f"{stem} issuing", new_key(algorithm))
    signer = Party(common_name, new_key(algorithm))
    issuer = Issuer(organisation, algorithm)
    root_pem, intermediate_pem, leaf_pem = (
        certificate.public_bytes(Encoding.PEM)
        for certificate in (
            issuer.authority(root, root, days=max(days, _ROOT_DAYS), path_length=1),
            issuer.authority(intermediate, root, days=max(days, _INTERMEDIATE_DAYS), path_length=0),
            issuer.signer(signer, intermediate, days=days),
        )
    )
    return {
        "chain": leaf_pem + intermediate_pem,
        "key": private_pem(signer.key),
        "root": root_pem,
        "root_key": private_pem(root.key),
        "intermediate": intermediate_pem,
        "intermediate_key": private_pem(intermediate.key),
    }


def _write(files: CertFiles, contents: dict[str, bytes]) -> None:
    written: list[Path] = []
    path = files.root.parent
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            path = getattr(files, name)
            # Keys are owner-only from the first byte; an existing file is never opened.
            mode = 0o600 if name.endswith("key") else 0o644
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            written.append(path)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
    except OSError as error:
        # Half an authority is worse than none.
        for done in written:
            done.unlink(missing_ok=True)
        raise SignerError(f"cannot be written: {error.strerror}", path=path) from error
