"""`python -m kinsong`."""

from __future__ import annotations

from kinsong.cli import main

if __name__ == "__main__":
    main()
