"""`seinhuis directory address`: piped in, told to the door, and never shown again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.gateway.test_internal import HOOK, SECRET, an_internal_door

COMMAND = [sys.executable, "-c", "from services.cli.main import run; run()", "directory", "address"]


async def told(given: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    def call() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], input=given, capture_output=True, text=True, timeout=100, check=False
        )

    return await asyncio.to_thread(call)


async def test_address_is_read_from_a_pipe_and_kept(tmp_path: Path, postgres: str) -> None:
    async with an_internal_door(tmp_path, postgres) as door:
        token = door.of("linde")["Authorization"].removeprefix("Bearer ")
        where = ("linde/linde-team", "webhook", "--gateway", door.url, "--token", token)
        kept = await told(f"{HOOK}\n{SECRET}\n", *where, "--secret")
        assert kept.returncode == 0, kept.stderr
        assert kept.stdout.startswith(
            "linde/linde-team is reached by webhook, with a secret; kept as address:"
        )
        assert HOOK not in kept.stdout + kept.stderr and SECRET not in kept.stdout + kept.stderr
        wrong = await told("ask-for-piet\n", *where)
        assert wrong.returncode == 1 and "422" in wrong.stderr and "piet" not in wrong.stderr
        with psycopg.connect(postgres) as connection:
            assert connection.execute("select address from addresses").fetchall() == [(HOOK,)]
        gone = await told("", *where, "--forget")
        assert gone.stdout == "linde/linde-team is not reached by webhook any more\n"


async def test_address_of_a_command_line_is_used_wrongly(tmp_path: Path) -> None:
    for arguments in (("linde", "webhook"), ("linde/linde-team", "webhook"), ("linde/linde-team",)):
        assert (await told("", *arguments)).returncode == 2
