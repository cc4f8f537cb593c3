"""A text on every channel of the large example: as it is where client data may go, elsewhere a link to it at most."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from schemas.notices import FailReason
from services.notices.outcome import read_outcome
from services.notices.outgoing import outgoing
from services.notices.reach import Way, way, written_first
from services.notices.row import Open
from services.notices.sending.effector import Sender
from services.notices.settings import NoticesSettings
from services.runtime.job import Effect
from tests.casework.world import CASE
from tests.gateway.doors import EXAMPLES, a_book
from tests.notices.receivers import Doors, Reply, a_mail_server, a_server
from tests.notices.test_decide import GP as TO
from tests.notices.test_decide import a_world, feedback
from tests.notices.world import ALIAS_KEY

NAME = "waterkant/de-vlier.yaml"
NOW_MS = 1_795_510_800_000  # 24 November 2026
TERMS = next(
    terms
    for book in [a_book(NAME)]
    for name in book.partnerships()
    if (terms := book.in_force(name, NOW_MS)) is not None
)
CHANNELS = sorted(TERMS.agreement.channels)
CARRYING = {"webhook", "secure_mail"}
ORAL = {"phone", "video_call"}
REF, TEXT = "vault:bbbbbbbb", "De wond van mevrouw is verzorgd."


@pytest.fixture(scope="module")
def notice() -> Open:
    """A text that is owed to somebody, as the lane holds it."""
    world = a_world()
    feedback(world, "gp", TO)
    (found,) = [one for one in world.open() if one["content_ref"] is not None]
    assert found["content_ref"] == REF
    return found


def the_way(channel: str) -> Way:
    found = way(channel, TERMS)
    assert found is not None
    return found


async def left(channel: str, said: dict[str, Any], address: str) -> tuple[str, list[str], FailReason]:
    """What left by a channel of which the door knows such an address, what was asked of the door, and why not."""
    doors = Doors()
    doors.texts[REF] = {"what_we_did": TEXT}
    with (
        a_server(doors) as door,
        a_server(lambda _: Reply(204)) as receiver,
        a_mail_server(None) as (box, port),
    ):
        known = {
            "webhook": {"address": receiver.url, "secret": "a secret"},
            "mail": {"address": "in@gp.example"},
        }
        doors.addresses[f"{TO}/{channel}"] = known[address]
        settings = NoticesSettings(
            alias_key="an alias key for tests",
            gateway_url=door.url,
            service_token="service-token",
            smtp_host="localhost",
            smtp_port=port,
            smtp_plain=True,
            webhook_private=True,
            webhook_plain=True,
        )
        sender = Sender(settings)
        try:
            came = read_outcome(await sender(Effect("n-1.1", orjson.dumps(said))))
        finally:
            await sender.close()
        parts = [part.get_content() for mail in box.mails for part in mail.walk() if not part.is_multipart()]
        out = " ".join([*(got.body.decode() for got in receiver.got), *parts])
        return out, [got.path for got in door.got], came.reason


def test_channels_of_the_large_example_are_those_that_are_looked_at() -> None:
    """A channel that is added there is one more case here, and somebody says of it what may leave by it."""
    template = (EXAMPLES / "waterkant" / "region-waterkant.yaml").read_text(encoding="utf-8")
    assert all(f"\n  {channel}: {{form: " in template for channel in CHANNELS)
    assert {one for one in CHANNELS if the_way(one).carries_client_data} == CARRYING | ORAL
    assert {one for one in CHANNELS if the_way(one).is_oral} == ORAL
    assert set(CHANNELS) > CARRYING | ORAL


@pytest.mark.parametrize("address", ["webhook", "mail"])
@pytest.mark.parametrize("channel", CHANNELS)
async def test_text_leaves_as_it_is_only_where_client_data_may_go(
    notice: Open, channel: str, address: str
) -> None:
    tried = written_first((the_way(channel),))
    if channel in ORAL:
        assert tried == (), "a talk brings no text: whoever phones says it, and nothing is sent"
        return
    said = orjson.loads(outgoing(notice, tried[0], CASE, TERMS, ALIAS_KEY, NOW_MS))
    out, asked, _ = await left(channel, said, address)
    is_carrying = channel in CARRYING
    assert out, "something leaves by each that can be written to"
    assert (TEXT in out) is is_carrying
    assert any("/content/" in path for path in asked) is is_carrying, "elsewhere it is not even read"
    assert ("https://seinhuis.example/l/1" in out) is not is_carrying, "elsewhere a link to it leaves"
    assert REF not in out


@pytest.mark.parametrize("address", ["webhook", "mail"])
@pytest.mark.parametrize("channel", [one for one in CHANNELS if one not in CARRYING | ORAL])
async def test_text_that_is_handed_over_for_another_channel_all_the_same_is_refused(
    notice: Open, channel: str, address: str
) -> None:
    said = orjson.loads(outgoing(notice, the_way(channel), CASE, TERMS, ALIAS_KEY, NOW_MS))
    out, asked, reason = await left(channel, {**said, "content_ref": REF}, address)
    assert (out, asked, reason) == ("", [], FailReason.CONTENT_NOT_ALLOWED)
