"""How the credit begins that ends a caption, out of credits.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_LABELS = tomllib.loads(Path(__file__).with_name("credits.toml").read_text(encoding="utf-8"))["labels"]
_EITHER = "|".join(f"(?:{label})" for label in _LABELS)

CREDIT = re.compile(rf"\(?\s*(?:{_EITHER})", re.IGNORECASE)
"""The beginning of words that say whose an image is."""
