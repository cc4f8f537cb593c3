"""`seinhuis watch`: what is decided, line by line, and an orderly end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from schemas.base import Said
from schemas.deadlines import ObligationBreached, ObligationOpened
from schemas.envelope import Header
from schemas.signals import SignalAcknowledged, SignalReported, SignalRouted
from schemas.structured import CONTENT_TYPE, decode_structured
from services.cli.main import main
from services.cli.processes import HOST, free_port
from services.runtime.admin import make
from services.runtime.send import Outgoing, Sender
from tests.schemas.golden import sample_of
from topics.catalogue import CATALOGUE, SIGNALS_EVENTS, topic_of

Unique = Callable[[str], str]


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    found: str = request.getfixturevalue(request.param)
    monkeypatch.setenv("SEINHUIS_KAFKA", found)
    asyncio.run(make(found, CATALOGUE))
    return found


def a_fact(model: type[Said], caseid: str, **changed: Any) -> Outgoing:
    event = {**sample_of(model).event, "caseid": caseid, "partitionkey": caseid, **changed}
    envelope, data = decode_structured(json.dumps(event).encode())
    return Outgoing(topic_of(model).name, caseid.encode(), data, envelope.headers())


def say(bootstrap: str, *facts: Outgoing) -> None:
    async def send() -> None:
        async with Sender(bootstrap) as sender:
            for fact in facts:
                await sender.put(fact)

    asyncio.run(send())


def test_watch_tells_the_facts_of_a_case_from_both_topics(
    broker: str, unique: Unique, capsys: pytest.CaptureFixture[str]
) -> None:
    caseid, other = unique("case"), unique("case")
    told = (SignalReported, SignalRouted, ObligationOpened, ObligationBreached, SignalAcknowledged)
    say(broker, *(a_fact(model, caseid) for model in told), a_fact(SignalRouted, other))
    assert main(["watch", "--from-start", "--until-end", "--case", caseid]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(told)
    begin = "urgent    sig-4kT9wQ2mZp "
    assert (
        f"Mon 23 Nov 09:00:00  {begin} asked linde/linde-contact by rule care-avoidance (agreement v7)"
        in lines
    )
    assert (
        f"Mon 23 Nov 11:00:00  {begin} acknowledge_signal: missed by linde/linde-contact, was due 11:00"
        in lines
    )


def test_urgent_shows_only_what_is_urgent_or_more(
    embedded: str, unique: Unique, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    caseid = unique("case")
    priorities = ("routine", "urgent", "asap", "stat")
    say(
        embedded,
        *(a_fact(SignalRouted, caseid, priority=priority, urgency=priority) for priority in priorities),
    )
    assert (
        main(["watch", "--kafka", embedded, "--from-start", "--until-end", "--urgent", "--case", caseid]) == 0
    )
    assert [line.split()[4] for line in capsys.readouterr().out.splitlines()] == ["urgent", "asap", "stat"]


def test_json_gives_each_fact_as_one_structured_event(
    embedded: str, unique: Unique, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    caseid = unique("case")
    say(embedded, a_fact(SignalRouted, caseid))
    assert (
        main(["watch", "--kafka", embedded, "--from-start", "--until-end", "--json", "--case", caseid]) == 0
    )
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {**sample_of(SignalRouted).event, "caseid": caseid, "partitionkey": caseid}


def test_what_cannot_be_read_is_counted_and_the_rest_is_told(
    embedded: str, unique: Unique, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    caseid = unique("case")
    good = a_fact(SignalRouted, caseid)
    key, topic = caseid.encode(), SIGNALS_EVENTS.name
    structured: list[Header] = [("content-type", CONTENT_TYPE.encode())]
    event = {**sample_of(SignalAcknowledged).event, "caseid": caseid}
    say(
        embedded,
        Outgoing(topic, key, b"words", []),
        Outgoing(topic, key, b"{}", good.headers),
        a_fact(SignalRouted, caseid, type="nl.seinhuis.signals.SignalPraised.v1"),
        Outgoing(topic, key, json.dumps(event).encode(), structured),
        good,
    )
    assert main(["watch", "--kafka", embedded, "--from-start", "--until-end", "--case", caseid]) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 2
    for reason in ("data_wrong", "not_a_cloudevent", "type_unknown"):
        assert f"records were passed over: {reason}" in told.err


@contextmanager
def watching(bootstrap: str, caseid: str) -> Iterator[subprocess.Popen[str]]:
    """A watch of one case in a process of its own, which told its first line."""
    say(bootstrap, a_fact(SignalRouted, caseid))
    seinhuis = str(Path(sys.executable).with_name("seinhuis"))
    command = [seinhuis, "watch", "--kafka", bootstrap, "--from-start", "--case", caseid]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "asked linde/linde-contact" in process.stdout.readline()
            yield process
        finally:
            process.kill()


def is_quiet(told: str) -> bool:
    """Whether nothing was told but what other tests left on the topic."""
    return all("records were passed over" in line for line in told.splitlines())


def test_ctrl_c_ends_it_cleanly(embedded: str, unique: Unique) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    with watching(embedded, unique("case")) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
        assert (process.returncode, out) == (0, "")
        assert is_quiet(err)


def test_it_ends_quietly_when_nobody_reads_any_more(embedded: str, unique: Unique) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    caseid = unique("case")
    with watching(embedded, caseid) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        say(embedded, a_fact(SignalRouted, caseid))
        assert process.wait(timeout=300) == 0
        assert is_quiet(process.stderr.read())


def test_without_topics_watch_says_what_to_do_and_makes_none(
    embedded: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], unique: Unique
) -> None:
    missing = f"{unique('nothing')}.events.v1"
    monkeypatch.setattr("services.cli.watch.TOPICS", (missing,))
    assert main(["watch", "--kafka", embedded]) == 1
    assert (
        capsys.readouterr().err
        == f"seinhuis: the broker at {embedded} has no {missing}; run `seinhuis topics create`\n"
    )


def test_without_a_broker_watch_is_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    nobody = f"{HOST}:{free_port()}"
    assert main(["watch", "--kafka", nobody]) == 3
    assert capsys.readouterr().err.startswith(f"seinhuis: no broker answered at {nobody}")


def test_a_zone_nobody_knows_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--zone", "Europe/Atlantis"]) == 2
    assert "write one like Europe/Amsterdam" in capsys.readouterr().err
