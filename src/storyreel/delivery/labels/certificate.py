"""
The certificate that films are signed with, if there is one: where it is, and what is wrong with it, told before anything is bought.

The private key is read where it is needed and nowhere shown, logged or kept: no text of an error here repeats what is in its file, and
none has an error of another library behind it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storyreel.errors import SettingsError
from storyreel.files.regular import read_plain, reason_of
from storyreel.settings import as_set
from storyreel.variables.table import C2PA_CERT, C2PA_KEY, C2PA_TIMESTAMP, ROOT

PEM_MOST = 1_000_000
"""Bytes of a file with a certificate and those above it, or with a key."""
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
"""How C2PA calls what is signed with a key on each of these curves (C2PA 2.2, 13.2.1)."""
INSTALL = "pip install 'storyreel[c2pa]'"


@dataclass(frozen=True)
class Certificate:
    """
    A certificate with those above it, and its private key, in PEM. `timestamp` is the address of who says when something was signed; None
    where nobody is asked. `where` and `of_key` name both files for people, each after the variable that says it.
    """

    chain: bytes
    key: bytes = field(repr=False)
    where: str
    of_key: str
    timestamp: str | None = None

    @property
    def identity(self) -> dict[str, str | None]:
        """What tells films that are signed with it from others."""
        return {"certificate": hashlib.sha256(self.chain).hexdigest(), "timestamp": self.timestamp}


def configured() -> Certificate | None:
    """
    Return the certificate that is configured; None where none is.

    Raises:
        SettingsError: Half of it is, or a file cannot be read.
    """
    env = as_set()
    cert, key, timestamp = C2PA_CERT.read(env), C2PA_KEY.read(env), C2PA_TIMESTAMP.read(env)
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        there, gone = (C2PA_KEY, C2PA_CERT) if cert is None else (C2PA_CERT, C2PA_KEY)
        raise SettingsError(
            f"{there.name} is set and {gone.name} is not: films are signed with both; set both, or neither"
        )
    cert, key = (ROOT.read() / path for path in (cert, key))
    where, of_key = f"{C2PA_CERT.name}={cert}", f"{C2PA_KEY.name}={key}"
    return Certificate(_pem(cert, where), _pem(key, of_key), where, of_key, timestamp)


def signing_with(certificate: Certificate) -> tuple[str, bytes]:
    """
    Return how C2PA calls what is signed with a certificate, and its private key as PKCS #8, which is all that c2pa reads (measured with
    0.38, 2026-11-28); and see that it can be signed with, now.

    Raises:
        SettingsError: It does not hold now, its key is another's, or one of them is nothing that C2PA signs with.
    """
    try:
        import c2pa  # noqa: F401
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
            load_pem_private_key,
        )
    except ImportError:
        raise SettingsError(
            f"{C2PA_CERT.name} is set, and what signs films is not installed: {INSTALL}, or unset it"
        ) from None
    where, of_key = certificate.where, certificate.of_key
    try:
        own, *above = x509.load_pem_x509_certificates(certificate.chain)
    except ValueError:
        raise SettingsError(
            f"{where} has no certificate in it that can be read; it is one in PEM, with those above it"
        ) from None
    try:
        key = load_pem_private_key(certificate.key, None)
    except TypeError:
        raise SettingsError(
            f"{of_key} is locked with a password, which storyreel asks nobody for; name a file without one"
        ) from None
    except Exception:
        raise SettingsError(f"{of_key} has no private key in it that can be read; it is one in PEM") from None
    now = datetime.now(UTC)
    if now > own.not_valid_after_utc:
        raise SettingsError(f"{where} has expired, on {own.not_valid_after_utc:%Y-%m-%d}; name one that holds")
    if now < own.not_valid_before_utc:
        raise SettingsError(
            f"{where} holds from {own.not_valid_before_utc:%Y-%m-%d} on, which is yet to come; name one that holds"
        )
    if key.public_key() != own.public_key():
        if any(key.public_key() == each.public_key() for each in above):
            raise SettingsError(
                f"{where} does not begin with your own certificate; put that first, and those above it behind"
            )
        raise SettingsError(f"{of_key} is not the key of {where}; name the one that it was made for")
    return _algorithm(key, of_key), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _algorithm(key: Any, of_key: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    raise SettingsError(
        f"{of_key} is of a kind that C2PA does not sign with; it signs with ECDSA (P-256), Ed25519 and RSA"
    )


def _pem(path: Path, called: str) -> bytes:
    try:
        return read_plain(path, PEM_MOST)
    except OSError as error:
        raise SettingsError(
            f"{called} {reason_of(error)}; films are to be signed with it: name another one, or unset it"
        ) from None
