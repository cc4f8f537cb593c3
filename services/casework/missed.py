"""What a party missed, said to the second ladder without the case: which item, on which day, and nothing besides.

An item is told when its breach is, by the agreement under which its obligation opened, and taken back when the breach
is: collaboration counts a day when it is over, so hardly any that is taken back was ever counted.

Its reference has to be the same in both and after a restart, and must lead nowhere. It is a hash of the case's id and
the obligation's: the case's id is random and stands on no topic of collaboration, so it can neither be turned back nor
found by trying, and two items of one case have nothing in common. Only who reads the case itself could say that an item
is this case's, and learns nothing new by it. For the same reason these records are not numbered among the facts of the
lane, carry the first moment of the day instead of their own, and no cause.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from schemas.collaboration import ItemMissed, ItemWithdrawn
from schemas.deadlines import ObligationBreached, ObligationDischarged
from services.agreements.days import begins_ms, day_of
from services.agreements.moments import moment
from services.agreements.terms import Terms
from services.casework.tell import SOURCE
from services.deadlines.obligation import Obligation
from services.deadlines.watch import Told
from services.runtime.job import Emit
from topics.catalogue import COLLABORATION_COMMANDS


def items(
    told: Iterable[Told],
    obligations: Sequence[Obligation],
    version_of: Callable[[str, int], Terms],
    caseid: str,
    now_ms: int,
) -> list[Emit]:
    """The items that these facts miss or take back. `obligations` are those there were before; whoever owed one when
    it was missed is its party."""
    found: list[Emit] = []
    for fact in (one.fact for one in told):
        if isinstance(fact, ObligationBreached):
            kind: type[ItemMissed | ItemWithdrawn] = ItemMissed
        elif isinstance(fact, ObligationDischarged) and fact.withdraws_breach:
            kind = ItemWithdrawn
        else:
            continue
        one = next(one for one in obligations if one["id"] == fact.obligation_id)
        terms = version_of(one["partnership"], one["agreement_version"])
        if _is_binding(one["name"], terms):
            found.append(_item(kind, one, terms, caseid, now_ms))
    return found


def reference(caseid: str, obligation_id: str) -> str:
    """The same for the same item, and nobody's clue to a case."""
    return hashlib.sha256(f"{caseid}/{obligation_id}".encode()).hexdigest()[:32]


def _is_binding(name: str, terms: Terms) -> bool:
    """Whether missing it counts, or it is an intention only (S001-24)."""
    return any(one.name == name and one.binding == "binding" for one in terms.agreement.obligations)


def _item(
    kind: type[ItemMissed | ItemWithdrawn], one: Obligation, terms: Terms, caseid: str, now_ms: int
) -> Emit:
    zone, ref = terms.clock.zone, reference(caseid, one["id"])
    said = kind(item_ref=ref, item=one["name"], missed_on=day_of(one["due_ms"], zone))
    key = f"{terms.partnership}/{one['owed_by'].partition('/')[0]}".encode()
    today = moment(begins_ms(day_of(now_ms, zone), zone)).isoformat(timespec="milliseconds")
    word = "missed" if kind is ItemMissed else "withdrawn"
    headers = [
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_id", f"{word}-{ref}".encode()),
        ("ce_source", SOURCE),
        ("ce_type", kind.type_name().encode()),
        ("ce_subject", key),
        ("ce_partnership", terms.partnership.encode()),
        ("ce_recordedtime", today.replace("+00:00", "Z").encode()),
    ]
    return Emit(COLLABORATION_COMMANDS.name, key, said.model_dump_json().encode(), headers, numbered=False)
