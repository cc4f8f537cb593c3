"""Brings the tables of a database up to date: once, however many processes ask for it at the same moment."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, pool, text

from services.database.engine import url_of

MIGRATIONS = Path(__file__).with_name("migrations")
#: Whoever migrates holds this lock of the database; another waits, and then finds nothing to do.
_LOCK = 5_117_001


def migrate(url: str, to: str = "head") -> tuple[str | None, str | None]:
    """Runs what is missing, all of it or nothing; returns the version before and after. Doing it twice is no fault."""
    engine = create_engine(url_of(url), poolclass=pool.NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            before = version_of(connection)
            config = _config(connection)
            if to == "base" or to.startswith("-"):
                command.downgrade(config, to)
            else:
                command.upgrade(config, to)
            return before, version_of(connection)
    finally:
        engine.dispose()


def version_of(connection: Connection) -> str | None:
    """The version the tables have, or nothing where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
