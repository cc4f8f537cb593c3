"""Judges one event as a party said it, in itself: what may go to the intake, or why it may not.

Pure: the agreement in force is an argument. The models of schemas/ decide what a command may hold; nothing here says it
a second time. What is refused is told by its field, never by its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple, get_args

import orjson
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from stdnum.nl import bsn

from schemas.attributes import Traceparent
from schemas.base import Part, Said, unknown_words
from schemas.gateway import DoorRefusal
from schemas.signals import GiveFeedback, ReportSignal
from services.agreements.staff import parties_of
from services.agreements.terms import Terms
from services.gateway.asked import Asked, Client
from services.gateway.citizen_numbers import BSN, objection
from services.gateway.sayable import BY_TYPE, COMMANDS, CONTENT_REF, REF, Sayable
from services.gateway.tokens import Caller

WORD_MAX_CHARS = 256
TEXT_MAX_CHARS = 20_000
TEXTS_MAX = 20
DEPTH_MAX = 6
FIELD_MAX_CHARS = 100
#: Stands for content that has no reference yet, while the rest is judged.
_TO_COME = "vault:to-come00"
#: Stands for an id that the door fills in, while the rest is judged.
_TO_COME_ID = "id-to-come"
#: A party's own words for an event or a signal: a line of print, for they are hashed and looked up.
_PRINTED = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_NAME_OF_TEXT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_A_REFERENCE, _UNKNOWN = b'"vault:', b'"unknown"'
_CASE_ALIAS = re.compile(r"ac-[a-z2-7]{20}")
_TRACEPARENT = re.compile(get_args(Traceparent)[1].pattern)
_NINE_DIGITS = re.compile(rb"(?<![0-9])[0-9]{9}(?![0-9])")
#: What the vault drew is no number of a person, whatever digits it holds; one that it did not draw is refused as such.
_REFERENCE = re.compile(rb'"vault:[A-Za-z0-9_-]{8,64}"')
#: Names that may be told as a fact; whatever else stands in a path was chosen by who sent it.
_NAMES_OF_OURS = frozenset(
    {"data", "id", "source", "type", "subject", "time", "partnership", "caseid", "specversion"}
    | {"client", "system", "value", "content", "contact", "actor_ref", "kind", "party", "datacontenttype"}
).union(*(one.parts for one in COMMANDS))

TermsOf = Callable[[str], Terms | None]


class ClientSaid(Part):
    """Whose case it is, in the word of a party's own system: kept as a hash, and by the door alone."""

    system: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")] = Field(
        description="The name of the system or register the identifier is of.", examples=["ecd"]
    )
    value: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="The identifier. A citizen service number is refused, but as one of system `bsn` where the "
        "agreement allows it.",
        examples=["client-4711"],
    )


class WordsSaid(Part):
    """Words to be kept, and whose case they are of: by `client`, `caseid` or `subject`; without one, of a new case."""

    content: dict[str, str] = Field(
        description=f"1 to {TEXTS_MAX} texts, each under its name. They are kept apart and never travel.",
        examples=[{"what_was_seen": "Twice this week on the floor of the kitchen."}],
    )
    client: ClientSaid | None = None
    caseid: str | None = Field(
        None, description="The case, by the name you were told.", pattern="^ac-[a-z2-7]{20}$"
    )
    subject: str | None = Field(
        None,
        description="A signal of the case, by the name you gave or were told.",
        max_length=WORD_MAX_CHARS,
    )
    partnership: str | None = Field(
        None,
        description="Whose agreement applies; may be left out where your token names one partnership only.",
        examples=["de-vlier"],
    )
    source: str | None = Field(None, description="One of the sources your token names; left out, the first.")


class Refused(NamedTuple):
    """An event that did not pass: why, which part, and what to do where that can be said better than by its reason."""

    event_id: str
    reason: DoorRefusal
    field: str | None = None
    says: str | None = None
    source: str = ""
    command: type[Said] | None = None
    partnership: str = ""


class _No(Exception):
    def __init__(self, reason: DoorRefusal, field: str | None = None, says: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.field = field
        self.says = says


def judge(event: object, caller: Caller, terms_of: TermsOf, max_bytes: int = 0) -> Asked | Refused:
    """An event in structured form, judged.

    `max_bytes`: how large it may be; 0 = known to be small enough. Which content it refers to stands in `Asked.refs`,
    for the intake to look whose it is: who could refer to any could have another's words sent to itself.
    """
    attributes: Mapping[str, Any] = event if isinstance(event, dict) else {}
    try:
        if not isinstance(event, dict):
            raise _No(DoorRefusal.NOT_A_CLOUDEVENT, says="send one JSON object an event")
        if not _is_within(event, DEPTH_MAX + 1):
            raise _No(DoorRefusal.DATA_INVALID, "data", "it is nested too deeply")
        if max_bytes and len(orjson.dumps(event)) > max_bytes:
            raise _No(DoorRefusal.TOO_LARGE, says=f"an event has at most {max_bytes} bytes")
        return _judged(event, caller, terms_of)
    except _No as no:
        known = BY_TYPE.get(_text(attributes.get("type")))
        return Refused(
            _text(attributes.get("id"))[:WORD_MAX_CHARS],
            no.reason,
            no.field,
            no.says,
            _text(attributes.get("source")),
            known.model if known else None,
            _text(attributes.get("partnership")),
        )


def _judged(event: dict[str, Any], caller: Caller, terms_of: TermsOf) -> Asked:
    event_id, source = _envelope(event)
    if source not in caller.sources:
        raise _No(DoorRefusal.SOURCE_NOT_OURS, "source")
    said = BY_TYPE.get(event["type"])
    if said is None:
        raise _No(DoorRefusal.TYPE_UNKNOWN, "type", f"known are {', '.join(BY_TYPE)}")
    if said.scope not in caller.scopes:
        raise _No(DoorRefusal.TYPE_NOT_ALLOWED, "type", f"ask your issuer for the scope {said.scope.value}")
    partnership, terms = _partnership(event, caller, terms_of)
    subject = _word(event, "subject", DoorRefusal.SUBJECT_UNKNOWN, is_needed=not said.begins)
    case_alias = _case_alias(event)
    data = event.get("data")
    if not isinstance(data, dict):
        raise _No(DoorRefusal.DATA_INVALID, "data", f"give the fields of {said.model.__name__} as an object")
    given = dict(data)
    client = _client(given.pop("client", None), said, case_alias, terms)
    content = _content(given.pop("content", None), given, said)
    for name in said.allotted & given.keys():
        raise _No(DoorRefusal.DATA_INVALID, f"data.{name}", "take it out: the door fills it in, or nobody")
    for ref in content:
        given[ref] = _TO_COME
    for name in said.allotted:
        if said.model.model_fields[name].is_required():
            given[name] = _TO_COME_ID
    message = _message(given, said)
    _own_functions(message, caller, terms)
    _levels(message, terms)
    _no_nuisance_alone(message, terms)
    values = {
        name: value
        for name, value in message.model_dump(mode="json", exclude_unset=True).items()
        if name not in content and name not in said.allotted
    }
    # Written once, and looked through at once: what is seldom there is looked for only where it may be.
    written = orjson.dumps(values)
    if _UNKNOWN in written:
        _no_unknown_words(message)
    if _NINE_DIGITS.search(written):
        _no_citizen_numbers(values)
    refs = tuple(_references(values, "data")) if _A_REFERENCE in written else ()
    return Asked(
        party=caller.party,
        source=source,
        event_id=event_id,
        command=said.model,
        values=values,
        partnership=partnership,
        subject=subject,
        case_alias=case_alias,
        client=client,
        content=content,
        refs=refs,
        time=_time(event),
        traceparent=_traceparent(event),
    )


def judge_words(said: object, caller: Caller, key: str, terms_of: TermsOf) -> Asked | Refused:
    """Words that are to be kept before the event that will refer to them: of the case that this names, or a new one.

    `said`: a `WordsSaid`; `key`: the party's own id of this. It becomes an event that is never sent: a report where a
    case may begin, else a feedback, which says the same of a signal that is there.
    """
    given: Mapping[str, Any] = said if isinstance(said, dict) else {}
    try:
        if not isinstance(said, dict):
            raise _No(DoorRefusal.DATA_INVALID, says="send one JSON object")
        if unknown := sorted(map(str, given.keys() - WordsSaid.model_fields.keys())):
            known = ", ".join(WordsSaid.model_fields)
            raise _No(
                DoorRefusal.DATA_INVALID, unknown[0][:FIELD_MAX_CHARS], f"take it out; known are {known}"
            )
        source = given.get("source", caller.sources[0])
        if source not in caller.sources:
            raise _No(DoorRefusal.SOURCE_NOT_OURS, "source")
        partnership, terms = _partnership(given, caller, terms_of)
        subject = _word(given, "subject", DoorRefusal.SUBJECT_UNKNOWN, is_needed=False)
        kind = BY_TYPE[(ReportSignal if subject is None else GiveFeedback).type_name()]
        case_alias = _case_alias(given)
        if subject is not None and case_alias is not None:
            raise _No(DoorRefusal.DATA_INVALID, "subject", "`caseid` names the case already")
        client = _client(given.get("client"), kind, case_alias, terms)
        content = _texts(given.get("content"))
        return Asked(
            party=caller.party,
            source=source,
            event_id=key,
            command=kind.model,
            values={},
            partnership=partnership,
            subject=subject,
            case_alias=case_alias,
            client=client,
            content={CONTENT_REF: content},
        )
    except _No as no:
        field = no.field.removeprefix("data.") if no.field else None
        return Refused(key, no.reason, field, no.says, partnership=_text(given.get("partnership")))


def _envelope(event: dict[str, Any]) -> tuple[str, str]:
    no = DoorRefusal.NOT_A_CLOUDEVENT
    if event.get("specversion") != "1.0":
        raise _No(no, "specversion", "write 1.0")
    event_id, source, _ = (str(_word(event, name, no)) for name in ("id", "source", "type"))
    kind = event.get("datacontenttype", "application/json")
    if "data_base64" in event or not (isinstance(kind, str) and kind.partition(";")[0] == "application/json"):
        raise _No(no, "datacontenttype", "the data is application/json")
    return event_id, source


def _word(event: Mapping[str, Any], name: str, reason: DoorRefusal, *, is_needed: bool = True) -> str | None:
    value = event.get(name)
    if value is None and not is_needed:
        return None
    if not (isinstance(value, str) and len(value) <= WORD_MAX_CHARS and _PRINTED.fullmatch(value)):
        raise _No(reason, name, f"give it as text of at most {WORD_MAX_CHARS} characters, in one line")
    return value


def _partnership(event: Mapping[str, Any], caller: Caller, terms_of: TermsOf) -> tuple[str, Terms]:
    """Whose agreement applies: left out, the only one of the token."""
    name = event.get("partnership")
    if name is None and len(caller.partnerships) == 1:
        name = next(iter(caller.partnerships))
    terms = terms_of(name) if isinstance(name, str) and name in caller.partnerships else None
    if terms is None or all(party.id != caller.party for party in terms.agreement.parties):
        raise _No(DoorRefusal.PARTNERSHIP_UNKNOWN, "partnership")
    return terms.partnership, terms


def _case_alias(event: Mapping[str, Any]) -> str | None:
    value = event.get("caseid")
    if value is None:
        return None
    if not (isinstance(value, str) and _CASE_ALIAS.fullmatch(value)):
        raise _No(DoorRefusal.SUBJECT_UNKNOWN, "caseid", "use the name of the case you were told, ac-…")
    return value


def _client(value: object, said: Sayable, case_alias: str | None, terms: Terms) -> Client | None:
    if value is None:
        return None
    if not said.begins:
        raise _No(DoorRefusal.DATA_INVALID, "data.client", "the case is the signal's own: leave it out")
    if case_alias is not None:
        raise _No(DoorRefusal.DATA_INVALID, "data.client", "`caseid` names the case already")
    try:
        given = ClientSaid.model_validate(value)
    except ValidationError as error:
        raise _first(error, ClientSaid, "data.client") from None
    client = Client(given.system, given.value)
    found = objection(client, is_allowed=BSN in terms.identifiers)
    if found is not None:
        raise _No(found.reason, f"data.client.{found.field}".rstrip("."), found.says)
    return client


def _content(value: object, given: Mapping[str, Any], said: Sayable) -> dict[str, dict[str, str]]:
    """The words by the field that will refer to them: `findings` → `findings_ref`, other names → `content_ref`."""
    if value is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for name, text in _texts(value).items():
        ref = f"{name}{REF}" if f"{name}{REF}" in said.refs else CONTENT_REF
        if ref not in said.refs:
            allowed = sorted(one.removesuffix(REF) for one in said.refs)
            raise _No(
                DoorRefusal.CONTENT_NOT_ALLOWED,
                f"data.content.{name}"[:FIELD_MAX_CHARS],
                f"{said.model.__name__} takes words as {', '.join(allowed)}" if allowed else None,
            )
        if given.get(ref) is not None:
            raise _No(DoorRefusal.DATA_INVALID, f"data.{ref}", "give the words or the reference, not both")
        found.setdefault(ref, {})[name] = text
    return found


def _texts(value: object) -> dict[str, str]:
    """Words, each under its name."""
    if not isinstance(value, dict) or not value or len(value) > TEXTS_MAX:
        raise _No(
            DoorRefusal.DATA_INVALID, "data.content", f"give 1 to {TEXTS_MAX} texts, each under its name"
        )
    for name, text in value.items():
        at = f"data.content.{name}"[:FIELD_MAX_CHARS]
        if not _NAME_OF_TEXT.fullmatch(name):
            raise _No(DoorRefusal.CONTENT_NOT_ALLOWED, at, "a text's name has small letters, digits and _")
        if not (isinstance(text, str) and 0 < len(text) <= TEXT_MAX_CHARS):
            raise _No(DoorRefusal.DATA_INVALID, at, f"give a text of at most {TEXT_MAX_CHARS} characters")
    return value


def _message(given: Mapping[str, Any], said: Sayable) -> Said:
    try:
        return said.model.model_validate(given)
    except ValidationError as error:
        raise _first(error, said.model, "data") from None


def _no_unknown_words(message: Said) -> None:
    """A word that a reader would take for one it does not know yet is a mistake of who writes it."""
    for at, word in unknown_words(message).items():
        known = ", ".join(one.value for one in type(word) if one is not word)
        raise _No(DoorRefusal.DATA_INVALID, f"data.{at}", f"known are {known}")


def _own_functions(message: Said, caller: Caller, terms: Terms) -> None:
    """A party acts as its own functions and those it staffs with others, and reports in its own name only."""
    by = getattr(message, "by", None)
    if by is not None and not _acts_as(caller.party, by.contact, terms):
        raise _No(DoorRefusal.CONTACT_NOT_OURS, "data.by.contact")
    reporter = getattr(message, "reporter", None)
    if reporter is not None and reporter.party not in (None, caller.party):
        raise _No(DoorRefusal.CONTACT_NOT_OURS, "data.reporter.party")


def _acts_as(party: str, contact: str, terms: Terms) -> bool:
    return contact in terms.contacts and party in parties_of(contact, terms)


def _levels(message: Said, terms: Terms) -> None:
    urgency = getattr(message, "urgency", None)
    if urgency is not None and urgency not in terms.levels:
        raise _No(DoorRefusal.DATA_INVALID, "data.urgency", f"agreed are {', '.join(terms.levels)}")


def _no_nuisance_alone(message: Said, terms: Terms) -> None:
    """Said at once to who reports, for the case answers nobody whose report it did not take."""
    if isinstance(message, ReportSignal) and terms.goes_back(message.concern, message.urgency):
        says = "the partners agreed to take no report of nuisance alone: name what worries you about the person as well"
        raise _No(DoorRefusal.DATA_INVALID, "data.concern", says)


def _no_citizen_numbers(values: Mapping[str, object]) -> None:
    """A citizen service number (BSN) does not pass, not even where a code has room for one."""
    for name, value in values.items():
        written = _REFERENCE.sub(b"", orjson.dumps(value))
        if any(bsn.is_valid(hit.decode()) for hit in _NINE_DIGITS.findall(written)):
            raise _No(DoorRefusal.IDENTIFIER_NOT_ALLOWED, f"data.{name}")


def _references(value: object, at: str) -> Iterator[tuple[str, str]]:
    """Every reference to content, however deep it lies, and where."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _references(inner, f"{at}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _references(inner, f"{at}.{place}")
    elif isinstance(value, str) and value.startswith("vault:"):
        yield at, value


def _time(event: Mapping[str, Any]) -> str:
    value = event.get("time")
    if value is None:
        return ""
    try:
        if isinstance(value, str) and _RFC_3339.fullmatch(value):
            datetime.fromisoformat(value)
            return value
    except ValueError:
        pass
    raise _No(DoorRefusal.NOT_A_CLOUDEVENT, "time", "give a moment with its zone: 2026-11-23T07:00:00+01:00")


def _traceparent(event: Mapping[str, Any]) -> str:
    """A trace that is none begins anew, as W3C asks: no reason to refuse a signal."""
    value = event.get("traceparent")
    return value if isinstance(value, str) and _TRACEPARENT.fullmatch(value) else ""


def _first(error: ValidationError, model: type[BaseModel], prefix: str) -> _No:
    detail = error.errors(include_url=False, include_input=False)[0]
    path = [prefix, *map(str, detail["loc"])]
    return _No(
        DoorRefusal.DATA_INVALID, ".".join(path)[:FIELD_MAX_CHARS], _says(detail, model, len(path) == 2)
    )


def _says(detail: ErrorDetails, model: type[BaseModel], is_top: bool) -> str:
    match detail["type"]:
        case "missing":
            return "add it"
        case "extra_forbidden" if is_top:
            return f"take it out; known are {', '.join(model.model_fields)}; words go into `content`"
        case "extra_forbidden":
            return "take it out"
        case "string_pattern_mismatch":
            return f"it is no text: it must have the form {detail['ctx']['pattern']}; words go into `content`"
        case "enum" | "literal_error":
            return f"known are {detail['ctx']['expected']}"
        case _:
            return detail["msg"]


def _is_within(value: object, depth: int) -> bool:
    inner: Sequence[object]
    if isinstance(value, dict):
        inner = tuple(value.values())
    elif isinstance(value, list):
        inner = value
    else:
        return True
    return depth > 0 and all(_is_within(one, depth - 1) for one in inner)


def field_of_ours(field: str | None) -> str | None:
    """A field as a fact may tell it: only as far as its names are ours and not the sender's."""
    found: list[str] = []
    for name in (field or "").split("."):
        if name not in _NAMES_OF_OURS and not (name.isascii() and name.isdigit() and len(name) <= 3):
            break
        found.append(name)
    return ".".join(found) or None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
