"""What every test may ask for: a broker, started once a session when the first test wants it, and names of its own.

Examples of a property are the same ones each time, so that a run says something of the change and not of chance; new
ones are looked for with `pytest --hypothesis-profile explore`. No example has to be quick: a machine may be busy.
"""

from __future__ import annotations

import gc
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from prometheus_client import generate_latest

from services.cli.broker import Embedded
from services.cli.postgres import FORGETFUL, Postgres
from tests.brokers import Kafka
from tests.databases import Databases
from tests.personal import said_in, said_on, words_in

#: A test that asks for the fixture, by its name or by a parameter of this name, bears the mark:
#: `-m "not kafka"` can never meet a test that needs Kafka.
_MARK_OF_FIXTURE = {
    "embedded": pytest.mark.broker,
    "kafka": pytest.mark.kafka,
    "browser": pytest.mark.browser,
}

settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("explore"), derandomize=True)
settings.load_profile("steady")


def pytest_configure() -> None:
    """A terminated test run ends its brokers too. What it starts hears of Ctrl-C, even where the run itself was put
    into the background by a shell, which has that ignored by everything below."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminated)


def _terminated(_number: int, _frame: object) -> None:
    pytest.exit("terminated", returncode=143)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        called = getattr(item, "callspec", None)
        asked = {*getattr(item, "fixturenames", ()), *map(str, called.params.values() if called else ())}
        for fixture, mark in _MARK_OF_FIXTURE.items():
            if fixture in asked:
                item.add_marker(mark)


def pytest_sessionfinish() -> None:
    """Whatever a forgotten object has to say, it says now: the closing line is the last line."""
    gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _measured() -> Iterator[None]:
    """No metric of what ran in this process says a word about a person. Metrics of others lie beside their logs."""
    yield
    found = list(words_in(generate_latest()))
    assert not found, f"words about persons were measured: {', '.join(found)}"


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the embedded broker: no transactions, gone with the session."""
    with Embedded(log=tmp_path_factory.mktemp("embedded") / "broker.log") as broker:
        yield broker.bootstrap
        _expect_nobody(broker.bootstrap, tmp_path_factory)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Apache Kafka shared by the session. Who stops or kills a node starts one of its own."""
    with Kafka(Path(tmp_path_factory.mktemp("kafka"))) as node:
        yield node.bootstrap
        _expect_nobody(node.bootstrap, tmp_path_factory)


def _expect_nobody(bootstrap: str, places: pytest.TempPathFactory) -> None:
    """After all tests: on no topic of theirs and in no log stands a word that they said about a person."""
    found = [*said_on(bootstrap), *said_in(places.getbasetemp())]
    assert not found, f"words about persons were kept: {', '.join(found)}"


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """A PostgreSQL shared by the session, which makes databases with all tables and nothing in them."""
    # Not below pytest's own directory: where we are root, the server runs as a user who may not enter that.
    with tempfile.TemporaryDirectory(prefix="seinhuis-postgres-") as place:
        home = Path(place)
        home.chmod(0o755)
        with Postgres(home / "data", log=home / "log", config=FORGETFUL) as server:
            yield Databases(server)


@pytest.fixture
def postgres(databases: Databases) -> Iterator[str]:
    """The address of a database of this test alone. A module that shares one asks `databases.fresh()` itself."""
    with databases.fresh() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium: the system's own, for none comes with a wheel.

    For one module, whose tests are none of them `async`: it keeps an event loop running for as long as it is there.
    """
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "tests in a browser need Chromium; `apt-get install chromium` brings it"
    with sync_playwright() as playwright:
        # Where we are root, Chromium refuses to run in its own sandbox; it sees pages of ours only.
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Makes a name no other test of any session has: `unique("casework")` → `casework-5f2c91d0`."""

    def name(word: str) -> str:
        return f"{word}-{uuid.uuid4().hex[:8]}"

    return name
