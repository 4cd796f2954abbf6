"""The words of words.toml, made ready for looking up: what by-lines have beside names."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from services.parser.text import words

LANGUAGES = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
_NAMES, _AGENCIES, _PLACES = LANGUAGES.pop("names"), LANGUAGES.pop("agencies"), LANGUAGES.pop("places")

_ACCENT = re.compile("[\u0300-\u036f]")
_EAST = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
UNSPACED_NAME = re.compile(f"[{_EAST}]{{2,8}}")
"""A name in a script that has no spaces between family and given name."""


def key(text: str) -> str:
    """``text`` as the sets below have it: its words without case."""
    return " ".join(words(text))


def without_accents(text: str) -> str:
    """:func:`key` of ``text`` in plain letters; marks that are letters of their own in other scripts stay."""
    known = key(text)
    return known if known.isascii() else _ACCENT.sub("", unicodedata.normalize("NFKD", known))


def _every(kind: str) -> tuple[str, ...]:
    found = (word for language in LANGUAGES.values() for word in language.get(kind, ()))
    return tuple(sorted(dict.fromkeys(found), key=len, reverse=True))


def _keys(kind: str) -> frozenset[str]:
    return frozenset(key(word) for word in _every(kind))


def _either(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases) or r"(?!)"


_BY, _BY_OR_NAME, _TEXT, _OTHERS, _AND = (_every(kind) for kind in ("by", "by_or_name", "text", "others", "and"))
_labels = _either(sorted({*_TEXT, *_OTHERS}, key=len, reverse=True))
_dotted = _either(word for word in (*_TEXT, *_OTHERS) if word.endswith("."))
_joint = _either(word for word in _AND if " " not in word)
_short_by = _either(word for word in (*_BY, *_BY_OR_NAME) if " " not in word)

_LEAD = re.compile(rf"^\W*(?:{_either(_BY)})(?:\.?\s*[:：/]\s*|\.?\s+)", re.IGNORECASE)
BY_OR_NAME = re.compile(rf"^\W*(?:{_either(_BY_OR_NAME)})(?:\s*(?P<colon>[:：])\s*|\s+)", re.IGNORECASE)
LABEL = re.compile(
    rf"(?<![^\s,;|/(·•–—.&])(?:"
    rf"(?P<labels>(?:{_labels})(?:\s*(?:/|&|・|\b(?:{_joint})\b)\s*(?:{_labels}))*)"
    rf"(?:\s*[:：]\s*|\s+(?:{_short_by})(?:\s*[:：]\s*|\s+)|(?<=[{_EAST}])(?:\s*[/／=]\s*|\s+))"
    rf"|(?P<dotted>{_dotted})\s*)",
    re.IGNORECASE,
)
"""What somebody did, and what stands between that and the name."""
_spaced_and = [word for word in _AND if not re.search(f"[{_EAST}]", word)]
AND = re.compile(
    rf"(\s*,?\s+(?:[&–—-]|{_either(_spaced_and)})\s+(?=\w)|(?<=[^\W\d_])&(?=[^\W\d_])"
    rf"|(?<=[{_EAST}]{{2}})(?:{_either(word for word in _AND if word not in _spaced_and)})(?=[{_EAST}]{{2,4}}$))"
)
_capitals = _either(word.upper() for word in _spaced_and if len(word) > 1)
AND_IN_CAPITALS = re.compile(rf"(\s*,?\s+(?:[&–—-]|{_capitals})\s+(?=\w))")
AND_FIRST = re.compile(rf"^(?:&|{_either(_spaced_and)})\s+")
AND_LAST = re.compile(rf"(?<!&)\s+(?:&|{_either(_spaced_and)})$")
REST = re.compile(rf"(?:^|[\s,;|(–—-])(?:{_either(_every('rest'))})(?!\w).*$", re.IGNORECASE)
WHENCE = re.compile(rf"\s+(?:{_either(_every('whence'))})\s+(?=[^\W\d_a-zß-öø-ÿ]).*$")
FOR_WHOM = re.compile(rf"(?:^|\s+)(?:{_either(_every('for_whom'))})\s+(?P<house>.*)$")
ASIDE = re.compile(rf"^(?:{_either(_every('whence'))})\s", re.IGNORECASE)

TEXT, OTHERS = _keys("text"), _keys("others")
ROLES, KINDS = _keys("roles"), _keys("kinds")
STAFF, NOBODY, CALENDAR = _keys("staff"), _keys("nobody"), _keys("calendar")
PARTICLES = frozenset(_NAMES["particles"])
SUFFIXES = frozenset(_NAMES["suffixes"])
HONORIFICS = frozenset(_NAMES["honorifics"])
AGENCY_CODES = frozenset(key(code) for code in _AGENCIES["codes"])
AGENCY_NAMES = frozenset(key(name) for name in _AGENCIES["names"])
PLACES = frozenset(key(name) for name in _PLACES["names"])

_MIN_ENDING = 6
_LONGEST_FIRST_WORD = 40
_endings = frozenset(role for role in ROLES if len(role) >= _MIN_ENDING)
_lengths = sorted({len(role) for role in _endings})
_eastern_roles = _either(word for word in _every("roles") if re.match(f"[{_EAST}]", word))
ROLE_ENDING = re.compile(f"(?P<name>[{_EAST}]{{2,8}}?)(?:{_eastern_roles})")
ROLE_BEGINNING = re.compile(f"(?:{_eastern_roles})(?P<name>[{_EAST}]{{2,4}})")

_leading = frozenset(next(iter(words(phrase))) for phrase in _BY)

NOTABLE = frozenset(
    word
    for kind in ("by", "by_or_name", "text", "others", "and", "roles", "staff", "nobody", "whence", "for_whom", "rest")
    for phrase in _every(kind)
    for word in words(phrase)
)
"""Every word that has a meaning here: a name without any of them is a name."""


def lead(text: str) -> int:
    """How many characters at the beginning of ``text`` only lead to the first name: those of "by" and the like.

    The first word is looked up before the expression of three hundred phrases is asked: it costs a tenth.
    """
    first = next(iter(words(text[:_LONGEST_FIRST_WORD])), "")
    opening = _LEAD.match(text) if first in _leading else None
    return opening.end() if opening else 0


def is_role(word: str) -> bool:
    """Whether one word, as :func:`key` gives it, is what people are."""
    if word in ROLES:
        return True
    return any(word[-length:] in _endings for length in _lengths if length < len(word))


def is_agency(name: str) -> bool:
    """Whether ``name`` is a news agency's, or several such."""
    known = key(name)
    if known in AGENCY_NAMES or known.removeprefix("the ") in AGENCY_NAMES or known in AGENCY_CODES:
        return True
    return bool(known) and all(word in AGENCY_CODES for word in known.split())


@lru_cache(maxsize=1_024)
def letters_of_house(name: str) -> tuple[str, ...]:
    """The letters of a publication's name, without case, with and without article; of a domain's, also those before
    its first dot.
    """
    spoken = words(name)
    label = words(name.partition(".")[0]) if "." in name and " " not in name else ()
    return ("".join(spoken), "".join(word for word in spoken if word != "the"), *label)
