"""One wrong part anywhere: told with the line it is on, or meant; never a failure, never found out at run time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.check import check
from services.agreements.findings import Finding
from services.agreements.load import Draft, drafted
from services.agreements.sentences import say
from services.agreements.terms import terms
from services.agreements.written import Written, read_written
from tests.agreements.mutations import CHANGES, Mutation, changeable, mutation, mutations
from tests.agreements.waterkant import KOLK, SMALL, TEMPLATE, VLIER

pytestmark = pytest.mark.thorough

REGION = "region-waterkant"


def _written(path: Path, source: str = "") -> Written:
    written, findings = read_written(path.read_text(encoding="utf-8"), source)
    assert written is not None and not findings
    return written


#: A file, the template it fills in, whether the template is what is changed, and how many changes of each kind.
CHANGED = [
    pytest.param(SMALL, None, False, 400, id="small"),
    pytest.param(VLIER, TEMPLATE, False, 100, id="vlier"),
    pytest.param(VLIER, TEMPLATE, True, 90, id="region"),
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
    for one in mutations(changed, count):
        tried += 1
        wrong += _untold(one, *((own, one.after) if is_in_template else (one.after, region)))
    assert tried >= 2 * count
    assert wrong == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 10_000)), min_size=2, max_size=4))
def test_several_wrong_parts_are_told_or_can_be_decided_with(slips: list[tuple[str, int]]) -> None:
    whole = _written(SMALL)
    for kind, n in slips:
        paths = changeable(whole, kind)
        whole = mutation(whole, kind, paths[n % len(paths)]).after
    _told_or_usable(drafted(whole))


def _told_or_usable(draft: Draft) -> list[Finding]:
    """The errors; without one nothing keeps it from being signed, so it can be decided with."""
    findings = check(draft)
    for finding in findings:
        assert say(finding, "nl") and say(finding, "en")
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        assert draft.agreement is not None
        terms(draft.agreement)
    return errors


def _untold(one: Mutation, own: Written, template: Written | None) -> list[str]:
    errors = _told_or_usable(drafted(own, template))
    if not errors:
        # Another kind of thing is never meant; the template's may be covered by the file's own.
        return [f"{one}: accepted"] if one.kind == "swap" and template is not one.after else []
    if not any(one.is_told_by(finding) for finding in errors):
        return [f"{one}: {[(told.source, told.line, told.code, told.words) for told in errors]}"]
    return []
