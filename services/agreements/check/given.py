"""What the rules look at: the agreement, the moment, what the directory tells, and every piece with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.agreements import model
from services.agreements.directory import Directory
from services.agreements.findings import Path
from services.agreements.model.pieces import Item, Piece


@dataclass(frozen=True, slots=True)
class Given:
    """All a rule may know. Time is an argument."""

    agreement: model.Agreement
    at_ms: int
    directory: Directory
    #: Agreements of other partnerships, whose areas must not overlap with this one's.
    others: tuple[model.Agreement, ...]
    #: Every piece of the file with its place, from top to bottom.
    pieces: tuple[tuple[Path, Piece], ...]
    party_of: dict[str, model.Party]
    contacts: dict[str, model.Contact]

    @classmethod
    def of(
        cls,
        agreement: model.Agreement,
        at_ms: int,
        directory: Directory,
        others: tuple[model.Agreement, ...],
    ) -> Given:
        """The agreement with its pieces and contacts looked up once."""
        held = [(contact, party) for party in agreement.parties for contact in party.contacts]
        return cls(
            agreement,
            at_ms,
            directory,
            others,
            tuple(pieces(agreement)),
            {contact.id: party for contact, party in held},
            {contact.id: contact for contact, _ in held},
        )

    def parties(self) -> Iterator[tuple[Path, model.Party]]:
        """Every party with its place."""
        return ((("parties", n), party) for n, party in enumerate(self.agreement.parties))

    def placed_contacts(self) -> Iterator[tuple[Path, model.Party, model.Contact]]:
        """Every contact with its place and its party."""
        for path, party in self.parties():
            for n, contact in enumerate(party.contacts):
                yield (*path, "contacts", n), party, contact

    def items(self) -> Iterator[tuple[Path, Item]]:
        """Everything the partners may hold each other to."""
        return ((path, piece) for path, piece in self.pieces if isinstance(piece, Item))

    def levels_always(self) -> tuple[str, ...]:
        """The levels that run day and night."""
        return tuple(name for name, level in self.agreement.urgency.levels.items() if level.always)


def pieces(piece: Piece, path: Path = ()) -> Iterator[tuple[Path, Piece]]:
    """A piece and all that is in it, from top to bottom."""
    yield path, piece
    for name, value in piece.__dict__.items():
        yield from _within(value, (*path, name))


def _within(value: object, path: Path) -> Iterator[tuple[Path, Piece]]:
    if isinstance(value, Piece):
        yield from pieces(value, path)
    elif type(value) is tuple:
        for n, one in enumerate(value):
            if isinstance(one, Piece):
                yield from pieces(one, (*path, n))
            elif type(one) is tuple:
                yield from _within(one, (*path, n))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _within(one, (*path, key))
