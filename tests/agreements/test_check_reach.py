"""A rule that is told to be unreachable is never reached: held against the tree that decides."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.check import check
from services.agreements.load import load
from services.agreements.moments import milliseconds
from services.agreements.routable import CaseView
from services.agreements.route import route
from services.agreements.terms import terms
from tests.agreements.texts import WATERKANT

HEAD = WATERKANT[: WATERKANT.index("  routes:\n    - {name: outside-area")]
TAIL = WATERKANT[WATERKANT.index("# Who owes an answer") :]
ZONE = ZoneInfo("Europe/Amsterdam")
#: The office, the evening and the night; the same on a Saturday and on a holiday.
MOMENTS = tuple(
    milliseconds(datetime.fromisoformat(f"2026-{day}T{hour}:00").replace(tzinfo=ZONE))
    for day in ("11-23", "11-28", "12-25")
    for hour in (10, 20, 23)
)
UNREACHED = {"unreachable_rule", "rule_excluded_above", "contradictory_windows"}


class Reporter(NamedTuple):
    kind: str = "neighbour"
    party: str | None = None


class Signal(NamedTuple):
    urgency: str
    types: tuple[str, ...]
    about: str
    postcode: str | None
    concern: tuple[str, ...] = ()
    reporter: Reporter = Reporter()


SIGNALS = [
    Signal(*row)
    for row in product(
        ("acute", "urgent", "routine"),
        ((), ("nursing",), ("medical",), ("nursing", "medical")),
        ("client", "household"),
        (None, "9901", "9906"),
    )
]

some = st.lists(st.sampled_from(["acute", "urgent", "routine"]), min_size=1, max_size=3, unique=True)
types = st.lists(st.sampled_from(["nursing", "medical"]), min_size=1, max_size=2, unique=True)
asks = st.fixed_dictionaries(
    {},
    optional={
        "urgency": some,
        "types": types,
        "every_type": types,
        "about": st.lists(st.sampled_from(["client", "household"]), min_size=1, max_size=2, unique=True),
        "postcode": st.lists(st.sampled_from(['"9901"', '"9906"']), min_size=1, max_size=2, unique=True),
        "area": st.sampled_from(["inside", "outside"]),
        "hours": st.sampled_from(
            ["{inside: office}", "{outside: office}", "{inside: daytime}", "{outside: daytime}"]
        ),
    },
)


class Branch(NamedTuple):
    """A rule as it is made up: what it asks, whether those below it may ask as well, and the rules within it."""

    ask: dict[str, str | list[str]]
    goes_on: bool
    below: list[Branch]


leaves = st.builds(Branch, asks, st.booleans(), st.just([]))
branches: st.SearchStrategy[Branch] = st.recursive(
    leaves,
    lambda below: st.builds(Branch, asks, st.booleans(), st.lists(below, max_size=2)),
    max_leaves=5,
)


def written(tree: list[Branch], names: list[str]) -> str:
    told = []
    for ask, goes_on, below in tree:
        names.append(f"r{len(names)}")
        name = names[-1]
        match = ", ".join(
            f"{key}: [{', '.join(value)}]" if isinstance(value, list) else f"{key}: {value}"
            for key, value in ask.items()
        )
        routes = written(below, names)
        told.append(
            f"{{name: {name}, match: {{{match}}}, receiver: kolk-entry, "
            f"continue: {str(goes_on).lower()}, routes: [{routes}]}}"
        )
    return ", ".join(told)


@settings(max_examples=60, deadline=None)
@given(st.lists(branches, min_size=2, max_size=4))
def test_what_is_told_to_be_unreachable_is_never_reached(tree: list[Branch]) -> None:
    text = f"{HEAD}  routes: [{written(tree, [])}]\n{TAIL}"
    draft = load(text)
    assert draft.agreement is not None, draft.findings
    told = {dict(found.words)["name"] for found in check(draft) if found.code in UNREACHED}
    if not told:
        return
    agreement = terms(draft.agreement)
    reached = {
        step.node
        for signal in SIGNALS
        for at_ms in MOMENTS
        for step in route(signal, CaseView(), at_ms, agreement).trace
        if step.matched
    }
    assert not told & reached
