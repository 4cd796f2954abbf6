"""One part of a by-line: the name in it, without what people are, where they write from or when. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.parser.byline import words as bywords
from services.parser.byline.words import UNSPACED_NAME, is_agency, key
from services.parser.text import words

NAME_LIMIT = 80
_MOST_WORDS = 7
_MOST_NAMES = 6

_KOREAN_PLACE = re.compile(r"^[가-힣]{2,4}=(?=[가-힣])")
COMMA = re.compile(r"\s*[,،]\s*")
_NUMBER = re.compile(r"(?:^|\s)[(]?\d.*$")
_EDGES = " \t.,;:،-–—|/*#·•'\"’“”„«»"
ELSEWHERE = "\x00"
"""Stands behind somebody who took the photographs."""


def is_full_name(text: str) -> bool:
    """Whether this is an agency, the staff, or several words, each a name, an initial or what stands before a name."""
    if is_agency(text) or key(text) in bywords.STAFF or UNSPACED_NAME.fullmatch(text):
        return True
    spoken = text.split()
    proper = [word for word in spoken if word[0] == word[0].upper()]
    return 2 <= len(proper) <= len(spoken) <= _MOST_NAMES and all(
        word in proper or word in bywords.PARTICLES or word.endswith(".") for word in spoken
    )


def persons(part: str) -> Iterator[str]:
    """The name in one part, and the agency that it was written for."""
    if ELSEWHERE in part:
        return
    name = tidy(part)
    for_whom = bywords.FOR_WHOM.search(name)
    if for_whom and (not for_whom.start() or is_full_name(name[: for_whom.start()])):
        if for_whom.start():
            yield name[: for_whom.start()]
        if is_agency(for_whom["house"]):
            yield for_whom["house"]
        return
    if name:
        yield name


def tidy(part: str) -> str:
    """The name in one part, or nothing."""
    text = _without_day(bywords.REST.sub("", without_by(bywords.AND_FIRST.sub("", part.strip(_EDGES)))))
    open_end = bywords.AND_LAST.search(text)
    if open_end and is_full_name(text[: open_end.start()]):
        text = text[: open_end.start()]
    if number := _NUMBER.search(text):
        text = _without_calendar(text[: number.start()])
    text = _balanced(_KOREAN_PLACE.sub("", text).strip(_EDGES)).strip(_EDGES)
    text = _without_role(" ".join(text.split()))
    whence = bywords.WHENCE.search(text)
    if whence and is_full_name(text[: whence.start()]):
        text = text[: whence.start()]
    text = _with_full_stop(text.strip(_EDGES), part)
    if not text or len(text) > NAME_LIMIT or any(character.isdigit() for character in text):
        return ""
    if len(text.split()) > _MOST_WORDS or not any(character.isalpha() for character in text):
        return ""
    known = key(text)
    if known in bywords.NOBODY or known in bywords.CALENDAR:
        return ""
    return text.title().replace("’S ", "’s ") if text.isupper() and len(text) > 5 and " " in text else text


def _with_full_stop(text: str, part: str) -> str:
    """``text`` with the full stop that its last word, an initial or abbreviation, had in ``part``."""
    last = text.rpartition(" ")[2]
    is_short = len(last) == 1 or "." in last or "".join(words(last)) in bywords.SUFFIXES
    return f"{text}." if is_short and f"{text}." in part else text


def without_by(text: str) -> str:
    """``text`` without the words that lead to the first name."""
    text = text[bywords.lead(text) :]
    opening = bywords.BY_OR_NAME.match(text)
    if not opening:
        return text
    rest = text[opening.end() :]
    is_name = rest[:1] == rest[:1].upper() and (opening[0].islower() or len(rest.split()) > 1)
    return rest if opening["colon"] or is_name or is_agency(rest) or key(rest) in bywords.STAFF else text


def _without_calendar(text: str) -> str:
    spoken = text.split()
    while spoken and key(spoken[-1]) in bywords.CALENDAR:
        spoken.pop()
    return " ".join(spoken)


def _without_day(text: str) -> str:
    """``text`` without the day that a small word ties to a whole name: Ann Lee on Monday, but not Ann Le Mai."""
    bare = _without_calendar(text)
    day = text[len(bare) :].split() if text.startswith(bare) else []
    return bare if len(day) > 1 and day[0].islower() and is_full_name(bare) else text


def _without_role(text: str) -> str:
    """``text`` without what somebody is, before or behind the name; nothing where there is no name beside it."""
    if key(text) in bywords.ROLES:
        return ""
    if eastern := (bywords.ROLE_ENDING.fullmatch(text) or bywords.ROLE_BEGINNING.fullmatch(text)):
        return eastern["name"]
    spoken = text.split()
    keys = [key(word) for word in spoken]
    roles = [index for index, word in enumerate(keys) if bywords.is_role(word)]
    if not roles:
        return text
    begin = 0
    while begin < len(keys) and (keys[begin] in bywords.KINDS or begin in roles):
        begin += 1
    end = next((role for role in roles if role >= begin), len(keys))
    while end > begin and keys[end - 1] in bywords.KINDS:
        end -= 1
    name = " ".join(spoken[begin:end])
    return name if is_full_name(name) else ""


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
