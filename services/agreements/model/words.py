"""Words of the file with a meaning of their own; nothing may be named so."""

from __future__ import annotations

#: A contact who is always to be reached, instead of a calendar's name.
ALWAYS = "always"
#: Rungs of a ladder that depend on who was asked first.
CONTACT, DEPUTY, STAND_IN, OVERFLOW = "contact", "deputy", "stand_in", "overflow"
RUNG_WORDS = frozenset({CONTACT, DEPUTY, STAND_IN, OVERFLOW})
#: Receivers that are found at the moment itself.
CASE_CONTACT, CASE_COORDINATOR = "case.contact", "case.coordinator"
NEIGHBOUR_ENTRY, PRACTICE_CONTACT = "neighbour.entry", "practice.contact"
INTAKE_CONTACT, PATH_CONTACT = "intake.contact", "path.contact"
RECEIVER_WORDS = frozenset(
    {CASE_CONTACT, CASE_COORDINATOR, NEIGHBOUR_ENTRY, PRACTICE_CONTACT, INTAKE_CONTACT, PATH_CONTACT}
)
#: Rungs of the collaboration ladder that are no party.
ADDRESS_EACH_OTHER, ACCOUNTABLE_PERSON = "address_each_other", "accountable_person"
PARTNERSHIP_COORDINATOR = "partnership.coordinator"
COLLABORATION_WORDS = frozenset({ADDRESS_EACH_OTHER, ACCOUNTABLE_PERSON, PARTNERSHIP_COORDINATOR})
#: Said where no measure, or nobody, is meant.
NONE = "none"
