"""Who may do what on a broker: a plan of permissions drawn from the catalogue, and how a broker differs from it.

A process is `User:seinhuis-<process>` and gets what the catalogue says that it writes and reads, and nothing beside it.
A partner is `User:<party>`: it writes its own inbox and reads its own deliveries. Whatever is not permitted is refused
by the broker, so that no plan has to name what is forbidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from topics.catalogue import CATALOGUE, DELIVERIES, INBOX, PROCESSES, Topic, of_party

Resource = Literal["topic", "group", "transactional-id", "cluster"]
Pattern = Literal["literal", "prefixed"]
Permission = Literal["allow", "deny"]

USER = "User:"
#: What the account of a process is called before the name of the process; no party is called so.
OURS = "seinhuis-"
ANY_HOST = "*"
#: Who writes a topic by a command and not as a process, in transactions of these names.
TRANSACTIONS_OF: dict[str, tuple[str, Pattern]] = {
    "agreements": ("agreements", "literal"),
    "directory": ("directory-", "prefixed"),
    **{process: (f"{process}-", "prefixed") for process in PROCESSES},
}


#: A name as the agreements have it. It holds no dot, so that no party's topics and groups begin with another's.
_PARTY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PROCESSES = frozenset(who for topic in CATALOGUE for who in (*topic.writers, *topic.readers))


class NotAParty(ValueError):
    """A party of this name would have the account of one of our processes, or a topic that is not its own."""


class Acl(NamedTuple):
    """One permission: who, on what, may do what. `operation` by Kafka's own word, in lower case."""

    principal: str
    resource: Resource
    name: str
    pattern: Pattern
    operation: str
    host: str = ANY_HOST
    permission: Permission = "allow"


class Difference(NamedTuple):
    """What a broker lacks, has, and has too much.

    `unwanted`: ours by its name, and no longer in the plan. `foreign`: given by somebody else on something of ours; it
    is told and never taken away.
    """

    missing: tuple[Acl, ...]
    kept: tuple[Acl, ...]
    unwanted: tuple[Acl, ...]
    foreign: tuple[Acl, ...]


def plan(parties: Iterable[str] = ()) -> tuple[Acl, ...]:
    """Every permission there has to be, in a fixed order."""
    names = sorted({*parties})
    of_parties = [(party, topic) for party in names for topic in of_party(party_name(party))]
    topics = [*CATALOGUE, *(topic for _, topic in of_parties)]
    wanted = {*_of_topics(topics, frozenset(names)), *_of_lanes()}
    for party in names:
        wanted.add(Acl(f"{USER}{party}", "group", f"{party}.", "prefixed", "read"))
    return tuple(sorted(wanted))


def party_name(party: str) -> str:
    """The name of a party as an account may have it; raises `NotAParty`."""
    if party.startswith(OURS) or party in _PROCESSES or not _PARTY.fullmatch(party):
        raise NotAParty(
            f"a party called {party!r} cannot have an account of its own: processes are called so, or it would reach "
            "beyond its own topics"
        )
    return party


def _of_topics(topics: Iterable[Topic], parties: frozenset[str]) -> Iterator[Acl]:
    for topic in topics:
        for writer in topic.writers:
            yield _on(topic, writer, "write", parties)
        for reader in topic.readers:
            yield _on(topic, reader, "read", parties)
            if topic.name.startswith(INBOX) and not topic.is_dead_twin:
                yield _on(topic, reader, "delete", parties)  # what does not pass the door does not stay


def _on(topic: Topic, who: str, operation: str, parties: frozenset[str]) -> Acl:
    user = who if who in parties and topic.name.startswith((DELIVERIES, INBOX)) else f"{OURS}{who}"
    return Acl(f"{USER}{user}", "topic", topic.name, "literal", operation)


def _of_lanes() -> Iterator[Acl]:
    """A lane's process has one group, and one transactional id a partition; who publishes has one of its own."""
    for process in PROCESSES:
        yield Acl(f"{USER}{OURS}{process}", "group", f"{OURS}{process}", "literal", "read")
    for process, (name, pattern) in TRANSACTIONS_OF.items():
        yield Acl(f"{USER}{OURS}{process}", "transactional-id", name, pattern, "write")
    # Both read what is published before they publish.
    yield Acl(f"{USER}{OURS}agreements", "topic", "agreements.events.v1", "literal", "read")
    yield Acl(f"{USER}{OURS}directory", "topic", "agreements.events.v1", "literal", "read")
    yield Acl(f"{USER}{OURS}directory", "topic", "directory.events.v1", "literal", "read")


def compare(wanted: Sequence[Acl], found: Iterable[Acl]) -> Difference:
    """What has to be given, and what is there that nobody planned."""
    there = set(found)
    beside = sorted(there - set(wanted))
    return Difference(
        missing=tuple(acl for acl in wanted if acl not in there),
        kept=tuple(acl for acl in wanted if acl in there),
        unwanted=tuple(acl for acl in beside if _is_ours(acl)),
        foreign=tuple(acl for acl in beside if not _is_ours(acl) and _touches_ours(acl)),
    )


def _is_ours(acl: Acl) -> bool:
    """Whether a plan of ours, of now or before, gave it: by the names that only such a plan uses."""
    if acl.permission == "deny" or acl.host != ANY_HOST:
        return False
    user = acl.principal.removeprefix(USER)
    is_ours = user.startswith(OURS)
    is_its_own = acl.resource == "topic" and acl.name in {topic.name for topic in of_party(user)}
    is_its_group = (acl.resource, acl.name, acl.pattern) == ("group", f"{user}.", "prefixed")
    return is_ours or is_its_own or is_its_group


def _touches_ours(acl: Acl) -> bool:
    """Whether it reaches a topic of the catalogue or of a party, or everything."""
    if acl.resource != "topic":
        return False
    if acl.name == "*" or acl.name.startswith((DELIVERIES, INBOX)):
        return True
    if acl.pattern == "prefixed":
        return any(topic.name.startswith(acl.name) for topic in CATALOGUE)
    return any(topic.name == acl.name for topic in CATALOGUE)
