"""Whether a broker lets us in, and if not, why: aiokafka tells of a wrong password as of a broker that is not there."""

from __future__ import annotations

import asyncio
import ssl

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from services.runtime.reach import NotLetIn, Security


async def refusal(bootstrap: str, security: Security, within_s: float = 5.0) -> NotLetIn | None:
    """Why the first broker that answers does not let us in; nothing when it does, or when none answers."""
    for host, port, _ in collect_hosts(bootstrap):
        address = f"{host}:{port}"
        try:
            async with asyncio.timeout(within_s):
                line = await create_conn(
                    host,
                    port,
                    client_id="seinhuis-admittance",
                    request_timeout_ms=int(within_s * 1000),
                    **security,
                )
        except UnsupportedSaslMechanismError:
            mechanism = security.get("sasl_mechanism")
            return NotLetIn(
                address,
                f"it does not take {mechanism}",
                "set SEINHUIS_KAFKA_SASL_MECHANISM to one that it does",
            )
        except ssl.SSLCertVerificationError as fault:
            return NotLetIn(
                address,
                f"its certificate is not accepted ({fault.verify_message})",
                "is SEINHUIS_KAFKA_CA the file that signs it, and SEINHUIS_KAFKA its name?",
            )
        except ssl.SSLError:
            return NotLetIn(address, "it does not speak TLS there", "is SEINHUIS_KAFKA_SECURITY right?")
        except (
            SaslAuthenticationFailed,
            AuthenticationFailedError,
            ValueError,
        ):  # ValueError: its own proof is wrong
            user = security.get("sasl_plain_username") or "nobody"
            return NotLetIn(
                address,
                f"it does not let in {user}",
                "are SEINHUIS_KAFKA_USER and SEINHUIS_KAFKA_PASSWORD right?",
            )
        except (KafkaError, TimeoutError, OSError):
            continue
        line.close()
        return None
    return None
