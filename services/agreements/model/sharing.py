"""What is shared with whom, on what ground, in which form, and where it is written down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.agreements.fields import AnyPeriod, AnySpan, Name, Sentence
from services.agreements.model.pieces import Item, Names, OrNot, Piece, Strength

#: What can be seen of a case, from least to most.
Sight = Literal["thin", "content", "findings", "care_plan", "identity"]
#: Numbers of a public register by which a client may be named; `bsn` is the citizen service number.
Identifier = Literal["bsn"]


class Access(Piece):
    """Who may see what once it takes part in a case; the kind's line goes before the ring's."""

    core: tuple[Sight, ...] = ("thin",)
    """Parties in the circle (S000-15)."""
    shell: tuple[Sight, ...] = ("thin",)
    """Parties around it (S000-15, S004-08)."""
    kinds: dict[Name, tuple[Sight, ...]] = {}
    """Kinds of party with rights of their own, such as `police: [thin]` (S000-23, S004-26)."""


class ClientPreferences(Item):
    """What the client wants shared, and with whom."""

    ask_before: Names
    """Before what it is asked, such as `first_disclosure` (S000-63, checklist 1)."""
    kinds: Names
    """The kinds of information asked about (S000-63, checklist 1)."""
    receivers: Names
    """The kinds of party asked about (S000-63, checklist 1)."""


class Consent(Item):
    """Permission to share and to confer."""

    ask_before: Names
    """Before what it is asked (S000-10, checklist 2)."""
    asked_by: Names
    """The roles that ask for it (S000-10, checklist 2)."""
    valid_for: AnyPeriod
    """After how long it is asked again (S000-10, checklist 2)."""
    presumed_for: Names = ()
    """What consent is presumed for until the client says otherwise, such as `findings_to_own_gp` (S000-57, S000-63)."""


class Ground(Piece):
    """A ground to share without consent."""

    needs: Names
    """What has to be stated; one missing point is a refusal that names it (S000-10, S000-11)."""
    deciders: Names = ()
    """The roles that decide on it together (S000-12)."""


class InformClient(Piece):
    """That the client hears of it."""

    within: AnyPeriod
    """In how long, or the reason why not yet is written down (S000-09)."""
    strength: Strength = "required"
    """How firm (S000-09)."""


class WithoutConsent(Item):
    """Sharing without consent: a decision of a group, never a tick box."""

    grounds: Annotated[dict[Name, Ground], Field(min_length=1)]
    """Which grounds exist, each with the points it needs; a lawyer decides (S000-10)."""
    deciders_min: Annotated[int, Field(ge=1, le=9)]
    """How many decide at least (S000-12)."""
    review_every: AnyPeriod
    """How often it is looked at whether it is still needed (S000-11, §0.3)."""
    inform_client: InformClient
    """That the client hears of it (S000-09)."""
    form: Sentence | None = None
    """The form it is recorded on (S000-12)."""


class EmergencyAccess(Item):
    """Looking at once, and giving account afterwards; off unless it stands here."""

    roles: Annotated[Names, Field(min_length=1)]
    """The roles that may (events)."""
    justify_within: AnySpan
    """In how long they say why (events)."""


class Requests(Item):
    """Asking a colleague what he knows."""

    who_may_ask: Names
    """The roles that may ask (S000-56, checklist 3)."""
    answer_within: dict[Name, AnySpan]
    """By level (S000-56, checklist 3)."""


class DataAgreement(Item):
    """The written agreement on exchanging data, without which nobody confers on a client."""

    ref: Sentence
    """Which (S000-07)."""
    retrievable_at: Sentence
    """Where the client may read it (S000-07)."""


class Information(Item):
    """What is shared, with whom, on what ground."""

    access: Access | None = None
    """Who may see what; left out, everybody sees a thin notice only (S000-13, S000-15)."""
    client_preferences: OrNot[ClientPreferences] | None = None
    """Wishes of the client (checklist 1)."""
    consent: OrNot[Consent] | None = None
    """Permission (checklist 2)."""
    without_consent: OrNot[WithoutConsent] | None = None
    """Sharing without it (S000-10 to -14)."""
    emergency_access: OrNot[EmergencyAccess] | None = None
    """Looking first and explaining later; left out, nobody may (events)."""
    purposes: Names = ()
    """What an exchange may be for; care comes first (S000-55)."""
    requests: OrNot[Requests] | None = None
    """Asking colleagues (checklist 3)."""
    data_agreement: OrNot[DataAgreement] | None = None
    """The written agreement on it (S000-07)."""
    identifiers: tuple[Identifier, ...] = ()
    """Public numbers a report may name its client by: `[bsn]`; left out, every one is refused (S000-13, events)."""


class PhoneWhen(Piece):
    """When a letter is not enough."""

    urgency: Names = ()
    """At these levels (S000-60)."""
    expects_action: bool | None = None
    """When something is expected of the receiver (S000-60)."""
    strength: Strength = "advised"
    """How firm (S000-60)."""


class FeedbackRule(Piece):
    """The form follows the receiver. How fast, the obligations it names say."""

    to: Names
    """Kinds of party (S000-57, S000-61)."""
    form: Literal["written", "oral", "phone", "video_call"]
    """Written to the GP; oral is a task for a person, and nothing written is sent (S000-58, S000-61)."""
    max_chars: Annotated[int, Field(ge=1, le=20_000)] | None = None
    """How short is short (S000-58, §0.3)."""
    also_by_phone_when: PhoneWhen | None = None
    """When a call goes with the letter (S000-60)."""
    strength: Strength = "required"
    """The documents advise it (S000-57)."""
    clocks: Names = ()
    """The obligations of this file that say how fast it is and count the time (S000-59, checklist 5, §0.3)."""


class FeedbackContent(Piece):
    """What a feedback says."""

    required_fields: Names
    """Its fields (checklist 6)."""
    max_chars: Annotated[int, Field(ge=1, le=20_000)] | None = None
    """How short is short, unless the rule says otherwise (S000-58, §0.3)."""


class Feedback(Item):
    """Who hears back, in which form."""

    rules: Annotated[tuple[FeedbackRule, ...], Field(min_length=1)]
    """By kind of receiver (S000-57 to -61, checklist 4)."""
    content: FeedbackContent | None = None
    """What it says (checklist 6)."""


class Records(Item):
    """What is written down where."""

    dossier_of_record: Name
    """The file that counts, such as `gp_record` (S000-14, checklist 7)."""
    note_required_on: Names
    """After what a note in one's own file is asked for (S000-14, checklist 7)."""
    access_for_partners: Sentence | None = None
    """How the partners get at it (S000-56, checklist 7)."""
    receivers_note_too: bool = False
    """Whether receivers write a disclosure down as well (S000-14)."""
