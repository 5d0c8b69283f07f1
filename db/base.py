"""What all tables and settings share: the declarative base, column types, the base of every Config."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

FloatMatrix = NDArray[np.float32]
"""float32, C order, (rows, dim)."""
IdVector = NDArray[np.int64]
"""int64, (n,): database ids."""


class Config(BaseModel):
    """Base of every settings section: frozen, no unknown keys, each field described by the docstring under it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class UtcTime(TypeDecorator[datetime]):
    """A time zone aware UTC datetime, on databases that keep zones and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store the rest as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give every time its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
ByteText = String().with_variant(String(collation="C"), "postgresql")
"""Text compared byte by byte on every database, so that order never depends on a locale."""

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""Table option: an id that was given once is never given again (PostgreSQL's sequences do so anyway)."""

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
BigInt = Annotated[int, mapped_column(BigId)]


class Base(DeclarativeBase):
    """Base of all tables, with a naming convention so that migrations can name every constraint."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: ByteText, datetime: UtcTime}  # noqa: RUF012  SQLAlchemy reads it from the class


def now() -> datetime:
    """The current time, UTC."""
    return datetime.now(UTC)
