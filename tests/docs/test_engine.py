"""What docs/ENGINE.md says of tests and files is there, and every invariant and contract has a test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from services.runtime import batch, exits, lanes

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "ENGINE.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_engine_names_only_tests_there_are(file: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    defined = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert name in defined | assigned


def test_engine_has_a_test_for_every_invariant_and_contract() -> None:
    rows = [line for line in TEXT.splitlines() if re.match(r"\| [IC]\d", line)]
    assert all("::test_" in row or "::Test" in row for row in rows)
    said = " ".join(row.split("|")[1] for row in rows)
    assert {f"I{n}" for n in range(1, 13)} <= set(re.findall(r"I\d+", said))
    contracts = {int(n) for n in re.findall(r"C(\d+)", said)} | {3, 4}  # "C1-C5"
    assert contracts == set(range(1, 19))


def test_engine_names_only_files_of_the_runtime() -> None:
    files = set(re.findall(r"`(\w+\.py)`", TEXT))
    assert files
    assert all((ROOT / "services" / "runtime" / file).exists() for file in files)


def test_engine_says_the_codes_and_limits_of_the_code() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    assert codes == {exits.OK, exits.FAILED, exits.CONFIG}
    assert f"more than {batch.POISON_MAX} such" in TEXT
    assert f"more than {batch.RECORD_MAX_BYTES:,} bytes" in TEXT
    assert (batch.POISON_WINDOW, batch.TIMER_RETRY_MS, lanes.OUTCOME_RETRY_S) == (1000, 5000, 5)
