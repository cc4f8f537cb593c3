"""Who may import whom, and what a decision may not know: each rule red on a broken copy, green on the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]

#: Contract → where a line is added, and the line that breaks it.
BROKEN = {
    "schemas": ("schemas/base.py", "import services.agreements"),
    "topics": ("topics/__init__.py", "import services.runtime.job"),
    "tests": ("services/cli/processes.py", "import tests.brokers"),
    "agreements": ("services/agreements/__init__.py", "import services.runtime.clock"),
    "one-definition": ("services/deadlines/__init__.py", "import services.agreements.calendars"),
    "decisions": ("services/deadlines/__init__.py", "import services.runtime.settings"),
    "collaboration": ("services/collaboration/__init__.py", "import services.casework.case"),
    "bell": ("services/notices/who.py", "import services.notices.sending"),
    "job": ("services/runtime/job.py", "import structlog"),
    "subjects": ("services/signals/__init__.py", "import services.deadlines"),
    "plumbing": ("services/casework/__init__.py", "import aiokafka"),
}
#: What a decision may not know, as it would be written.
BANNED = {
    "time.time": "import time\n\ntime.time()",
    "time.time_ns": "from time import time_ns\n\ntime_ns()",
    "time.monotonic": "from time import monotonic\n\nmonotonic()",
    "time.sleep": "import time\n\ntime.sleep(1)",
    "datetime.datetime.now": "from datetime import UTC, datetime\n\ndatetime.now(UTC)",
    "datetime.datetime.utcnow": "import datetime\n\ndatetime.datetime.utcnow()",
    "datetime.datetime.today": "from datetime import datetime\n\ndatetime.today()",
    "datetime.date.today": "from datetime import date\n\ndate.today()",
    "random": "import random",
    "secrets": "from secrets import token_hex",
    "uuid.uuid1": "import uuid\n\nuuid.uuid1()",
    "uuid.uuid4": "from uuid import uuid4\n\nuuid4()",
    "os.environ": 'import os\n\nos.environ["SEINHUIS_KAFKA"]',
    "os.getenv": 'import os\n\nos.getenv("SEINHUIS_KAFKA")',
    "logging": "import logging",
    "structlog": "import structlog",
}
DECIDING = (
    "schemas",
    "topics",
    "services/agreements",
    "services/signals",
    "services/deadlines",
    "services/casework",
    "services/collaboration",
    "services/notices",
)
PACKAGES = ("schemas", "topics", "services", "tests")


def _run(tool: str, *arguments: str, here: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(tool)
    return subprocess.run(
        [program, *arguments], cwd=here, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all that the contracts are about."""
    place = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", place)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__"))
    return place


def test_contracts_hold_on_the_tree() -> None:
    done = _run("lint-imports", "--no-cache", here=ROOT)
    assert done.returncode == 0, done.stdout


def test_contracts_are_all_broken_below() -> None:
    assert {contract["id"] for contract in TOOL["importlinter"]["contracts"]} == set(BROKEN)


@pytest.mark.parametrize("contract", BROKEN)
def test_contract_goes_red_on_a_broken_copy(contract: str, tree: Path) -> None:
    place, line = BROKEN[contract]
    whole = (tree / place).read_text(encoding="utf-8")
    (tree / place).write_text(f"{whole}\n{line}\n", encoding="utf-8")
    done = _run("lint-imports", "--contract", contract, here=tree)
    (tree / place).write_text(whole, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 broken" in done.stdout


def test_bans_are_all_tried_below() -> None:
    assert set(TOOL["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]) == set(BANNED)


def test_bans_go_red_in_every_room_that_decides(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room in DECIDING:
        (tmp_path / room).mkdir(parents=True)
        for number, broken in enumerate(BANNED.values()):
            (tmp_path / room / f"broken_{number}.py").write_text(broken + "\n", encoding="utf-8")
    done = _run(
        "ruff", "check", "--select", "TID251", "--no-cache", "--output-format", "concise", here=tmp_path
    )
    found = re.findall(r"^(.+)/broken_(\d+)\.py:.* TID251 `([a-z0-9_.]+)`", done.stdout, re.MULTILINE)
    assert set(found) == {(room, str(number), ban) for room in DECIDING for number, ban in enumerate(BANNED)}


def test_bans_hold_on_the_tree() -> None:
    done = _run("ruff", "check", "--select", "TID251", "--no-cache", here=ROOT)
    assert done.returncode == 0, done.stdout
