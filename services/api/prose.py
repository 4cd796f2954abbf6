"""How values read on a page: times, languages, links, paragraphs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

# Each language by its own name, which is how its readers look for it; others are shown by their code.
LANGUAGES = {
    "ar": "العربية",
    "bg": "Български",
    "bn": "বাংলা",
    "ca": "Català",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "eu": "Euskara",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "he": "עברית",
    "hi": "हिन्दी",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "hy": "Հայերեն",
    "id": "Indonesia",
    "is": "Íslenska",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "nb": "Norsk bokmål",
    "ne": "नेपाली",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sr": "Српски",
    "sv": "Svenska",
    "ta": "தமிழ்",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh": "中文",
}
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
_BULLET = re.compile(r"^[-•*] +(?=\S)")
_CODE = re.compile(r"`+([^`]+)`+")
LEAD_LENGTH = 320


@dataclass(frozen=True)
class Block:
    """A paragraph (one line), or a list (its items)."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """Plain text as the parser leaves it: a paragraph a line, items of a list behind a dash."""
    found: list[Block] = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            continue
        item = _BULLET.sub("", line)
        if item == line:
            found.append(Block("paragraph", (line,)))
        elif found and found[-1].kind == "list":
            found[-1] = Block("list", (*found[-1].lines, item))
        else:
            found.append(Block("list", (item,)))
    return found


def spans(text: str) -> list[tuple[str, bool]]:
    """The parts of a docstring or description, each with whether it stood between backquotes."""
    return [(part, number % 2 == 1) for number, part in enumerate(_CODE.split(text)) if part]


def lead(article: dict[str, Any]) -> str:
    """What the article is about in a few lines: its summary, else how it begins."""
    text = " ".join((article["summary"] or article["text"] or "").split())
    if len(text) <= LEAD_LENGTH:
        return text
    cut = text[:LEAD_LENGTH]
    # Scripts without spaces are cut where they are; others never within a word.
    return (cut.rpartition(" ")[0] if " " in cut[LEAD_LENGTH // 2 :] else cut).rstrip(" ,;:-") + "…"


def link(url: str | None) -> str | None:
    """``url`` where it is safe to follow: http(s) only, never ``javascript:`` or ``data:``."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname else None
    except ValueError:
        return None


def direction(language: str | None) -> str:
    """The writing direction of a language; that of the first letter where the language is unknown."""
    if language is None:
        return "auto"
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def language_name(code: str) -> str:
    """A language by its own name, or its code."""
    return LANGUAGES.get(code, code.upper())


def moment(value: str) -> str:
    """A time for a person."""
    return datetime.fromisoformat(value).strftime("%-d %b %Y, %H:%M UTC")


def day(value: str) -> str:
    """A day for a person."""
    return datetime.fromisoformat(value).strftime("%-d %b %Y")


def words(code: str | None) -> str:
    """A fixed code as words: ``too_short`` is ``too short``."""
    return (code or "").replace("_", " ")


def sentence(text: str) -> str:
    """One of our one-line messages as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def thousands(number: int) -> str:
    """12345 as 12,345."""
    return f"{number:,}"
