"""What the bell asks the door for at the moment of sending: an address, a link, a text. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx2


class DoorClosed(Exception):
    """The door did not answer, or not as it should: our own side, so it is tried again."""


class Address(NamedTuple):
    """Where a function is reached by a channel, the secret of its organisation, and in which language."""

    address: str
    secret: str | None
    language: str


class Door:
    """The internal routes of the gateway, by a token of our own."""

    def __init__(self, base_url: str, token: str, within_s: float) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx2.AsyncClient(
            base_url=base_url, headers=headers, timeout=within_s, trust_env=False
        )

    async def address(self, contact: str, channel: str) -> Address | None:
        """None when there is none."""
        party, _, name = contact.partition("/")
        path = "/".join(quote(part, safe="") for part in (party, name, channel))
        found = await self._ask("GET", f"/internal/v1/addresses/{path}")
        if found is None or not isinstance(found.get("address"), str):
            return None
        secret = found.get("secret")
        return Address(found["address"], secret if isinstance(secret, str) else None, _language(found))

    async def link(self, asked: Mapping[str, Any]) -> str | None:
        """A link to one page for one purpose; None when the door gives none."""
        found = await self._ask("POST", "/internal/v1/links", json=dict(asked))
        url = None if found is None else found.get("url")
        return url if isinstance(url, str) else None

    async def content(self, ref: str, party: str) -> Mapping[str, str] | None:
        """A text by its named fields. The door tells `ContentRead` before it gives it; None when it may not be read."""
        query = {"party": party, "purpose": "delivery"}
        found = await self._ask("GET", f"/internal/v1/content/{quote(ref, safe=':')}", params=query)
        if found is None:
            return None
        fields = found.get("content", found.get("fields", found))
        return {str(name): str(text) for name, text in fields.items() if isinstance(text, str)}

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.aclose()

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any] | None:
        try:
            answer = await self._client.request(method, path, **more)
        except httpx2.HTTPError as error:
            raise DoorClosed(type(error).__name__) from None
        if answer.status_code in {403, 404, 410}:
            return None
        if answer.status_code not in {200, 201}:
            raise DoorClosed(f"answer_{answer.status_code}")
        try:
            found = answer.json()
        except ValueError:
            raise DoorClosed("not_json") from None
        if not isinstance(found, dict):
            raise DoorClosed("not_an_object")
        return found


def _language(found: Mapping[str, Any]) -> str:
    return "en" if found.get("language") == "en" else "nl"
