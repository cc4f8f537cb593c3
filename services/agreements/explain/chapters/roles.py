"""Roles, the client's own direction, mandates, and who does what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.agreements import model
from services.agreements.explain.lines import (
    Line,
    answer,
    line,
    listed,
    not_needed,
    part,
    points,
    table,
    yes_no,
)
from services.agreements.explain.page import Block, Point, Section
from services.agreements.explain.voice import Voice

T = TypeVar("T", bound=model.Piece)


def roles(a: model.Agreement, v: Voice) -> Section | None:
    """Five roles, never one."""

    def tell(one: model.Roles) -> tuple[Block, ...]:
        told = listed(
            _role(v("Aanspreekpunt van de cliënt", "The client's contact"), one.client_contact, v, lambda two: (
                line(v("gekozen door:", "named by:"), v.word(two.assigned_by)),
                line(v("mag alle onderdelen zien:", "may see all parts:"), yes_no(two.may_see_all_parts, v)),
            )),
            _role(v("Coördinator", "Coordinator"), one.coordinator, v, lambda two: (
                line(v("gekozen door:", "named by:"), v.word(two.assigned_by)),
                line(v("mag:", "may:"), v.words(two.powers)),
                line(v("mag niet:", "may not:"), v.words(two.limits)),
                line(v("komt uit:", "comes from:"), v.words(two.domains, last="or")),
                v("is niet eindverantwoordelijk", "is not responsible in the end"),
            )),
            _role(v("Leiding over een onderdeel", "Lead of a part"), one.part_leads, v, lambda two: (
                v("precies één per onderdeel", "exactly one for each part"),
                line(v("gekozen door:", "named by:"), v.word(two.assigned_by)),
            )),
            _role(v("Medisch verantwoordelijk", "Medical responsibility"), one.medical_responsible, v, lambda two: (
                line(v("alleen:", "only:"), v.words(two.kinds, last="or")),
            )),
            line(
                v("Eigenaar van het proces:", "Owner of the process:"),
                one.process_owner and v.word(one.process_owner),
            ),
            _role(v("Procesregisseur", "Process director"), one.process_director, v, lambda two: (
                line(v("alleen:", "only:"), v.words(two.kinds, last="or")),
            )),
        )  # fmt: skip
        return (*told, *_tasks(one, v))

    return part("roles", v("Rollen", "Roles"), a.roles, v, tell)


def _role(
    lead: str, piece: T | model.NotApplicable | None, v: Voice, tell: Callable[[T], tuple[Line, ...]]
) -> Line:
    if piece is None:
        return None
    if isinstance(piece, model.NotApplicable):
        return Point(not_needed(piece, v), f"{lead}.")
    return Point("", lead, points=points(tell(piece)))


def _tasks(one: model.Roles, v: Voice) -> tuple[Block, ...]:
    if not one.task_division:
        return ()
    return (
        table(
            v("Wie doet wat", "Who does what"),
            (
                v("Taak", "Task"),
                v("Organisatie", "Organisation"),
                v("Na", "After"),
                v("Vertelt het aan", "Tells"),
                v("Samen met", "Together with"),
            ),
            tuple(
                (
                    v.word(task.task)
                    + ("" if task.binding == "binding" else v(" (voornemen)", " (intention)")),
                    v.party(task.party) if task.party else v("nog niemand", "nobody yet"),
                    v.words(task.after) or "–",
                    v.joined(v.party(party) for party in task.informs) or "–",
                    v.joined(v.party(party) for party in task.works_with) or "–",
                )
                for task in one.task_division
            ),
        ),
    )


def direction(a: model.Agreement, v: Voice) -> Section | None:
    """The client directs."""
    return part(
        "direction",
        v("De cliënt heeft de regie", "The client directs"),
        a.direction,
        v,
        lambda one: listed(
            answer(
                v("Meedoen aan het plan", "Taking part in the plan"),
                one.client_involvement,
                v,
                lambda two: (
                    line(v("bij:", "in:"), v.words(two.required_in)),
                    Point(v("lukt het niet, dan staat er waarom", "when not, it is written down why"))
                    if two.reason_if_not
                    else None,
                ),
            ),
            answer(
                v("Eén aanspreekpunt", "One contact"),
                one.client_contact,
                v,
                lambda two: (
                    line(v("zo gekozen:", "chosen by:"), v.word(two.assign_rule)),
                    line(
                        v("de cliënt weet wie het is binnen:", "the client knows who it is within:"),
                        v.span(two.tell_within),
                    ),
                ),
            ),
            answer(
                v("Wie is wie", "Who is who"),
                one.client_overview,
                v,
                lambda two: (
                    line(v("de cliënt hoort:", "the client is told:"), v.words(two.includes, "overview")),
                ),
            ),
        ),
    )


def mandates(a: model.Agreement, v: Voice) -> Section | None:
    """Who may decide and demand."""

    def tell(one: model.Mandates) -> tuple[Block, ...]:
        parts: tuple[Block, ...] = ()
        if one.parts:
            parts = (
                table(
                    v("Wie antwoordt waarvoor", "Who answers for what"),
                    (
                        v("Onderdeel", "Part"),
                        v("Verantwoordelijk", "Responsible"),
                        v("Eindverantwoordelijk", "Responsible in the end"),
                        v("Mag alleen beslissen over", "May decide alone on"),
                        v("Staat in", "Written in"),
                    ),
                    tuple(
                        (
                            v.word(row.part),
                            v.word(row.responsible_role),
                            v.word(row.final_responsible),
                            v.words(row.may_decide) or "–",
                            v.word(row.recorded_in) if row.recorded_in else "–",
                        )
                        for row in one.parts
                    ),
                ),
            )
        return (
            *parts,
            *listed(
                *(
                    Point(
                        v(
                            f"mag {v.words(row.may)}; antwoord binnen {v.span(row.answer_within)}",
                            f"may {v.words(row.may)}; an answer within {v.span(row.answer_within)}",
                        ),
                        f"{v.word(row.role)}:",
                    )
                    for row in one.hold_to_account
                )
            ),
        )

    return part("mandates", v("Mandaat", "Mandates"), a.mandates, v, tell)
