"""What the routing tree may look at: a signal, and what is known of its case."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol


class Reporting(Protocol):
    """Who reports: the kind of person, and the party when there is one."""

    @property
    def kind(self) -> str: ...
    @property
    def party(self) -> str | None: ...


class Routable(Protocol):
    """What a rule may look at; a signal has it, and so has a line of a file of test cases."""

    @property
    def urgency(self) -> str: ...
    @property
    def types(self) -> Collection[str]: ...
    @property
    def concern(self) -> Collection[str]: ...
    @property
    def about(self) -> str: ...
    @property
    def postcode(self) -> str | None: ...
    @property
    def reporter(self) -> Reporting: ...


class CaseView(NamedTuple):
    """What a rule may know of the case: contact and coordinator it already has, as `party/contact`; the client's GP
    practice and target group, as the agreement names them."""

    contact: str | None = None
    coordinator: str | None = None
    practice: str | None = None
    target_group: str | None = None
