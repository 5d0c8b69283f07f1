"""Everything at rest: SQL rows, listening facts, vectors and artefacts. The floor that all else stands on."""
