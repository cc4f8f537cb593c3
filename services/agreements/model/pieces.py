"""What every part of the file is made of: closed pieces, items with a purpose, and the answer `we do without`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Tag, WithJsonSchema

from schemas.base import Code
from services.agreements.fields import Name, Sentence
from services.agreements.measures import MEASURES
from services.agreements.model.words import NONE

#: A measure of the catalogue, or `none`. An editor offers those there are; `check` refuses any other.
MeasureName = Annotated[Name, WithJsonSchema({"type": "string", "enum": sorted([*MEASURES, NONE])})]
#: How firm a point is where the documents only advise it.
Strength = Literal["required", "advised", "off"]


class Piece(BaseModel):
    """A part of the file: frozen, strict in its types, closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class NotApplicable(Piece):
    """An item this partnership does without."""

    not_applicable: Sentence
    """Why it is not needed here: reported with this reason, never an error (S000-04)."""


class Item(Piece):
    """Something the partners agree on, and may hold each other to."""

    purpose: Sentence | None = None
    """What it is for: an agreement holds no more than is needed (S002-18)."""
    measure: MeasureName | None = None
    """The measure of the catalogue it is followed by, or `none` (S004-10, S004-29)."""
    binding: Literal["binding", "intent"] = "binding"
    """Whether missing it counts for the collaboration ladder, or is an intention only (S001-24)."""


def _answer(value: object) -> str:
    is_left_out = isinstance(value, NotApplicable) or (isinstance(value, dict) and "not_applicable" in value)
    return "not_applicable" if is_left_out else "item"


T = TypeVar("T")
#: A part of the agreement, or the reason why this partnership does without it.
OrNot = Annotated[
    Annotated[T, Tag("item")] | Annotated[NotApplicable, Tag("not_applicable")], Discriminator(_answer)
]


def _several(value: object) -> object:
    # A tuple, for what a validator returns is no longer JSON, and strict about it.
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


#: One name, or a list of them.
Names = Annotated[tuple[Name, ...], BeforeValidator(_several, json_schema_input_type=Name | tuple[Name, ...])]
#: One code, which may be a word with a dot, or a list of them.
Codes = Annotated[tuple[Code, ...], BeforeValidator(_several, json_schema_input_type=Code | tuple[Code, ...])]
