"""One importer per file format: a path in, rows and rejects out."""
