"""Publishes a version of an agreement: checked, once, ahead of its start, and never another text under its number."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from schemas.agreements import AgreementPublished
from schemas.envelope import Envelope
from services.agreements.admission import LEAD_MS, Refused, admit, neighbours
from services.agreements.book import publication, record_key
from services.agreements.check import check, is_sound
from services.agreements.findings import Finding
from services.agreements.load import Draft
from services.agreements.moments import moment
from services.agreements.terms import Terms, Unusable, terms
from services.cli.agreements.published import read_shelf
from services.cli.agreements.reading import listed, read
from services.cli.errors import CliError
from services.runtime.reach import Security
from services.runtime.send import Outgoing, Sender
from topics.catalogue import topic_of

#: One writer at a time over the whole topic: a version is judged by all others.
WRITER = "agreements"


class Published(NamedTuple):
    """What became of it: `published` now, or `kept` because the same text was there; what partners may still weigh."""

    did: Literal["published", "kept"]
    fact: AgreementPublished
    found: Terms
    warnings: tuple[Finding, ...] = ()

    @property
    def key(self) -> str:
        """`partnership/version`."""
        return record_key(self.found).decode()


class _Signed(NamedTuple):
    draft: Draft
    fact: AgreementPublished
    found: Terms


async def publish_agreement(
    bootstrap: str,
    path: Path,
    *,
    now_ms: int,
    is_transactional: bool,
    template: Path | None = None,
    security: Security | None = None,
) -> Published:
    """Publishes the agreement of a file, unless `check` or what is published already is against it.

    What is published stays so: the same text again is kept, whatever `check` has learned since.

    With transactions, whoever publishes ends an earlier attempt before the topic is read, so that of two versions that
    cannot stand together only one passes. The embedded broker has none: there, publish from one place.
    """
    signed = _signed(path, template)
    fact, found = signed.fact, signed.found
    writer = WRITER if is_transactional else None
    async with Sender(bootstrap, transactional_id=writer, security=security) as sender:
        shelf = await read_shelf(bootstrap, security)
        admission = admit(fact, found, shelf.numbers(found.partnership), shelf.book, now_ms)
        if admission.did == "kept":
            return Published("kept", fact, found)
        beside = [other.agreement for other in neighbours(found, shelf.book, now_ms)]
        findings = check(signed.draft, at_ms=max(now_ms, found.valid_from_ms), others=beside)
        if not is_sound(findings):
            raise _refused(path, findings)
        if admission.refused is not None:
            raise CliError(f"{path} is not published: {_why_not(admission.refused, found)}")
        key, value = record_key(found), fact.model_dump_json(exclude_none=True).encode()
        headers = _envelope(key.decode(), fact, now_ms).headers()
        await sender.put(Outgoing(topic_of(AgreementPublished).name, key, value, headers))
    return Published("published", fact, found, tuple(findings))


def _signed(path: Path, template: Path | None) -> _Signed:
    text, template_text, draft = read(path, template)
    try:
        found = None if draft.agreement is None else terms(draft.agreement)
    except Unusable:
        found = None
    if found is None:
        raise _refused(path, check(draft))
    return _Signed(draft, publication(found, text, template_text), found)


def _refused(path: Path, findings: Iterable[Finding]) -> CliError:
    errors = [finding for finding in findings if finding.severity == "error"]
    lines = "".join(f"\n  {line}" for line in listed(path, errors))
    return CliError(f"{path} is not published, for it has findings:{lines}")


def _why_not(refused: Refused, found: Terms) -> str:
    name, number, next_number = found.partnership, found.version, refused.highest + 1
    match refused.reason:
        case "another_text":
            return (
                f"version {number} of {name} is already published with another text, and a signed version never "
                f"changes; make this `version: {next_number}` (`seinhuis agreements show {name} --version {number} "
                "--format yaml` shows what is published)"
            )
        case "another_template":
            return (
                f"version {number} of {name} is already published with another text of its template, and what was "
                f"signed never changes; give the template a new version, and make this `version: {next_number}` "
                f"(`seinhuis agreements show {name} --version {number} --format yaml --template` shows what is "
                "published)"
            )
        case "number_unreadable":
            return (
                f"something is published as version {number} of {name} that this seinhuis cannot read; bring "
                f"seinhuis up to date, or make this `version: {next_number}` (`seinhuis agreements history {name}` "
                "tells why)"
            )
        case "number_not_higher":
            return (
                f"versions of {name} count up, and version {refused.highest} is published; "
                f"make this `version: {next_number}`"
            )
        case "lead_too_short":
            return (
                f"another version of {name} is in force, and what was decided by it stays; a next one begins at "
                f"least {LEAD_MS // 1000} seconds from now, so that every worker has it: set `valid_from: "
                f"{refused.first_day}` or later"
            )


def _envelope(key: str, fact: AgreementPublished, now_ms: int) -> Envelope:
    return Envelope(
        id=f"agreements-{fact.partnership}-{fact.agreement_version}",
        source="urn:seinhuis:agreements",
        type=fact.type_name(),
        subject=key,
        recordedtime=moment(now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        partnership=fact.partnership,
    )
