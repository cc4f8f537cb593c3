"""One wrong part anywhere: told with the line it is on, or meant; never a failure, never found out at run time."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.agreements.check import check
from services.agreements.load import drafted
from services.agreements.sentences import say
from services.agreements.terms import terms
from services.agreements.written import Written, read_written
from tests.agreements.mutations import Mutation, mutations
from tests.agreements.waterkant import KOLK, SMALL, TEMPLATE, VLIER

REGION = "region-waterkant"


def _written(path: Path, source: str = "") -> Written:
    written, findings = read_written(path.read_text(encoding="utf-8"), source)
    assert written is not None and not findings
    return written


#: A file, the template it fills in, whether the template is what is changed, and how many changes of each kind.
CHANGED = [
    pytest.param(SMALL, None, False, 400, id="small"),
    pytest.param(VLIER, TEMPLATE, False, 120, id="vlier"),
    pytest.param(VLIER, TEMPLATE, True, 100, id="region"),
    pytest.param(KOLK, TEMPLATE, False, 20, id="kolk"),
]


@pytest.mark.parametrize(("file", "template", "is_in_template", "count"), CHANGED)
def test_one_wrong_part_is_told_where_it_is_or_is_meant(
    file: Path, template: Path | None, is_in_template: bool, count: int
) -> None:
    own = _written(file)
    region = _written(template, REGION) if template else None
    changed = region if is_in_template and region else own
    wrong: list[str] = []
    tried = 0
    for mutation in mutations(changed, count):
        tried += 1
        wrong += _untold(mutation, *((own, mutation.after) if is_in_template else (mutation.after, region)))
    assert tried >= 2 * count
    assert wrong == []


def _untold(mutation: Mutation, own: Written, template: Written | None) -> list[str]:
    draft = drafted(own, template)
    findings = check(draft)
    for finding in findings:
        assert say(finding, "nl") and say(finding, "en")
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        # Nothing keeps it from being signed, so it can be decided with.
        assert draft.agreement is not None
        terms(draft.agreement)
        # Another kind of thing is never meant; the template's may be covered by the file's own.
        return [f"{mutation}: accepted"] if mutation.kind == "swap" and template is not mutation.after else []
    if not any(mutation.is_told_by(finding) for finding in errors):
        return [f"{mutation}: {[(one.source, one.line, one.code, one.words) for one in errors]}"]
    return []
