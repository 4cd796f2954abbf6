"""What stands between an article's paragraphs and is not the article: found line by line and dropped. Pure.

What such lines say is written down in the language files of :mod:`services.parser.boilerplate`; what can be told
without words is found here and in :mod:`services.parser.echoes`. Each rule names itself, so that what was dropped can
be told. Headings and lists stay; a line is dropped for what it is, not for being short.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.parser.body import Kind, Line
from services.parser.boilerplate import LONGEST, RULEBOOK, Manner, Passage, Rule, plain
from services.parser.echoes import Echoes
from services.parser.garbled import bad_characters, is_noise
from services.parser.saying import said_after_label
from services.parser.text import has_sentence, word_count

OPENING = 6
"""Lines at the start in which headline, by-line and date-line are looked for."""
ENDING = 8
"""Lines at the end in which contacts, contributors and authors are."""
SHORTEST_LINK = 6
LONGEST_LINK = 300
"""Characters between which a line is looked up among the page's links."""
_LINK_WORDS = 3
_LINKED_SHARE = 0.85
_LATE = 0.7
"""The share of an article after which a heading can close it."""
_CREDIT_LIMIT = 70
_OWNER_LIMIT = 90
_STOPS = (".", "!", "?", "…", "。", "।")
_LINK_KINDS = (Kind.PARAGRAPH, Kind.ITEM, Kind.QUOTE)
_CLOSERS = (Kind.PARAGRAPH, Kind.HEADING)
_EDGES = " .:;,>»«<›‹→|-–—•*·"
_BOX = "box"
_CLOSING = ("closing", _BOX)
_PROSE = 200
"""Characters of a paragraph that no teaser has."""
_LABELS = (Manner.LABEL, Manner.HEADING)
_BULLETS = " *>»-–—•[(（【\"'·|→▶►"
_SHORT_LABEL = 80
_LABEL_WORDS = {"credit": 3, "related": 1}
"""Words of a label after which a sentence may stand, by rule."""
_COLON = re.compile(r"[:：|»–—]")


@dataclass(frozen=True)
class Surroundings:
    """What else the page says, that its lines are judged by.

    ``titles``: every form of the headline; ``authors``: the names of the by-line; ``links``: the words of every link.
    """

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dropped:
    """A line that was taken out, and the rule that did."""

    rule: str
    line: Line


@dataclass(frozen=True)
class Cleaned:
    """The lines that are left, and those that are not, in the order of the text."""

    lines: tuple[Line, ...]
    dropped: tuple[Dropped, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many lines each rule took."""
        return dict(Counter(one.rule for one in self.dropped))


def clean(lines: tuple[Line, ...], around: Surroundings) -> Cleaned:
    """Drop every line that a rule names."""
    # No rule looks at longer lines.
    short = [line.text if len(line.text) <= LONGEST else "" for line in lines]
    text = plain("\n".join(short))
    spoken = text.split("\n")
    if len(spoken) != len(lines):
        # A line of text has no line break in it; were there one, no line would be judged by another's words.
        spoken = [plain(one) for one in short]
    sought = RULEBOOK.sought_in(text)
    echoes = Echoes.of(around.titles, around.authors)
    rules = list(_judged(lines, spoken, echoes, around.links, sought.anywhere))
    rules = ["noise" if _is_damage(line.text) else rule for line, rule in zip(lines, rules, strict=True)]
    _judge_ending(lines, spoken, echoes, sought.last, rules)
    return Cleaned(
        lines=tuple(line for line, rule in zip(lines, rules, strict=True) if rule is None),
        dropped=tuple(Dropped(rule, line) for line, rule in zip(lines, rules, strict=True) if rule is not None),
    )


def is_image_credit(text: str) -> bool:
    """Whether the line only says whose an image is: ``Quelle: Gettyimages.ru © simon2579``."""
    said = plain(text).strip()
    bare = said.lstrip(_BULLETS)
    groups = (one for one in RULEBOOK.opened_by(bare) if one.rule.name == "credit")
    credited = any(_may_be(one.rule, said) and one.matches(bare) for one in groups) and said_after_label(text) is None
    return credited or _is_owner(said)


def is_link_only(text: str, links: frozenset[str]) -> bool:
    """Whether a line is little but a link to another page, three words long or longer, and no sentence."""
    # Nearly every paragraph is told by its last character.
    if not SHORTEST_LINK <= len(text) <= LONGEST_LINK or text.endswith(_STOPS) or has_sentence(text):
        return False
    key = link_key(text)
    return word_count(text) >= _LINK_WORDS and (key in links or _is_mostly_link(key, links))


def link_key(text: str) -> str:
    """The form in which the text of links and lines is compared."""
    return " ".join(text.split()).casefold().strip(_EDGES)


def _judged(
    lines: tuple[Line, ...],
    spoken: list[str],
    echoes: Echoes,
    links: frozenset[str],
    sought: tuple[Passage, ...],
) -> Iterator[str | None]:
    """The rule that takes each line, or ``None`` where it stays."""
    opening = OPENING
    late, passed = sum(len(line.text) for line in lines) * _LATE, 0
    closed: str | None = None
    for line, said in zip(lines, spoken, strict=True):
        text = said.strip()
        rule: str | None = None
        if closed == _BOX and _is_prose(line):
            # A box in the middle of the text ends where the text goes on.
            closed = None
        if closed is not None:
            rule = closed
        elif text and line.kind is not Kind.CODE:
            rule = echoes.rule(line) if opening > 0 else None
            rule = rule or _rule(text, line, links, sought, late=passed >= late)
            closed = rule if rule in _CLOSING else None
        passed += len(line.text)
        opening -= bool(line.text) and rule is None
        yield rule


def _rule(text: str, line: Line, links: frozenset[str], sought: tuple[Passage, ...], *, late: bool) -> str | None:
    bare = text.lstrip(_BULLETS)
    for group in RULEBOOK.opened_by(bare):
        rule = group.rule
        if rule.ending or (rule.manner is Manner.HEADING and not (late and line.kind in _CLOSERS)):
            continue
        if rule.manner is Manner.LABEL and line.kind is Kind.ROW:
            # What is set off by bars is a cell there: "Tag | Datum".
            continue
        if not (_may_be(rule, text) and group.matches(bare)) or (rule.manner in _LABELS and _is_sentence(bare)):
            continue
        # "Listen: it rains." may be a sentence, "Read more: How it rained." is none.
        if _is_spoken(line.text, rule, links):
            continue
        return rule.name
    if (rule_within := _rule_within(text, sought)) is not None:
        return rule_within
    if _is_owner(text):
        return "credit"
    return "links" if line.kind in _LINK_KINDS and is_link_only(line.text, links) else None


def _judge_ending(
    lines: tuple[Line, ...],
    spoken: list[str],
    echoes: Echoes,
    sought: tuple[Passage, ...],
    rules: list[str | None],
) -> None:
    """Find who wrote the article, how to reach them, and headings over nothing, from the last line upwards."""
    seen = 0
    for at in range(len(lines) - 1, len(lines) // 2, -1):
        line, text = lines[at], spoken[at].strip()
        if rules[at] is not None or not text or line.kind is Kind.CODE:
            continue
        rules[at] = "biography" if echoes.is_biography(text) else _last_rule(text, sought)
        seen += 1
        if seen == ENDING:
            break
    for at in range(len(lines) - 1, -1, -1):
        if rules[at] is None and lines[at].text:
            if lines[at].kind is not Kind.HEADING:
                break
            rules[at] = "trailing_heading"


def _last_rule(text: str, sought: tuple[Passage, ...]) -> str | None:
    bare = text.lstrip(_BULLETS)
    for group in RULEBOOK.opened_by(bare):
        if group.rule.ending and _may_be(group.rule, text) and group.matches(bare):
            return group.rule.name
    return _rule_within(text, sought)


def _rule_within(text: str, sought: tuple[Passage, ...]) -> str | None:
    for passage in sought:
        if passage.cue in text and _may_be(passage.rule, text) and passage.pattern.search(text):
            return passage.rule.name
    return None


def _is_damage(text: str) -> bool:
    return bad_characters(text) > 0 and is_noise(text)


def _is_prose(line: Line) -> bool:
    return line.kind is Kind.PARAGRAPH and len(line.text) >= _PROSE and has_sentence(line.text)


def _may_be(rule: Rule, text: str) -> bool:
    # The first word may be an abbreviation: "Fot. Anna Most".
    return len(text) <= rule.limit and (rule.sentences or not has_sentence(text.partition(" ")[2].rstrip(". ")))


def _is_spoken(line: str, rule: Rule, links: frozenset[str]) -> bool:
    """Whether what follows the label is a sentence, and none that leads to another page."""
    words = _LABEL_WORDS.get(rule.name)
    said = said_after_label(line, most=words) if words else None
    return said is not None and link_key(said) not in links


def _is_sentence(bare: str) -> bool:
    # "More from the wreck was found." is a sentence, "More: the wreck in pictures" a link.
    if not bare.endswith(".") or bare.endswith(".."):
        return False
    return len(bare) > _SHORT_LABEL or _COLON.search(bare) is None


def _is_owner(text: str) -> bool:
    """Whether a line says nothing but whose a picture is: it begins with a copyright sign, or an agency ends it."""
    if text.startswith("©"):
        return len(text) <= _CREDIT_LIMIT and not has_sentence(text.rstrip(". "))
    if len(text) > _OWNER_LIMIT:
        return False
    return any(_may_be(group.rule, text) and group.matches(text) for group in RULEBOOK.closed_by(text))


def _is_mostly_link(key: str, links: frozenset[str]) -> bool:
    """Whether a link makes up 85 % of the line: a label before it, a source after it."""
    spare = int(len(key) * (1 - _LINKED_SHARE))
    begins = [0, *(at + 1 for at, sign in enumerate(key[: spare + 1]) if sign == " ")]
    least = len(key) - spare
    ends = [len(key), *(at for at in range(len(key) - 1, least - 1, -1) if key[at] == " ")]
    return any(key[begin:end].strip(_EDGES) in links for begin in begins for end in ends if end - begin >= least)
