"""Where a webhook may go: a public address, found once and then connected to, never looked up a second time."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit


class PlaceRefused(Exception):
    """The address is none that a webhook may go to."""


class PlaceUnknown(Exception):
    """The name has no address now."""


class Place(NamedTuple):
    """What is connected to, and under which name it is known there. `url` has the number in place of the name."""

    url: str
    host: str
    authority: str


async def place_of(address: str, *, is_private_allowed: bool, is_plain_allowed: bool) -> Place:
    """Resolves an address and judges every number it has; the first of them is the one that is connected to.

    A name may stand for another number at the next look, so the number that was judged is the one that is used.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise PlaceRefused("not_an_address") from None
    is_plain = parts.scheme == "http"
    if parts.scheme not in {"https", "http"} or not host or (is_plain and not is_plain_allowed):
        raise PlaceRefused("not_https")
    if parts.username or parts.password:
        raise PlaceRefused("name_in_address")
    number = port or (80 if is_plain else 443)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, number, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise PlaceUnknown(host) from None
    numbers = [str(one[4][0]) for one in found]
    if not numbers:
        raise PlaceUnknown(host)
    if not is_private_allowed and not all(map(is_public, numbers)):
        raise PlaceRefused("not_public")
    chosen = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    named = f"[{host}]" if ":" in host else host
    return Place(
        url=f"{parts.scheme}://{chosen}:{number}{path}{query}",
        host=host,
        authority=named if port is None else f"{named}:{port}",
    )


def is_public(number: str) -> bool:
    """Whether this is a number of the open internet: not private, of this machine, of this link, or set apart."""
    try:
        found = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None and not is_public(str(inner)):
            return False
        if found in _NAT64 and not is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))):
            return False
    return found.is_global and not (found.is_multicast or found.is_unspecified or found.is_reserved)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
