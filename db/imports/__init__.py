"""Imports: one reader per file format; a path in, one batch of facts and its rejected rows out."""

from __future__ import annotations

from db.imports.batches import list_batches, undo
from db.imports.forget import ForgetReport, forget
from db.imports.run import KINDS, ImportReport, files_of, import_file, import_files

__all__ = [
    "KINDS", "ForgetReport", "ImportReport", "files_of", "forget", "import_file", "import_files", "list_batches",
    "undo",
]  # fmt: skip
