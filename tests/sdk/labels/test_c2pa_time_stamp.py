"""Time stamps from a real RFC 3161 service: openssl behind a local port."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from genlabel import Label, Signer
from genlabel.certs import init
from genlabel.labels.c2pa import read_manifest, sign_manifest

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="8" height="8"/></svg>'

CONFIG = """\
[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/tsa.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
"""


def write_service(folder: Path) -> None:
    """Write what openssl needs; a service is held to the same certificate profile as a signer."""
    key, above = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, *[False] * 8)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clock")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clockmaker")]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False
        )
        .sign(above, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, cipher = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "tsa.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "tsa.key").write_bytes(key.private_bytes(pem, form, cipher))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))


@pytest.fixture
def tsa_url(tmp_path: Path) -> Iterator[str]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    write_service(tmp_path)

    class Clock(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = tmp_path / "query"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            command = [openssl, "ts", "-reply", "-config", tmp_path / "tsa.cnf", "-section", "it"]
            reply = subprocess.run(
                [*command, "-queryfile", query], capture_output=True, check=True
            ).stdout
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Clock) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_signer_with_a_clock_gets_its_signature_time_stamped(tsa_url: str, tmp_path: Path):
    files = init(tmp_path / "ca")
    signer = Signer.load(files.chain, files.key, tsa_url=tsa_url)
    signed = sign_manifest(
        SVG, "image/svg+xml", Label("acme"), signer, name="x.svg", payload=b"12345678"
    )
    layer = read_manifest(
        signed, "image/svg+xml", name="x.svg", trust=files.root.read_bytes()
    ).layer
    assert layer.state == "trusted"
    stamped = datetime.fromisoformat(layer.details["signed"])
    assert abs(stamped - datetime.now(UTC)) < timedelta(minutes=5)
