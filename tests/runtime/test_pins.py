"""Pins (C14, C17): nothing starts but with the libraries the promises were proved on."""

from __future__ import annotations

import pytest

from services.runtime import pins
from services.runtime.pins import PinError, check_pins


def test_pins_are_what_is_installed() -> None:
    check_pins()


@pytest.mark.parametrize("name", sorted(pins.PINS))
def test_pins_refuse_another_version(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pins.PINS, name, "99.0.0")
    with pytest.raises(
        PinError, match=rf"{name} [0-9.]+ is installed, 99\.0\.0 is wanted.*requirements\.lock"
    ):
        check_pins()


def test_pins_refuse_a_library_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pins.PINS, "faust-torrent", "1.0")
    with pytest.raises(PinError, match=r"faust-torrent nothing is installed"):
        check_pins()


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in pins.TOUCHED.items() for name in names]
)
def test_pins_miss_every_name_the_runtime_touches(
    module: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each name is looked up where it is used: the same name with another ending is not there."""
    monkeypatch.setattr(pins, "TOUCHED", {module: (f"{name}_of_old",)})
    with pytest.raises(PinError, match=rf"{module}\.{name}_of_old does not exist"):
        check_pins()


def test_pins_name_every_difference_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "PINS", {"aiokafka": "1", "faust-streaming": "2"})
    monkeypatch.setattr(pins, "TOUCHED", {"faust": ("App.agents_of_chaos",)})
    with pytest.raises(PinError) as refused:
        check_pins()
    assert str(refused.value).count(";") == 2
