"""`seinhuis topics acl`: gives each process and each partner what it needs of the broker, and nothing beside it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
import typer

from services.cli.asked import KAFKA, KafkaOption, clock, run, security
from services.cli.errors import CliError
from services.cli.parties import PartyOption, named, published_parties
from services.runtime.acls import AclsRefused, give, look
from topics.acl import Acl, NotAParty, plan
from topics.acl_written import NoSuchUser, commands, strimzi

Written = Literal["text", "json", "commands", "strimzi"]


def acl(
    party: PartyOption = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Tell the difference and change nothing; exit code 1 when there is one."
        ),
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take away what is ours by its name and no longer wanted.")
    ] = False,
    within: Annotated[
        float, typer.Option("--within", min=1, help="How many seconds the broker has to answer.")
    ] = 30.0,
    kafka: KafkaOption = KAFKA,
    output: Annotated[
        Written,
        typer.Option(
            "--format",
            help="`text` and `json` tell what was done; `commands` (kafka-acls) and `strimzi` (KafkaUser) print the "
            "whole plan and do nothing.",
        ),
    ] = "text",
) -> None:
    """Permit each process and each party of the published agreements what it needs, and nothing beside it.

    A process is the user `seinhuis-<process>`: it writes and reads the topics that the catalogue says, and has its own
    group and transactions. A party is the user of its own name: it writes `inbox.<party>`, reads `deliveries.<party>`,
    and has the groups whose names begin with `<party>.`. With --party only those parties, published or not, and
    processes. Permissions of other accounts on our topics are told, and never taken away.

    Examples:

        seinhuis topics acl --dry-run

        seinhuis topics acl --prune

        seinhuis topics acl --party linde --format strimzi
    """
    try:
        parties = named(party) if party else run(published_parties(kafka, clock().now_ms(), security()))
        wanted = plan(parties)
    except NotAParty as fault:
        raise CliError(str(fault)) from None
    if output in ("commands", "strimzi"):
        try:
            print(commands(wanted) if output == "commands" else strimzi(wanted), end="")
        except NoSuchUser as fault:
            raise CliError(str(fault)) from None
        return
    try:
        if dry_run:
            found = run(look(kafka, wanted, security=security(), within_s=within))
        else:
            found = run(give(kafka, wanted, is_pruned=prune, security=security(), within_s=within))
    except AclsRefused as fault:
        raise CliError(str(fault)) from None
    words = _WOULD if dry_run else _DID
    lists = [
        (words["missing"], found.missing),
        ("kept", found.kept),
        (words["unwanted"] if prune else "unwanted", found.unwanted),
        ("foreign", found.foreign),
    ]
    _tell(lists, output)
    if found.unwanted and not prune:
        print("what is unwanted is taken away with --prune", file=sys.stderr)
    if dry_run and (found.missing or found.unwanted):
        raise typer.Exit(1)


_WOULD = {"missing": "missing", "unwanted": "unwanted"}
_DID = {"missing": "given", "unwanted": "taken"}


def _tell(lists: Sequence[tuple[str, Sequence[Acl]]], output: Written) -> None:
    told = [(did, acl) for did, acls in lists for acl in acls]
    if output == "json":
        print(orjson.dumps([{"did": did, **acl._asdict()} for did, acl in told]).decode())
        return
    for did, acl in told:
        if did != "kept":
            print(f"{did:<9} {line(acl)}")
    print(", ".join(f"{len(acls)} {did}" for did, acls in lists))


def line(acl: Acl) -> str:
    """`User:linde may write topic inbox.linde`."""
    may = "may" if acl.permission == "allow" else "may not"
    name = f"{acl.name}*" if acl.pattern == "prefixed" else acl.name
    host = "" if acl.host == "*" else f" from {acl.host}"
    return f"{acl.principal} {may} {acl.operation} {acl.resource} {name}{host}"
