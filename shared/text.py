"""Text as PostgreSQL can keep it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

# PostgreSQL refuses a B-tree entry over 2,704 bytes.
KEY_BYTES = 2048
DETAIL_CHARACTERS = 1000
# The escapes of NUL and of surrogates, halves or pairs; a backslash before them may make them plain text.
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def storable(text: str | None) -> str | None:
    """``text`` without what PostgreSQL refuses in a text column: NUL, and halves of surrogate pairs."""
    if text is None:
        return None
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def storable_key(text: str) -> str:
    """``text`` as an indexed column accepts it: one longer than 2,048 bytes is cut and ends in its digest."""
    clean = text.replace("\x00", "").encode("utf-8", "replace")
    if len(clean) <= KEY_BYTES:
        return clean.decode()
    digest = hashlib.sha256(clean).hexdigest()
    return f"{clean[: KEY_BYTES - 80].decode('utf-8', 'ignore')}…{digest}"


def storable_detail(text: str | None) -> str | None:
    """A sentence for a person, at most 1,000 characters: what a hostile page says must not fill the ledger."""
    clean = storable(text)
    if clean is None or len(clean) <= DETAIL_CHARACTERS:
        return clean
    return f"{clean[: DETAIL_CHARACTERS - 1]}…"


def storable_json(value: BaseModel | dict[str, Any] | list[Any]) -> str:
    """``value`` as JSON that a jsonb column accepts."""
    try:
        dumped = value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value)
    except PydanticSerializationError:
        # A record may hold half a surrogate pair, which pydantic lets in and not out.
        assert isinstance(value, BaseModel)
        dumped = json.dumps(value.model_dump(mode="json"))
    if _SUSPECT_ESCAPE.search(dumped) is None:
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
