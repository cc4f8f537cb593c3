"""The JSON Schema that an editor is given: in step with the model, right for our examples, and deaf to no mistake."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError
from typer.testing import CliRunner

from services.agreements.model import Agreement
from services.agreements.schema import DIALECT, part, whole
from services.cli.agreements import agreements_app
from tests.agreements.waterkant import EXAMPLES, PARTS, SMALL, VLIER, WHOLES, values_of, whole_of

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {"agreement.schema.json": whole, "agreement-part.schema.json": part}
#: The parts of which the small example has enough; the rest is the large one's.
SMALL_ENOUGH = {"parties", "routing", "obligations", "calendars", "neighbours"}
WHOLE = Draft202012Validator(whole(), format_checker=FormatChecker())
PART = Draft202012Validator(part(), format_checker=FormatChecker())


def wrong(validator: Draft202012Validator, values: Any) -> list[str]:
    """What the schema finds, each with the key it stands under."""
    return [f"{error.json_path}: {error.message[:160]}" for error in validator.iter_errors(values)]


@pytest.mark.parametrize(("file", "drawn"), DOCUMENTS.items(), ids=list(DOCUMENTS))
def test_schema_in_the_docs_is_the_one_of_the_model(file: str, drawn: Callable[[], Any]) -> None:
    kept = json.loads((ROOT / "docs" / file).read_text(encoding="utf-8"))
    assert kept == drawn(), "run `make docs`"


@pytest.mark.parametrize(("options", "drawn"), [([], whole), (["--part"], part)], ids=["whole", "part"])
def test_command_prints_the_schema(options: list[str], drawn: Callable[[], Any]) -> None:
    printed = CliRunner().invoke(agreements_app, ["schema", *options])
    assert printed.exit_code == 0
    assert json.loads(printed.stdout) == drawn()


@pytest.mark.parametrize("drawn", DOCUMENTS.values(), ids=list(DOCUMENTS))
def test_schema_is_a_valid_one_of_its_dialect(drawn: Callable[[], Any]) -> None:
    schema = drawn()
    assert schema["$schema"] == DIALECT
    Draft202012Validator.check_schema(schema)


def _properties(schema: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner, at)
    elif isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            yield f"{at}.{name}", inner
        for name, inner in schema.items():
            yield from _properties(inner, f"{at}.{name}")


def test_every_key_an_editor_offers_is_described_and_leads_somewhere() -> None:
    of_kinds = ("$defs.Span.", "$defs.Condition.", "$defs.Week.")
    offered = [
        (at, found)
        for at, found in _properties(whole())
        if not at.startswith(tuple("." + k for k in of_kinds))
    ]
    assert len(offered) > 300
    assert [at for at, found in offered if not found.get("description")] == []
    # A key of which an editor knows nothing but its words would take anything.
    assert [at for at, found in offered if not found.keys() - {"description", "default"}] == []


@pytest.mark.parametrize("path", WHOLES, ids=lambda path: path.stem)
def test_every_whole_agreement_shipped_fits(path: Path) -> None:
    assert wrong(WHOLE, whole_of(path)) == []


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_every_part_shipped_fits_the_schema_that_requires_nothing(path: Path) -> None:
    assert wrong(PART, values_of(path)) == []
    assert wrong(WHOLE, values_of(path))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_names_its_schema_to_an_editor(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    named = (path.parent / found[1]).resolve()
    assert named == ROOT / "docs" / (
        "agreement-part.schema.json" if path in PARTS else "agreement.schema.json"
    )
    assert os.path.relpath(named, path.parent) == found[1]


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        *way, last = path
        for step in way:
            values = values[step]
        values[last] = to

    return change


def _drop(*path: str | int) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        *way, last = path
        for step in way:
            values = values[step]
        del values[last]

    return change


#: One mistake each, by what it is: the schema alone must see it, before `check` is run.
MISTAKES: dict[str, Callable[[Any], None]] = {
    "no parties": _drop("parties"),
    "a key misspelt": _set("routng", to={}),
    "a key misspelt deep down": _set("obligations", 0, "dischargedby", to=["SignalAcknowledged"]),
    "a version in words": _set("meta", "version", to="seven"),
    "a version that is text": _set("meta", "version", to="7"),
    "a day that is none": _set("meta", "valid_from", to="1 December"),
    "a postcode with letters": _set("area", "postcodes", 0, to="9901 AB"),
    "a postcode that is a number": _set("area", "postcodes", 0, to=9901),
    "an area without postcodes": _set("area", "postcodes", to=[]),
    "a ring we do not know": _set("parties", 0, "ring", to="inner"),
    "a name with a space": _set("parties", 0, "id", to="De Schakel"),
    "a contact without a title": _drop("parties", 0, "contacts", 0, "title"),
    "a type of signal we do not know": _set("parties", 0, "contacts", 0, "types", to=["financial"]),
    "a concern we do not know": _set("routing", "routes", 0, "match", to={"concern": ["hoarding"]}),
    "a rule without a name": _drop("routing", "routes", 0, "name"),
    "a rule without what it asks": _drop("routing", "routes", 0, "match"),
    "minutes as a number": _set("obligations", 0, "within", "acute", to=15),
    "minutes in words": _set("obligations", 0, "within", "acute", to="15 minutes"),
    "a length of nothing": _set("obligations", 0, "within", "acute", to="PT"),
    "days that do not say how they count": _set("obligations", 0, "within", "acute", to={"days": 1}),
    "working days without a calendar": _set("obligations", 0, "within", "routine", to={"working_days": 1}),
    "two kinds of time at once": _set(
        "obligations", 0, "within", "acute", to={"days": 1, "counting": "elapsed", "calendar": "office"}
    ),
    "a period where a length of time belongs": _set("obligations", 0, "within", "acute", to="P1D"),
    "a length of time where a period belongs": _set("aftercare", "rhythm", to="PT4H"),
    "a fact that is told by nobody": _set("obligations", 0, "opened_by", to="SignalForgotten"),
    "a condition that is no condition": _set(
        "obligations", 0, "opened_by", to={"event": "SignalRouted", "where": "acute"}
    ),
    "an answer without a fact": _set("obligations", 0, "discharged_by", to=[]),
    "a day of the week in full": _set("calendars", "office", "week", to={"monday": "08:30-17:00"}),
    "hours that are no hours": _set("calendars", "office", "week", to={"mon": "08:30 to 17:00"}),
    "hours past midnight as 25:00": _set("calendars", "office", "week", to={"mon": "22:00-25:00"}),
    "a holiday without a name": _drop("calendars", "office", "holidays", 0, "name"),
    "a priority nobody knows": _set("urgency", "levels", "acute", "fhir", to="emergency"),
    "yes instead of true": _set("urgency", "levels", "acute", "always", to="yes"),
    "strength that is a doubt": _set("handover", "channels", "acute", "phone", to="maybe"),
    "a form of feedback we do not know": _set("feedback", "rules", 0, "form", to="fax"),
    "a coordinator who is responsible in the end": _set(
        "roles", "coordinator", "not_final_responsible", to=False
    ),
    "not applicable without a reason": _set("aftercare", to={"not_applicable": ""}),
    "not applicable and yet agreed": _set("aftercare", "not_applicable", to="nobody needs it"),
    "responsibility by silence": _set("handover", "moves_on", to="silence"),
    "one person who decides on sharing without consent is none": _set(
        "information", "without_consent", "deciders_min", to=0
    ),
    "a small number of one": _set("reporting", "small_numbers", to=1),
    "a mode of referral we do not know": _set("referral", "modes", to=["push"]),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_schema_refuses_the_mistake(mistake: Callable[[Any], None]) -> None:
    values = deepcopy(whole_of(WHOLES[-1]))
    mistake(values)
    assert wrong(WHOLE, values)


@pytest.mark.parametrize(
    "mistake",
    [
        _set("routng", to={}),
        _drop("routing", "routes", 0, "name"),
        _set("parties", 0, "ring", to="inner"),
        _drop("parties", 0, "id"),
        _set("meta", "inherits", to={"template": "Region Waterkant", "version": 1}),
        _set("placement", "offer", to={"parallel": "three"}),
    ],
    ids=["key", "item of a list", "word", "what joins it", "name of the template", "number"],
)
def test_schema_of_a_part_refuses_what_is_wrong_in_any_file(mistake: Callable[[Any], None]) -> None:
    values = deepcopy(values_of(EXAMPLES[1]))
    mistake(values)
    assert wrong(PART, values)


def _ways(values: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every key and item."""
    inner = (
        values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    )
    for name, value in inner:
        yield (*way, name)
        yield from _ways(value, (*way, name))


def _is_read(values: Any) -> bool:
    try:
        Agreement.model_validate_json(json.dumps(values))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("change", ["taken out", "made empty", "made a number"])
def test_schema_refuses_what_the_model_refuses_and_nothing_else(change: str) -> None:
    whole_values = whole_of(SMALL) | {
        name: value for name, value in whole_of(VLIER).items() if name not in SMALL_ENOUGH
    }
    ways = list(_ways(whole_values))
    assert len(ways) > 400
    for way in ways[:: max(1, len(ways) // 90)]:
        values = deepcopy(whole_values)
        if change == "taken out":
            _drop(*way)(values)
        else:
            _set(*way, to=None if change == "made empty" else -7)(values)
        assert _is_read(values) == (wrong(WHOLE, values) == []), way
