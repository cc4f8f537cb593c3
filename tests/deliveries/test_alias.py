"""Names of a party's own: stable for it, of no use to another."""

import re

import pytest

from services.deliveries.alias import KEY_MIN_BYTES, alias, case_alias, signal_alias

KEY = b"k" * 32


def test_alias_is_the_same_whoever_makes_it() -> None:
    assert signal_alias(KEY, "linde", "sig-1") == signal_alias(KEY, "linde", "sig-1")


def test_alias_of_two_parties_cannot_be_joined() -> None:
    assert signal_alias(KEY, "linde", "sig-1") != signal_alias(KEY, "huisartsen", "sig-1")
    assert case_alias(KEY, "linde", "case-1") != case_alias(KEY, "huisartsen", "case-1")


def test_alias_tells_signal_and_case_apart() -> None:
    assert re.fullmatch(r"as-[a-z2-7]{20}", signal_alias(KEY, "linde", "x"))
    assert re.fullmatch(r"ac-[a-z2-7]{20}", case_alias(KEY, "linde", "x"))


def test_alias_of_another_key_is_another() -> None:
    assert signal_alias(KEY, "linde", "sig-1") != signal_alias(b"o" * 32, "linde", "sig-1")


def test_alias_shows_neither_party_nor_what_it_names() -> None:
    made = signal_alias(KEY, "linde", "sig-linde")
    assert "linde" not in made and "sig" not in made


def test_alias_is_pinned_for_ever() -> None:
    """A stream that changed its names would tell its readers of strangers."""
    assert alias(KEY, "linde", "sig-1", "as") == "as-kdq6qbwrzhq6oay6l4bd"


def test_alias_refuses_a_key_that_can_be_tried_through() -> None:
    with pytest.raises(ValueError, match="bytes or more"):
        signal_alias(b"k" * (KEY_MIN_BYTES - 1), "linde", "sig-1")
