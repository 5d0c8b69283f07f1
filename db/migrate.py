"""The schema's versions: bring a database up to this program's, and refuse one that is newer."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from db import views
from db.errors import DatabaseTooNew, HomeError

HEAD = "0011"
"""The newest schema version; a test holds it to the newest file under migrations/versions."""

_FOLDER = Path(__file__).parent / "migrations"


def current(connection: Connection) -> str | None:
    """The schema version a database has; None when it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def check(engine: Engine) -> None:
    """See that the database is one of this program's version.

    Raises:
        HomeError: it holds no kinsong tables, or older ones.
        DatabaseTooNew: a newer kinsong wrote it.
    """
    with engine.connect() as connection:
        version = current(connection)
    shown = engine.url.render_as_string(hide_password=True)
    if version is None:
        raise HomeError(f"the database {shown} holds no kinsong tables: run `kinsong init`")
    if version not in known_versions():
        raise DatabaseTooNew(
            f"the database {shown} has schema version {version}, this kinsong knows up to {HEAD}: "
            "it was written by a newer kinsong; upgrade the program (there is no downgrade)"
        )
    if version != HEAD:
        raise HomeError(f"the database {shown} has schema version {version}: run `kinsong init` to bring it to {HEAD}")


def known_versions() -> set[str]:
    """Every schema version this program can read or upgrade from."""
    return {path.name.split("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py")}


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """Bring the schema to `HEAD` and make the views anew; data stay.

    Args:
        engine: of the database.
        to: an earlier version to stop at, where there are no views yet.

    Raises:
        DatabaseTooNew: a newer kinsong wrote it.
    """
    from alembic import command
    from alembic.config import Config as AlembicConfig

    with engine.connect() as connection:
        version = current(connection)
    if version is not None and version not in known_versions():
        check(engine)
    config = AlembicConfig()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        views.drop(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        if to == HEAD:
            views.create(connection)
