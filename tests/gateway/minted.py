"""An issuer of tokens for tests: real keys, real tokens, and every way to get one wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from services.gateway import examples
from services.gateway.tokens import Scope

ISSUER = "https://issuer.example"
AUDIENCE = "seinhuis"
EVERYTHING = " ".join(Scope)
GP = "urn:nld:oin:00000000000000000002:systeem:his"

Key = ECKey | RSAKey | OKPKey


def a_key(kid: str = "one", kind: str = "EC") -> Key:
    match kind:
        case "RSA":
            return RSAKey.generate_key(2048, {"kid": kid})
        case "OKP":
            return OKPKey.generate_key("Ed25519", {"kid": kid})
        case _:
            return ECKey.generate_key("P-256", {"kid": kid})


def a_key_set(*keys: Key) -> bytes:
    return json.dumps(KeySet(list(keys)).as_dict(private=False)).encode()


ALGORITHM = {"EC": "ES256", "RSA": "RS256", "OKP": "Ed25519"}


def claims(**changed: Any) -> dict[str, Any]:
    now_s = int(time.time())
    found = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now_s,
        "exp": now_s + 300,
        "jti": "j-1",
        "sub": "ecd-of-linde",
        "client_id": "ecd-of-linde",
        "scope": EVERYTHING,
        "seinhuis": {
            "party": examples.PARTY,
            "sources": [examples.SOURCE],
            "partnerships": [examples.PARTNERSHIP],
        },
        **changed,
    }
    return {name: value for name, value in found.items() if value is not None}


def a_token(key: Key, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
    head = {"alg": ALGORITHM[key.key_type], "typ": "at+jwt", "kid": key.kid, **(header or {})}
    return jwt.encode(head, claims(**changed), key, algorithms=[*ALGORITHM.values()])


def token_of(key: Key, party: str, source: str, **changed: Any) -> str:
    who = {"party": party, "sources": [source], "partnerships": [examples.PARTNERSHIP]}
    return a_token(key, seinhuis=who, **changed)


def written(path: Path, *keys: Key) -> str:
    path.write_bytes(a_key_set(*keys))
    return str(path)
