"""Who takes part: parties, their functions, and the ways they are reached."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from schemas.signals import SignalType
from services.agreements.fields import Name, Sentence, known_word
from services.agreements.model.pieces import Names, Piece

AnyType = Annotated[SignalType, known_word(SignalType)]


class Channel(Piece):
    """A way to reach somebody."""

    form: Literal["written", "oral"]
    """Whether it leaves a text or a talk: emergency services are told orally (S000-61)."""
    carries_client_data: bool
    """Whether anything about a client may go through it; if not, only a thin notice does (S002-20)."""
    title: Sentence | None = None
    """What people call it (S003-13)."""


class Contact(Piece):
    """A function at a party, never a person: how and when it is reached, and who stands in.

    Absences, rotas and today's reach are the directory's: nobody signs again for a sick leave.
    """

    id: Name
    """Its name, once in the whole file (S002-10)."""
    title: Sentence
    """The function as people call it (S002-10)."""
    kind: Literal["function", "group", "shared_number"] = "function"
    """One function, a group in which any member claims, or a number with a rota behind it (S002-08, S002-09)."""
    claim: Literal["first"] | None = None
    """Of a group: the first member to claim has it, the others see that (S002-08)."""
    staffed_by: Names = ()
    """The parties that staff it together, where that is more than its own: they answer for it too. Of a shared number
    the one on duty by the rota hears and reads what it is asked, of a group or a team all do (S001-02)."""
    channels: tuple[Name, ...]
    """How it is reached, the first first (S004-12)."""
    reachable: Name
    """The calendar of its hours, or `always` (S004-12, §0.3)."""
    types: tuple[AnyType, ...] = ()
    """The types of signal it is there for; none named is all (S000-31, S003-03)."""
    expertise: Names = ()
    """What it is able to judge, beyond what its party is (S003-12)."""
    for_practice: Names = ()
    """The GP practices whose fixed contact it is (S003-24)."""
    by_link: tuple[Literal["answer", "read"], ...] = ()
    """What may be done here by a link in a notice, without an account: answering for it, reading a text that is
    addressed to it; left out, nothing (S000-24, S003-13, S002-20)."""
    deputy: Name | None = None
    """The contact that stands in when it cannot be reached or does not answer (S000-26)."""
    stand_ins: Names = ()
    """Contacts with the same expertise that may take over (S001-16)."""
    overflow: Names = ()
    """Contacts at other parties that take what does not fit (S001-16)."""
    sits_in_partnership: bool | None = None
    """Whether this function sits in the partnership; of a party's signal contact it has to be said (S000-26)."""


class Party(Piece):
    """An organisation in the partnership, or one it reaches out to."""

    id: Name
    """Its name in every event (S000-23)."""
    kind: Name
    """What it is: gp, pharmacy, home_care, municipality, police … an open list (S000-23, S002-11)."""
    title: Sentence
    """What people call it (S000-23)."""
    ring: Literal["core", "shell"]
    """In the circle of secrecy, or around it (S000-15, S004-08)."""
    joins: date | None = None
    """From when it takes part; left out, from the beginning (S001-28, S002-16)."""
    leaves: date | None = None
    """The first day it no longer takes part; its duties go to others before (S004-11)."""
    accountable_person: Name | None = None
    """The contact that answers for agreements being kept (S001-22)."""
    signal_contact: Name | None = None
    """The contact that takes signals from inside and outside its own area (S000-26)."""
    expertise: Names = ()
    """What it is able to judge (S003-12, checklist 8)."""
    competences: Names = ()
    """What it is able to do, and what a residents' initiative has to offer (checklist 8, S004-25)."""
    role: Sentence | None = None
    """What it does here, when its part is limited (S004-08)."""
    legal_regimes: Names = ()
    """Labels of the laws it works under, where these differ from the partnership's (S000-03)."""
    contacts: tuple[Contact, ...] = ()
    """Its functions (S002-10)."""
