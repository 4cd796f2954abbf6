"""What an operator has set for single sites and hosts: the TOML file that ``WIREDESK_SITES_FILE`` names.

A table is named for a domain and covers everything below it. Where no other table covers it, its own name is a site's:
all that is below shares one budget, even where the public suffix list calls every sub-domain a site (``tumblr.com``,
``wordpress.com``), and so do the domains of ``also``. Any other table is for a host within a site: its interval and
concurrency hold in addition to the site's. A table with nothing but rules for the parser (:mod:`shared.parserules`)
says nothing about budgets.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from publicsuffixlist import PublicSuffixList

from shared.errors import ConfigurationError
from shared.parserules import ParseRule, in_force, read_rules
from shared.sitechecks import CHECKS, RobotsMode
from shared.urls import site_of
from shared.webaddress import plain_host, web_address


@dataclass(frozen=True)
class SiteRule:
    """What one table says; ``None`` where it says nothing."""

    interval_seconds: float | None = None
    concurrency: int | None = None
    user_agent: str | None = None
    robots: RobotsMode | None = None

    @property
    def limits(self) -> bool:
        """Whether it says anything about how much may be asked."""
        return self.interval_seconds is not None or self.concurrency is not None


@dataclass(frozen=True)
class SiteRules:
    """The tables by the site or host that they are for, the further domains of sites (``budgets``), and by site or host
    what the parser is told about its pages.
    """

    sites: Mapping[str, SiteRule] = field(default_factory=dict)
    hosts: Mapping[str, SiteRule] = field(default_factory=dict)
    budgets: Mapping[str, str] = field(default_factory=dict)
    parsing: Mapping[str, tuple[ParseRule, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None) -> SiteRules:
        """The rules in the file at ``path``; none without a file.

        :raises ConfigurationError: in one line with file, table and key.
        """
        if path is None:
            return cls()
        try:
            text = path.read_text("utf-8")
            tables = tomllib.loads(text)
        except OSError as error:
            raise _wrong(path, f"cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise _wrong(path, f"is no TOML: {error}") from None
        except RecursionError:
            raise _wrong(path, "is no TOML: nested too deep") from None
        return _Reader(path).read(tables)

    def budget_of(self, site: str) -> str:
        """The site whose budget the requests of ``site`` count against: nearly always itself."""
        if not self.budgets:
            return site
        return next((self.budgets[name] for name in _upwards(site) if name in self.budgets), site)

    def for_site(self, budget: str) -> SiteRule:
        """What is set for a site as a whole."""
        return self.sites.get(budget, _NOTHING)

    def host_of(self, url: str) -> str | None:
        """The table for a host within its site that ``url`` falls under, where that one says how much may be asked."""
        return next((name for name in self._hosts(url) if self.hosts[name].limits), None)

    def user_agent(self, url: str) -> str | None:
        """The User-Agent that is set for the host of ``url``, or else for its site."""
        return next((rule.user_agent for rule in self._rules(url) if rule.user_agent is not None), None)

    def robots(self, url: str) -> RobotsMode | None:
        """What is set about robots.txt for the host of ``url``, or else for its site."""
        return next((rule.robots for rule in self._rules(url) if rule.robots is not None), None)

    def parse_rule(self, url: str | None, at: datetime | None) -> ParseRule | None:
        """What the parser is told about a page at ``url`` that was fetched at ``at``, by the nearest table that has a
        rule for that day.
        """
        if url is None:
            return None
        found = (in_force(self.parsing[name], at) for name in _covering(url, self.parsing))
        return next((rule for rule in found if rule is not None), None)

    def _rules(self, url: str) -> Iterator[SiteRule]:
        if self.sites or self.hosts:
            yield from (self.hosts[name] for name in self._hosts(url))
            yield self.for_site(self.budget_of(site_of(url)))

    def _hosts(self, url: str) -> Iterator[str]:
        """The host tables that cover ``url``, the nearest first."""
        return _covering(url, self.hosts)


_NOTHING = SiteRule()


class _Reader:
    """Turns a file's tables into rules, or says in one line what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, tables: Mapping[str, Any]) -> SiteRules:
        rules: dict[str, SiteRule] = {}
        also: dict[str, tuple[str, ...]] = {}
        parsing: dict[str, tuple[ParseRule, ...]] = {}
        for name, table in tables.items():
            if not isinstance(table, dict):
                raise _wrong(self._path, f"{name}: stands outside of a table, which begins with a domain in quotes")
            domain = self._domain(name, f"[{_quoted(name)}]")
            if domain in rules or domain in parsing:
                raise _wrong(self._path, f"[{_quoted(name)}]: {domain} has a table already")
            if "parse" in table:
                parsing[domain] = self._parsing(name, domain, table["parse"])
            if table.keys() != {"parse"}:
                rules[domain], also[domain] = self._rule(name, table)
        return replace(self._sorted(rules, also), parsing=parsing)

    def _parsing(self, name: str, domain: str, tables: object) -> tuple[ParseRule, ...]:
        try:
            return read_rules(domain, tables)
        except ValueError as error:
            raise _wrong(self._path, f"[[{_quoted(name)}.parse]] {error}") from None

    def _sorted(self, rules: Mapping[str, SiteRule], also: Mapping[str, tuple[str, ...]]) -> SiteRules:
        budgets: dict[str, str] = {}
        for name, others in also.items():
            for other in others:
                if other in rules or other in budgets:
                    raise _wrong(self._path, f"[{_quoted(name)}] also: {other} is in another table already")
                budgets[other] = name
        hosts = {name for name in rules if _own_site(name) != name}
        covering = (rules.keys() - hosts) | budgets.keys()
        hosts |= {name for name in rules if any(above in covering for above in list(_upwards(name))[1:])}
        if with_more := next((name for name in sorted(hosts) if also[name]), None):
            raise _wrong(self._path, f"[{_quoted(with_more)}] also: this is a host within a site, not a site")
        sites = {name: rule for name, rule in rules.items() if name not in hosts}
        return SiteRules(
            sites=sites,
            hosts={name: rules[name] for name in hosts},
            budgets={**budgets, **{name: name for name in sites}},
        )

    def _rule(self, name: str, table: Mapping[str, Any]) -> tuple[SiteRule, tuple[str, ...]]:
        values: dict[str, Any] = {}
        also: tuple[str, ...] = ()
        for key, value in table.items():
            where = f"[{_quoted(name)}] {key}"
            if key == "parse":
                continue
            if isinstance(value, dict):
                raise _wrong(self._path, f"{where}: a table's name stands in quotes: [{_quoted(f'{name}.{key}')}]")
            if key == "also":
                also = self._domains(where, value)
            elif key not in CHECKS:
                known = ", ".join([*CHECKS, "also", "parse"])
                raise _wrong(self._path, f"{where}: unknown, there are {known}")
            elif (objection := CHECKS[key](value)) is not None:
                raise _wrong(self._path, f"{where}: {objection} (got {value!r})")
            else:
                values[key] = value
        return SiteRule(**values), also

    def _domains(self, where: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _wrong(self._path, f"{where}: must be a list of domains (got {value!r})")
        return tuple(self._domain(item, where) for item in value)

    def _domain(self, name: str, where: str) -> str:
        try:
            domain = plain_host(f"[{name}]" if ":" in name and "[" not in name else name.strip())
        except ValueError as error:
            raise _wrong(self._path, f"{where}: {name!r} is {error}") from None
        if _registries().publicsuffix(domain) == domain:
            raise _wrong(self._path, f"{where}: {domain} is a public suffix, under which anybody has a site")
        return domain


@lru_cache(maxsize=1)
def _registries() -> PublicSuffixList:
    """Without the private section: a platform whose sub-domains count as sites may be one to whoever sets a rule."""
    return PublicSuffixList(only_icann=True, accept_unknown=False)


def _own_site(host: str) -> str:
    return site_of(f"http://[{host}]" if ":" in host else f"http://{host}")


def _upwards(host: str) -> Iterator[str]:
    """``host``, and each domain above it; an IPv4 address only matches itself, whatever this makes of it."""
    while host:
        yield host
        host = host.partition(".")[2]


def _covering(url: str, names: Mapping[str, object]) -> Iterator[str]:
    """Those of ``names`` that cover ``url``, the nearest first."""
    if not names:
        return
    try:
        host = web_address(url).host
    except ValueError:
        return
    yield from (name for name in _upwards(host) if name in names)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _wrong(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(f"WIREDESK_SITES_FILE: {path}: {' '.join(what.split())}")
