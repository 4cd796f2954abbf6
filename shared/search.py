"""Text for PostgreSQL's full-text search: which dictionary serves a language, and words where script has no spaces."""

from __future__ import annotations

import re
import unicodedata

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

# PostgreSQL refuses a tsvector over 1 MiB with an error, and needs up to 3 bytes for each byte of text (hyphenated
# words and host names are kept whole and in parts). Title, summary and text share one: together less than 330,000.
TITLE_BYTES = 10_000
SUMMARY_BYTES = 20_000
TEXT_BYTES = 300_000
INDEXED_BYTES = 110_000

# Han, kana, Thai, Lao, Burmese and Khmer run on without spaces: PostgreSQL would take a whole sentence for one word.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{_HAN}\u3005-\u3007\u3040-\u30ff\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff]+")
_ONE_HAN = re.compile(f"[{_HAN}]")
# A phrase in quotes, closed or not, or a word; each perhaps with the minus that excludes it.
_TERM = re.compile(r'(-?)"([^"]*)"?|([^\s"]+)')
# Outside of quotes these would be operators where a word is expected, which need not be balanced.
_OPERATORS = str.maketrans("!&|()\x00", "      ")


def configuration(language: str | None) -> str:
    """The text-search configuration for an ISO 639-1 code; ``simple`` where PostgreSQL has no dictionary."""
    return CONFIGURATIONS.get((language or "").lower().split("-")[0], "simple")


def indexable(text: str | None, *, most: int = INDEXED_BYTES) -> str:
    """``text`` for ``to_tsvector``, cut to ``most`` bytes of UTF-8.

    Unspaced scripts become overlapping pairs of characters, so that any two characters that follow one another are
    found; each Han character, which may be a word by itself, stands once more at the end.
    """
    plain = unicodedata.normalize("NFKC", (text or "")[:most])
    spaced = _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", plain)
    characters = " ".join(dict.fromkeys(_ONE_HAN.findall(plain)))
    kept = _cut(spaced, most - len(characters.encode("utf-8", "replace")) - 1) if characters else _cut(spaced, most)
    return f"{kept} {characters}" if characters else kept


def searchable(query: str) -> str:
    """A person's words in the part of the syntax of ``websearch_to_tsquery`` that it never refuses.

    Words, ``"a phrase"``, ``or``, ``-not``. A minus counts directly before a word only: PostgreSQL takes every one for
    a negation, nests them, and gives up on the 33rd.
    """
    plain = unicodedata.normalize("NFKC", query).translate(_OPERATORS)
    terms = (_term(*match.groups(default="")) for match in _TERM.finditer(plain))
    return " ".join(term for term in terms if term)


def _term(minus: str, phrase: str, word: str) -> str:
    bare = word.lstrip("-")
    if word:
        minus = "-" if len(word) - len(bare) == 1 else ""
    words = _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", phrase or bare).strip()
    if not any(character.isalnum() for character in words):
        return ""
    return f'{minus}"{words}"' if phrase or " " in words else minus + words


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8", "replace")[: max(most, 0)].decode("utf-8", "ignore")
