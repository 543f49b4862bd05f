"""Certificates of servers on loopback, and of the authorities that they are from: good ones and bad ones, made anew.

Knows X.509; does not know who is shown a certificate, nor what should come of it.
"""

import ssl
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """A certificate authority in memory."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        self._certificate = (
            self._builder(self._name, self._key.public_key(), datetime.now(UTC))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def write(self, file: Path) -> None:
        """Write its own certificate, for those who trust it."""
        file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        file: Path,
        names: Sequence[x509.GeneralName],
        today: datetime | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> None:
        """Write a server's certificate, and its key. `today`: when it is issued; `key`: else a new one is made."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = (
            self._builder(x509.Name([]), key.public_key(), today or datetime.now(UTC))
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, today: datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=30))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )


class LocalCertificates:
    """Certificates for localhost and 127.0.0.1: `good`, and bad ones, which are `other`, `unknown` and `expired`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.authority = folder / "authority.pem"
        """The file of the authority that clients trust."""
        trusted, stranger = Authority("faults"), Authority("stranger")
        trusted.write(self.authority)
        local = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
        trusted.issue(folder / "good.pem", local)
        trusted.issue(folder / "other.pem", [x509.DNSName("other.example")])
        stranger.issue(folder / "unknown.pem", local)
        trusted.issue(folder / "expired.pem", local, datetime.now(UTC) - timedelta(days=60))

    def context(self, name: str) -> ssl.SSLContext:
        """The TLS settings of a server with the certificate of this name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / f"{name}.pem")
        return context


class HostContext(ssl.SSLContext):
    """The TLS settings of one host name."""

    host = ""


class HostCertificates:
    """A certificate for each host name that is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._contexts: dict[str, HostContext] = {}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._authority = Authority("verifying server")
        self.authority = folder / "ca.pem"
        """The file of the authority that clients trust."""
        self._authority.write(self.authority)

    def context(self, host: str) -> HostContext:
        """The TLS settings of a host name."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._new(host)
            return self._contexts[host]

    def _new(self, host: str) -> HostContext:
        file = self._folder / f"{len(self._contexts)}.pem"
        self._authority.issue(file, [x509.DNSName(host or "nameless.invalid")], key=self._key)
        context = HostContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(file)
        context.host = host
        return context
