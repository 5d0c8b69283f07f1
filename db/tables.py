"""Every table. One is known only once its module was imported: whoever goes through all of them comes here."""

from __future__ import annotations

import db.catalog
import db.results
import db.web  # noqa: F401  they declare their tables
from db.base import Base

METADATA = Base.metadata
"""All tables; `METADATA.sorted_tables` has each after those that it refers to."""
