"""Where a webhook may go, and what is connected to: the number that was judged."""

from __future__ import annotations

import pytest

from services.notices.sending.places import PlaceRefused, is_public, place_of


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "not a number",
    ],
)
def test_number_that_is_not_public_is_refused(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_number_of_the_open_internet_is_taken(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/in",
        "https://127.0.0.1/in",
        "https://2130706433/in",
        "https://0x7f.1/in",
        "https://[::1]/in",
        "https://localhost:8443/in",
        "https://name:secret@93.184.215.14/in",
        "ftp://93.184.215.14/in",
        "file:///etc/passwd",
        "https:///in",
        "https://[bad/in",
        "https://93.184.215.14:99999/in",
    ],
)
async def test_address_that_may_not_be_reached_is_refused(address: str) -> None:
    with pytest.raises(PlaceRefused):
        await place_of(address, is_private_allowed=False, is_plain_allowed=False)


async def test_what_is_connected_to_is_the_number_and_the_name_is_kept() -> None:
    place = await place_of("https://localhost:8443/in?a=1", is_private_allowed=True, is_plain_allowed=False)
    assert place.host == "localhost"
    assert place.authority == "localhost:8443"
    assert place.url.endswith(":8443/in?a=1") and "localhost" not in place.url
