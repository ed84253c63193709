"""
Certificates to sign films with, made for one test and thrown away after it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Certificate:
    """A certificate with the one that has signed it, and its key, in files; `authority` is the latter alone."""

    cert: Path
    key: Path
    authority: Path


def certificate(
    folder: Path,
    *,
    name: str = "Tram Films",
    days: tuple[int, int] = (-1, 30),
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    kind: str = "ec",
) -> Certificate:
    """
    Make a certificate that C2PA takes (C2PA 2.2, 14.5.1), and its authority.

    Args:
        days: From and until when it holds, counted from now.
        usage: What it is good for.
        kind: Of its key: `ec` signs ES256, `rsa` PS256.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    above = ec.generate_private_key(ec.SECP256R1())
    own = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"), x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")]
    )
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )

    def begun(subject: x509.Name, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        )

    def uses(*, signs: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=not signs,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=signs,
            crl_sign=signs,
            encipher_only=False,
            decipher_only=False,
        )

    root = (
        begun(issuer, above)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(uses(signs=True), critical=True)
        .sign(above, hashes.SHA256())
    )
    leaf = (
        begun(subject, own)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(uses(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .sign(above, hashes.SHA256())
    )

    def pem(each: x509.Certificate) -> bytes:
        return each.public_bytes(serialization.Encoding.PEM)

    made = Certificate(folder / "cert.pem", folder / "key.pem", folder / "authority.pem")
    made.cert.write_bytes(pem(leaf) + pem(root))
    made.authority.write_bytes(pem(root))
    made.key.write_bytes(
        own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made
