"""Names out of a by-line, one by one, without titles, addresses or the word "by". Pure.

byline/words.toml has the words that by-lines have beside names, in every language. A conjunction parts two names only
where each of them looks like a whole one: José Ortega y Gasset is one person, and the Ministry of Food and Agriculture
one office.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.parser.byline import words as bywords
from services.parser.byline.persons import COMMA, ELSEWHERE, NAME_LIMIT, is_full_name, persons, tidy, without_by
from services.parser.byline.words import UNSPACED_NAME, is_agency, key
from services.parser.text import plain, words

MAX_AUTHORS = 30
_BYLINE_LIMIT = 1_000
_INITIALS = 3

_PLAIN_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]*)*(?: [^\W\d_]+(?:['’.-][^\W\d_]*)*){1,3}")
# What may not stand before an address keeps the search linear where a hostile by-line is one long word.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+")
_HANDLE = re.compile(r"(?:^|(?<=[\s(]))@\w+")
_ADDRESS = re.compile(r"\(?(?:(?:https?:)?//|\bwww\.)\S+|(?<![\w.-])[\w.-]+\.(?:com|org|net)/\S*", re.IGNORECASE)
_SPLIT = re.compile(r"\s*[;|、，•\n/]\s*|\s+·\s+")
_HANGUL_DOT = re.compile(r"(?<=[가-힣]{2})[·ㆍ](?=[가-힣]{2})")
_BRACKETS = re.compile(r"\s*[(\[（]([^()\[\]（）]{0,80})[)\]）]")
_INNER = re.compile(r"[/,&]|\s[–-]\s")
_AFTER_ASIDE = re.compile(r"\s*(?:$|[,;|/、])")


def in_byline(value: str, *, inverted: bool = False) -> list[str]:
    """The names in a by-line, in its order.

    :param inverted: given as ``Last, First``, one to a value.
    """
    text = plain(value, limit=_BYLINE_LIMIT)
    if _is_plain_name(text):
        return [text]
    if key(text) in bywords.NOBODY:
        return []
    text = " ".join(_HANDLE.sub(" ", _EMAIL.sub(" ", _ADDRESS.sub(" ", text))).split())
    if inverted and text.count(",") == 1 and not _SPLIT.search(text) and len(_at_conjunctions(text)) == 1:
        return [name] if (name := tidy(_turned(text))) else []
    names: list[str] = []
    for passage in _written(text[bywords.lead(text) :]):
        for piece in _SPLIT.split(_HANGUL_DOT.sub(", ", _BRACKETS.sub(_aside, passage))):
            names.extend(_in_piece(piece))
            if len(names) >= MAX_AUTHORS:
                return names[:MAX_AUTHORS]
    return _without_initials(names) if "/" in text else names


def _without_initials(names: list[str]) -> list[str]:
    """Without the editors' initials that agencies' reports end in: dpa/jr."""
    if not any(is_agency(name) for name in names):
        return names
    return [name for name in names if is_agency(name) or not (len(name) <= _INITIALS and name.isascii())]


def _is_plain_name(text: str) -> bool:
    """Two to four words of letters, none of which has a meaning in by-lines: most of what JSON-LD says."""
    return (
        len(text) <= NAME_LIMIT
        and _PLAIN_NAME.fullmatch(text) is not None
        and not text.isupper()
        and bywords.NOTABLE.isdisjoint(spoken := words(text))
        and not any(bywords.is_role(word) for word in spoken)
    )


def _written(text: str) -> Iterator[str]:
    """The passages of a by-line that name who wrote, without those about photographs, translation and so on."""
    begin, wrote = 0, True
    for label in bywords.LABEL.finditer(text):
        if wrote:
            yield text[begin : label.start()]
        done = [key(part) for part in _INNER.split(label["labels"] or label["dotted"])]
        wrote = any(word in bywords.TEXT for word in done) or not any(word in bywords.OTHERS for word in done)
        begin = label.end()
    if wrote:
        yield text[begin:]


def _aside(match: re.Match[str]) -> str:
    """What is left of a remark in brackets: an agency becomes a name of its own, what is no part of a name goes."""
    inner = match[1].strip()
    if others := bywords.AND_FIRST.match(inner):
        inner = inner[others.end() :]
        if is_full_name(inner) and not any(bywords.is_role(word) for word in words(inner)):
            return f", {inner}"
    parts = [part for part in _INNER.split(inner) if part.strip()]
    done = [key(part) for part in parts]
    if any(word in bywords.TEXT for word in done):
        return ""
    if any(word in bywords.OTHERS for word in done):
        return ELSEWHERE
    if agencies := [part.strip() for part in parts if is_agency(part)]:
        return f", {', '.join(agencies)}"
    is_remark = (
        not any(character.isalpha() for character in inner)
        or "/" in inner
        or key(inner) in bywords.PLACES
        or bywords.ASIDE.match(inner)
        or any(bywords.is_role(word) for word in words(inner))
        or _is_place(match, inner)
    )
    return "" if is_remark else match[0]


def _is_place(match: re.Match[str], inner: str) -> bool:
    """Whether brackets behind a whole name hold a single proper word: where, or for whom, somebody writes."""
    if not (inner[:1].isupper() and inner.replace("-", "").isalpha() and _AFTER_ASIDE.match(match.string, match.end())):
        return False
    if inner.isupper() and not match.string.isupper():
        return False  # an abbreviation of the name before it
    before = COMMA.split(match.string[: match.start()])[-1]
    return is_full_name(tidy(before))


def _in_piece(piece: str) -> Iterator[str]:
    piece = without_by(piece)
    in_one = key(piece) in bywords.STAFF
    parts = [part for one in ((piece,) if in_one else _at_conjunctions(piece)) for part in _at_commas(one)]
    if len(parts) == 2 and _is_inverted(*parts):
        parts = [f"{parts[1]} {parts[0]}"]
    for part in parts:
        yield from persons(part)


def _at_conjunctions(piece: str) -> list[str]:
    """``piece`` without the conjunctions that stand between two full names, or beside what is no name at all; the
    others belong to a name.
    """
    conjunctions = bywords.AND_IN_CAPITALS if piece.isupper() else bywords.AND
    first, *rest = conjunctions.split(piece)
    joined = [first]
    for conjunction, following in zip(rest[::2], rest[1::2], strict=True):
        before, after = _name_at(joined[-1], -1), _name_at(following, 0)
        if (before or after) and (not before or is_full_name(before)) and (not after or is_full_name(after)):
            joined.append(following)
        else:
            joined[-1] += conjunction + following
    return joined


def _name_at(piece: str, index: int) -> str:
    parts = [part for part in COMMA.split(piece) if part]
    return next(persons(parts[index]), "") if parts else ""


def _at_commas(piece: str) -> list[str]:
    joined: list[str] = []
    for part in COMMA.split(piece):
        if joined and "".join(words(part)) in bywords.SUFFIXES and not is_agency(part):
            joined[-1] = f"{joined[-1]}, {part}"
        elif part and not (joined and _is_whence(part, joined[-1])):
            joined.append(part)
    return joined


def _is_whence(part: str, before: str) -> bool:
    """Whether this is where, or for whom, the one before it wrote: a known place, or a word behind a whole name."""
    if key(part) in bywords.PLACES:
        return True
    is_word = len(part.split()) == 1 and not UNSPACED_NAME.fullmatch(part)
    return is_word and not is_agency(part) and key(part) not in bywords.STAFF and is_full_name(tidy(before))


def _is_inverted(last: str, first: str) -> bool:
    """Whether two words with a comma between them are one name the other way round."""
    pair = (last, first)
    return all(word.isalpha() and word.istitle() and not is_agency(word) for word in pair) and not any(
        key(word) in known
        for word in pair
        for known in (bywords.STAFF, bywords.NOBODY, bywords.ROLES, bywords.PLACES, bywords.CALENDAR)
    )


def _turned(text: str) -> str:
    last, first = COMMA.split(text, maxsplit=1)
    return f"{first} {last}"
