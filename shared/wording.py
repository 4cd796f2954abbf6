"""How figures, and what others say, read in a sentence."""

from __future__ import annotations


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun: ``1 entry``, ``2,000 entries``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def one_line(said: object, *, most: int = 200) -> str:
    """What an error or a server says without its line breaks, and no more than ``most`` characters of it."""
    return " ".join(str(said).split())[:most]
