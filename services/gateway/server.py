"""The process of the door: opens all its rooms, serves until it is told to stop, and ends in order.

A part that cannot go on ends the process, and the orchestrator starts it again: what was committed is owed and sent
by whoever comes next, and whoever was not answered asks again with the same ids.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import uvicorn
import uvloop
from pydantic import ValidationError
from sqlalchemy import text
from starlette.types import ASGIApp

from services.agreements.book import AgreementBook
from services.agreements.directory_book import DirectoryBook
from services.database.engine import DatabaseUnset, engine_of, transaction
from services.database.settings import DatabaseSettings
from services.deliveries.alias import KEY_MIN_BYTES
from services.gateway import reading_side
from services.gateway.api_keys import ApiKeys
from services.gateway.app import make_app
from services.gateway.door import Door
from services.gateway.inboxes import Inboxes
from services.gateway.intake import Intake
from services.gateway.limits import Limits
from services.gateway.ownfacts import OwnFacts
from services.gateway.patience import patient_for
from services.gateway.reading_settings import ReadingSettings
from services.gateway.register import Register
from services.gateway.seen import Granted
from services.gateway.settings import GatewaySettings
from services.gateway.sweep import Sweeper
from services.gateway.tokens import Tokens
from services.runtime import exits, logs
from services.runtime.broadcast import BroadcastReader
from services.runtime.clock import Clock, ClockTextError
from services.runtime.health import serve_health
from services.runtime.ledger import security_from
from services.runtime.logs import log
from services.runtime.reach import BrokerUnreachable, TopicsMissing
from services.runtime.settings import RuntimeSettings
from services.runtime.steady import Steady
from services.vault.ring import RingTextError
from services.vault.sealing import Masters
from services.vault.settings import KeySettings
from services.vault.vault import Vault

NAME = "gateway"
TICK_EVERY_S = 0.5
LOOK_EVERY_S = 2.0


class Unusable(ValueError):
    """The environment cannot make a door; the text says what to set."""


def checked(settings: GatewaySettings, runtime: RuntimeSettings, clock: Clock) -> None:
    """Raises `Unusable` for what a person has to change first."""
    if len(settings.alias_key.encode()) < KEY_MIN_BYTES:
        raise Unusable(f"SEINHUIS_ALIAS_KEY needs {KEY_MIN_BYTES} bytes or more")
    if runtime.profile != "production":
        return
    if not clock.is_wall:
        raise Unusable("SEINHUIS_CLOCK is not allowed with SEINHUIS_PROFILE=production")
    if not (settings.issuer and settings.jwks):
        raise Unusable("SEINHUIS_GATEWAY_ISSUER and SEINHUIS_GATEWAY_JWKS say whose tokens are taken")
    if not settings.key_pepper:
        raise Unusable("SEINHUIS_GATEWAY_KEY_PEPPER is needed: API keys are kept as digests with it")


@asynccontextmanager
async def open_door(settings: GatewaySettings, runtime: RuntimeSettings, clock: Clock) -> AsyncIterator[Door]:
    """Every part of the door, connected and read to its end; left, they end in the opposite order."""
    security = security_from(runtime)
    keys = KeySettings()
    async with AsyncExitStack() as stack:
        engine = engine_of(DatabaseSettings())
        stack.push_async_callback(engine.dispose)
        sends = Steady(runtime.kafka, security=security, name=NAME)
        stack.push_async_callback(sends.stop)
        await sends.start()
        ring = keys.register_ring()
        register = Register(ring, clock.now_ms)
        vault = Vault(Masters(keys.vault_ring()), clock.now_ms)
        own_facts = await stack.enter_async_context(OwnFacts(engine, sends, runtime.slot, clock.now_ms))
        sweeper = await stack.enter_async_context(Sweeper(engine, sends, clock.now_ms))
        door = Door(
            settings=settings,
            runtime=runtime,
            clock=clock,
            engine=engine,
            agreements=AgreementBook(),
            directory=DirectoryBook(),
            intake=Intake(
                engine,
                sends,
                register=register,
                vault=vault,
                ring=ring,
                alias_key=settings.alias_key.encode(),
                now_ms=clock.now_ms,
                known=Granted(engine, clock.now_ms),
            ),
            own_facts=own_facts,
            tokens=Tokens(settings, ApiKeys(engine, settings.key_pepper, clock.now_ms)),
            limits=Limits(settings),
            security=security,
            parts={
                "vault": vault,
                "register": register,
                "sends": sends,
                "sweeper": sweeper.task,
                "own_facts": own_facts.task,
            },
        )
        await stack.enter_async_context(_following(door))
        await stack.enter_async_context(
            reading_side.reading(door, ReadingSettings(), alias_key=settings.alias_key.encode())
        )
        await stack.enter_async_context(Inboxes(door, sends))
        yield door


@asynccontextmanager
async def _following(door: Door) -> AsyncIterator[None]:
    """Agreements and directory, read whole and followed: before that, nobody knows who may say what."""
    runtime = door.runtime
    reader = BroadcastReader(
        NAME,
        (door.agreements, door.directory),
        bootstrap=runtime.kafka,
        security=dict(door.security),
        is_transactional=runtime.transactions == "on",
    )
    following = asyncio.create_task(reader.run(), name="broadcasts")
    door.parts["broadcasts"] = following

    def not_ready() -> str | None:
        return "broadcast_stale" if reader.age_s() > runtime.broadcast_stale_s else None

    door.checks.append(not_ready)
    try:
        loaded = asyncio.create_task(reader.loaded.wait())
        async with asyncio.timeout(runtime.recover_within_s):
            await asyncio.wait((loaded, following), return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()  # raises what it failed with
        yield
    finally:
        following.cancel()
        loaded.cancel()
        await asyncio.gather(following, loaded, return_exceptions=True)


class Server(uvicorn.Server):
    """uvicorn without its hand on the signals: they are the process's own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def a_server(app: ASGIApp, settings: GatewaySettings) -> Server:
    """The server with every bound it has."""
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            http=patient_for(settings.head_within_s),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_keep_alive=settings.keep_alive_s,
            timeout_graceful_shutdown=int(settings.stop_within_s),
            h11_max_incomplete_event_size=settings.head_max_bytes,
        )
    )


class Pulse:
    """Whether the loop still goes round, and the database answers; asked from the thread of the health port."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._ticked_at_s = time.monotonic()
        self._is_database_there = True

    async def beat(self) -> None:
        looked_at_s = float("-inf")
        while True:
            self._ticked_at_s = time.monotonic()
            if self._ticked_at_s - looked_at_s > LOOK_EVERY_S:
                looked_at_s = self._ticked_at_s
                self._is_database_there = await self._ask()
            await asyncio.sleep(TICK_EVERY_S)

    async def _ask(self) -> bool:
        try:
            async with transaction(self._door.engine, LOOK_EVERY_S) as connection:
                await connection.execute(text("select 1"))
        except Exception as error:
            log.warning("database_not_there", error=type(error).__name__)
            return False
        return True

    def not_live(self) -> list[str]:
        is_late = time.monotonic() - self._ticked_at_s > self._door.runtime.loop_lag_max_s
        return ["loop_lag"] if is_late else []

    def not_ready(self) -> list[str]:
        why = [found for check in self._door.checks if (found := check())]
        if not self._is_database_there:
            why.append("database_not_there")
        if self._door.stopping.is_set():
            why.append("stopping")
        return why


async def serve(settings: GatewaySettings, runtime: RuntimeSettings, clock: Clock) -> int:
    """The life of the process; returns its exit code."""
    async with open_door(settings, runtime, clock) as door:
        server = a_server(make_app(door), settings)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            door.stopping.set()
            server.should_exit = True

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        pulse = Pulse(door)
        if runtime.http_port:
            serve_health(
                runtime.http_host,
                runtime.http_port,
                pulse.not_live,
                pulse.not_ready,
                lambda: {"job": NAME, "slot": runtime.slot},
            )
        log.info("gateway_open", host=settings.host, port=settings.port, slot=runtime.slot)
        beating = asyncio.create_task(pulse.beat(), name="pulse")
        serving = asyncio.create_task(server.serve(), name="server")
        try:
            done, _ = await asyncio.wait(
                (
                    beating,
                    serving,
                    *(door.parts[name] for name in ("broadcasts", "inboxes", "sweeper", "own_facts")),
                ),
                return_when=asyncio.FIRST_COMPLETED,
            )
            failed = [task for task in done if task is not serving or task.exception() is not None]
            for task in failed:
                log.critical(
                    "gateway_cannot_go_on",
                    part=task.get_name(),
                    error=type(task.exception()).__name__,
                )
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        log.info("gateway_stopped", slot=runtime.slot)
        return exits.FAILED if failed or not server.started else exits.OK


def run() -> None:
    """Runs the door as this process; leaves by an exit code (see services/runtime/exits.py)."""
    try:
        settings, runtime = GatewaySettings(), RuntimeSettings()
        logs.configure(runtime.log, runtime.log_level, service=NAME)
        clock = Clock.from_text(runtime.clock)
        checked(settings, runtime, clock)
        KeySettings().vault_ring()
        code = uvloop.run(serve(settings, runtime, clock))
    except (Unusable, ClockTextError, DatabaseUnset, RingTextError, ValidationError) as error:
        print(f"{NAME}: cannot start: {error}", file=sys.stderr)
        raise SystemExit(exits.CONFIG) from None
    except (BrokerUnreachable, TopicsMissing, LookupError, OSError) as error:
        print(f"{NAME}: cannot go on: {error} ({type(error).__name__})", file=sys.stderr)
        raise SystemExit(exits.FAILED) from None
    sys.stderr.flush()
    exits.now(code)
