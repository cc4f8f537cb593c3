"""`seinhuis run`: one process a service and slot, so that a laptop needs no orchestrator."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from services.cli.errors import Unreachable, UsedWrongly
from services.cli.supervise import Supervisor, Worker
from services.gateway.settings import GatewaySettings
from services.runtime.settings import RuntimeSettings

LOOK_EVERY_S = 0.1
NAP_S = 0.05
CONNECT_WITHIN_S = 2.0
#: SIGHUP too: a closed terminal must not leave workers behind.
_ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run_services(
    services: Annotated[
        list[str],
        typer.Argument(
            metavar="SERVICE...",
            help="`casework`, `collaboration`, `gateway`, `notices`, or module.path:ATTRIBUTE of a Job.",
        ),
    ],
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes of each service; slots 0, 1, …")] = 1,
    http_port: Annotated[
        int,
        typer.Option(
            help="Metrics and health of the first process; the next ones get the next ports. 0 = none."
        ),
    ] = 0,
) -> None:
    """Runs services until it is told to stop, and starts again what dies.

    A process that ends is started again after 0.5 s, 1 s, 2 s … at most 30 s. One that dies eight times in a
    row, or says by exit code 78 that its configuration cannot work, ends the whole run with the reason.
    SIGTERM and Ctrl-C are passed on; after ten seconds what still runs is killed.

    Examples:

        seinhuis run casework

        seinhuis run casework collaboration

        seinhuis run casework --workers 3 --http-port 9100
    """
    from services.work import EDGES, SERVICES  # noqa: PLC0415 - brings Faust along, which no other command needs

    for service in services:
        if service not in SERVICES and service not in EDGES and ":" not in service:
            known = ", ".join(sorted({**SERVICES, **EDGES}))
            raise UsedWrongly(
                f"there is no service {service}; known are {known}, and module.path:ATTRIBUTE of a Job"
            )
    expect_broker(RuntimeSettings().kafka)
    wanted = [(service, slot) for service in services for slot in range(workers)]
    supervisor = Supervisor(
        [
            worker_of(service, slot, http_port + n if http_port else 0)
            for n, (service, slot) in enumerate(wanted)
        ],
        say,
    )
    with told_to_stop() as stop:
        try:
            while not stop.is_told():
                supervisor.look()
                stop.wait(LOOK_EVERY_S)
        finally:
            supervisor.stop()


def worker_of(service: str, slot: int, http_port: int) -> Worker:
    """The process of one slot. The slot is its stable name in the group: a restart takes its own lanes again."""
    environment = {"SEINHUIS_SLOT": str(slot), "SEINHUIS_HTTP_PORT": str(http_port)}
    if service == "gateway":
        # Each door on this machine listens on a port of its own.
        environment["SEINHUIS_GATEWAY_PORT"] = str(GatewaySettings().port + slot)
    return Worker(
        name=f"{service}/{slot}",
        command=[sys.executable, "-m", "services.work", service],
        environment=environment,
    )


def expect_broker(bootstrap: str) -> None:
    """Returns when somebody listens at one of these addresses."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=CONNECT_WITHIN_S):
                return
        except (OSError, ValueError):
            continue
    raise Unreachable(
        f"no broker answers at {bootstrap}; start one with `seinhuis broker start`, "
        "or set SEINHUIS_KAFKA to the host:port of yours"
    )


class Stop:
    """Whether somebody said stop: a plain flag, for a signal's handler runs in the middle of whatever it meets.

    An event of `threading` takes a lock: set by a handler while it is being waited for, it would wait for ever.
    """

    def __init__(self) -> None:
        self._is_told = False

    def tell(self) -> None:
        self._is_told = True

    def is_told(self) -> bool:
        return self._is_told

    def wait(self, for_s: float) -> None:
        """Waits so long, or until it is told."""
        until = time.monotonic() + for_s
        while not self._is_told and (left_s := until - time.monotonic()) > 0:
            time.sleep(min(left_s, NAP_S))


@contextmanager
def told_to_stop() -> Iterator[Stop]:
    """What SIGTERM, SIGHUP and Ctrl-C tell; a second Ctrl-C has its usual effect."""
    stop = Stop()

    def told(_number: int, _frame: object) -> None:
        stop.tell()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, told) for number in _ENDINGS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(line: str) -> None:
    """One line of what the supervisor does, beside the workers' own logs."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)
