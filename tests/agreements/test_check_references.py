"""Every field of the model that names something says what it names, so that no unknown name goes unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import StringConstraints

from schemas.base import Code
from services.agreements import model as m
from services.agreements.check.references import KEYS, THINGS, VALUES
from services.agreements.fields import Event, Name
from services.agreements.model.pieces import Item, Piece
from services.agreements.sentences import rules

#: Names that give a thing its name, and words the partners choose freely: they refer to nothing of the file.
OWN_WORDS = {
    "Aftercare": {"ends_when"},
    "Agreement": {"channels{}", "calendars{}", "paths{}"},
    "Capacity": {"kinds", "prioritisation", "announce_limits_to"},
    "ClientContactRole": {"assigned_by"},
    "ClientContactRule": {"assign_rule"},
    "ClientPreferences": {"ask_before", "kinds"},
    "Bottlenecks": {"layers"},
    "Consent": {"ask_before", "presumed_for"},
    "Contact": {"id", "expertise", "for_practice"},
    "CoordinatorRole": {"assigned_by", "powers", "limits", "domains"},
    "Escalation": {"operational{}"},
    "Evaluation": {"sheet"},
    "FeedbackContent": {"required_fields"},
    "Form": {"required"},
    "Ground": {"needs"},
    "Handover": {"forms{}", "missed_care_codes", "moments"},
    "Inherits": {"template"},
    "Involvement": {"required_in"},
    "Joining": {"conditions"},
    "MandatePart": {"part", "may_decide", "recorded_in"},
    "Mdo": {"weighing_steps"},
    "Information": {"purposes"},
    "Meeting": {"disciplines{}", "inputs"},
    "Meta": {"partnership", "legal_regimes"},
    "Monitoring": {"moments", "plan_followed_by"},
    "Neighbour": {"partnership"},
    "Obligation": {"name", "group"},
    "Offer": {"order"},
    "PartLeadsRole": {"assigned_by"},
    "Party": {"id", "kind", "expertise", "competences", "legal_regimes"},
    "Placement": {"bridging"},
    "Trigger": {"same"},
    "Records": {"dossier_of_record", "note_required_on"},
    "Reporting": {"resv_indicators", "insurer_sees"},
    "ReservedRole": {"kinds"},
    "Rule": {"name"},
    "Silent": {"then"},
    "Task": {"task"},
    "Urgency": {"levels{}"},
    "WhenAllRefuse": {"then"},
    "WithoutConsent": {"grounds{}"},
}  # fmt: skip

_PATTERNS = {
    constraint.pattern
    for named in (Name, Code, Event)
    for constraint in get_args(named)
    if isinstance(constraint, StringConstraints)
}


def pieces(kind: type[Piece] = m.Agreement, seen: set[type[Piece]] | None = None) -> set[type[Piece]]:
    """Every kind of piece the model is made of."""
    seen = set() if seen is None else seen
    seen.add(kind)
    for field in kind.model_fields.values():
        for inner in _classes(field.rebuild_annotation()):
            if inner not in seen:
                pieces(inner, seen)
    return seen


def _classes(annotation: Any) -> Iterator[type[Piece]]:
    if isinstance(annotation, type) and issubclass(annotation, Piece):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def is_name(annotation: Any) -> bool:
    """Whether it holds names, itself or in a list; a dict's values, not its keys."""
    if get_origin(annotation) is Annotated and any(
        isinstance(one, StringConstraints) and one.pattern in _PATTERNS for one in get_args(annotation)
    ):
        return True
    inner = get_args(annotation)
    if get_origin(annotation) is dict:
        inner = inner[1:]
    return any(is_name(one) for one in inner)


def has_named_keys(annotation: Any) -> bool:
    if get_origin(annotation) is dict:
        return is_name(get_args(annotation)[0])
    return any(has_named_keys(one) for one in get_args(annotation))


def named_fields() -> Iterator[tuple[type[Piece], str]]:
    """Class and field, `field{}` for the keys of one."""
    for kind in pieces():
        for name, field in kind.model_fields.items():
            annotation = field.rebuild_annotation()
            if is_name(annotation):
                yield kind, name
            if has_named_keys(annotation):
                yield kind, f"{name}{{}}"


def test_every_field_that_names_something_is_in_the_table() -> None:
    unsaid = []
    for kind, name in named_fields():
        is_key = name.endswith("{}")
        table = KEYS if is_key else VALUES
        field = name.removesuffix("{}")
        if not any((parent, field) in table for parent in kind.__mro__ if issubclass(parent, Piece)):
            own = {word for parent in kind.__mro__ for word in OWN_WORDS.get(parent.__name__, set())}
            if name not in own:
                unsaid.append(f"{kind.__name__}.{name}")
    assert unsaid == []


def test_the_table_names_fields_that_are_there() -> None:
    there = pieces() | {Item}
    for kind, field in (*VALUES, *KEYS):
        assert kind in there and field in kind.model_fields, (kind, field)
    known = {kind.__name__: kind for kind in there}
    for name, fields in OWN_WORDS.items():
        for field in fields:
            assert field.removesuffix("{}") in known[name].model_fields, (name, field)


def test_every_kind_of_thing_has_a_sentence_for_a_name_that_is_unknown() -> None:
    assert {f"unknown_{thing}" for thing in THINGS} <= set(rules.SENTENCES)
