"""How a notice leaves: by real HTTP and real mail, to receivers that fail on command."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.notices import FailReason
from schemas.structured import decode_structured
from services.notices.outcome import Outcome, read_outcome
from services.notices.sending.effector import Sender
from services.notices.sending.mail import Mail, compose
from services.notices.sending.signature import secret_bytes, verify
from services.notices.sending.webhook import ANSWER_MAX_BYTES, Webhooks
from services.notices.sending.words import Message, message
from services.notices.settings import NoticesSettings
from services.runtime.job import Effect
from tests.notices.receivers import (
    Certificate,
    Doors,
    Got,
    Reply,
    Server,
    a_certificate,
    a_mail_server,
    a_server,
)

SECRET = "whsec_c2VjcmV0IGZvciB0ZXN0cyBvbmx5ISE="
BODY = b'{"specversion":"1.0"}'
WITHIN_S = 5.0


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return a_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def hooks() -> AsyncIterator[Webhooks]:
    found = Webhooks(within_s=WITHIN_S, is_private_allowed=True, is_plain_allowed=True)
    yield found
    await found.close()


# -- webhooks ----------------------------------------------------------------------------------------


async def test_webhook_is_signed_so_that_its_receiver_can_tell(hooks: Webhooks) -> None:
    with a_server() as server:
        came = await hooks.send(f"{server.url}/in", SECRET, "d-1", BODY)
    (got,) = server.got
    assert came == Outcome(True, is_delivered=True)
    assert got.headers["webhook-id"] == "d-1"
    assert got.headers["content-type"] == "application/cloudevents+json"
    assert verify(secret_bytes(SECRET), got.headers, got.body, time.time())
    assert not verify(secret_bytes(SECRET), got.headers, got.body + b" ", time.time())
    assert not verify(secret_bytes("another"), got.headers, got.body, time.time())
    assert not verify(secret_bytes(SECRET), got.headers, got.body, time.time() + 400)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(500), FailReason.SERVER_FAILED),
        (Reply(502), FailReason.SERVER_FAILED),
        (Reply(429), FailReason.OVERLOADED),
        (Reply(503), FailReason.OVERLOADED),
        (Reply(400), FailReason.REJECTED),
        (Reply(401), FailReason.REJECTED),
        (Reply(404), FailReason.ADDRESS_REFUSED),
        (Reply(410), FailReason.ADDRESS_REFUSED),
        (Reply(302, {"location": "http://127.0.0.1:9/"}), FailReason.REJECTED),
        (Reply(is_reset=True), FailReason.UNREACHABLE),
    ],
)
async def test_failure_of_a_receiver_has_its_reason(
    hooks: Webhooks, reply: Reply, reason: FailReason
) -> None:
    with a_server(lambda _: reply) as server:
        came = await hooks.send(server.url, SECRET, "d-1", BODY)
    assert (came.is_accepted, came.reason) == (False, reason)
    assert len(server.got) == 1, "no redirect is followed and nothing is tried twice here"


async def test_connection_is_used_once_for_two_names_may_have_one_number(hooks: Webhooks) -> None:
    with a_server() as server:
        for _ in range(2):
            await hooks.send(server.url, SECRET, "d-1", BODY)
    assert server.connections == 2


async def test_many_that_hang_do_not_hold_up_another() -> None:
    hooks = Webhooks(within_s=60.0, is_private_allowed=True, is_plain_allowed=True)
    let_go = threading.Event()

    def reply(got: Got) -> Reply:
        if got.path == "/slow":
            let_go.wait(60)
        return Reply()

    with a_server(reply) as server:
        slow = [
            asyncio.ensure_future(hooks.send(f"{server.url}/slow", SECRET, "d-1", BODY)) for _ in range(120)
        ]
        while len(server.got) < len(slow):
            await asyncio.sleep(0.02)
        assert (await hooks.send(f"{server.url}/quick", SECRET, "d-2", BODY)).is_delivered
        let_go.set()
        assert all(came.is_delivered for came in await asyncio.gather(*slow))
    await hooks.close()


async def test_receiver_that_passes_it_on_has_not_got_it_yet(hooks: Webhooks) -> None:
    with a_server(lambda _: Reply(202)) as server:
        assert await hooks.send(server.url, SECRET, "d-1", BODY) == Outcome(True)


async def test_receiver_says_when_it_may_be_tried_again(hooks: Webhooks) -> None:
    with a_server(lambda _: Reply(429, {"retry-after": "120"})) as server:
        assert (await hooks.send(server.url, SECRET, "d-1", BODY)).retry_after_ms == 120_000


async def test_receiver_that_takes_too_long_is_not_waited_for() -> None:
    hooks = Webhooks(within_s=0.3, is_private_allowed=True, is_plain_allowed=True)
    with a_server(lambda _: Reply(after_s=2.0)) as server:
        came = await hooks.send(server.url, SECRET, "d-1", BODY)
    await hooks.close()
    assert came.reason is FailReason.TIMED_OUT


async def test_answer_without_end_is_not_read_to_its_end(hooks: Webhooks) -> None:
    with a_server(lambda _: Reply(200, body=b"x" * 50 * ANSWER_MAX_BYTES)) as server:
        assert (await hooks.send(server.url, SECRET, "d-1", BODY)).is_delivered


async def test_nobody_there_is_unreachable(hooks: Webhooks) -> None:
    with a_server() as server:
        url = server.url
    assert (await hooks.send(url, SECRET, "d-1", BODY)).reason is FailReason.UNREACHABLE


async def test_certificate_that_is_not_trusted_is_refused(hooks: Webhooks, tls: Certificate) -> None:
    with a_server(tls=tls) as server:
        came = await hooks.send(server.url, SECRET, "d-1", BODY)
    assert came.reason is FailReason.TLS_FAILED
    assert server.got == []


async def test_certificate_is_held_against_the_name_and_not_the_number(
    tls: Certificate, tmp_path: Path
) -> None:
    other = a_certificate(tmp_path, "elsewhere.example")
    both = tmp_path / "both.pem"
    both.write_bytes(tls.cert.read_bytes() + other.cert.read_bytes())
    hooks = Webhooks(within_s=WITHIN_S, ca=str(both), is_private_allowed=True)
    with a_server(tls=tls) as named, a_server(tls=other) as misnamed:
        good = await hooks.send(named.url.replace("127.0.0.1", "localhost"), SECRET, "d-1", BODY)
        bad = await hooks.send(misnamed.url.replace("127.0.0.1", "localhost"), SECRET, "d-1", BODY)
    await hooks.close()
    assert good.is_delivered
    assert named.got[0].headers["host"].startswith("localhost:")
    assert bad.reason is FailReason.TLS_FAILED


async def test_without_a_secret_nothing_is_sent(hooks: Webhooks) -> None:
    with a_server() as server:
        came = await hooks.send(server.url, None, "d-1", BODY)
    assert (came.reason, server.got) == (FailReason.ADDRESS_NOT_ALLOWED, [])


# -- mail --------------------------------------------------------------------------------------------


def settings(**more: Any) -> NoticesSettings:
    return NoticesSettings(
        alias_key="an alias key for tests",
        smtp_host="localhost",
        smtp_from="bel@seinhuis.example",
        send_within_s=WITHIN_S,
        **more,
    )


WRITTEN = Message("Een signaal vraagt om een antwoord [acute]", "Urgentie: acute\n", "<p>Urgentie: acute</p>")
TO = "wijkteam@linde.example"


async def test_mail_leaves_by_starttls_as_text_and_html(tls: Certificate) -> None:
    with a_mail_server(tls) as (box, port):
        mail = Mail(settings(smtp_port=port, smtp_ca=str(tls.cert)))
        came = await mail.send(TO, WRITTEN, "d-42", is_acute=True)
        again = await mail.send(TO, WRITTEN, "d-42", is_acute=True)
    assert came == again == Outcome(True), "a mail server that took it has not delivered it"
    first, second = box.mails
    assert first["Message-ID"] == second["Message-ID"] == "<d-42@seinhuis.example>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Importance"] == "high"
    assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]


async def test_mail_does_not_leave_without_tls_unless_it_was_said() -> None:
    with a_mail_server(None) as (box, port):
        came = await Mail(settings(smtp_port=port)).send(TO, WRITTEN, "d-1", is_acute=False)
        assert (came.reason, box.mails) == (FailReason.TLS_FAILED, [])
        plain = await Mail(settings(smtp_port=port, smtp_plain=True)).send(TO, WRITTEN, "d-1", is_acute=False)
    assert plain.is_accepted


async def test_mail_server_that_nobody_vouches_for_gets_no_mail(tls: Certificate) -> None:
    with a_mail_server(tls) as (box, port):
        came = await Mail(settings(smtp_port=port)).send(TO, WRITTEN, "d-1", is_acute=False)
    assert (came.reason, box.mails) == (FailReason.TLS_FAILED, [])


@pytest.mark.parametrize(
    ("rcpt", "data", "reason"),
    [
        ("550 no such mailbox", "250 OK", FailReason.ADDRESS_REFUSED),
        ("450 mailbox busy", "250 OK", FailReason.SERVER_FAILED),
        ("250 OK", "554 not wanted", FailReason.REJECTED),
        ("250 OK", "451 try again later", FailReason.SERVER_FAILED),
    ],
)
async def test_refusal_of_a_mail_server_has_its_reason(
    tls: Certificate, rcpt: str, data: str, reason: FailReason
) -> None:
    with a_mail_server(tls) as (box, port):
        box.rcpt, box.data = rcpt, data
        mail = Mail(settings(smtp_port=port, smtp_ca=str(tls.cert)))
        assert (await mail.send(TO, WRITTEN, "d-1", is_acute=False)).reason is reason


async def test_mail_without_a_server_tells_so(tls: Certificate) -> None:
    with a_mail_server(tls) as (_, port):
        pass
    came = await Mail(settings(smtp_port=port)).send(TO, WRITTEN, "d-1", is_acute=False)
    assert came.reason is FailReason.UNREACHABLE


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: everybody@c.example", "no address", ""])
async def test_address_that_is_none_is_refused_before_anything_is_sent(to: str, tls: Certificate) -> None:
    with a_mail_server(tls) as (box, port):
        mail = Mail(settings(smtp_port=port, smtp_ca=str(tls.cert)))
        came = await mail.send(to, WRITTEN, "d-1", is_acute=False)
    assert (came.reason, box.mails) == (FailReason.ADDRESS_REFUSED, [])


def test_mail_names_nobody() -> None:
    mail = compose("bel@seinhuis.example", TO, WRITTEN, "d-1", is_acute=False)
    assert mail["Importance"] is None
    assert mail["From"] == "Seinhuis <bel@seinhuis.example>"


# -- one attempt -------------------------------------------------------------------------------------


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def door(doors: Doors) -> Iterator[Server]:
    with a_server(doors) as server:
        yield server


LINK = {
    "caseid": "case-aaaaaaaaaaaa",
    "entity": "sig-aaaaaaaaaaaa",
    "contact": "linde/linde-team",
    "action": "acknowledge",
    "obligation_id": "casework-0-3",
    "version": 1,
    "expires_at": "2026-11-30T09:00:00Z",
}


def said(channel: str, **more: Any) -> dict[str, Any]:
    """What the lane hands over for one attempt."""
    return {
        "v": 1,
        "notice_id": "n-1",
        "delivery_id": "d-1",
        "party": "linde",
        "contact": "linde/linde-team",
        "channel": channel,
        "carries_client_data": True,
        "event": {
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "id": "d-1",
            "source": "urn:seinhuis:notices",
            "type": "nl.seinhuis.deliveries.NoticeIssued.v1",
            "subject": "as-q5ze2kq7a3mfn4bw2x6c",
            "recordedtime": "2026-11-23T08:00:00.000Z",
            "partnership": "de-vlier",
            "caseid": "ac-q5ze2kq7a3mfn4bw2x6c",
            "urgency": "acute",
            "priority": "stat",
            "data": {"of": "SignalRouted", "urgency": "acute", "due_at": "2026-11-23T08:15:00Z"},
        },
        "partnership_title": "Wijkverband De Vlier",
        "urgency": "acute",
        "zone": "Europe/Amsterdam",
        "phone": {"contact": "schakel/coordination-point", "title": "Coördinator van dienst", "number": None},
        "link": LINK,
        "content_ref": None,
        "items": [],
        **more,
    }


async def attempt(door: Server, what: dict[str, Any], **more: Any) -> Outcome:
    sender = Sender(
        settings(
            gateway_url=door.url,
            service_token="service-token",
            webhook_private=True,
            webhook_plain=True,
            **more,
        )
    )
    try:
        return read_outcome(await sender(Effect("n-1.1", orjson.dumps(what))))
    finally:
        await sender.close()


async def test_webhook_says_link_and_number_and_is_an_event_like_any_other(
    door: Server, doors: Doors
) -> None:
    doors.addresses["schakel/coordination-point/phone"] = {"address": "tel:088 000 99 01"}
    with a_server() as server:
        doors.addresses["linde/linde-team/webhook"] = {"address": server.url, "secret": SECRET}
        assert (await attempt(door, said("webhook"))).is_delivered
    envelope, data = decode_structured(server.got[0].body)
    assert (envelope.id, server.got[0].headers["webhook-id"]) == ("d-1", "d-1")
    found = json.loads(data)
    assert (found["link"], found["phone_number"]) == ("https://seinhuis.example/l/1", "088 000 99 01")
    assert doors.links == [LINK]
    assert b"case-" not in server.got[0].body


async def test_number_of_the_partnership_stands_in_for_one_that_is_not_known(
    door: Server, doors: Doors
) -> None:
    phone = {"contact": "schakel/coordination-point", "title": "Coördinator", "number": "088 000 99 05"}
    with a_server() as server:
        doors.addresses["linde/linde-team/webhook"] = {"address": server.url, "secret": SECRET}
        await attempt(door, said("webhook", phone=phone))
    assert server.got[0].said["data"]["phone_number"] == "088 000 99 05"


@pytest.mark.parametrize(("language", "word"), [("nl", "Bellen met"), ("en", "Phone")])
async def test_mail_is_in_the_language_of_its_receiver(
    door: Server, doors: Doors, tls: Certificate, language: str, word: str
) -> None:
    doors.addresses["linde/linde-team/email"] = {"address": TO, "language": language}
    with a_mail_server(tls) as (box, port):
        came = await attempt(door, said("email"), smtp_port=port, smtp_ca=str(tls.cert))
    assert came == Outcome(True)
    text = box.mails[0].get_body(("plain",))
    assert text is not None
    shown = text.get_content()
    assert word in shown and "https://seinhuis.example/l/1" in shown and "23-11-2026 09:15" in shown


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        ({}, FailReason.NO_ADDRESS),
        ({"linde/linde-team/pager": {"address": "tel:0880009901"}}, FailReason.ADDRESS_NOT_ALLOWED),
        ({"linde/linde-team/pager": {"address": "ftp://linde.example"}}, FailReason.ADDRESS_NOT_ALLOWED),
    ],
)
async def test_channel_without_a_usable_address_has_its_reason(
    door: Server, doors: Doors, addresses: dict[str, dict[str, str]], reason: FailReason
) -> None:
    doors.addresses.update(addresses)
    assert (await attempt(door, said("pager"))).reason is reason


async def test_door_that_does_not_answer_is_our_own_side(door: Server, doors: Doors) -> None:
    doors.is_closed = True
    assert (await attempt(door, said("webhook"))).reason is FailReason.OWN_SIDE
    with a_server() as gone:
        pass
    assert (await attempt(gone, said("webhook"))).reason is FailReason.OWN_SIDE


# -- content -----------------------------------------------------------------------------------------

TEXT = {"what_we_did": "wond verzorgd"}


@pytest.mark.parametrize("channel", ["webhook", "secure_mail"])
async def test_text_leaves_by_a_channel_that_may_carry_it(
    door: Server, doors: Doors, tls: Certificate, channel: str
) -> None:
    doors.texts["vault:aaaaaaaa"] = TEXT
    with a_server() as server, a_mail_server(tls) as (box, port):
        doors.addresses["linde/linde-team/webhook"] = {"address": server.url, "secret": SECRET}
        doors.addresses["linde/linde-team/secure_mail"] = {"address": TO}
        what = said(channel, content_ref="vault:aaaaaaaa", link=None)
        assert (await attempt(door, what, smtp_port=port, smtp_ca=str(tls.cert))).is_accepted
    if channel == "webhook":
        assert server.got[0].said["data"]["content"] == TEXT
    else:
        assert "wond verzorgd" in box.mails[0].as_string()
    read = [got.path for got in door.got if "/content/" in got.path]
    assert read == ["/internal/v1/content/vault:aaaaaaaa?party=linde&purpose=delivery"]


@pytest.mark.parametrize("channel", ["webhook", "email", "pager", "phone", "video_call", "stream"])
async def test_text_never_leaves_by_a_channel_that_may_not_carry_it(
    door: Server, doors: Doors, channel: str
) -> None:
    doors.texts["vault:aaaaaaaa"] = TEXT
    with a_server() as server:
        doors.addresses[f"linde/linde-team/{channel}"] = {"address": server.url, "secret": SECRET}
        what = said(channel, content_ref="vault:aaaaaaaa", carries_client_data=False)
        assert (await attempt(door, what)).reason is FailReason.CONTENT_NOT_ALLOWED
    assert (server.got, door.got) == ([], []), "it is not even read"


async def test_text_that_may_not_be_read_is_not_delivered(door: Server, doors: Doors) -> None:
    with a_server() as server:
        doors.addresses["linde/linde-team/webhook"] = {"address": server.url, "secret": SECRET}
        came = await attempt(door, said("webhook", content_ref="vault:aaaaaaaa"))
    assert (came.reason, server.got) == (FailReason.CONTENT_NOT_READABLE, [])


def test_words_of_a_bundle_tell_each_of_its_notices() -> None:
    items = [
        {"notice_id": "n-2", "of": "ActionRecorded", "urgency": "routine", "about": "as-aaaa"},
        {"notice_id": "n-3", "of": "SignalClosed", "urgency": "routine", "about": "as-bbbb"},
    ]
    found = message(said("email", items=items, link=None), "nl", link=None, number=None, content=None)
    assert "- Er is een actie afgesproken (as-aaaa)" in found.text
    assert "- Een signaal is afgesloten (as-bbbb)" in found.text


def test_words_escape_what_others_wrote() -> None:
    content = {"what_we_did": "<script>alert(1)</script>"}
    found = message(said("email"), "nl", link="https://x.example/?a=1&b=2", number=None, content=content)
    assert "<script>" not in found.html
    assert '<a href="https://x.example/?a=1&amp;b=2"' in found.html
