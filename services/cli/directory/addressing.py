"""`seinhuis directory address`: where a function is reached, told to the door.

The address is typed or piped in: a command line is kept by a shell and shown by every list of processes.
"""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import httpx2
import orjson
import typer

from services.cli.errors import CliError, Unreachable, UsedWrongly

WITHIN_S = 30.0


def address(
    contact: Annotated[str, typer.Argument(metavar="CONTACT", help="The function, party/contact.")],
    channel: Annotated[
        str, typer.Argument(metavar="CHANNEL", help="The channel, as the agreement names it.")
    ],
    secret: Annotated[
        bool, typer.Option("--secret", help="Also ask for the secret by which a webhook knows us.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="There is none any more.")] = False,
    language: Annotated[Literal["nl", "en"], typer.Option("--lang", help="Of what is sent there.")] = "nl",
    gateway: Annotated[
        str, typer.Option(envvar="SEINHUIS_GATEWAY_URL", help="Where the door is.")
    ] = "http://127.0.0.1:8400",
    token: Annotated[
        str, typer.Option(envvar="SEINHUIS_TOKEN", help="An access token of that party (directory:write).")
    ] = "",
) -> None:
    """Say where a function is reached by a channel: asked for at the terminal, or read from standard input.

    Of a pipe the first line is the address, and with --secret the second one the secret. Neither is ever shown again.

    Examples:

        seinhuis directory address linde/linde-team webhook --secret

        seinhuis directory address welzijn/welzijn-desk email < address.txt
    """
    party, slash, name = contact.partition("/")
    if not (party and slash and name) or "/" in name:
        raise UsedWrongly("write the function as party/contact")
    if not token:
        raise UsedWrongly("say by which token: --token, or SEINHUIS_TOKEN")
    if forget and secret:
        raise UsedWrongly("--forget takes no --secret")
    place = f"/v1/directory/{party}/{name}/addresses/{channel}"
    said = None if forget else {"address": _asked("Address"), "language": language}
    if said is not None and secret:
        said["secret"] = _asked("Secret", hidden=True)
    told = _told(gateway, token, place, said)
    if told is None:
        print(f"{contact} is not reached by {channel} any more")
    else:
        by = ", with a secret" if told["has_secret"] else ""
        print(f"{contact} is reached by {channel}{by}; kept as {told['address_ref']}")


def _asked(what: str, *, hidden: bool = False) -> str:
    """A line of standard input; a person is asked for it."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=hidden)).strip()
    line = sys.stdin.readline().strip()
    if not line:
        raise UsedWrongly(f"standard input ended before the {what.lower()}")
    return line


def _told(gateway: str, token: str, place: str, said: dict[str, str] | None) -> dict[str, str] | None:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx2.Client(base_url=gateway, timeout=WITHIN_S) as client:
            answer = (
                client.delete(place, headers=headers)
                if said is None
                else client.put(place, json=said, headers=headers)
            )
    except httpx2.HTTPError as error:
        raise Unreachable(f"no gateway answered at {gateway} ({type(error).__name__})") from None
    if answer.status_code == 204:
        return None
    try:
        told: dict[str, str] = orjson.loads(answer.content)
    except ValueError:
        told = {}
    if answer.status_code != 200:
        says = " ".join(str(told[name]) for name in ("title", "detail", "what_to_do") if name in told)
        raise CliError(f"the gateway says {answer.status_code}: {says or 'nothing we understand'}")
    return told
