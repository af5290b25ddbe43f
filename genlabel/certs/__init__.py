"""Certificates for signing: a small authority of one's own, and a doctor for given ones.

>>> from genlabel import certs
>>> files = certs.init("certs", organisation="Acme")  # doctest: +SKIP
>>> certs.doctor(files.chain.read_bytes(), files.key.read_bytes())  # doctest: +SKIP
"""

from __future__ import annotations

from genlabel.certs._authority import CertFiles, init
from genlabel.certs._doctor import doctor
from genlabel.certs._finding import Finding

__all__ = ["CertFiles", "Finding", "doctor", "init"]
