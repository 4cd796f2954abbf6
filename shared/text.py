"""Text as PostgreSQL can keep it."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel


def storable(text: str | None) -> str | None:
    """``text`` without what PostgreSQL refuses in a text column: NUL, and halves of surrogate pairs."""
    if text is None:
        return None
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def storable_json(value: BaseModel | dict[str, Any] | list[Any]) -> str:
    """``value`` as JSON that a jsonb column accepts."""
    dumped = value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value, ensure_ascii=False)
    if "\\u0000" not in dumped and "\\ud" not in dumped:
        return dumped
    return json.dumps(_clean(json.loads(dumped)), ensure_ascii=False)


def _clean(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): _clean(item) for key, item in value.items()}
    return value
