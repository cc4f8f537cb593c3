"""`seinhuis token`: an access token for trying things out, by an issuer of this machine that nobody else trusts."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from typing import Annotated

import orjson
import typer
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from services.cli.errors import UsedWrongly
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Scope
from services.runtime.settings import RuntimeSettings

DEMO_ISSUER = "urn:seinhuis:demo-issuer"
_KEY, _KEY_SET = "issuer.json", "jwks.json"
MINUTES_MAX = 24 * 60


def token(
    party: Annotated[str, typer.Option(help="The party of the agreement it is for.")] = "",
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="A source it may speak as, urn:nld:oin:<OIN>:systeem:<name>; made up when not said."
        ),
    ] = None,
    partnership: Annotated[list[str] | None, typer.Option(help="Where the party takes part.")] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it is for; everything when not said.")
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=MINUTES_MAX, help="How long it holds.")] = 60,
    environment: Annotated[
        bool, typer.Option("--environment", help="Print what a gateway has to be told to take such tokens.")
    ] = False,
) -> None:
    """Make an access token for a demonstration.

    The first time it makes a key pair in .run/ of this directory (or $SEINHUIS_RUN), readable by you alone, and the key
    set beside it that a gateway reads. In production tokens come from the partnership's own issuer, and this refuses.

    Examples:

        eval "$(seinhuis token --environment)"

        seinhuis token --party linde --partnership de-vlier
    """
    if RuntimeSettings().profile == "production":
        raise UsedWrongly("tokens of SEINHUIS_PROFILE=production come from the partnership's own issuer")
    place = Path(os.environ.get("SEINHUIS_RUN", ".run"))
    key = issuer_key(place)
    issuer = GatewaySettings().issuer or DEMO_ISSUER
    if environment:
        print(
            "export " + " ".join(f"{name}={value}" for name, value in environment_of(place, issuer).items())
        )
        return
    if not party:
        raise UsedWrongly("say for whom: --party, a party of the agreement")
    print(
        minted(
            key, issuer, party, source or [made_up(party)], partnership or [], scope or list(Scope), minutes
        )
    )


def environment_of(place: Path, issuer: str = DEMO_ISSUER) -> dict[str, str]:
    """What a gateway has to be told to take the tokens of this issuer."""
    return {
        "SEINHUIS_GATEWAY_ISSUER": issuer,
        "SEINHUIS_GATEWAY_JWKS": str((place / _KEY_SET).resolve()),
    }


def made_up(party: str) -> str:
    """A source for a party that named none."""
    return f"urn:nld:oin:{0:020d}:systeem:{party}"


def minted(
    key: ECKey,
    issuer: str,
    party: str,
    sources: list[str],
    partnerships: list[str],
    scopes: list[Scope],
    minutes: int,
) -> str:
    """A token by RFC 9068."""
    now_s = int(time.time())
    claims = {
        "iss": issuer,
        "aud": GatewaySettings().audience,
        "sub": f"demo-of-{party}",
        "client_id": f"demo-of-{party}",
        "iat": now_s,
        "exp": now_s + 60 * minutes,
        "jti": secrets.token_hex(8),
        "scope": " ".join(scopes),
        "seinhuis": {"party": party, "sources": sources, "partnerships": partnerships},
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key)


def issuer_key(place: Path) -> ECKey:
    """The key of this machine's issuer, made when there is none; the key set is written with it."""
    file = place / _KEY
    if not file.exists():
        place.mkdir(parents=True, exist_ok=True)
        made = ECKey.generate_key("P-256", {"kid": f"demo-{secrets.token_hex(4)}"})
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(orjson.dumps(made.as_dict(private=True)))
        (place / _KEY_SET).write_bytes(orjson.dumps(KeySet([made]).as_dict(private=False)))
    return ECKey.import_key(orjson.loads(file.read_bytes()))
