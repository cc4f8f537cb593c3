"""What makes a Kafka node of the tests as closed as one in production: TLS, SCRAM accounts, and an authorizer."""

from __future__ import annotations

import logging
import secrets
import ssl
import subprocess
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.cli.errors import ProcessDied
from services.cli.processes import HOST

ADMIN = "admin"
MECHANISM = "SCRAM-SHA-512"
ASKED_WITHIN_S = 30.0
#: As many as Kafka asks for at least; a test's account is short-lived.
_ITERATIONS = 4096
_SILENT = logging.getLogger("librdkafka.silent")
_LOGIN = {
    MECHANISM: "org.apache.kafka.common.security.scram.ScramLoginModule",
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
}


class Secured:
    """Certificates and passwords of one node, made anew for each."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.ca = home / "ca.pem"
        self._keystore = home / "broker.pem"
        self._passwords = {ADMIN: secrets.token_urlsafe(16)}
        _certify(self.ca, self._keystore)

    # -- for the node --------------------------------------------------------------------------------

    def settings(self, bootstrap: str, controller_port: int) -> Mapping[str, str]:
        """What the node is told besides; the administrator is the only account that nothing is checked of."""
        password = self._passwords[ADMIN]
        return {
            "listeners": f"CLIENTS://{bootstrap},CONTROLLER://{HOST}:{controller_port}",
            "advertised.listeners": f"CLIENTS://{bootstrap}",
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name": "CLIENTS",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            "listener.name.clients.scram-sha-512.sasl.jaas.config": _jaas(MECHANISM, ADMIN, password),
            # A controller cannot look up a SCRAM account before there is a quorum that knows any.
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": _jaas(
                "PLAIN", ADMIN, password, **{f"user_{ADMIN}": password}
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._keystore),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN}",
            "allow.everyone.if.no.acl.found": "false",
        }

    def at_format(self) -> Sequence[str]:
        """The account by which the node speaks to itself has to be there before it starts."""
        return ("--add-scram", f"{MECHANISM}=[name={ADMIN},password={self._passwords[ADMIN]}]")

    def wait_for(self, process: subprocess.Popen[bytes], bootstrap: str, within_s: float) -> None:
        """Returns when the node lets its administrator in."""
        until = time.monotonic() + within_s
        while True:
            try:
                AdminClient(self.librdkafka(bootstrap), logger=_SILENT).list_topics(timeout=1)
                return
            except KafkaException as fault:
                if process.poll() is not None:
                    raise ProcessDied(f"the broker at {bootstrap} ended at once") from fault
                if time.monotonic() > until:
                    raise ProcessDied(
                        f"the broker at {bootstrap} did not answer within {within_s:.0f} s"
                    ) from fault

    # -- for its clients -----------------------------------------------------------------------------

    def admin(self, bootstrap: str) -> AdminClient:
        return AdminClient(self.librdkafka(bootstrap), logger=_SILENT)

    def add(self, bootstrap: str, *users: str) -> None:
        """Makes accounts; they may do nothing yet."""
        for user in users:
            self._passwords[user] = secrets.token_urlsafe(16)
        admin = self.admin(bootstrap)  # kept until it has answered
        made = admin.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(
                    user,
                    ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS),
                    self._passwords[user].encode(),
                )
                for user in users
            ]
        )
        for waiting in made.values():
            waiting.result(ASKED_WITHIN_S)

    def librdkafka(self, bootstrap: str, user: str = ADMIN, password: str | None = None) -> dict[str, Any]:
        """The settings of a client that is not the library under test."""
        return {
            "bootstrap.servers": bootstrap,
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(self.ca),
            "sasl.mechanism": MECHANISM,
            "sasl.username": user,
            "sasl.password": password or self._passwords[user],
        }

    def environment(self, bootstrap: str, user: str = ADMIN, password: str | None = None) -> dict[str, str]:
        """The same for a process or a command of ours."""
        return {
            "SEINHUIS_KAFKA": bootstrap,
            "SEINHUIS_KAFKA_SECURITY": "SASL_SSL",
            "SEINHUIS_KAFKA_CA": str(self.ca),
            "SEINHUIS_KAFKA_SASL_MECHANISM": MECHANISM,
            "SEINHUIS_KAFKA_USER": user,
            "SEINHUIS_KAFKA_PASSWORD": password or self._passwords[user],
        }

    def aiokafka(self, user: str = ADMIN, password: str | None = None) -> dict[str, Any]:
        """The same for a client of the runtime."""
        return {
            "security_protocol": "SASL_SSL",
            "ssl_context": ssl.create_default_context(cafile=str(self.ca)),
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": user,
            "sasl_plain_password": password or self._passwords[user],
        }


def _jaas(mechanism: str, user: str, password: str, **more: str) -> str:
    words = " ".join(
        f'{name}="{word}"' for name, word in {"username": user, "password": password, **more}.items()
    )
    return f"{_LOGIN[mechanism]} required {words};"


def _certify(ca_file: Path, keystore: Path) -> None:
    """An authority of a day, and a certificate for this machine that it signs."""
    now = datetime.now(UTC)
    authority, broker = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    its_name, node_name = _name("Seinhuis tests"), _name(HOST)

    def begun(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(its_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(days=1))
        )

    ca = (
        begun(its_name, authority)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), critical=False)
        .add_extension(_SIGNS, critical=True)
        .sign(authority, hashes.SHA256())
    )
    node = (
        begun(node_name, broker)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
        )
        .sign(authority, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    ca_file.write_bytes(ca.public_bytes(pem))
    keystore.touch(0o600)
    keystore.write_bytes(
        broker.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + node.public_bytes(pem)
        + ca.public_bytes(pem)
    )


_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _name(word: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, word)])
