"""Publishes a version of an agreement: once, and never another text under the same number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from schemas.agreements import AgreementPublished
from schemas.base import read
from schemas.envelope import Envelope
from services.agreements.book import publication, record_key
from services.agreements.check import check
from services.agreements.load import load
from services.agreements.sentences import say
from services.agreements.terms import terms
from services.cli.errors import CliError
from services.runtime.follow import follow
from services.runtime.reach import Security
from services.runtime.send import Outgoing, Sender
from topics.catalogue import AGREEMENTS_EVENTS, topic_of


class Published(NamedTuple):
    """What became of it: `published` now, or `kept` because the same text was there."""

    key: str
    did: Literal["published", "kept"]


async def publish_agreement(
    bootstrap: str,
    path: Path,
    *,
    now_ms: int,
    is_transactional: bool,
    security: Security | None = None,
) -> Published:
    """Publishes the agreement of a file; refuses what `check` finds fault with.

    With transactions, whoever publishes this version ends an earlier attempt of it before the topic is read, so two
    texts under one number cannot both pass. The embedded broker has none: there, publish from one place.
    """
    key, fact = _fact(path)
    owner = f"agreements-{fact.partnership}-{fact.agreement_version}"
    async with Sender(
        bootstrap, transactional_id=owner if is_transactional else None, security=security
    ) as sender:
        before = await _published(bootstrap, key, security)
        if before is not None and before.text != fact.text:
            raise CliError(
                f"{path}: {key.decode()} is already published with another text; "
                "a signed version never changes: raise `version` and publish that"
            )
        if before is None:
            value = fact.model_dump_json().encode()
            headers = _envelope(owner, key.decode(), fact, now_ms).headers()
            await sender.put(Outgoing(topic_of(AgreementPublished).name, key, value, headers))
    return Published(key.decode(), "kept" if before else "published")


def _fact(path: Path) -> tuple[bytes, AgreementPublished]:
    text = path.read_text(encoding="utf-8")
    draft = load(text)
    findings = check(draft)
    if findings or draft.agreement is None:
        listed = "".join(f"\n  line {found.line}: {found.code}: {say(found, 'en')}" for found in findings)
        raise CliError(f"{path} is not published, for it has findings:{listed}")
    found = terms(draft.agreement)
    return record_key(found), publication(found, text)


async def _published(bootstrap: str, key: bytes, security: Security | None) -> AgreementPublished | None:
    last: bytes | None = None
    async for batch in follow(bootstrap, [AGREEMENTS_EVENTS.name], until_end=True, security=security):
        for record in batch:
            if record.key == key:
                last = record.value
    return read(AgreementPublished, last) if last else None


def _envelope(event_id: str, key: str, fact: AgreementPublished, now_ms: int) -> Envelope:
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return Envelope(
        id=event_id,
        source="urn:seinhuis:agreements",
        type=fact.type_name(),
        subject=key,
        recordedtime=moment.replace("+00:00", "Z"),
        partnership=fact.partnership,
    )
