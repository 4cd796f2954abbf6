"""Values of schema.org nodes as plain text, dates, addresses and numbers, whatever shape they come in."""

from __future__ import annotations

import re
from typing import Any

from services.parser.text import plain

MAX_ITEMS = 4_000
_NOTHING = frozenset({"null", "undefined", "none", "nan", "[object object]"})
"""What templates print where they have nothing."""
_TRUTH = {
    "true": True, "yes": True, "1": True, "1.0": True, "false": False, "no": False, "0": False, "0.0": False,
}  # fmt: skip
_LANGUAGE_KEY = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?|@none")
_LENGTH = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", re.IGNORECASE)


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    """A value that may be one, several or none, as a list; ``@list`` and ``@set`` are lists too."""
    if value is None:
        return []
    if isinstance(value, dict) and isinstance(inner := value.get("@list", value.get("@set")), list):
        value = inner
    return value[:MAX_ITEMS] if isinstance(value, list) else [value]


def text_in(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """The first text in a value: a string, a list of them, a node with a name, a text with its language."""
    text = string_in(value)
    if text is None:
        return None
    tidy = plain(text)
    return None if not tidy or tidy.lower() in _NOTHING else tidy


def string_in(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """The same as it was written."""
    for _ in range(4):
        if isinstance(value, list):
            value = next((item for item in value[:MAX_ITEMS] if item), None)
        elif isinstance(value, dict):
            value = _inside(value)
        else:
            break
    return value if isinstance(value, str) else None


def _inside(node: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
    for key in ("@value", "name", "@list", "@set"):
        if node.get(key):
            return node[key]
    # A language map (JSON-LD 1.1, 4.2.3): {"en": "...", "de": "..."}.
    if node and all(isinstance(key, str) and _LANGUAGE_KEY.fullmatch(key) for key in node):
        return next(iter(node.values()))
    return None


def scalar(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """A string or number as text; nodes and truth values are none."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = plain(str(value), limit=100)
    return None if text.lower() in _NOTHING else text or None


def address(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """The web address in a value: a string or a node with one."""
    for _ in range(3):
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, dict):
            value = value.get("url") or value.get("@id") or value.get("contentUrl") or value.get("@value")
    text = plain(value) if isinstance(value, str) else ""
    return text if text.startswith(("http://", "https://", "/")) and len(text) <= 2_000 else None


def boolean(value: Any) -> bool | None:  # noqa: ANN401 - whatever JSON holds
    """A truth value, also spelt as text, as a number or as schema.org spells it."""
    for _ in range(3):
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, dict):
            value = value.get("@value", value.get("@id"))
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        value = str(value)
    text = re.split("[/:#]", value.strip())[-1].strip(" .'\"").lower() if isinstance(value, str) else ""
    return _TRUTH.get(text)


def language_in(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What a language node is called by."""
    if isinstance(value, dict):
        return value.get("alternateName") or value.get("name") or value.get("@value")
    return value


def pixels(value: Any) -> int | None:  # noqa: ANN401 - whatever JSON holds
    """A length in pixels, with or without its unit."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("value", value.get("@value", value.get("name")))
    if isinstance(value, str):
        match = _LENGTH.fullmatch(value)
        value = int(match.group(1)) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 < value < 100_000 else None
