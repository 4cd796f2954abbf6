"""``wiredesk`` and ``python -m wiredesk``."""

from __future__ import annotations

from wiredesk.cli.main import main

if __name__ == "__main__":
    main()
