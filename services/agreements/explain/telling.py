"""An agreement as one page for those who sign it: who, for what, how fast, who next, who sees what."""

from __future__ import annotations

from services.agreements import model
from services.agreements.explain import lengths
from services.agreements.explain.chapters import (
    closing,
    duties,
    following,
    frame,
    handing,
    keeping,
    ladders,
    people,
    roles,
    routing,
    sharing,
)
from services.agreements.explain.page import Page
from services.agreements.explain.voice import voice
from services.agreements.findings import Language

#: The order of the page: first what is needed tonight, then how we work, last what is left out.
CHAPTERS = (
    frame.in_short,
    frame.this_agreement,
    people.parties,
    frame.urgency,
    routing.signals,
    routing.routing,
    duties.duties,
    ladders.ladders,
    sharing.sights,
    sharing.feedback,
    sharing.information,
    sharing.records,
    keeping.notices,
    handing.referral,
    handing.capacity,
    handing.placement,
    handing.availability,
    handing.handover,
    roles.roles,
    roles.direction,
    roles.mandates,
    following.mdo,
    following.monitoring,
    following.evaluation,
    following.aftercare,
    keeping.partnership,
    keeping.joining,
    keeping.goals,
    keeping.reporting,
    people.reach,
    frame.calendars,
    frame.review,
    closing.intentions,
    closing.left_out,
    closing.names,
)


def page(agreement: model.Agreement, language: Language) -> Page:
    """The whole agreement in one language."""
    v = voice(agreement, language)
    meta = agreement.meta
    start = lengths.day(meta.valid_from, language)
    told = (chapter(agreement, v) for chapter in CHAPTERS)
    return Page(
        language,
        meta.title,
        (
            v(
                f"Versie {meta.version}, geldt vanaf {start}.",
                f"Version {meta.version}, in force from {start}.",
            ),
        ),
        v("Op deze bladzijde", "On this page"),
        tuple(section for section in told if section),
    )
