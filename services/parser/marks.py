"""trafilatura's expressions for elements by class, id and role, asked of each value once instead of by XPath.

``re:test`` calls from libxml2 into Python for every element and every pattern: to learn that a page has nothing that an
expression looks for takes two milliseconds, and a parse asks ten of them. Here an expression is read as what it wants
of each attribute, and what a value was found to be is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree
from lxml.html import HtmlElement

Finder = Callable[[HtmlElement], list[HtmlElement]]

_REMEMBERED = 4_096
"""Values of one attribute whose answer is kept: those of some thirty pages."""
_LONGEST = 500
"""Characters beyond which a value is looked at anew each time, so that what is kept stays small."""
_HEAD = re.compile(r"(\(?)\.//(\*|\w+)(?:\[(self::\w+(?: or self::\w+)*)\])?\[ ?")
_UNION = re.compile(r"\|(?=\(?\.//)")
_TAG = re.compile(r"\.//(\w+)")
_ENDS = {"": ("]", "][1]"), "(": ("])[1]",)}
_CONDITION = re.compile(
    r"re:test\((?P<tested>@[\w|@-]+), '(?P<pattern>[^']+)'(?P<caseless>, 'i')?\)"
    r"|contains\((?P<holding>@[\w|@-]+), '(?P<part>[^']+)'\)"
    r"|contains\(translate\((?P<folded>@[\w-]+), ?'(?P<from>\w+)', ?'(?P<to>\w+)'\), '(?P<folded_part>[^']+)'\)"
    r"|starts-with\((?P<beginning>@[\w|@-]+), '(?P<start>[^']+)'\)"
    r"|(?P<given>@[\w-]+)(?:='(?P<whole>[^']+)')?"
)
_LETTERED = re.compile(r"[\w -](?![?*+{])")
_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}


def finder(expression: etree.XPath) -> Finder:
    """What finds the elements that ``expression`` finds, in their order; the first alone, where it asks for no other.

    An expression that is not of this kind finds them itself.
    """
    paths = _UNION.split(" ".join(expression.path.split()))
    finders = [find for path in paths if (find := _read(path)) is not None]
    if len(finders) < len(paths):
        return expression
    return finders[0] if len(finders) == 1 else _united(finders)


def _read(path: str) -> Finder | None:
    if (plain := _TAG.fullmatch(path)) is not None:
        return lambda tree: [*tree.iterdescendants(plain.group(1))]
    head = _HEAD.match(path)
    if head is None:
        return None
    wanted: dict[tuple[str, ...], list[str]] = {}
    at = head.end()
    while (condition := _CONDITION.match(path, at)) is not None:
        attributes, pattern = _pattern(condition)
        wanted.setdefault(attributes, []).append(pattern)
        at = condition.end()
        if not path.startswith(" or ", at):
            break
        at += len(" or ")
    end = path[at:].strip()
    opening, tag, named = head.groups()
    tags = tuple(named.replace("self::", "").split(" or ")) if named else (tag,)
    answers = {names: _Answers(patterns) for names, patterns in wanted.items()}
    if wanted and end in _ENDS[opening]:
        return _finder(tags, answers, first="[1]" in end)
    if wanted and not opening and end.startswith("][") and not end.endswith("[1]"):
        # What more it wants, it is asked itself: of the few that are left.
        return _confirmed(_finder(tags, answers, first=False), etree.XPath(f"self::*{end[1:]}", namespaces=_NAMESPACES))
    return None


def _united(finders: list[Finder]) -> Finder:
    def find(tree: HtmlElement) -> list[HtmlElement]:
        found = {element for find in finders for element in find(tree)}
        return [element for element in tree.iterdescendants() if element in found] if found else []

    return find


def _confirmed(find: Finder, more: etree.XPath) -> Finder:
    return lambda tree: [element for element in find(tree) if more(element)]


class _Answers(dict[str, bool]):
    """Whether each value that was asked for matches one of several patterns."""

    def __init__(self, patterns: list[str]) -> None:
        super().__init__()
        parts = [part for pattern in patterns for part in _alternatives(pattern)]
        # Of alternatives that each begin with a letter a search looks only where one of these is.
        lettered = [part for part in parts if _LETTERED.match(part)]
        anchored = [part for part in parts if part.startswith("^")]
        others = [part for part in parts if part not in lettered and part not in anchored]
        self._searches = [re.compile("|".join(group)).search for group in (lettered, others) if group]
        if anchored:
            self._searches.insert(0, re.compile("|".join(anchored)).match)

    def __missing__(self, value: str) -> bool:
        answer = any(search(value) for search in self._searches)
        if len(value) <= _LONGEST:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[value] = answer
        return answer


def _finder(tags: tuple[str, ...], wanted: dict[tuple[str, ...], _Answers], *, first: bool) -> Finder:
    alone = {names[0]: answers for names, answers in wanted.items() if len(names) == 1}
    either = [(names, answers) for names, answers in wanted.items() if len(names) > 1]

    def is_wanted(attributes: list[tuple[str, str]]) -> bool:
        for name, value in attributes:
            if name in alone and alone[name][value]:
                return True
        return bool(either) and _has_first(attributes, either)

    def find(tree: HtmlElement) -> list[HtmlElement]:
        found: list[HtmlElement] = []
        for element in tree.iterdescendants(*tags):
            attributes = element.items()
            if attributes and is_wanted(attributes):
                found.append(element)
                if first:
                    break
        return found

    return find


def _has_first(attributes: list[tuple[str, str]], either: list[tuple[tuple[str, ...], _Answers]]) -> bool:
    """Whether the first of some attributes is wanted: of several nodes the first is the text (XPath 1.0, 4.2)."""
    for names, answers in either:
        for name, value in attributes:
            if name in names:
                if answers[value]:
                    return True
                break
    return False


def _pattern(condition: re.Match[str]) -> tuple[tuple[str, ...], str]:
    """The attributes, of which the first counts, and the regular expression of one condition."""
    told = condition.groupdict()
    if told["tested"]:
        pattern = told["pattern"]
        return _names(told["tested"]), f"(?i:{pattern})" if told["caseless"] else pattern
    if told["holding"]:
        return _names(told["holding"]), re.escape(told["part"])
    if told["folded"]:
        return _names(told["folded"]), _folded(told["folded_part"], told["from"], told["to"])
    if told["beginning"]:
        return _names(told["beginning"]), f"^{re.escape(told['start'])}"
    return _names(told["given"]), rf"^{re.escape(told['whole'])}\Z" if told["whole"] else "^"


def _names(attributes: str) -> tuple[str, ...]:
    return tuple(name.lstrip("@") for name in attributes.split("|"))


def _folded(part: str, from_: str, to: str) -> str:
    """``part`` in a text in which the letters ``from_`` are written as those ``to``."""
    folds = dict(zip(to, from_, strict=True))
    return "".join(f"[{letter}{folds[letter]}]" if letter in folds else re.escape(letter) for letter in part)


def _alternatives(pattern: str) -> Iterator[str]:
    """The parts of a regular expression between its outermost bars."""
    depth, start, bracketed = 0, 0, False
    for at, sign in enumerate(pattern):
        if bracketed or sign in "[]":
            bracketed = sign != "]"
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "|" and not depth:
            yield pattern[start:at]
            start = at + 1
    yield pattern[start:]
