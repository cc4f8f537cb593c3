"""A real Apache Kafka for the tests: one KRaft node from its Maven artefacts, to start, stop, kill and pause.

Open to everybody on this machine, or `secured` as in production: accounts, TLS, and an authorizer.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from services.cli.errors import ProcessDied
from services.cli.processes import (
    HOST,
    LeftBehind,
    end,
    free_port,
    is_broker,
    is_port_free,
    wait_for_broker,
)
from tests.secured import Secured

ROOT = Path(__file__).resolve().parent.parent
POM = ROOT / "deploy" / "kafka" / "pom.xml"
RUN = ROOT / ".run" / "kafka"
#: Three seconds as a rule; the bound is for a machine that is busy with other tests.
READY_WITHIN_S = 180.0
STOPPED_WITHIN_S = 30.0
FETCHED_WITHIN_S = 600.0


def libs() -> Path:
    """The directory of Kafka's jars, fetched once for each version."""
    found = re.search(r"<kafka\.version>([0-9.]+)</kafka\.version>", POM.read_text(encoding="utf-8"))
    assert found, f"{POM} names no kafka.version"
    kept = RUN / f"libs-{found[1]}"
    if kept.is_dir():
        return kept
    RUN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RUN, prefix="fetching-") as part:
        jars = Path(part) / "libs"
        fetch = [_program("mvn"), "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
        done = subprocess.run(
            [*fetch, f"-DoutputDirectory={jars}"],
            capture_output=True,
            text=True,
            timeout=FETCHED_WITHIN_S,
            check=False,
        )
        if done.returncode != 0:
            raise ProcessDied(
                f"Kafka's jars could not be fetched by {' '.join(fetch)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        if not kept.is_dir():  # somebody else may have been quicker
            jars.rename(kept)
    return kept


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ProcessDied(
            f"{name} was not found: tests on real Kafka need Java 17 and Maven "
            "(Debian: apt-get install openjdk-17-jre-headless maven); `make test` does without"
        )
    return found


class Kafka:
    """One node, broker and controller in one process. Ports and data are kept over stop, kill and start."""

    def __init__(
        self,
        data: Path,
        *,
        port: int = 0,
        heap_mb: int = 1024,
        config: Mapping[str, str | int] | None = None,
        secured: Secured | None = None,
    ) -> None:
        self.data = data
        self.port = port or free_port()
        self.bootstrap = f"{HOST}:{self.port}"
        self.log = data / "kafka.log"
        self._heap_mb = heap_mb
        self._controller_port = free_port()
        self._secured = secured
        self._config = dict(config or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._running().pid

    def start(self) -> Kafka:
        """Starts the node and returns when it answers, some three seconds later."""
        assert self._process is None or self._process.poll() is not None, "this node runs already"
        if not is_port_free(self.port):
            raise ProcessDied(f"port {self.port} on {HOST} is taken; choose another with --port")
        java, classpath = _program("java"), f"{libs()}/*"
        heap = (f"-Xms{self._heap_mb // 2}m", f"-Xmx{self._heap_mb}m")
        settings = self.data / "server.properties"
        storage = self.data / "log"
        self.data.mkdir(parents=True, exist_ok=True)
        settings.write_text(self._settings(storage), encoding="utf-8")
        if not (storage / "meta.properties").exists():
            # Half of all ids: one that begins with a hyphen would be taken for an option.
            drawn = uuid.uuid4().int >> 1
            cluster = urlsafe_b64encode(drawn.to_bytes(16, "big")).decode().rstrip("=")
            accounts = self._secured.at_format() if self._secured else ()
            self._format(java, classpath, "-t", cluster, "-c", str(settings), *accounts)
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C at the tests must not stop the broker before its clients.
            self._process = subprocess.Popen(
                [
                    java,
                    *heap,
                    "-XX:+UseG1GC",
                    "-XX:MaxGCPauseMillis=20",
                    "-cp",
                    classpath,
                    "kafka.Kafka",
                    settings,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            if self._secured:
                self._secured.wait_for(self._process, self.bootstrap, READY_WITHIN_S)
            else:
                wait_for_broker(self._process, self.bootstrap, READY_WITHIN_S)
        except BaseException as fault:
            self.kill()
            if isinstance(fault, ProcessDied):
                raise ProcessDied(f"{fault}; its last words are in {self.log}") from None
            raise
        return self

    def stop(self) -> None:
        """Ends it in order (SIGTERM) and waits."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGCONT)  # a paused process hears nothing else
            end(process, STOPPED_WITHIN_S)

    def kill(self) -> None:
        """Ends it at once (SIGKILL); what was not flushed is the page cache's affair."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(STOPPED_WITHIN_S)

    def pause(self) -> None:
        """Stops time for it (SIGSTOP): connections stay, nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Goes on after `pause` (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    def leave(self) -> LeftBehind:
        """Lets it go on after this process."""
        process, self._process = self._running(), None
        return LeftBehind.leave(process, self.bootstrap, "kafka.Kafka")

    def __enter__(self) -> Kafka:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ProcessDied("this Kafka node is not running")
        return self._process

    def _format(self, java: str, classpath: str, *arguments: str) -> None:
        done = subprocess.run(
            [java, "-Xmx256m", "-cp", classpath, "kafka.tools.StorageTool", "format", *arguments],
            capture_output=True,
            text=True,
            timeout=READY_WITHIN_S,
            check=False,
        )
        if done.returncode != 0:
            raise ProcessDied(
                f"Kafka's storage was not made ready: {done.stdout[-500:]}{done.stderr[-1000:]}"
            )

    def _settings(self, storage: Path) -> str:
        return "".join(
            f"{name}={value}\n"
            for name, value in {
                "process.roles": "broker,controller",
                "node.id": 1,
                "controller.quorum.voters": f"1@{HOST}:{self._controller_port}",
                "controller.listener.names": "CONTROLLER",
                "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{HOST}:{self._controller_port}",
                "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
                "log.dirs": storage,
                "auto.create.topics.enable": "false",
                # One node, a handful of groups and transactional ids: four partitions each open quickly.
                "offsets.topic.replication.factor": 1,
                "offsets.topic.num.partitions": 4,
                "transaction.state.log.replication.factor": 1,
                "transaction.state.log.min.isr": 1,
                "transaction.state.log.num.partitions": 4,
                "default.replication.factor": 1,
                "min.insync.replicas": 1,
                # Tests join and leave all the time.
                "group.initial.rebalance.delay.ms": 0,
                "group.min.session.timeout.ms": 1000,
                # After `kill` the controller still believes in the dead broker for this long (9 s if not said).
                "broker.session.timeout.ms": 3000,
                "broker.heartbeat.interval.ms": 500,
                "log.cleaner.enable": "true",
                "log.cleaner.dedupe.buffer.size": 32 * 1024 * 1024,
                **(self._secured.settings(self.bootstrap, self._controller_port) if self._secured else {}),
                **self._config,
            }.items()
        )


def up(port: int = 0, run: Path = RUN) -> str:
    """Leaves a node running and returns its address; one that runs already is kept."""
    state = run / "standing.json"
    standing = LeftBehind.read(state)
    if standing and standing.is_running() and is_broker(standing.bootstrap):
        return standing.bootstrap
    if standing:
        standing.end(STOPPED_WITHIN_S)
    node = Kafka(run / "standing", port=port).start()
    node.leave().write(state)
    return node.bootstrap


def down(run: Path = RUN) -> bool:
    """Stops the node of `up` and forgets what it held; says whether there was one."""
    state = run / "standing.json"
    standing = LeftBehind.read(state)
    was_running = standing is not None and standing.is_running()
    if standing is not None:
        standing.end(STOPPED_WITHIN_S)
    state.unlink(missing_ok=True)
    shutil.rmtree(run / "standing", ignore_errors=True)
    return was_running


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.brokers", description=__doc__)
    parser.add_argument("do", choices=("up", "down", "status"))
    parser.add_argument("--port", type=int, default=0, help="the client port; chosen free when left out")
    asked = parser.parse_args()
    try:
        if asked.do == "up":
            print(f"export SEINHUIS_KAFKA={up(asked.port)}")
        elif asked.do == "down":
            print("Kafka is stopped" if down() else "no Kafka was running")
        else:
            standing = LeftBehind.read(RUN / "standing.json")
            if standing is None or not standing.is_running() or not is_broker(standing.bootstrap):
                print("no Kafka is running; start one with `make kafka-up`")
                return 1
            print(f"export SEINHUIS_KAFKA={standing.bootstrap}")
    except ProcessDied as fault:
        print(f"seinhuis: {fault}", file=sys.stderr)
        return fault.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
