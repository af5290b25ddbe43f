"""The doctor names the rule a chain breaks, and c2pa does refuse what it calls broken."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from genlabel import Label
from genlabel.certs import doctor
from genlabel.labels.c2pa._credentials import Credentials
from genlabel.labels.c2pa._settings import context
from genlabel.labels.c2pa._statement import Statement
from genlabel.labels.c2pa._store import Store, open_store

EMAIL = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.4")
SERVER = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.1")
TIME_STAMPING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.8")
ANY = x509.ObjectIdentifier("2.5.29.37.0")
UNKNOWN = x509.ObjectIdentifier("1.2.3.4.5.6")

DAY = timedelta(days=1)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="8" height="8"/></svg>'

ROOT_KEY, INTERMEDIATE_KEY, LEAF_KEY, OTHER_KEY = (
    ec.generate_private_key(ec.SECP256R1()) for _ in range(4)
)


def usage(**on: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: on.get(name, False) for name in names.split()})


@dataclass(frozen=True)
class Spec:
    """A certificate to be made; the defaults keep every rule."""

    name: str
    key: Any
    issuer: str
    issuer_key: Any
    ca: bool | None = None
    path_length: int | None = None
    key_usage: x509.KeyUsage | None = None
    uses: tuple[x509.ObjectIdentifier, ...] | None = None
    authority_key: bool = True
    subject_key: bool = True
    start: datetime = field(default_factory=lambda: datetime.now(UTC) - DAY)
    end: datetime = field(default_factory=lambda: datetime.now(UTC) + 90 * DAY)
    algorithm: Any = field(default_factory=hashes.SHA256)
    critical: bool = False

    def make(self) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(self.name))
            .issuer_name(named(self.issuer))
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.start)
            .not_valid_after(self.end)
        )
        extensions: list[tuple[x509.ExtensionType | None, bool]] = [
            (
                None if self.ca is None else x509.BasicConstraints(self.ca, self.path_length),
                True,
            ),
            (self.key_usage, True),
            (None if self.uses is None else x509.ExtendedKeyUsage(self.uses), False),
        ]
        if self.subject_key:
            own = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
            extensions.append((own, False))
        if self.authority_key:
            above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.issuer_key.public_key())
            extensions.append((above, False))
        if self.critical:
            extensions.append((x509.UnrecognizedExtension(UNKNOWN, b"\x05\x00"), True))
        for extension, critical in extensions:
            if extension is not None:
                builder = builder.add_extension(extension, critical)
        return builder.sign(self.issuer_key, self.algorithm)


def named(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


AUTHORITY = usage(key_cert_sign=True, crl_sign=True)
ROOT = Spec("root", ROOT_KEY, "root", ROOT_KEY, ca=True, key_usage=AUTHORITY)
INTERMEDIATE = Spec(
    "intermediate", INTERMEDIATE_KEY, "root", ROOT_KEY, ca=True, key_usage=AUTHORITY
)
LEAF = Spec(
    "leaf",
    LEAF_KEY,
    "intermediate",
    INTERMEDIATE_KEY,
    ca=False,
    key_usage=usage(digital_signature=True),
    uses=(EMAIL,),
)
ROOT_CERTIFICATE = ROOT.make()


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(item.public_bytes(serialization.Encoding.PEM) for item in certificates)


def pkcs8(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def chain(leaf: Spec = LEAF, intermediate: Spec = INTERMEDIATE) -> bytes:
    return pem(leaf.make(), intermediate.make())


def broken(chain_pem: bytes, key: bytes | None = None, **options: bytes) -> set[str]:
    return {finding.rule for finding in doctor(chain_pem, key, **options) if not finding.ok}


def c2pa_says(chain_pem: bytes, key: bytes, algorithm: str = "es256") -> str:
    """Sign with c2pa alone, nothing checked before, and read back under the root."""
    import c2pa

    statement = Statement(Label("acme", "1"), "x.svg", None, opened=False)
    signed = io.BytesIO()
    try:
        signer = Credentials(algorithm, chain_pem, key, None).open()
        with c2pa.Builder(statement.definition(), context=context()) as builder:
            builder.sign(signer, "image/svg+xml", io.BytesIO(SVG), signed)
    except c2pa.C2paError as error:
        return str(error)
    store = open_store(signed.getvalue(), "image/svg+xml", trust=pem(ROOT_CERTIFICATE))
    assert isinstance(store, Store)
    return store.state


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def resign(certificate: x509.Certificate, change: Any) -> bytes:
    """Change a certificate's inside in a way no library offers, and sign it again."""
    tbs = certificate.tbs_certificate_bytes
    inside = tbs[4:]  # SEQUENCE with a length of two bytes
    changed = der(0x30, change(inside))
    signature = INTERMEDIATE_KEY.sign(changed, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256
    whole = der(0x30, changed + algorithm + der(0x03, b"\0" + signature))
    text = base64.encodebytes(whole).decode()
    return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n".encode()


def with_unique_identifier(inside: bytes) -> bytes:
    # The extensions, [3], come last; their length takes one byte here.
    places = (i for i in range(len(inside) - 1) if inside[i] == 0xA3)
    place = next(i for i in places if i + 2 + inside[i + 1] == len(inside))
    return inside[:place] + der(0x81, b"\0\x2a") + inside[place:]


def test_a_sound_chain_keeps_every_rule_and_c2pa_trusts_it():
    sound, key = chain(), pkcs8(LEAF_KEY)
    assert broken(sound, key, trust=pem(ROOT_CERTIFICATE)) == set()
    assert c2pa_says(sound, key) == "Trusted"


LEAF_CASES = {
    "not-ca": replace(LEAF, ca=True),
    "key-usage": replace(LEAF, key_usage=usage(key_encipherment=True)),
    "key-usage/none": replace(LEAF, key_usage=None),
    "key-usage/cert-sign": replace(
        LEAF, key_usage=usage(digital_signature=True, key_cert_sign=True)
    ),
    "extended-key-usage": replace(LEAF, uses=None),
    "extended-key-usage/server": replace(LEAF, uses=(SERVER,)),
    "no-any-eku": replace(LEAF, uses=(EMAIL, ANY)),
    "no-mixed-eku": replace(LEAF, uses=(EMAIL, TIME_STAMPING)),
    "authority-key-identifier": replace(LEAF, authority_key=False),
    "validity": replace(LEAF, end=datetime.now(UTC) - timedelta(hours=1)),
    "validity/future": replace(LEAF, start=datetime.now(UTC) + DAY),
    "signature-algorithm": replace(LEAF, algorithm=hashes.SHA224()),
    "critical-extensions": replace(LEAF, critical=True),
    "not-self-signed": replace(LEAF, issuer="leaf", issuer_key=LEAF_KEY),
}


@pytest.mark.parametrize("case", LEAF_CASES)
def test_a_leaf_that_breaks_one_rule(case):
    leaf = LEAF_CASES[case]
    alone = leaf.issuer == leaf.name
    bad, key = (pem(leaf.make()) if alone else chain(leaf)), pkcs8(LEAF_KEY)
    assert broken(bad, key) == {case.partition("/")[0]}
    assert c2pa_says(bad, key) != "Trusted"


KEY_CASES = {
    "secp256k1": (lambda: ec.generate_private_key(ec.SECP256K1()), "es256"),
    "rsa-1024": (lambda: rsa.generate_private_key(65537, 1024), "ps256"),
    "ed448": (ed448.Ed448PrivateKey.generate, "ed25519"),
}


@pytest.mark.parametrize("case", KEY_CASES)
def test_a_key_of_a_kind_that_may_not_sign(case):
    make, algorithm = KEY_CASES[case]
    leaf = replace(LEAF, key=make())
    bad, key = chain(leaf), pkcs8(leaf.key)
    assert broken(bad, key) == {"key-type"}
    assert c2pa_says(bad, key, algorithm) != "Trusted"


AUTHORITY_CASES = {
    "ca": replace(INTERMEDIATE, ca=False),
    "ca-key-usage": replace(INTERMEDIATE, key_usage=usage(crl_sign=True)),
}


@pytest.mark.parametrize("case", AUTHORITY_CASES)
def test_an_intermediate_that_breaks_one_rule(case):
    bad, key = chain(intermediate=AUTHORITY_CASES[case]), pkcs8(LEAF_KEY)
    assert broken(bad, key) == {case}
    assert c2pa_says(bad, key) != "Trusted"


def test_an_intermediate_that_breaks_a_rule_this_c2pa_does_not_hold_it_to():
    # RFC 5280, 4.2.1.2; other validators do.
    bad = chain(intermediate=replace(INTERMEDIATE, subject_key=False))
    assert broken(bad, pkcs8(LEAF_KEY)) == {"subject-key-identifier"}


@pytest.mark.parametrize("version", [b"", b"\xa0\3\2\1\1"], ids=["1", "2"])
def test_versions_before_3(version):
    old = resign(LEAF.make(), lambda inside: version + inside.removeprefix(b"\xa0\3\2\1\2"))
    assert broken(old + pem(INTERMEDIATE.make()), pkcs8(LEAF_KEY)) == {"version"}
    assert c2pa_says(old + pem(INTERMEDIATE.make()), pkcs8(LEAF_KEY)) != "Trusted"


def test_unique_identifiers():
    bad = resign(LEAF.make(), with_unique_identifier) + pem(INTERMEDIATE.make())
    assert broken(bad, pkcs8(LEAF_KEY)) == {"unique-identifiers"}
    assert c2pa_says(bad, pkcs8(LEAF_KEY)) != "Trusted"


def test_order_and_links_of_the_chain():
    key = pkcs8(LEAF_KEY)
    leaf, intermediate = LEAF.make(), INTERMEDIATE.make()
    backwards = pem(intermediate, leaf)
    assert "chain-order" in broken(backwards, key)
    assert c2pa_says(backwards, key) != "Trusted"
    namesake = pem(leaf, replace(INTERMEDIATE, key=OTHER_KEY).make())
    assert broken(namesake, key) == {"chain-links"}
    assert c2pa_says(namesake, key) != "Trusted"
    assert broken(pem(leaf, intermediate, ROOT_CERTIFICATE), key) == set()
    assert c2pa_says(pem(leaf, intermediate, ROOT_CERTIFICATE), key) == "Trusted"


def test_path_length():
    upper = replace(INTERMEDIATE, name="upper", path_length=0, key=OTHER_KEY)
    lower = replace(INTERMEDIATE, issuer="upper", issuer_key=OTHER_KEY)
    bad = pem(LEAF.make(), lower.make(), upper.make())
    assert broken(bad, pkcs8(LEAF_KEY)) == {"path-length"}
    assert c2pa_says(bad, pkcs8(LEAF_KEY)) != "Trusted"


def test_a_leaf_without_its_intermediate_leads_to_no_root():
    alone, key = pem(LEAF.make()), pkcs8(LEAF_KEY)
    assert broken(alone, key) == set()
    assert broken(alone, key, trust=pem(ROOT_CERTIFICATE)) == {"anchored"}
    assert c2pa_says(alone, key) == "Valid"
    assert broken(alone, key, trust=b"no roots") == {"pem"}


def test_the_key():
    sound = chain()
    older = LEAF_KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    locked = LEAF_KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    for key, rule in (
        (older, "key-format"),
        (locked, "key-readable"),
        (b"no key", "key-readable"),
        (pkcs8(OTHER_KEY), "key-match"),
    ):
        assert broken(sound, key) == {rule}
        assert c2pa_says(sound, key) != "Trusted"


def test_every_broken_rule_says_what_is_wrong_and_what_to_do():
    worst = replace(
        LEAF,
        ca=True,
        key_usage=None,
        uses=(ANY,),
        authority_key=False,
        end=datetime.now(UTC) - timedelta(hours=1),
        critical=True,
    )
    findings = doctor(chain(worst), pkcs8(OTHER_KEY))
    assert sum(not finding.ok for finding in findings) >= 6
    for finding in findings:
        assert finding.demand
        assert bool(finding.found) == bool(finding.fix) == (not finding.ok)
        assert finding.to_dict()["rule"] == finding.rule


@given(st.binary(max_size=400), st.integers(0, 2000), st.binary(max_size=40))
def test_nothing_is_raised_whatever_the_bytes(noise, position, splice):
    sound = chain()
    for bad in (noise, sound[:position] + splice + sound[position:], sound[:position]):
        assert doctor(bad, bad, trust=bad)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.integers(0, 700), st.integers(0, 255))
def test_nothing_is_raised_for_damaged_certificates(position, value):
    whole = bytearray(LEAF.make().public_bytes(serialization.Encoding.DER))
    whole[position % len(whole)] = value
    text = base64.encodebytes(bytes(whole)).decode()
    damaged = f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n".encode()
    assert doctor(damaged + pem(INTERMEDIATE.make()), pkcs8(LEAF_KEY))
