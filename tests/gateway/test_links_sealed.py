"""The token of a link: it says nothing to whoever has no key, and cannot be changed."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from services.gateway.reading_settings import ReadingSettings
from services.gateway.sealed_link import Link, NoLink, Seals

SEALS = Seals(b"k" * 32)


def a_link(**changed: object) -> Link:
    said: dict[str, object] = {
        "caseid": "case-0001",
        "entity": "sig-00001",
        "contact": "welzijn/welzijn-desk",
        "action": "acknowledge",
        "obligation_id": "casework-1-2",
        "version": 1,
        "expires_ms": 1_795_420_800_000,
    }
    return Link.model_validate({**said, **changed})


def test_link_is_read_back_by_whoever_sealed_it() -> None:
    assert SEALS.open(SEALS.seal(a_link())) == a_link()


def test_link_tells_nothing_in_its_address() -> None:
    token = SEALS.seal(a_link())
    told = b"".join(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
    for word in (b"welzijn", b"case", b"sig-", b"acknowledge"):
        assert word not in told and word.decode() not in token
    assert SEALS.seal(a_link()) != token


@pytest.mark.parametrize("token", ["", "x", "a.b.c.d.e", "....", "A" * 3_000, "é", "a.b"])
def test_what_is_no_link_is_told_as_none(token: str) -> None:
    with pytest.raises(NoLink):
        SEALS.open(token)


def test_a_link_that_was_changed_or_is_of_another_key_is_none() -> None:
    token = SEALS.seal(a_link())
    head, key, nonce, sealed, tag = token.split(".")
    other = "A" if sealed[5] != "A" else "B"
    changed = ".".join((head, key, nonce, sealed[:5] + other + sealed[6:], tag))
    for wrong in (changed, Seals(b"o" * 32).seal(a_link())):
        with pytest.raises(NoLink):
            SEALS.open(wrong)


def test_what_is_said_by_links_of_one_asking_has_one_id() -> None:
    again = a_link(expires_ms=1_795_420_900_000)
    assert SEALS.event_id(a_link(), "acknowledge") == SEALS.event_id(again, "acknowledge")
    for other in (a_link(version=2), a_link(contact="linde/team"), a_link(obligation_id="casework-1-3")):
        assert SEALS.event_id(other, "acknowledge") != SEALS.event_id(a_link(), "acknowledge")
    assert SEALS.event_id(a_link(), "decline") != SEALS.event_id(a_link(), "acknowledge")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Seals(b"k" * 31)


def test_a_short_key_of_the_environment_is_refused_without_being_shown() -> None:
    assert ReadingSettings(link_key="").link_key == ""
    with pytest.raises(ValidationError) as refused:
        ReadingSettings(link_key="short-secret")
    assert "short-secret" not in str(refused.value)
