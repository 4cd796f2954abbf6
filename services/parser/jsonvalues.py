"""Values of JSON-LD nodes as plain text, dates, addresses and numbers, whatever shape they come in."""

from __future__ import annotations

import re
from typing import Any

from services.parser.text import plain

MAX_ITEMS = 4_000


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    """A value that may be one, several or none, as a list."""
    if value is None:
        return []
    return value[:MAX_ITEMS] if isinstance(value, list) else [value]


def text_in(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """The first text in a value: a string, a list of them, or a node with a name."""
    for _ in range(3):
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, dict):
            value = value.get("@value", value.get("name"))
    return (plain(value) or None) if isinstance(value, str) else None


def scalar(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """A string or number as text; nodes and truth values are none."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return plain(str(value), limit=100) or None


def address(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """The web address in a value: a string or a node with one."""
    for _ in range(3):
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, dict):
            value = value.get("url") or value.get("@id") or value.get("contentUrl")
    text = plain(value) if isinstance(value, str) else ""
    return text if text.startswith(("http://", "https://", "/")) and len(text) <= 2_000 else None


def boolean(value: Any) -> bool | None:  # noqa: ANN401 - whatever JSON holds
    """A truth value, also spelt as text or as schema.org spells it."""
    if isinstance(value, bool):
        return value
    text = value.rsplit("/", 1)[-1].strip().lower() if isinstance(value, str) else ""
    return {"true": True, "yes": True, "false": False, "no": False}.get(text)


def language_in(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What a language node is called by."""
    if isinstance(value, dict):
        return value.get("alternateName") or value.get("name")
    return value


def pixels(value: Any) -> int | None:  # noqa: ANN401 - whatever JSON holds
    """A length in pixels, with or without its unit."""
    if isinstance(value, dict):
        value = value.get("value", value.get("@value"))
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value)
        value = int(match.group(1)) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 < value < 100_000 else None
