"""Every key of the agreement says what it is for and which requirement asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from services.agreements import model
from services.agreements.model import Agreement, Item, Piece

#: A row of the requirements, a value that must be configurable, a question of the checklist, a promise, a fact.
SOURCE = re.compile(r"S00[0-4]-\d\d|§0\.3|checklist \d+|semantics \d+|events\)")


def _pieces(of: type[Piece] = Piece) -> Iterator[type[Piece]]:
    for piece in of.__subclasses__():
        if piece.__module__.startswith("services.agreements.model"):
            yield piece
            yield from _pieces(piece)


PIECES = sorted(set(_pieces()), key=lambda piece: piece.__name__)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.__name__)
def test_every_key_is_described_with_its_source(piece: type[Piece]) -> None:
    silent = [
        name
        for name, field in piece.model_fields.items()
        if not field.description or not SOURCE.search(field.description)
    ]
    assert silent == []
    assert piece.__doc__


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.__name__)
def test_every_piece_is_closed_frozen_and_strict(piece: type[Piece]) -> None:
    config = piece.model_config
    assert (config.get("extra"), config.get("frozen"), config.get("strict")) == ("forbid", True, True)


def test_every_piece_but_the_makings_can_be_imported_from_the_model() -> None:
    assert {piece.__name__ for piece in PIECES} - set(model.__all__) == set()
    assert set(model.__all__) <= set(vars(model))


def test_every_part_that_partners_hold_each_other_to_is_an_item() -> None:
    items = {piece.__name__ for piece in PIECES if issubclass(piece, Item)}
    assert {"Obligation", "Feedback", "Handover", "Placement", "Mdo", "Consent", "Path"} <= items
    frame = {"Meta", "Area", "Level", "Party", "Contact", "Rule"}
    assert items.isdisjoint(frame)


def test_the_whole_has_every_part_of_the_design() -> None:
    parts = """
        meta area calendars urgency parties signals routing obligations escalation feedback handover capacity placement
        roles mandates mdo information records monitoring aftercare joining reporting referral partnership intake paths
        goals notices channels neighbours contacts direction availability evaluation
    """
    assert set(parts.split()) <= set(Agreement.model_fields)
