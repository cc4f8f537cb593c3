"""What every message of ours has in common: closed when written, open when read, and no room for free text."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

#: A word from a closed or agreed list: a reason, a rule's name, an urgency level.
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
#: An identifier allotted by Seinhuis: never chosen by a provider, never derived from a person.
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$")]
#: The id of an event: `process-partition-sequence` for our facts, an HMAC for a command taken in at the door.
EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
#: The name of a command or fact: a class name of ours.
TypeName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{2,63}$")]
#: A reference to content in the vault; its words never travel.
ContentRef = Annotated[str, StringConstraints(pattern=r"^vault:[A-Za-z0-9_-]{8,64}$")]
#: Who acted, as a reference that only that person's own party can resolve.
ActorRef = Annotated[str, StringConstraints(pattern=r"^actor:[A-Za-z0-9_-]{4,64}$")]
#: A function at a party, never a person: `party/contact`.
ContactRef = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}/[a-z0-9][a-z0-9_-]{0,63}$")]
#: The four digits of a Dutch postcode.
Postcode4 = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}$")]
#: A moment with its zone; written in UTC.
Moment = AwareDatetime
#: A length of time in seconds.
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]

Kind = Literal["command", "fact"]

M = TypeVar("M", bound="Said")


class OpenEnum(StrEnum):
    """A list that may grow: a value a reader does not know yet is read as `unknown`."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        return cls.__members__.get("UNKNOWN")


class Part(BaseModel):
    """A piece of a message: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(Part):
    """A command or a fact. Its class name is its name on the wire.

    `subject` names the room it belongs to and with it the topic; `kind` says whether it asks or tells.
    """

    subject: ClassVar[str]
    kind: ClassVar[Kind]
    version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents `type`: `nl.seinhuis.<subject>.<Name>.v<major>`."""
        return f"nl.seinhuis.{cls.subject}.{cls.__name__}.v{cls.version}"


def read(model: type[M], data: bytes) -> M:
    """A message as a reader takes it: a field added later in this major version is ignored, not refused."""
    return model.model_validate_json(data, extra="ignore")


def unknown_words(message: BaseModel) -> dict[str, OpenEnum]:
    """Where a message holds `unknown` in place of a word: right for a reader, a mistake of who writes a command."""
    return dict(_unknown_words(message, ""))


def _unknown_words(value: object, at: str) -> Iterator[tuple[str, OpenEnum]]:
    if isinstance(value, BaseModel):
        for name, field in value:
            yield from _unknown_words(field, f"{at}.{name}" if at else name)
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _unknown_words(item, f"{at}.{place}")
    elif isinstance(value, OpenEnum) and value.name == "UNKNOWN":
        yield at, value
