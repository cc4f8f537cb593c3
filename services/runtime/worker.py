"""A worker: one process that runs one job's agent on Faust until it is told to stop or something fails."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop
from pydantic import ValidationError

from services.runtime import exits, logs, watchdog
from services.runtime.admittance import refusal
from services.runtime.clock import Clock, ClockTextError
from services.runtime.faust_doors import BatchStream, LaneApp, credentials
from services.runtime.job import Job
from services.runtime.lanes import Lanes
from services.runtime.ledger import security_from
from services.runtime.logs import log
from services.runtime.pins import PinError, check_pins
from services.runtime.settings import RuntimeSettings


def build(job: Job, settings: RuntimeSettings, clock: Clock) -> tuple[LaneApp, Lanes]:
    """The Faust app of a job, with one agent over all its inputs."""
    app = LaneApp(
        f"seinhuis-{job.name}",
        broker=[f"aiokafka://{server}" for server in settings.kafka.split(",")],
        broker_credentials=credentials(security_from(settings)),
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 5,
        broker_rebalance_timeout=settings.rebalance_timeout_s,
        broker_request_timeout=max(40.0, settings.session_timeout_s * 2),
        broker_max_poll_interval=3600.0,
        consumer_group_instance_id=f"{job.name}-{settings.slot}",
        # Whatever has no position yet gets it from the changelog; the fetcher never chooses one (engine 11).
        consumer_auto_offset_reset="none",
        processing_guarantee="exactly_once" if settings.transactions == "on" else "at_least_once",
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        autodiscover=False,
        Stream=BatchStream,
    )
    app.lane_topics = job.inputs
    lanes = Lanes(job, app, settings, clock, f"{job.name}.changelog.v1")
    app.yard = lanes

    @app.agent(app.topic(*job.inputs), name=job.name)
    async def decide(batches: Any) -> None:
        async for batch in batches:
            batch.apply(job.decide)

    return app, lanes


async def _run(job: Job, settings: RuntimeSettings, clock: Clock) -> int:
    _, lanes = build(job, settings, clock)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info(
        "worker_starting",
        job=job.name,
        slot=settings.slot,
        kafka=settings.kafka,
        transactions=settings.transactions,
        clock="wall" if clock.is_wall else "turned",
    )
    if settings.transactions == "off":
        log.warning(
            "transactions_off", meaning="facts may repeat with the same id; one worker; not for production"
        )
    # A wrong password looks to the clients of a worker like a broker that is away, which would be waited for.
    if lanes.security and (refused := await refusal(settings.kafka, lanes.security)):
        log.critical(
            "worker_failed", job=job.name, slot=settings.slot, reason="not_let_in", detail=str(refused)
        )
        return exits.CONFIG
    if settings.http_port:
        watchdog.serve(lanes, settings.http_host, settings.http_port)
    lanes.start()
    watchdog.Watchdog(lanes).start()
    await stop.wait()
    log.info("worker_stopping", job=job.name, slot=settings.slot)
    await lanes.drain()
    return exits.OK


def run(job: Job) -> None:
    """Runs a job as this process; leaves by an exit code (see services/runtime/exits.py)."""
    _refuse_or(_main, job)


def _main(job: Job) -> None:
    check_pins()
    settings = RuntimeSettings()
    logs.configure(settings.log, settings.log_level, service=job.name)
    clock = Clock.from_text(settings.clock)
    if settings.profile == "production" and not clock.is_wall:
        raise ClockTextError("SEINHUIS_CLOCK is not allowed with SEINHUIS_PROFILE=production")
    if settings.profile == "production" and settings.transactions == "off":
        raise ClockTextError("SEINHUIS_TRANSACTIONS=off is not allowed with SEINHUIS_PROFILE=production")
    code = _run_loop(_run(job, settings, clock))
    sys.stderr.flush()
    exits.now(code)


def _run_loop(main: Coroutine[Any, Any, int]) -> int:
    """Runs to the worker's last word and nothing after it: who ends by `exits` needs no loop torn down."""
    # The consumer's thread makes its own loop by the policy, so the policy is set, not only this loop.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # What start-up made stays; the collector looks at younger things, and less often: rows are plain bytes.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return loop.run_until_complete(main)


def _refuse_or(call: Callable[[Job], None], job: Job) -> None:
    try:
        call(job)
    except (PinError, ClockTextError, ValidationError) as error:
        print(f"{job.name}: cannot start: {error}", file=sys.stderr)
        raise SystemExit(exits.CONFIG) from None
