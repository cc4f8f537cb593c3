"""`seinhuis token`: a token that a gateway of this machine takes, and that production does not know."""

from __future__ import annotations

import asyncio
import re
import stat
from pathlib import Path

import pytest

from services.cli.main import main
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Caller, Scope, Tokens


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEINHUIS_RUN", str(tmp_path))
    for name in ("ISSUER", "JWKS", "AUDIENCE"):
        monkeypatch.delenv(f"SEINHUIS_GATEWAY_{name}", raising=False)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["token", *arguments]) == 0
    return capsys.readouterr().out.strip()


def caller(capsys: pytest.CaptureFixture[str], *arguments: str) -> Caller:
    """Who a gateway takes the bearer of this token for, told what `--environment` says."""
    token = told(capsys, *arguments)
    said = dict(re.findall(r"SEINHUIS_GATEWAY_([A-Z]+)=(\S+)", told(capsys, "--environment")))
    gate = Tokens(GatewaySettings(issuer=said["ISSUER"], jwks=said["JWKS"]))
    return asyncio.run(gate.caller(f"Bearer {token}"))


def test_token_names_its_party_and_may_do_everything_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = caller(capsys, "--party", "linde", "--partnership", "de-vlier")
    assert (found.party, found.partnerships) == ("linde", frozenset(("de-vlier",)))
    assert found.sources == ("urn:nld:oin:00000000000000000000:systeem:linde",)
    assert found.scopes == frozenset(Scope)


def test_token_has_the_sources_and_scopes_it_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    source = "urn:nld:oin:00000000000000000001:systeem:ecd"
    found = caller(capsys, "--party", "linde", "--source", source, "--scope", "signals:report")
    assert (found.sources, found.scopes) == ((source,), frozenset(("signals:report",)))


def test_key_is_made_once_and_readable_by_nobody_else(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    told(capsys, "--party", "linde")
    key = (place / "issuer.json").read_bytes()
    told(capsys, "--party", "kade")
    assert (place / "issuer.json").read_bytes() == key
    assert stat.S_IMODE((place / "issuer.json").stat().st_mode) == 0o600
    assert b'"d"' not in (place / "jwks.json").read_bytes()


def test_token_is_refused_in_production(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.setenv("SEINHUIS_PROFILE", "production")
    assert main(["token", "--party", "linde"]) == 2
    assert "issuer" in capsys.readouterr().err
    assert not (place / "issuer.json").exists()


def test_token_for_nobody_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token"]) == 2
    assert "--party" in capsys.readouterr().err
