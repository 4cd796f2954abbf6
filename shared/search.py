"""Text for PostgreSQL's full-text search: which dictionary serves a language, and words where script has no spaces."""

from __future__ import annotations

import re

CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

# PostgreSQL refuses a tsvector over 1 MiB; the first 400,000 bytes are some 60,000 words.
INDEXED_BYTES = 400_000
# Han, kana and Thai run on without spaces: PostgreSQL would take a whole sentence for one word.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f々〆ー]+")


def configuration(language: str | None) -> str:
    """The text-search configuration for an ISO 639-1 code; ``simple`` where PostgreSQL has no dictionary."""
    return CONFIGURATIONS.get((language or "").lower().split("-")[0], "simple")


def indexable(text: str | None) -> str:
    """``text`` cut to what a tsvector holds, with unspaced scripts as overlapping pairs of characters."""
    cut = (text or "").encode("utf-8", "replace")[:INDEXED_BYTES].decode("utf-8", "ignore")
    return _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", cut)


def searchable(query: str) -> str:
    """A query in the syntax of ``websearch_to_tsquery`` in which unspaced runs are phrases of pairs."""
    return _UNSPACED.sub(lambda run: f' "{" ".join(_pairs(run.group()))}" ', query.replace("\x00", " "))


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
