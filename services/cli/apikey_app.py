"""`seinhuis apikey`: keys of parties that have no issuer of tokens. A key is told once; what is kept is a digest."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import orjson
import typer
from pydantic import ValidationError

from services.agreements.moments import moment
from services.cli.asked import FormatOption, clock
from services.cli.asked_time import begin_ms
from services.cli.errors import CliError, UsedWrongly
from services.cli.on_database import run_on_database
from services.gateway.api_keys import ApiKeys, Kept
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Caller, Claim, Scope

apikey_app = typer.Typer(
    no_args_is_help=True,
    help="API keys of parties that have no issuer of tokens: made, told and ended.",
)
LABEL_MAX_CHARS = 80
_ZONE = ZoneInfo("UTC")
T = TypeVar("T")


@apikey_app.command(no_args_is_help=True)
def make(
    party: Annotated[str, typer.Argument(help="The party's name in the agreement.", show_default=False)],
    source: Annotated[
        list[str],
        typer.Option(
            "--source", help="One of its systems, urn:nld:oin:OIN:systeem:NAME; may be given again."
        ),
    ],
    partnership: Annotated[
        list[str], typer.Option("--partnership", help="Where the party takes part; may be given again.")
    ],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it is for; may be given again.")],
    label: Annotated[
        str, typer.Option(help="What it is known by in the list, such as the system's name.")
    ] = "",
    until: Annotated[
        str | None,
        typer.Option(
            help="When it ends by itself: a day (its beginning, UTC) or a moment; never when not said."
        ),
    ] = None,
    output: FormatOption = "text",
) -> None:
    """Make a key. It is printed once, alone on standard output, and nobody can read it back.

    SEINHUIS_GATEWAY_KEY_PEPPER has to be the one the doors have, or they do not know the key. Whoever has it shows it
    in the header X-Api-Key.

    Examples:

        seinhuis apikey make linde --source urn:nld:oin:00000000000000000001:systeem:ecd --partnership de-vlier
        --scope signals:report --scope signals:act --until 2027-12-01

        seinhuis apikey make welzijn --source … --partnership de-vlier --scope signals:report > welzijn.key
    """
    caller = _caller(party, source, partnership, scope, label)
    pepper = GatewaySettings().key_pepper
    if not pepper:
        raise UsedWrongly(
            "set SEINHUIS_GATEWAY_KEY_PEPPER to the one the doors have: a key is kept as a digest with it"
        )
    expires_ms = None if until is None else begin_ms(until, _ZONE)
    if expires_ms is not None and expires_ms <= clock().now_ms():
        raise UsedWrongly(f"{until} is over already")
    made = _run(lambda keys: keys.make(caller, expires_ms), pepper)
    print(orjson.dumps(made._asdict()).decode() if output == "json" else made.key)
    print(f"{made.id} made for {party}; the key is not shown again", file=sys.stderr)


@apikey_app.command(name="list")
def list_keys(output: FormatOption = "text") -> None:
    """Tell which keys there are and were, never the keys themselves.

    Example:

        seinhuis apikey list --format json
    """
    found = _run(lambda keys: keys.all())
    if output == "json":
        print(orjson.dumps([one._asdict() for one in found]).decode())
        return
    now_ms = clock().now_ms()
    for one in found:
        print("\n".join(_lines(one, now_ms)))
    if not found:
        print("there are no keys")


@apikey_app.command(no_args_is_help=True)
def revoke(
    key_id: Annotated[
        str, typer.Argument(metavar="ID", help="The key's name in the list, key-….", show_default=False)
    ],
) -> None:
    """End a key: the doors take it no more from this moment on. Doing it twice is no fault.

    Example:

        seinhuis apikey revoke key-3f7kq2mzd5ab
    """
    before = _run(lambda keys: keys.revoke(key_id))
    if before is None:
        raise CliError(
            f"there is no key {key_id}; `seinhuis apikey list` tells which there are"
            if _is_name(key_id)
            else "that is no name of a key; `seinhuis apikey list` tells them"
        )
    if before.revoked_ms is None:
        print(f"revoked   {before.id} of {before.party}")
    else:
        print(f"kept      {before.id} of {before.party}, revoked since {_at(before.revoked_ms)}")


def _caller(
    party: str, sources: list[str], partnerships: list[str], scopes: list[Scope], label: str
) -> Caller:
    try:
        claim = Claim(party=party, sources=tuple(sources), partnerships=tuple(partnerships))
    except ValidationError as fault:
        wrong = fault.errors(include_url=False, include_input=False)[0]["loc"][0]
        raise UsedWrongly(
            "a system is written urn:nld:oin:<20 digits>:systeem:<name>"
            if wrong == "sources"
            else "a party and a partnership are written as in the agreement, such as linde and de-vlier"
        ) from None
    if len(label) > LABEL_MAX_CHARS or not (label == "" or label.isprintable()):
        raise UsedWrongly(f"a label is a line of at most {LABEL_MAX_CHARS} characters")
    return Caller(
        claim.party,
        claim.sources,
        frozenset(claim.partnerships),
        frozenset(one.value for one in scopes),
        label,
    )


def _is_name(key_id: str) -> bool:
    """Whether it may be told back: somebody may have given the key itself, and that stands in no log."""
    return key_id.startswith("key-") and len(key_id) <= 16


def _lines(one: Kept, now_ms: int) -> list[str]:
    stands = "holds" if one.holds(now_ms) else "over" if one.revoked_ms is None else "revoked"
    ends = [("revoked", one.revoked_ms)] if one.revoked_ms is not None else [("until", one.expires_ms)]
    told = [("made", one.created_ms), ("last used", one.last_used_ms), *ends]
    return [
        f"{one.id}  {stands:<8} {one.party}" + (f"  {one.label}" if one.label else ""),
        f"    for        {', '.join(one.scopes)}",
        f"    in         {', '.join(one.partnerships)}",
        f"    as         {', '.join(one.sources)}",
        *(
            f"    {name:<10} {'never' if name == 'last used' else 'somebody revokes it'}"
            if at_ms is None
            else f"    {name:<10} {_at(at_ms)}"
            for name, at_ms in told
        ),
    ]


def _at(at_ms: int) -> str:
    return f"{moment(at_ms):%Y-%m-%d %H:%M} UTC"


def _run(work: Callable[[ApiKeys], Awaitable[T]], pepper: str = "") -> T:
    return run_on_database(lambda engine: work(ApiKeys(engine, pepper, clock().now_ms)))
