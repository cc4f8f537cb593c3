"""docs/SUBSCRIBE.md tells what happens: its examples are run against a door, and its words are the code's."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import orjson
import pytest

from schemas.envelope import decode
from schemas.structured import decode_structured, encode_structured
from services.deliveries.alias import signal_alias
from services.gateway import stream
from services.gateway.stream import HEARTBEAT_S, RENEW_AFTER_S, Streams
from services.gateway.tailing import BEHIND_MAX, BEHIND_MAX_S, Deliveries, Reason
from tests.gateway.beside import Beside
from tests.gateway.deliver import a_delivery, deliver, make_topics
from tests.gateway.reading_door import ALIAS_KEY, Standing, a_door, a_vault, put, seed, standing
from tests.gateway.test_reading_grants import WORDS, numbered, reported, routed
from topics.catalogue import COMMANDS_KEPT_DAYS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "SUBSCRIBE.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^<!-- run[^\n]*-->\n```(bash|python)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
SEEN = "Twice on the floor of the kitchen."


@asynccontextmanager
async def a_whole_door(tmp_path: Path, broker: str, postgres: str, party: str) -> AsyncIterator[Standing]:
    """A door with one delivery, one signal and its words."""
    door, key, intake, facts = a_door(tmp_path, broker, postgres)
    door.parts["vault"] = a_vault()
    streams = Streams(Deliveries(broker), door.stopping)
    door.parts[stream.PART] = streams
    await make_topics(broker, party)
    await deliver(broker, [a_delivery(party, 1)])
    running = asyncio.create_task(streams.run())
    try:
        async with standing(door, key, intake, facts) as found:
            await put(door, "case-0001", WORDS, what_was_seen=SEEN)
            await seed(door.engine, numbered(reported(), routed("linde/linde-team")))
            yield found
    finally:
        running.cancel()
        await asyncio.wait([running])
        await door.engine.dispose()


def test_subscribe_examples_do_what_they_say(
    tmp_path: Path, embedded: str, postgres: str, unique: Callable[[str], str]
) -> None:
    assert shutil.which("curl"), "the examples speak curl"
    party = unique("linde")
    with Beside(a_whole_door(tmp_path, embedded, postgres, party)) as beside:

        def told(kind: str, text: str, of: str) -> str:
            command = ["bash", "-ec", text] if kind == "bash" else [sys.executable, "-c", text]
            env = {
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "SEINHUIS_GATEWAY_URL": beside.door.url,
                "SEINHUIS_TOKEN": beside.door.of(of)["Authorization"].removeprefix("Bearer "),
                "SEINHUIS_KAFKA": embedded,
                "PARTY": party,
                "SIGNAL": signal_alias(ALIAS_KEY, "linde", "sig-00001"),
                "CONTENT": WORDS,
            }
            done = subprocess.run(
                command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        by_curl, by_command, by_python, by_kafka, pulled = [
            told(kind, text, party if "$SIGNAL" not in text else "linde") for kind, text in BLOCKS
        ]
    assert decode_structured(by_curl.removeprefix("data: ").encode())[0].id == "dl-000001"
    assert by_command.rstrip().endswith(f"as-{1:020d}  told of SignalRouted")
    assert by_python.strip() == f"as-{1:020d} SignalRouted urgent"
    assert (tmp_path / "last-id").read_text() == "0"
    assert by_kafka.strip() == f"0 as-{1:020d} SignalRouted"
    how, words = map(orjson.loads, pulled.splitlines())
    assert (how["state"], how["content_refs"]) == ("routed", [WORDS])
    assert words["content"] == {"what_was_seen": SEEN}


def test_subscribe_shows_an_event_as_it_is() -> None:
    shown = re.search(r"^```json\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert shown is not None
    said = orjson.loads(shown[1])
    decode_structured(shown[1].encode())
    sent = a_delivery("linde", 1)
    told = orjson.loads(encode_structured(decode(list(sent.headers)), sent.value))
    assert {name: value for name, value in told.items() if name not in {"data", "partitionkey"}} == {
        name: value for name, value in said.items() if name != "data"
    }
    assert said["data"].items() <= told["data"].items()


def test_subscribe_names_every_reason_and_every_bound() -> None:
    for reason in get_args(Reason):
        assert f"`{reason}`" in TEXT
    assert f"({COMMANDS_KEPT_DAYS} days)" in TEXT
    assert f"every {HEARTBEAT_S:.0f} seconds" in TEXT
    assert (BEHIND_MAX, BEHIND_MAX_S, RENEW_AFTER_S) == (1000, 10.0, 3600.0)


@pytest.mark.parametrize("file", sorted(set(re.findall(r"\]\(([A-Z]+\.md)", TEXT))))
def test_subscribe_leads_to_what_is_there(file: str) -> None:
    assert (ROOT / "docs" / file).exists()
