"""What the manifests tell a worker is what a worker reads and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings
from ruamel.yaml import YAML

from services.database.settings import DatabaseSettings
from services.gateway.reading_settings import ReadingSettings
from services.gateway.settings import GatewaySettings
from services.notices.settings import NoticesSettings
from services.runtime.settings import RuntimeSettings
from services.vault.settings import KeySettings
from services.work import EDGES, SERVICES
from topics.acl_written import files

BASE = Path(__file__).resolve().parents[2] / "k8s" / "base"
STRIMZI = BASE.with_name("strimzi")
#: What each process reads of its environment beside what all of them do.
READ_BY: dict[str, tuple[type[BaseSettings], ...]] = {
    "gateway": (GatewaySettings, ReadingSettings, DatabaseSettings, KeySettings),
    "notices": (NoticesSettings,),
}


def _documents() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in YAML(typ="safe").load(BASE / "kustomization.yaml")["resources"]:
        found += YAML(typ="safe").load_all(BASE / name)
    return found


def _containers() -> list[dict[str, Any]]:
    return [
        container
        for document in _documents()
        if document["kind"] == "StatefulSet"
        for container in document["spec"]["template"]["spec"]["containers"]
    ]


def _settings() -> dict[str, str]:
    literals = YAML(typ="safe").load(BASE / "kustomization.yaml")["configMapGenerator"][0]["literals"]
    return dict(literal.split("=", 1) for literal in literals)


def _read_by(process: str) -> set[str]:
    found = set()
    read: tuple[type[BaseSettings], ...] = (RuntimeSettings, *READ_BY.get(process, ()))
    for settings in read:
        prefix = str(settings.model_config["env_prefix"])
        for name, field in settings.model_fields.items():
            alias = field.validation_alias
            found.add(alias if isinstance(alias, str) else f"{prefix}{name}".upper())
    return found


def _patches() -> dict[str, dict[str, Any]]:
    overlay = YAML(typ="safe").load(STRIMZI / "kustomization.yaml")
    loaded = [YAML(typ="safe").load(STRIMZI / patch["path"]) for patch in overlay["patches"]]
    return {patch["metadata"]["name"]: patch["spec"]["template"]["spec"] for patch in loaded}


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_sets_only_what_a_worker_reads(container: dict[str, Any]) -> None:
    names = {entry["name"] for entry in container["env"]} | set(_settings())
    assert names <= _read_by(container["name"])


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_starts_a_service_that_exists(container: dict[str, Any]) -> None:
    assert container["command"][:3] == ["python", "-m", "services.work"]
    assert container["command"][3] in {**SERVICES, **EDGES}


def test_every_process_has_a_manifest() -> None:
    assert {container["command"][3] for container in _containers()} == {*SERVICES, *EDGES}


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_holds_no_secret(container: dict[str, Any]) -> None:
    secret = ("PASSWORD", "KEY", "TOKEN", "PEPPER", "DATABASE")
    for entry in container["env"]:
        if any(word in entry["name"] for word in secret) and not entry["name"].endswith("_FILE"):
            assert "value" not in entry, entry["name"]
            assert entry["valueFrom"]["secretKeyRef"]["key"]


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_gives_a_process_every_secret_it_reads(container: dict[str, Any]) -> None:
    """Those that have no value of their own and are not of the broker or of mail, which an overlay gives."""
    given = {entry["name"].removesuffix("_FILE") for entry in container["env"]}
    wanted = {
        name
        for settings in READ_BY.get(container["name"], ())
        for name, field in settings.model_fields.items()
        if not field.repr and not name.startswith("smtp_")
    }
    prefixed = {name for name in given if any(name.endswith(word.upper()) for word in wanted)}
    assert {word for word in wanted if not any(name.endswith(word.upper()) for name in prefixed)} == set()


def test_overlay_for_strimzi_gives_every_process_its_own_account() -> None:
    patches = _patches()
    assert patches.keys() == {*SERVICES, *EDGES}
    users = {user["metadata"]["name"] for user in YAML(typ="safe").load_all(STRIMZI / "users.yaml")}
    for process, pod in patches.items():
        (container,) = pod["containers"]
        said = {entry["name"]: entry for entry in container["env"]}
        assert container["name"] == process
        assert said["SEINHUIS_KAFKA_USER"]["value"] == f"seinhuis-{process}"
        secret = said["SEINHUIS_KAFKA_PASSWORD"]["valueFrom"]["secretKeyRef"]
        assert secret == {"name": f"seinhuis-{process}", "key": "password"}
        assert said.keys() <= _read_by(process)
        assert f"seinhuis-{process}" in users


@pytest.mark.parametrize("name", files())
def test_overlay_for_strimzi_is_in_step_with_the_catalogue(name: str) -> None:
    assert (STRIMZI / name).read_text(encoding="utf-8") == files()[name], (
        "write it anew: python -m topics.acl_written k8s/strimzi"
    )


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_probes_what_the_watchdog_answers(container: dict[str, Any]) -> None:
    assert container["livenessProbe"]["httpGet"]["path"] == "/live"
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_manifest_gives_a_worker_time_to_finish_its_batch() -> None:
    grace_s = [
        document["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        for document in _documents()
        if document["kind"] == "StatefulSet"
    ]
    assert all(grace > RuntimeSettings().stop_within_s for grace in grace_s)


def test_manifest_runs_in_the_production_profile() -> None:
    assert _settings()["SEINHUIS_PROFILE"] == "production"
