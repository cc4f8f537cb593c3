"""What is left out and why, what is an intention only, and the names things have in the file."""

from __future__ import annotations

from collections.abc import Iterator

from services.agreements import model
from services.agreements.explain.chapters.duties import title
from services.agreements.explain.lines import cap, listed
from services.agreements.explain.page import Block, Paragraph, Point, Section, Table
from services.agreements.explain.rules import asks, numbered
from services.agreements.explain.voice import Voice

Path = tuple[str, ...]


def left_out(a: model.Agreement, v: Voice) -> Section:
    """What the partners do without and why, and what they say nothing about."""
    reasons = tuple(
        Point(piece.not_applicable, f"{_topic(path, v)}:")
        for path, piece in pieces(a)
        if isinstance(piece, model.NotApplicable)
    )
    silent = [_topic((name,), v) for name in type(a).model_fields if getattr(a, name) in (None, (), {})]
    blocks: list[Block] = []
    if reasons:
        blocks += [
            Paragraph(
                v("Deze partners hebben het volgende niet nodig:", "These partners do without the following:")
            ),
            *listed(*reasons),
        ]
    if silent:
        blocks += [
            Paragraph(v("Hierover is nog niets afgesproken:", "Nothing is agreed yet about:")),
            *listed(*(cap(one) for one in silent)),
        ]
    nothing = Paragraph(v("Alles is afgesproken.", "All is agreed."))
    return Section("left-out", v("Wat er niet in staat", "What is not in it"), tuple(blocks) or (nothing,))


def intentions(a: model.Agreement, v: Voice) -> Section:
    """What does not bind."""
    told = [
        Point(_item_name(path, piece, v))
        for path, piece in pieces(a)
        if isinstance(piece, model.Item | model.Task) and piece.binding == "intent"
    ]
    blocks = listed(*told) or (
        Paragraph(v("Er zijn geen voornemens: alles bindt.", "There are no intentions: all of it binds.")),
    )
    return Section("intentions", v("Wat een voornemen is", "What is an intention"), blocks)


def names(a: model.Agreement, v: Voice) -> Section:
    """For who lays the file beside this page: what things are called there."""
    rows = [
        *((v(f"regel {number}", f"rule {number}") + f": {asks(rule.match, v).rstrip(',:')}", rule.name)
          for number, rule, _ in numbered(a.routing)),
        (v("dit wijkverband", "this partnership"), a.meta.partnership),
        *((v("spoed: ", "level: ") + v.word(name, "level"), name) for name in a.urgency.levels),
        *((v("kalender: ", "calendar: ") + v.word(name, "calendar"), name) for name in a.calendars),
        *((v("ladder: ", "ladder: ") + v.word(name, "ladder"), name)
          for name in (a.escalation.operational if a.escalation else {})),
        *((v("termijn: ", "term: ") + title(one, v), one.name) for one in a.obligations),
        *((v("functie: ", "function: ") + contact.title, contact.id)
          for party in a.parties for contact in party.contacts),
        *((v("organisatie: ", "organisation: ") + party.title, party.id) for party in a.parties),
    ]  # fmt: skip
    return Section(
        "names",
        v("Namen in het bestand", "Names in the file"),
        (
            Paragraph(
                v(
                    "Voor wie het bestand ernaast legt: zo heten deze dingen daar.",
                    "For who lays the file beside this page: what these things are called there.",
                )
            ),
            Table(v("Namen", "Names"), (v("Hier", "Here"), v("In het bestand", "In the file")), tuple(rows)),
        ),
    )


def pieces(piece: model.Piece, path: Path = ()) -> Iterator[tuple[Path, model.Piece]]:
    """Every piece of an agreement, with the names on the way to it."""
    yield path, piece
    for name in type(piece).model_fields:
        yield from _within(getattr(piece, name), (*path, name))


def _within(value: object, path: Path) -> Iterator[tuple[Path, model.Piece]]:
    if isinstance(value, model.Piece):
        yield from pieces(value, path)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _within(one, (*path, str(name)))
    elif isinstance(value, tuple):
        for one in value:
            yield from _within(one, path)


def _topic(path: Path, v: Voice) -> str:
    """`information.consent` as people say it: the last name that has a word."""
    return cap(
        v.word(".".join(path), "topic")
        if len(path) == 1
        else f"{v.word(path[0], 'topic')}, {v.word(path[-1], 'topic')}"
    )


def _item_name(path: Path, piece: model.Piece, v: Voice) -> str:
    if isinstance(piece, model.Task):
        return v("Taak: ", "Task: ") + v.word(piece.task)
    if isinstance(piece, model.Obligation):
        return v("Termijn: ", "Term: ") + title(piece, v)
    return _topic(path, v)
