"""How the credit begins that ends a caption, out of phrases.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_PHRASES = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))
_EITHER = "|".join(f"(?:{label})" for label in _PHRASES["credits"]["labels"])

CREDIT = re.compile(rf"\(?\s*(?:{_EITHER})", re.IGNORECASE)
"""The beginning of words that say whose an image is."""
