"""``genlabel certs``: certificates to sign with, made or looked at."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING, Any

from genlabel_cli._status import Status

if TYPE_CHECKING:
    from genlabel.certs import Finding

_MAX_FILE_BYTES = 1 << 20

_INIT = """\
Make a certificate authority of your own and a signer under it:

  DIR/signer.pem, DIR/signer.key   mark --sign DIR/signer.pem DIR/signer.key
  DIR/root.pem                     verify --trust DIR/root.pem
  DIR/root.key, DIR/intermediate.* to make more signers; keep them elsewhere

Where the root is not known, what this signer signs reads as valid and signed
by somebody unknown; a certificate from the public C2PA trust list is bought.
"""

_DOCTOR = """\
Name every rule of the C2PA certificate profile that a signer's certificates
or its private key break, and what to do about it.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "certs",
        help="make certificates to sign with, or find out what is wrong with some",
        description="Certificates to sign C2PA manifests with.",
    )
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    _add_init(actions)
    _add_doctor(actions)


def _add_init(actions: Any) -> None:
    parser: ArgumentParser = actions.add_parser(
        "init",
        help="make a root, an intermediate and a signer",
        description=_INIT,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", metavar="DIR", help="where to write; made if need be")
    parser.add_argument("--organisation", metavar="NAME", default="genlabel local")
    parser.add_argument(
        "--common-name",
        metavar="NAME",
        default="genlabel signer",
        help="whom verifiers will name as the signer (default: %(default)s)",
    )
    parser.add_argument(
        "--days", type=int, default=365, help="how long the signer is valid (default: %(default)s)"
    )
    parser.add_argument(
        "--algorithm",
        choices=("es256", "es384", "es512", "ps256", "ed25519"),
        default="es256",
        help="what it signs with (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def _add_doctor(actions: Any) -> None:
    parser: ArgumentParser = actions.add_parser(
        "doctor",
        help="name the rule that certificates break",
        description=_DOCTOR,
        epilog="exit status: 0 every rule is kept, 1 one is broken",
    )
    parser.add_argument("chain", metavar="CERT.pem", help="the certificates, the signer's first")
    parser.add_argument("key", metavar="KEY.pem", nargs="?", help="the signer's private key")
    parser.add_argument("--trust", metavar="PEM", help="roots the certificates should lead to")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Make certificates, or look at some."""
    return _init(args) if args.action == "init" else _doctor(args)


def _init(args: Namespace) -> int:
    from genlabel import certs
    from genlabel_cli._console import say

    files = certs.init(
        args.directory,
        organisation=args.organisation,
        common_name=args.common_name,
        days=args.days,
        algorithm=args.algorithm,
    )
    say(f"sign with      --sign {files.chain} {files.key}")
    say(f"verify with    --trust {files.root}")
    say(f"keep elsewhere {files.root_key} and {files.intermediate_key}")
    return Status.DONE


def _doctor(args: Namespace) -> int:
    from genlabel import certs

    findings = certs.doctor(
        _read(args.chain),
        None if args.key is None else _read(args.key),
        trust=None if args.trust is None else _read(args.trust),
    )
    healthy = all(finding.ok for finding in findings)
    if args.json:
        record = {
            "schema": "genlabel.certs/1",
            "ok": healthy,
            "findings": [finding.to_dict() for finding in findings],
        }
        sys.stdout.write(json.dumps(record, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for finding in findings for line in _lines(finding))
    return Status.DONE if healthy else Status.NOT_FOUND


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(_MAX_FILE_BYTES + 1)


def _lines(finding: Finding) -> list[str]:
    from genlabel_cli._console import one_line, paint

    what = f"{finding.subject:<14} {finding.rule:<24}"
    if finding.ok:
        return [f"{paint('ok', 'green')}      {what} {finding.demand}"]
    return [
        f"{paint('broken', 'red')}  {what} {one_line(finding.found)}",
        f"        asked for: {finding.demand}",
        f"        to do:     {finding.fix}",
    ]
