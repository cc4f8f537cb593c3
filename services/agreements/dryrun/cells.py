"""What stands in a cell, read into what a case is made of; what cannot be read says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from schemas.base import OpenEnum
from schemas.deadlines import SkipReason
from schemas.signals import About, Concern, ReporterKind, RouteReason, SignalType
from services.agreements.dryrun.cases import Reported
from services.agreements.dryrun.keys import Answer, Key
from services.agreements.dryrun.vocabulary import Vocabulary, hint, listed
from services.agreements.local_moments import MomentError, read_moment
from services.agreements.matching import MATCHED, MISMATCHES, RULE_ERROR

NONE = "none"
_POSTCODE = re.compile(r"^([1-9][0-9]{3})(?: ?[A-Za-z]{2})?$")
_CODE = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,63}$")
_REF = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}/[a-z0-9][a-z0-9_-]{0,63}$")
_YES_NO = {"yes": True, "true": True, "ja": True, "no": False, "false": False, "nee": False}


class CellError(ValueError):
    """A cell that cannot be read: a code, and the sentence for who wrote it."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


def _words_of(kind: type[OpenEnum]) -> frozenset[str]:
    return frozenset(word.value for word in kind if word.name != "UNKNOWN")


TYPES, CONCERNS, ABOUTS = _words_of(SignalType), _words_of(Concern), _words_of(About)
REPORTERS, REASONS = _words_of(ReporterKind), _words_of(RouteReason)
#: Nothing is out of order in a dry run, and its directory file names nobody's successor.
SKIPS = _words_of(SkipReason) - {SkipReason.MISSED_IN_OUTAGE, SkipReason.SUCCEEDED}
FORMS = frozenset({"written", "oral", "phone", "video_call"})
OUTCOMES = frozenset({MATCHED, RULE_ERROR, "unknown_urgency", *MISMATCHES})


def _one_of(text: str, known: frozenset[str], what: str) -> str:
    if text not in known:
        raise CellError("unknown_word", f"`{text}` is no {what}; {hint(text, known)}")
    return text


def _several_of(text: str, known: frozenset[str], what: str) -> tuple[str, ...]:
    return tuple(_one_of(word, known, what) for word in text.split())


def moment_of(text: str, known: Vocabulary) -> int:
    """A moment."""
    try:
        return read_moment(text, known.zone)
    except MomentError as error:
        raise CellError("no_moment", str(error)) from None


def contact_of(text: str, known: Vocabulary) -> str:
    """A contact by its short name, or by `party/contact`."""
    found = known.refs.get(text) or (text if text in known.contacts else None)
    if found is None:
        raise CellError("unknown_contact", f"`{text}` is no contact here; {hint(text, known.refs)}")
    return found


def contact_once_of(text: str, known: Vocabulary) -> str:
    """The contact of a case: it may be one of long ago, that the agreement does not know any more."""
    return text if _REF.match(text) else contact_of(text, known)


def code_of(text: str, _: Vocabulary) -> str:
    """A name that need not be in the agreement: a party from elsewhere, a practice, a group."""
    if not _CODE.match(text):
        raise CellError("no_name", f"`{text}` is no name; write it in small letters, digits and dashes")
    return text


def postcode_of(text: str, _: Vocabulary) -> str:
    """The four digits; the letters of a whole postcode are too much, and are left out."""
    found = _POSTCODE.match(text)
    if not found:
        raise CellError("no_postcode", f"`{text}` is no postcode; write its four digits, or nothing")
    return found[1]


def yes_or_no(text: str, _: Vocabulary) -> bool:
    """`yes` or `no`."""
    found = _YES_NO.get(text.lower())
    if found is None:
        raise CellError("no_yes_or_no", f"`{text}` is neither; write yes or no")
    return found


class Column(NamedTuple):
    """A column that tells the case: what it means, how it is written, and what reads it."""

    title: str
    says: str
    example: str
    read: Callable[[str, Vocabulary], object]
    is_required: bool = False


COLUMNS: Mapping[str, Column] = {
    column.title: column
    for column in (
        Column("name", "What the case shows; each its own", "fall at night", lambda text, _: text, True),
        Column("at", "When the signal comes in", "2026-11-23 09:00", moment_of, True),
        Column(
            "urgency",
            "A level of the agreement",
            "acute",
            lambda text, known: _one_of(text, known.levels, "level of urgency"),
            True,
        ),
        Column(
            "types",
            f"Types of signal: {listed(TYPES)}",
            "medical nursing",
            lambda text, _: _several_of(text, TYPES, "type"),
        ),
        Column(
            "concern",
            f"What was seen: {listed(CONCERNS)}",
            "fall confusion",
            lambda text, _: _several_of(text, CONCERNS, "concern"),
        ),
        Column(
            "about",
            f"Whom it is about: {listed(ABOUTS)}; left empty, the client",
            "client",
            lambda text, _: _one_of(text, ABOUTS, "word for whom it is about"),
        ),
        Column("postcode", "Four digits; left empty, nobody knows where", "9901", postcode_of),
        Column(
            "reporter",
            f"Who reports: {listed(REPORTERS)}; left empty, a professional",
            "neighbour",
            lambda text, _: _one_of(text, REPORTERS, "kind of reporter"),
        ),
        Column("reporter_party", "The party the reporter works for", "linde", code_of),
        Column("case_contact", "The client's own contact in the case", "linde-team", contact_once_of),
        Column("case_coordinator", "The coordinator of the case", "gp-desk", contact_once_of),
        Column("practice", "The client's GP practice, by its name in the agreement", "dorpsplein", code_of),
        Column("target_group", "The group the client belongs to", "frail_elderly", code_of),
        Column(
            "expects_action",
            "Whether something is expected of who hears back: yes or no; left empty, no",
            "yes",
            yes_or_no,
        ),
    )
}


def reported(kind: object, party: object) -> Reported:
    """Who reports; left out, a professional."""
    return Reported(str(kind or "professional"), str(party) if party else None)


def answer_of(key: Key, text: str, known: Vocabulary) -> Answer:
    """What is expected under a key."""
    if text == NONE:
        return ()
    match key.kind.shape:
        case "contacts":
            return tuple(contact_of(word, known) for word in text.split())
        case "moments":
            return (moment_of(text, known),)
        case "skips":
            return tuple(_skip_of(word, known) for word in text.split())
        case "trace":
            return tuple(_step_of(word, known) for word in text.split())
        case _:
            return _several_of(text, *_expected_words(key, known))


def _expected_words(key: Key, known: Vocabulary) -> tuple[frozenset[str], str]:
    match key.kind.title:
        case "rule":
            return known.rules, "rule"
        case "ladder":
            return known.ladders, "ladder"
        case "reason":
            return REASONS, "reason"
        case _:
            return FORMS, "form"


def _skip_of(text: str, known: Vocabulary) -> str:
    to, colon, reason = text.partition(":")
    if not colon:
        raise CellError("no_skip", f"`{text}` names no reason; write the level and why, as deputy:absent")
    return f"{_one_of(to, known.rungs, 'level of a ladder')}:{_one_of(reason, SKIPS, 'reason to pass over')}"


def _step_of(text: str, known: Vocabulary) -> str:
    node, colon, because = text.partition(":")
    if not colon:
        raise CellError(
            "no_step", f"`{text}` names no reason; write the rule and why, as medical:types_differ"
        )
    return f"{_one_of(node, known.rules, 'rule')}:{_one_of(because, OUTCOMES, 'outcome of a rule')}"
