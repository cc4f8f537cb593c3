"""The agreements of Waterkant: whole, without a fault, and doing what the stories of the partners say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from services.agreements.check import check
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.directory_file import read_directory
from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.csv_file import read_csv
from services.agreements.dryrun.told import told
from services.agreements.dryrun.trial import Trial, tried_on
from services.agreements.dryrun.verdicts import judge
from services.agreements.dryrun.vocabulary import vocabulary
from services.agreements.load import Draft, load
from services.agreements.model import Agreement, Item, NotApplicable, Piece
from services.agreements.sentences import say
from services.agreements.template import filled_in
from services.agreements.terms import Terms, terms
from services.agreements.written import read_written
from tests.agreements.waterkant import FOLDER, KOLK, TEMPLATE, VLIER, values_of, whole_of

SHARED = TEMPLATE.read_text(encoding="utf-8")
both = pytest.mark.parametrize("path", [VLIER, KOLK], ids=lambda path: path.stem)
CASES = {VLIER: "de-vlier-cases.csv", KOLK: "de-kolk-cases.csv"}
DIRECTORIES = {VLIER: "directory.yaml", KOLK: "de-kolk-directory.yaml"}


@cache
def drafted(path: Path) -> Draft:
    return load(path.read_text(encoding="utf-8"), SHARED)


@cache
def agreed(path: Path) -> Terms:
    agreement = drafted(path).agreement
    assert agreement is not None
    return terms(agreement)


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def directory_of(path: Path) -> Directory:
    found = read_directory(text(DIRECTORIES[path]), agreed(path))
    assert found.findings == ()
    return found.directory or AS_SIGNED


def cases_of(path: Path) -> tuple[Case, ...]:
    found = read_csv(text(CASES[path]), vocabulary(agreed(path)))
    assert found.findings == ()
    return found.cases


@both
def test_nothing_is_wrong_with_the_agreement_and_nothing_better_weighed(path: Path) -> None:
    draft = drafted(path)
    findings = [*draft.findings, *(check(draft) if draft.agreement else ())]
    assert [f"{found.source}:{found.line} {say(found, 'en')}" for found in findings] == []


@both
def test_file_and_template_are_joined_as_the_guide_says(path: Path) -> None:
    own, _ = read_written(path.read_text(encoding="utf-8"))
    template, _ = read_written(SHARED)
    assert own is not None
    assert filled_in(own, template).whole.plain() == whole_of(path)


@both
def test_every_case_comes_out_as_the_partners_expect(path: Path) -> None:
    verdicts = judge(cases_of(path), tried_on(agreed(path), directory_of(path)))
    assert len(verdicts) >= 60
    wrong = [verdict for verdict in verdicts if verdict.differences]
    assert wrong == [], "\n".join(told(verdicts, agreed(path).clock.zone))


@both
def test_every_rule_of_the_tree_decides_a_case(path: Path) -> None:
    tried = tried_on(agreed(path), directory_of(path))
    used = {choice.rule for case in cases_of(path) for choice in Trial(case, tried).decision.choices}
    known = vocabulary(agreed(path)).rules
    assert known - used == set()


@both
def test_every_case_expects_more_than_a_receiver(path: Path) -> None:
    assert all(len(case.expected) >= 2 for case in cases_of(path))


@both
def test_absences_change_what_comes_out(path: Path) -> None:
    verdicts = judge(cases_of(path), tried_on(agreed(path)))
    assert 2 <= sum(bool(verdict.differences) for verdict in verdicts) < 10


def _items(piece: Piece, at: str = "") -> list[tuple[str, Item]]:
    found = [(at, piece)] if isinstance(piece, Item) else []
    for name, value in piece:
        several = (
            value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        )
        for inner in several:
            if isinstance(inner, Piece) and not isinstance(inner, NotApplicable):
                found += _items(inner, f"{at}.{name}")
    return found


@both
def test_every_item_says_what_it_is_for_and_how_it_is_measured(path: Path) -> None:
    agreement = agreed(path).agreement
    items = _items(agreement)
    assert len(items) > 30
    assert [at for at, item in items if not item.purpose or not item.measure] == []


@both
def test_no_part_of_the_agreement_is_left_unsaid(path: Path) -> None:
    agreement = agreed(path).agreement
    assert [name for name in Agreement.model_fields if not getattr(agreement, name)] == []


def test_all_kinds_of_party_take_part() -> None:
    agreement = agreed(VLIER).agreement
    kinds = {party.kind for party in agreement.parties}
    assert len(agreement.parties) >= 20
    assert {
        "home_care", "gp", "pharmacy", "social_work", "municipality", "police", "housing", "hospital", "mental_health",
        "short_stay", "domestic_help", "volunteer", "residents_initiative", "emergency_service", "coordination_point",
        "region", "insurer", "neighbour_partnership", "safe_home",
    } <= kinds  # fmt: skip
    assert any(party.joins for party in agreement.parties)
    assert any(party.leaves for party in agreement.parties)


def test_what_one_sends_outside_the_other_takes_in() -> None:
    vlier, kolk = agreed(VLIER).agreement, agreed(KOLK).agreement
    assert set(vlier.area.postcodes).isdisjoint(kolk.area.postcodes)
    for here, there in ((vlier, kolk), (kolk, vlier)):
        (neighbour,) = here.neighbours
        assert (neighbour.partnership, neighbour.postcodes) == (
            there.meta.partnership,
            there.area.postcodes,
        )


def test_the_template_names_itself_and_no_partnership() -> None:
    meta = values_of(TEMPLATE)["meta"]
    assert meta["template"] == TEMPLATE.stem
    assert "partnership" not in meta
    for path in (VLIER, KOLK):
        assert values_of(path)["meta"]["inherits"] == {"template": TEMPLATE.stem, "version": meta["version"]}
