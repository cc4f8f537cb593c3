"""`seinhuis agreements publish`: puts a version in force."""

from __future__ import annotations

from services.cli.agreements.publishing import publish_agreement
from services.cli.agreements.reading import FileArgument, text_of
from services.cli.asked import KAFKA, KafkaOption, clock, run, security
from services.runtime.settings import RuntimeSettings


def publish(file: FileArgument, kafka: KafkaOption = KAFKA) -> None:
    """Publishes a version, once: the same text again changes nothing, another text under its number is refused.

    Example:

        seinhuis agreements publish examples/waterkant-small.yaml
    """
    text_of(file)
    work = publish_agreement(
        kafka,
        file,
        now_ms=clock().now_ms(),
        is_transactional=RuntimeSettings().transactions == "on",
        security=security(),
    )
    done = run(work)
    print(f"{done.did} {done.key}")
