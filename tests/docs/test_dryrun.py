"""docs/DRYRUN.md lists the columns there are, and its commands print what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.agreements.dryrun.cells import COLUMNS, SKIPS
from services.agreements.dryrun.keys import KINDS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "DRYRUN.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file (\S+) -->\n```\w+\n(.*?)```", TEXT, re.DOTALL))
SHOWN = re.findall(r"^```console\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def rows(mark: str) -> list[str]:
    """The rows of the table that follows a mark."""
    table = TEXT.partition(f"<!-- {mark}:")[2].partition("\n\n")[0]
    return table.splitlines()[3:]


def test_every_column_of_a_case_is_listed() -> None:
    assert rows("cases") == [f"| `{one.title}` | {one.says} | `{one.example}` |" for one in COLUMNS.values()]


@pytest.mark.parametrize(("mark", "is_for_csv"), [("expectations", True), ("yaml", False)])
def test_every_expectation_is_listed(mark: str, is_for_csv: bool) -> None:
    kinds = [kind for kind in KINDS if kind.is_for_csv is is_for_csv]
    assert rows(mark) == [f"| `{kind.title}` | {kind.says} | `{kind.example}` |" for kind in kinds]


def test_every_reason_to_pass_over_a_level_is_listed() -> None:
    listed = TEXT.partition("The reasons are ")[2].partition(".")[0]
    assert re.findall(r"`(\w+)`", listed) == sorted(SKIPS)


def test_the_files_and_commands_shown_print_what_is_said(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    printed = []
    for line in "".join(SHOWN).splitlines():
        if line.startswith("$ "):
            done = subprocess.run(
                ["bash", "-c", line[2:]],
                cwd=tmp_path,
                env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            printed += [line, *(done.stdout + done.stderr).splitlines()]
    assert printed == "".join(SHOWN).splitlines()
    assert len(printed) > 30
