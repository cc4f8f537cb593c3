"""`seinhuis agreements publish`: puts a version in force."""

from __future__ import annotations

import sys

import orjson

from services.cli.agreements.publishing import publish_agreement
from services.cli.agreements.reading import FileArgument, TemplateOption, listed
from services.cli.agreements.telling import at_wall, told
from services.cli.asked import KAFKA, FormatOption, KafkaOption, clock, run, security
from services.runtime.settings import RuntimeSettings


def publish(
    file: FileArgument,
    template: TemplateOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Publish a version: from its `valid_from` on, workers that run go by it, without a restart.

    It is refused when `check` finds an error, with another text under a number that is published, with a number that
    is not the highest, and when the version before it holds and it would begin within a minute. The same text again
    changes nothing. Warnings are told and do not refuse.

    Examples:

        seinhuis agreements publish examples/waterkant-small.yaml

        seinhuis agreements publish de-vlier.yaml --template region-waterkant.yaml
    """
    work = publish_agreement(
        kafka,
        file,
        now_ms=clock().now_ms(),
        is_transactional=RuntimeSettings().transactions == "on",
        template=template,
        security=security(),
    )
    done = run(work)
    fact, found = done.fact, done.found
    if done.warnings:
        count = len(done.warnings)
        print(f"{count} warning{'s' * (count > 1)}, for the partners to weigh:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in listed(file, done.warnings)), file=sys.stderr)
    if output == "json":
        said = {
            "did": done.did,
            "partnership": fact.partnership,
            "version": fact.agreement_version,
            "valid_from": at_wall(found.valid_from_ms, found.clock.zone).isoformat(),
            "sha256": fact.sha256,
            "template_sha256": fact.template_sha256,
        }
        print(orjson.dumps(said).decode())
        return
    print(f"{done.did} {done.key}, in force from {told(found.valid_from_ms, found.clock.zone)}")
