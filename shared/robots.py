"""robots.txt (RFC 9309): whether an address may be fetched, and which line says so. Pure.

The file is read into groups here, which also picks the one that is meant for us; protego then judges the lines of that
one group, with its wildcards, its percent-encoding and the spellings that it forgives. Given the whole file, protego
keeps every rule of a group once for each of its agents: half a megabyte of hostile text would become half a billion
rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from protego import Protego

# RFC 9309 2.5: at least so much must be read.
MAX_CHARACTERS = 500 * 1024
# With the forgiveness of protego: a line that it takes for a user agent must be taken for one here.
_USER_AGENT = re.compile(r"user[- ]?agent(?:\s*:|\s|$)(.*)", re.IGNORECASE | re.DOTALL)
# These belong to the whole file, and stand anywhere without ending a group (RFC 9309 2.2.4).
_NO_RULE = re.compile(r"(?:site-?maps?|host)(?:\s*:|\s)", re.IGNORECASE)
_SHOWN = 200
NO_RULE = "no rule matches"


@dataclass(frozen=True)
class RobotsDecision:
    """Whether an address may be fetched. ``rule`` is the line that decides, in words for a person; ``temporary`` says
    that the file could not be had now, and that the answer may be another one later.
    """

    allowed: bool
    rule: str
    temporary: bool = False


@dataclass(frozen=True)
class _Group:
    """What is meant for one robot: its name in the file's spelling, and the lines below it."""

    agent: str
    lines: tuple[str, ...]
    rules: Protego


_EVERYONE = _Group("*", (), Protego.parse(""))


@dataclass(frozen=True, eq=False)
class RobotsRules:
    """One site's robots.txt."""

    verdict: RobotsDecision | None = None
    """The answer to every question, where the file itself says nothing."""
    groups: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Names and lines of each group, in the file's order."""
    _mine: dict[str, _Group] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str, status: int) -> RobotsRules:
        """The rules in an answer to ``GET /robots.txt``, redirects followed. Never raises.

        2xx: as the text says, up to 500 KiB of it. 5xx, and what is no answer: everything is forbidden for now.
        All else means that there is no such file: everything is allowed (RFC 9309 2.3.1).
        """
        return _parse(text, status)

    def decision(self, url: str, user_agent: str) -> RobotsDecision:
        """Whether the robot whose User-Agent header starts with its product's name may fetch ``url``."""
        if self.verdict is not None:
            return self.verdict
        group = self._group(user_agent)
        try:
            allowed = group.rules.can_fetch(url, "*")
            line = _deciding_line(group.lines, url, allowed=allowed)
        except ValueError:
            return RobotsDecision(allowed=True, rule=NO_RULE)
        rule = NO_RULE if line is None else f"User-agent: {group.agent[:_SHOWN]} / {line[:_SHOWN]}"
        return RobotsDecision(allowed, rule)

    def crawl_delay(self, user_agent: str) -> float | None:
        """Seconds that the site wants between two requests of this robot; ``None`` when it does not say."""
        return self._group(user_agent).rules.crawl_delay("*")

    def excerpt(self, user_agent: str) -> str:
        """What the file says to this robot: a text that gives it the same answers, and nothing of the other robots."""
        group = self._group(user_agent)
        if group is _EVERYONE:
            return ""
        return "\n".join([f"User-agent: {group.agent[:_SHOWN]}", *group.lines, ""])

    def _group(self, user_agent: str) -> _Group:
        product = product_of(user_agent)
        if product not in self._mine:
            self._mine[product] = self._merged(product) or self._merged("*") or _EVERYONE
        return self._mine[product]

    def _merged(self, product: str) -> _Group | None:
        """All groups for ``product`` as one (RFC 9309 2.2.1)."""
        agent = None
        lines: list[str] = []
        for names, its_lines in self.groups:
            name = next((name for name in names if product_of(name) == product), None)
            if name is not None:
                agent = agent or name
                lines += its_lines
        if agent is None:
            return None
        return _Group(agent, tuple(lines), Protego.parse("\n".join(["User-agent: *", *lines])))


@lru_cache(maxsize=256)
def _parse(text: str, status: int) -> RobotsRules:
    if 200 <= status < 300:
        return RobotsRules(groups=_groups(text))
    if status >= 500 or status < 100:
        unreachable = RobotsDecision(allowed=False, rule=f"robots.txt unreachable ({status})", temporary=True)
        return RobotsRules(verdict=unreachable)
    return RobotsRules(verdict=RobotsDecision(allowed=True, rule=f"robots.txt absent ({status})"))


def _groups(text: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    if len(text) > MAX_CHARACTERS:
        # Half a line would be another rule: "/a" forbids more than "/a/b".
        text = text[: text.rfind("\n", 0, MAX_CHARACTERS) + 1]
    groups: list[tuple[list[str], list[str]]] = []
    for raw in text.removeprefix("\ufeff").splitlines():
        line = raw.partition("#")[0].strip()
        if not line or _NO_RULE.match(line):
            continue
        agent = _USER_AGENT.fullmatch(line)
        if agent is None:
            if groups:
                groups[-1][1].append(line)
            continue
        if not groups or groups[-1][1]:
            groups.append(([], []))
        if agent[1].strip():
            groups[-1][0].append(agent[1].strip())
    return tuple((tuple(names), tuple(lines)) for names, lines in groups)


def product_of(name: str) -> str:
    """The product token of a User-Agent header or line: ``Newsbot/1.0 (+https://...)`` is ``newsbot``."""
    token = name.partition("/")[0].strip().lower()
    return token.strip("*") or "*"


def _deciding_line(lines: tuple[str, ...], url: str, *, allowed: bool) -> str | None:
    """The longest line that alone gives the verdict: by RFC 9309 2.2.2 that is the one that gave it.

    Protego does not say which rule it took. A line of one rule it cannot take for another.
    """
    candidates = [line for line in lines if line[:1].lower() == ("a" if allowed else "d")]
    against = "Disallow: /" if allowed else ""
    for line in sorted(candidates, key=_length, reverse=True):
        if _alone(against, line).can_fetch(url, "*") == allowed:
            return line
    return None


def _length(line: str) -> int:
    return len(line.partition(":")[2].strip())


@lru_cache(maxsize=8192)
def _alone(against: str, line: str) -> Protego:
    return Protego.parse(f"User-agent: *\n{against}\n{line}")
