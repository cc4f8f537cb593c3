"""Who may see what of a case: the kind's line, else the ring's, else a thin notice; and what a contact is there for."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.model import Access, Information, Sight
from services.agreements.moments import milliseconds
from services.agreements.sight import may_see
from services.agreements.terms import Terms
from tests.agreements.strategies import TYPES, agreements, moments, some
from tests.agreements.texts import an_agreement

NOW_MS = milliseconds(datetime.fromisoformat("2026-11-23T09:00+01:00"))
TEAM, GP, REGION = "linde/linde-team", "huisartsen/gp-desk", "waterkant/regional-duty"
SIGHTS: tuple[Sight, ...] = get_args(Sight)
SILENT = an_agreement()
ACCESS = "{core: [thin, content], shell: [], kinds: {gp: [thin, findings]}}"
AGREED = an_agreement(
    ("signals:\n", f"information: {{access: {ACCESS}}}\nsignals:\n"),
    ("kind: social_work", "kind: social_work\n    leaves: 2026-11-23"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("agreement", "ref", "what", "types", "because"),
    [
        # Nothing said on access: a thin notice and no more, for everybody.
        (SILENT, TEAM, "thin", ("nursing",), "ring_sees"),
        (SILENT, TEAM, "content", ("nursing",), "ring_does_not_see"),
        (SILENT, REGION, "thin", (), "ring_sees"),
        (AGREED, TEAM, "content", ("nursing",), "ring_sees"),
        (AGREED, TEAM, "care_plan", ("nursing",), "ring_does_not_see"),
        (AGREED, REGION, "thin", (), "ring_does_not_see"),
        # The kind's line goes before the ring's, to less as well as to more.
        (AGREED, GP, "findings", ("medical",), "kind_sees"),
        (AGREED, GP, "content", ("medical",), "kind_does_not_see"),
        # A contact is there for its types; a signal without any is everybody's.
        (AGREED, TEAM, "thin", ("social",), "other_types"),
        (AGREED, TEAM, "thin", ("social", "nursing"), "ring_sees"),
        (AGREED, TEAM, "thin", (), "ring_sees"),
        (AGREED, "welzijn/welzijn-desk", "thin", ("social",), "takes_no_part"),
        (AGREED, "linde/gone", "thin", (), "unknown_contact"),
    ],
)
def test_what_may_be_seen_is_what_was_agreed_with_the_reason(
    agreement: Terms, ref: str, what: Sight, types: tuple[str, ...], because: str
) -> None:
    found = may_see(ref, what, types, NOW_MS, agreement)
    assert (found.because, found.is_allowed) == (because, because in {"kind_sees", "ring_sees"})


@settings(max_examples=60, deadline=None)
@given(st.data(), agreements(), some(TYPES), moments)
def test_nobody_sees_more_than_the_agreement_says(
    data: st.DataObject, agreement: Terms, types: list[str], at_ms: int
) -> None:
    ref = data.draw(st.sampled_from(("gone/gone", *agreement.contacts)))
    seen = {what for what in SIGHTS if may_see(ref, what, types, at_ms, agreement).is_allowed}
    contact = agreement.contacts.get(ref)
    if contact is None or not contact.takes_part(at_ms):
        assert not seen
        return
    information = agreement.agreement.information
    agreed = information.access if isinstance(information, Information) else None
    agreed = agreed or Access()
    assert seen <= set(
        agreed.kinds.get(contact.kind, agreed.core if contact.ring == "core" else agreed.shell)
    )
