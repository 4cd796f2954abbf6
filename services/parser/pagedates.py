"""When a page says that it was published and modified: its tags, what it marks up, what it prints, its address.

In the order of belief: a site's rule, JSON-LD, meta tags, microdata, what stands beside the headline, tags that a
content system fills with the making of the file, the feed; and only where none of these has a date the address, a
labelled date elsewhere on the page, and what htmldate finds. What is dear is only read where something depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from services.parser import dates, published
from services.parser.dates import Locale, address, headline, lastresort, marked, printed, tags
from services.parser.dates.marked import Marked
from services.parser.dates.printed import Printed
from services.parser.dates.statements import Statement, statements
from services.parser.published import Dated
from services.parser.reading import Reading
from services.parser.witness import Witness

ADDRESSED = "url"
"""The source of a day that stands in the page's address."""

# In these hours of UTC it is the same day from Alaska to Sydney.
_NOONS = range(9, 14)
_NEARLY_SAME = timedelta(days=2)
"""The day of an address is that of another zone, or of the evening before."""


@dataclass(frozen=True)
class Dates:
    """Both dates of an article."""

    published: Dated
    modified: Dated

    @property
    def suspect(self) -> bool:
        """Whether anything speaks against either."""
        return self.published.suspect or self.modified.suspect


def decide(read: Reading) -> Dates:
    """The dates of the page, and of the feed's entry."""
    page = _Page(read)
    date = _published(page)
    changes = (*read.modified, *page.updates)
    return Dates(date, published.modified(changes, published=date, latest=read.now))


class _Page:
    """What may have to be read, each read once, when something depends on it."""

    def __init__(self, read: Reading) -> None:
        self.read = read
        host = _host(read.url)
        self.locale: Locale = dates.locale((one.value for one in read.languages), host)
        self._shown: tuple[Printed, ...] | None = None

    @cached_property
    def headline(self) -> HtmlElement | None:
        titles = (one.value for one in self.read.titles if one.source != "h1")
        return headline.find(self.read.tree, tuple(titles))

    @cached_property
    def marked(self) -> Marked:
        return marked.read(self.read.tree)

    @cached_property
    def clocks(self) -> tuple[Witness, ...]:
        return self.marked.others if "marked" in self.__dict__ else marked.clocks(self.read.tree)

    def beside(self, *, brief: bool) -> tuple[Printed, ...]:
        """What stands beside the headline and is not called an update, the likeliest first."""
        if self._shown is None:
            self._shown = (
                ()
                if self.headline is None or self.read.too_large
                else printed.beside(self.headline, locale=self.locale, latest=self.read.now, brief=brief)
            )
        return tuple(one for one in self._shown if one.meaning != "modified")

    @property
    def updates(self) -> tuple[Witness, ...]:
        """Of what was read beside the headline, what is called an update."""
        return tuple(one.witness for one in self._shown or () if one.meaning == "modified")

    @cached_property
    def address(self) -> Statement | None:
        found = address.day(self.read.url)
        if found is None:
            return None
        day, said = found
        witness = Witness(ADDRESSED, said, iso=day.isoformat())
        moment = dates.parse(witness.iso)
        return Statement(witness, moment) if moment is not None and not moment.is_after(self.read.now) else None


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


def _published(page: _Page) -> Dated:
    read = page.read
    stated = (*read.ruled.dates, *read.published)
    first = _first(page, stated)
    if first is None or first.moment.instant is None:
        stated = (*stated, *page.marked.microdata)
        first = first or _first(page, stated)
    if first is None:
        return _without_statement(page, stated)
    changes = statements(read.modified, latest=read.now, locale=page.locale)
    if first.moment.instant is not None and not _is_open(first, changes):
        return _choose(page, stated)
    again = _reissued(page, first, changes)
    created = tags.tagged(read.tags, tags.CREATED)
    return _choose(page, (*((again,) if again else ()), *stated, *created), looks=True)


def _first(page: _Page, witnesses: tuple[Witness, ...]) -> Statement | None:
    latest = page.read.now
    said = statements(witnesses, latest=latest, locale=page.locale)
    return next((one for one in said if not one.moment.is_after(latest)), None)


def _is_open(first: Statement, changes: tuple[Statement, ...]) -> bool:
    """Whether the page itself can tell more: on which day its readers saw it, or under which date it came back."""
    said = first.moment
    in_utc = said.offset == "+00:00" and said.clock.hour not in _NOONS
    return in_utc or any(one.moment.day > said.day for one in changes)


def _choose(page: _Page, witnesses: tuple[Witness, ...], *, looks: bool = False) -> Dated:
    read = page.read
    return published.choose(
        witnesses,
        clocks=page.clocks if looks else (),
        beside=tuple(one.witness for one in page.beside(brief=True)) if looks else (),
        feed=read.feed_published,
        modified=read.modified,
        latest=read.now,
        locale=page.locale,
    )


def _reissued(page: _Page, first: Statement, changes: tuple[Statement, ...]) -> Witness | None:
    if not any(one.moment.day > first.moment.day for one in changes) or page.read.ruled.dates:
        return None
    feed = (page.read.feed_published,) if page.read.feed_published else ()
    upheld = [one.moment.day for one in statements(feed, latest=page.read.now)]
    if page.address is not None:
        upheld.append(page.address.moment.day)
    shown = next((one for one in page.beside(brief=True) if one.marked), None)
    if shown is None:
        return None
    return published.reissued(first.moment, Statement(shown.witness, shown.moment), changes, upheld=tuple(upheld))


def _without_statement(page: _Page, refused: tuple[Witness, ...]) -> Dated:
    """The date where no tag and no microdata has one."""
    read = page.read
    there = page.address
    shown = [Statement(one.witness, one.moment) for one in page.beside(brief=False)[:1]]
    shown += statements(page.marked.styled, latest=read.now, locale=page.locale)
    if there is not None:
        shown = [one for one in shown if abs(one.moment.day - there.moment.day) <= _NEARLY_SAME]
    witnesses = (*refused, *(one.witness for one in shown[:1]), *tags.tagged(read.tags, tags.CREATED))
    date = _choose(page, witnesses, looks=True)
    if date.at is not None or read.too_large:
        return date
    found = (there.witness,) if there is not None else _elsewhere(page)
    if not found:
        return date
    return published.with_candidates(published.choose(found, clocks=page.clocks, latest=read.now), date)


def _elsewhere(page: _Page) -> tuple[Witness, ...]:
    read = page.read
    one, days = printed.anywhere(read.tree, page.headline, locale=page.locale, latest=read.now)
    if one is not None:
        return (one.witness,)
    found = lastresort.search(read.tree, url=read.url, latest=read.now, days=days)
    return (found,) if found is not None else ()
