"""The plan of permissions: what each process and partner may do, nothing beside it, and how a broker differs."""

from __future__ import annotations

import pytest

from services.casework.job import casework_job
from topics.acl import Acl, NotAParty, compare, plan
from topics.catalogue import CATALOGUE, TOPICS

PLAN = plan(["linde", "kade"])


def may(user: str, operation: str, resource: str = "topic") -> set[str]:
    """The names of what an account may do this to."""
    return {
        acl.name
        for acl in PLAN
        if (acl.principal, acl.operation, acl.resource) == (f"User:{user}", operation, resource)
    }


def test_plan_lets_a_partner_write_its_inbox_and_read_its_deliveries_and_nothing_else() -> None:
    assert [acl for acl in PLAN if acl.principal == "User:linde"] == [
        Acl("User:linde", "group", "linde.", "prefixed", "read"),
        Acl("User:linde", "topic", "deliveries.linde", "literal", "read"),
        Acl("User:linde", "topic", "inbox.linde", "literal", "write"),
    ]


def test_plan_lets_a_process_write_what_the_catalogue_says_it_writes() -> None:
    for process in ("casework", "collaboration", "agreements", "directory"):
        said = {topic.name for topic in CATALOGUE if process in topic.writers}
        assert may(f"seinhuis-{process}", "write") == said


def test_plan_lets_casework_read_its_inputs_and_broadcasts() -> None:
    job = casework_job()
    asked = {*job.inputs, *(broadcast.topic for broadcast in job.broadcasts), f"{job.name}.changelog.v1"}
    assert asked <= may("seinhuis-casework", "read")
    assert may("seinhuis-casework", "read", "group") == {"seinhuis-casework"}
    assert may("seinhuis-casework", "write", "transactional-id") == {"casework-"}


def test_plan_lets_nobody_but_collaboration_read_which_items_were_missed() -> None:
    readers = {
        acl.principal for acl in PLAN if (acl.name, acl.operation) == ("collaboration.commands.v1", "read")
    }
    assert readers == {"User:seinhuis-collaboration"}


def test_plan_lets_the_door_delete_from_inboxes_and_nobody_delete_elsewhere() -> None:
    deleters = {(acl.principal, acl.name) for acl in PLAN if acl.operation == "delete"}
    assert deleters == {("User:seinhuis-gateway", "inbox.linde"), ("User:seinhuis-gateway", "inbox.kade")}


def test_plan_lets_nobody_write_an_inbox_but_its_party() -> None:
    writers = {acl.principal for acl in PLAN if (acl.name, acl.operation) == ("inbox.linde", "write")}
    assert writers == {"User:linde"}


def test_plan_has_prefixes_only_that_no_other_account_begins_with() -> None:
    for acl in PLAN:
        if acl.pattern == "prefixed":
            assert acl.name.endswith((".", "-")), acl
            others = {
                one.name for one in PLAN if one.resource == acl.resource and one.principal != acl.principal
            }
            assert not any(other.startswith(acl.name) for other in others), acl


def test_plan_permits_only_on_topics_there_are() -> None:
    of_parties = {f"{kind}.{party}" for kind in ("inbox", "deliveries") for party in ("linde", "kade")}
    twins = {"inbox.linde.dead", "inbox.kade.dead"}
    assert {acl.name for acl in PLAN if acl.resource == "topic"} <= {*TOPICS, *of_parties, *twins}


@pytest.mark.parametrize("name", ["seinhuis-casework", "gateway", "linde.dead", "*", "", "Linde", "a/b"])
def test_plan_refuses_a_party_that_would_have_anothers_account_or_topics(name: str) -> None:
    with pytest.raises(NotAParty, match="cannot have an account"):
        plan([name])


def test_plan_is_the_same_in_any_order_and_however_often_a_party_is_named() -> None:
    assert plan(["kade", "linde", "kade"]) == PLAN


GIVEN_BY_OTHERS = Acl("User:monitor", "topic", "signals.events.v1", "literal", "read")
EVERYTHING = Acl("User:monitor", "topic", "*", "literal", "read")
ELSEWHERE = Acl("User:shop", "topic", "orders", "literal", "read")
FORBIDDEN = Acl("User:seinhuis-casework", "topic", "signals.events.v1", "literal", "read", permission="deny")


def test_difference_is_none_when_all_is_as_planned() -> None:
    found = compare(PLAN, PLAN)
    assert (found.missing, found.unwanted, found.foreign) == ((), (), ())
    assert found.kept == PLAN


def test_difference_names_what_is_missing_in_the_order_of_the_plan() -> None:
    assert compare(PLAN, PLAN[2:]).missing == PLAN[:2]


def test_what_a_party_had_that_left_is_unwanted() -> None:
    left = [acl for acl in PLAN if acl.principal == "User:kade"]
    assert compare(plan(["linde"]), PLAN).unwanted == tuple(
        sorted({*left, *(acl for acl in PLAN if ".kade" in acl.name)})
    )


def test_what_others_gave_on_our_topics_is_told_and_never_unwanted() -> None:
    found = compare(PLAN, [*PLAN, GIVEN_BY_OTHERS, EVERYTHING, ELSEWHERE, FORBIDDEN])
    assert found.unwanted == ()
    assert set(found.foreign) == {GIVEN_BY_OTHERS, EVERYTHING, FORBIDDEN}


def test_a_partner_that_reads_anothers_deliveries_is_foreign_and_told() -> None:
    peeping = Acl("User:kade", "topic", "deliveries.linde", "literal", "read")
    assert compare(PLAN, [*PLAN, peeping]).foreign == (peeping,)
