"""The web half: sources, frontier, robots, safety, extraction. URL in, document rows out."""
