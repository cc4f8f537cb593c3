"""Why a client of the broker cannot do what it was asked: nobody answers, a topic is missing, another is first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Security = Mapping[str, Any]


class BrokerUnreachable(Exception):
    """No broker answered in time. The text is one sentence and a way out."""

    def __init__(self, bootstrap: str, why: str) -> None:
        super().__init__(
            f"no broker answered at {bootstrap} ({why}); is it running, and is SEINHUIS_KAFKA its host:port?"
        )
        self.bootstrap = bootstrap


class TopicsMissing(Exception):
    """The broker has no such topics; asking for them by name could make them, with the wrong partitions."""

    def __init__(self, bootstrap: str, names: Iterable[str]) -> None:
        super().__init__(
            f"the broker at {bootstrap} has no {', '.join(sorted(names))}; run `seinhuis topics create`"
        )


class Superseded(Exception):
    """Another writer began under the same name, which ended this one before anything of it could be read."""

    def __init__(self, name: str) -> None:
        super().__init__(f"somebody else writes as {name} at this moment; nothing was written, try again")


class NotLetIn(Exception):
    """A broker answered and will not speak with us: who we say we are, or who it says it is, is not believed."""

    def __init__(self, address: str, why: str, way_out: str) -> None:
        super().__init__(f"the broker at {address} and we do not come together: {why}; {way_out}")
        self.address = address
