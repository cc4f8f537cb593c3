"""A broker and a database of one's own, for what runs from the command line and not as a test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from services.cli.broker import Embedded
from services.cli.postgres import FORGETFUL, Postgres
from tests.databases import Databases


class Around(NamedTuple):
    """A directory that is gone afterwards, the broker's address, and that of a database with all tables."""

    place: Path
    bootstrap: str
    database: str


@contextmanager
def around(name: str) -> Iterator[Around]:
    """Both, below a directory of this name."""
    with tempfile.TemporaryDirectory(prefix=f"seinhuis-{name}-") as home:
        place = Path(home)
        # Where we are root, the server runs as a user who has to enter it.
        place.chmod(0o755)
        with (
            Embedded(log=place / "broker.log") as broker,
            Postgres(place / "data", log=place / "postgres.log", config=FORGETFUL) as server,
            Databases(server).fresh() as database,
        ):
            yield Around(place, broker.bootstrap, database)
