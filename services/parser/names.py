"""Names out of a by-line, one by one, without titles, addresses or the word "by". Pure.

A conjunction parts two names only where each of them looks like a whole one: José Ortega y Gasset is one person, and
the Ministry of Food and Agriculture one office.
"""

from __future__ import annotations

import re

from services.parser.phrases import BYLINE_PREFIX, BYLINE_ROLE
from services.parser.text import plain, words

MAX_AUTHORS = 30
NAME_LIMIT = 80

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_HANDLE = re.compile(r"(?:^|\s)\(?@\w+\)?")
_ADDRESS = re.compile(r"^(?:https?:)?//|^www\.|\.(?:com|org|net)/", re.IGNORECASE)
_SPLIT = re.compile(r"\s*[;|、，•\n/]\s*")
AND = re.compile(
    r"(\s*,?\s+(?:&|(?i:and|und|et|och|og|en|ja|oraz|és|și|şi|ve|та|και)|[yиі])\s+(?=\w))",
)
"""Words that stand between names, and within the names of people and offices; single letters only in lower case, as
capitals they are initials.
"""
_PARTICLES = frozenset(
    {
        "de", "da", "do", "das", "dos", "del", "della", "di", "du", "des", "la", "le", "las", "los", "el", "al", "van",
        "von", "vom", "zu", "zum", "zur", "der", "den", "ter", "ten", "af", "av", "bin", "ibn", "ben", "bint", "y", "e",
        "i", "и", "і",
    }
)  # fmt: skip
_WHENCE = re.compile(r"\s+in\s.*")
_FOR_WHOM = re.compile(r"\s+(?:for|für|pour|para|voor)\s.*")
_MOST_NAMES = 6
_EDGES = " \t.,;:-–—|/*#·•'\""
_COMMA = re.compile(r"\s*,\s*")
_SUFFIX = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq", "ma", "msc", "rd", "dr"})
UNSPACED_NAME = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]{2,8}")
_DIGIT = re.compile(r"\d")
_AGENCIES = frozenset(
    {
        "ap", "afp", "dpa", "reuters", "apa", "sda", "ansa", "efe", "tass", "ria", "epa", "pti", "ians", "ani",
        "xinhua", "kyodo", "jiji", "upi", "bloomberg", "ritzau", "tt", "ntb", "stt", "pap", "belga", "lusa", "sid",
        "kna", "epd", "afx", "ots", "interfax", "unian", "ukrinform", "anadolu", "aa", "cnn",
    }
)  # fmt: skip
_STAFF = frozenset({"staff", "agencies", "agency", "wires", "wire", "redaktion", "agenturen", "agences", "agencias"})
# Places of several words; a single word behind the name of an agency is always taken for one.
_PLACES = frozenset(
    {
        "new york", "los angeles", "san francisco", "las vegas", "new delhi", "hong kong", "tel aviv", "abu dhabi",
        "washington dc", "washington d c", "mexico city", "buenos aires", "sao paulo", "são paulo", "rio de janeiro",
        "the hague", "den haag", "cape town", "kuala lumpur", "frankfurt am main", "united nations",
    }
)  # fmt: skip


def in_byline(value: str, *, inverted: bool = False, lone: bool = False) -> list[str]:
    """The names in a by-line.

    :param inverted: given as ``Last, First``, one to a value.
    :param lone: from a place that holds one name: a conjunction there is part of it, unless commas make it a list.
    """
    text = plain(value, limit=1_000)
    if not text or _ADDRESS.search(text):
        return []
    if inverted and text.count(",") == 1 and not _SPLIT.search(text) and len(_at_conjunctions(text)) == 1:
        last, first = _COMMA.split(text)
        return [name] if (name := _tidy(f"{first} {last}")) else []
    text = _HANDLE.sub(" ", _EMAIL.sub(" ", text))
    parts: list[str] = []
    for piece in _SPLIT.split(BYLINE_PREFIX.sub("", text)):
        is_list = not lone or len(_at_commas(piece)) > 1
        for one in _at_conjunctions(piece) if is_list else (piece,):
            parts.extend(_at_commas(one))
    return [name for part in parts[:MAX_AUTHORS] if (name := _tidy(part))]


def _at_conjunctions(piece: str) -> list[str]:
    """``piece`` without the conjunctions that stand between two full names, or before what is no name at all; the
    others belong to a name.
    """
    first, *rest = AND.split(piece)
    joined = [first]
    for conjunction, following in zip(rest[::2], rest[1::2], strict=True):
        before, after = _names_at(joined[-1])[-1:], _names_at(_FOR_WHOM.sub("", following))[:1]
        if before and after and _is_full_name(before[0]) and (_is_full_name(after[0]) or not _tidy(after[0])):
            joined.append(following)
        else:
            joined[-1] += conjunction + following
    return joined


def _names_at(piece: str) -> list[str]:
    return [part for part in _COMMA.split(BYLINE_ROLE.sub("", piece)) if part]


def _is_full_name(text: str) -> bool:
    """Whether this is an agency, the staff, or several words, each a name, an initial or what stands before a name."""
    if is_agency(text) or text.casefold() in _STAFF:
        return True
    if BYLINE_ROLE.match(f", {text}"):
        return False
    spoken = _WHENCE.sub("", text).split()
    proper = [word for word in spoken if word[0] == word[0].upper()]
    return 2 <= len(proper) <= len(spoken) <= _MOST_NAMES and all(
        word in proper or word in _PARTICLES or word.endswith(".") for word in spoken
    )


def _at_commas(piece: str) -> list[str]:
    joined: list[str] = []
    for part in _names_at(piece):
        if joined and "".join(words(part)) in _SUFFIX:
            joined[-1] = f"{joined[-1]}, {part}"
        elif not (joined and is_agency(joined[-1]) and _is_place(part)):
            joined.append(part)
    return joined


def is_agency(name: str) -> bool:
    """Whether ``name`` is a news agency's, or several such."""
    spoken = words(name)
    return bool(spoken) and all(word in _AGENCIES for word in spoken)


def _is_place(name: str) -> bool:
    """Whether this, behind the name of an agency, is where it wrote from."""
    spoken = words(name)
    is_word = len(spoken) == 1 and not is_agency(name) and not UNSPACED_NAME.fullmatch(name)
    return is_word or " ".join(spoken) in _PLACES


def _tidy(name: str) -> str:
    text = BYLINE_ROLE.sub("", BYLINE_PREFIX.sub("", name)).strip(_EDGES)
    text = _balanced(text).strip(_EDGES)
    if not text or len(text) > NAME_LIMIT or _DIGIT.search(text) or not any(character.isalpha() for character in text):
        return ""
    if len(words(text)) > 7:
        return ""
    if text.isupper() and len(text) > 5 and " " in text:
        return text.title()
    return " ".join(text.split())


def _balanced(text: str) -> str:
    """``text`` without brackets around all of it, without half a bracket at its ends and what follows one within."""
    closing = {"(": ")", "[": "]", "{": "}"}
    while text and (text[0] in ")]}" or (text[0] in closing and closing[text[0]] not in text)):
        text = text[1:].lstrip(_EDGES)
    if text and text[0] in closing and text.find(closing[text[0]]) == len(text) - 1:
        return _balanced(text[1:-1].strip(_EDGES))
    unclosed: list[int] = []
    for index, character in enumerate(text):
        if character in closing:
            unclosed.append(index)
        elif character in closing.values():
            if not unclosed or closing[text[unclosed[-1]]] != character:
                return text[: unclosed[0] if unclosed else index]
            unclosed.pop()
    return text[: unclosed[0]] if unclosed else text
