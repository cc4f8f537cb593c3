"""Processes and ports: end one, know whether one lives, leave one behind, find a port, wait for a broker."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from services.cli.errors import ProcessDied

HOST = "127.0.0.1"
#: Below the range from which a client gets its own port: a client that calls a stopped broker's port again and
#: again would one day be given that very port, connect to itself, and keep the broker from coming back.
_PORTS = range(20_000, 32_000)
_PORT_TRIES = 200
_METADATA = struct.pack(">hhihi", 3, 1, 1, -1, 0)


def free_port() -> int:
    """A port of this machine nobody listens on."""
    for port in random.sample(_PORTS, _PORT_TRIES):
        if is_port_free(port):
            return port
    raise ProcessDied(f"no free port was found on {HOST} between {_PORTS.start} and {_PORTS.stop}")


def is_port_free(port: int) -> bool:
    """Whether a listener could start on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def is_broker(bootstrap: str, within_s: float = 1.0) -> bool:
    """Whether a Kafka broker answers there and knows itself to be one: a metadata request by hand."""
    host, _, port = bootstrap.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=within_s) as line:
            line.sendall(struct.pack(">i", len(_METADATA)) + _METADATA)
            answer = line.recv(12, socket.MSG_WAITALL)
    except (OSError, ValueError):
        return False
    return len(answer) == 12 and struct.unpack(">iii", answer)[2] > 0


def wait_for_broker(process: subprocess.Popen[bytes], bootstrap: str, within_s: float) -> None:
    """Returns when the broker answers; raises when its process ends or the time is over."""
    until = time.monotonic() + within_s
    while not is_broker(bootstrap):
        if process.poll() is not None:
            raise ProcessDied(f"the broker at {bootstrap} ended at once with exit code {process.returncode}")
        if time.monotonic() > until:
            raise ProcessDied(f"the broker at {bootstrap} did not answer within {within_s:.0f} s")
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes], within_s: float = 10.0) -> None:
    """Asks a child to end, and ends it when it does not."""
    end_all([process], within_s)


def end_all(processes: Sequence[subprocess.Popen[bytes]], within_s: float = 10.0) -> None:
    """Asks children to end, all at once, and after `within_s` ends those that did not."""
    for process in processes:
        process.terminate()
    until = time.monotonic() + within_s
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(within_s)


@dataclass(frozen=True)
class LeftBehind:
    """A process that goes on after the command that started it, as its state file tells."""

    pid: int
    bootstrap: str
    program: str

    @classmethod
    def leave(cls, process: subprocess.Popen[bytes], bootstrap: str, program: str) -> LeftBehind:
        """Lets a child go on by itself."""
        process.returncode = 0  # no longer ours: Python must neither wait for it nor warn that nobody did
        return cls(process.pid, bootstrap, program)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> LeftBehind | None:
        """The process of this state file, or nothing when there is no file or it cannot be read."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(int(found["pid"]), str(found["bootstrap"]), str(found["program"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def is_running(self) -> bool:
        """Whether that process still lives, and is not another one with the same number."""
        state, command = _seen(self.pid)
        return state not in ("", "Z") and self.program in command

    def end(self, within_s: float = 10.0) -> None:
        """Asks it to end and waits; kills it when it does not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + within_s
            if self.is_running():
                with suppress(ProcessLookupError):
                    os.kill(self.pid, number)
            while self.is_running() and time.monotonic() < until:
                time.sleep(0.05)


def _seen(pid: int) -> tuple[str, str]:
    """State letter and command line of a process, both empty when there is none."""
    entry = Path(f"/proc/{pid}")
    if Path("/proc/self").exists():
        try:
            state = entry.joinpath("stat").read_text().rpartition(") ")[2][:1]
            return state, entry.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return "", ""
    listed = subprocess.run(
        ["ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return listed[:1], listed
