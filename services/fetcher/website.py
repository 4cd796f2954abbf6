"""A source that is a web page: which feed does its site have?

In this order: the feeds that the page declares, those that it links to, and at last well-known places on its origin,
the news sitemaps that its robots.txt names among them. Only what turns out to be a feed is followed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from urllib.parse import urlsplit

from services.fetcher.answer import Unreadable, usable_alternates
from services.fetcher.asking import Asker
from services.fetcher.context import SiteBusyError
from services.fetcher.errors import NotAFeedError
from services.fetcher.limits import ReadLimits, most_bytes
from services.fetcher.moves import permanent_target
from services.fetcher.reader import WebPage, read_feed
from shared.errors import FetchError
from shared.http import Response
from shared.ledger.polls import FeedForPoll
from shared.records import ParsedFeed
from shared.robots import RobotsRules
from shared.settings import Settings
from shared.urls import follow, same_site
from shared.wording import counted

# For one look at one site, redirects and robots.txt included.
MOST_REQUESTS = 8
# No request is begun later. With the page before and the last request after, each with a deadline of its own, the look
# ends within the time of its job.
LOOK_SECONDS = 30.0
MOST_NAMED = 3
MOST_LINKED = 3
# A website without a feed is asked again and again, the well-known places only at every fourth look.
GUESS_EVERY = 4
# By how often they are there: WordPress, then what generators of static sites write (Jekyll, Hexo, Hugo). Blogger's
# feeds are declared by each of its pages, so they need no guess.
FIRST_GUESSES = ("/feed", "/rss")
MORE_GUESSES = ("/feed.xml", "/rss.xml")
LAST_GUESSES = ("/atom.xml", "/index.xml")
# Where Yoast's plugin puts it; for sites whose robots.txt names none.
NEWS_SITEMAP = "/news-sitemap.xml"
MOST_SITEMAPS = 2
ROBOTS_BYTES = 512 * 1024
_SITEMAP = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news|nachrichten|aktuell|actualit|noticia|notizie|nieuws|nyheter", re.IGNORECASE)
# What may pass: that it stands where the page says is not disproved.
_PASSING = frozenset({401, 403, 408, 425, 429})


class Verdict(Enum):
    """What came of asking at one place."""

    FEED = "a feed"
    NONE = "no feed"
    UNKNOWN = "no answer"


@dataclass
class Look:
    """What was asked in one look at a site, and what came."""

    tried: list[str] = field(default_factory=list)
    found: str | None = None
    likely: str | None = None
    """A feed that the page declares and that could not be asked now."""


class _EnoughError(Exception):
    """As many requests as one look may cost were made. Never leaves this module."""


class WebsiteLook:
    """One look at a site whose page is no feed. ``clock`` counts the time that it may take."""

    def __init__(
        self,
        asker: Asker,
        settings: Settings,
        feed: FeedForPoll,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asker = asker
        self._settings = settings
        self._feed = feed
        self._clock = clock
        self._ends = clock() + LOOK_SECONDS
        self._left = MOST_REQUESTS
        self._limits = ReadLimits.of(settings, feed.now)

    def run(self, page: WebPage) -> Look:
        """Ask at one place after the other until there is a feed."""
        look = Look()
        try:
            for url in self._usable(page.named)[:MOST_NAMED]:
                verdict = self._try(look, url, may_be_empty=True, may_leave_site=True)
                if verdict is Verdict.UNKNOWN and look.likely is None:
                    look.likely = url
                if look.found:
                    return look
            if look.likely:
                return look
            for url in self._usable(page.linked)[:MOST_LINKED]:
                self._try(look, url, may_leave_site=True)
                if look.found:
                    return look
            self._guess(look, page.url)
        except _EnoughError:
            look.tried.append("no more than that at once")
        except SiteBusyError as busy:
            look.tried.append(f"no more now: {busy}")
        return look

    def _usable(self, urls: tuple[str, ...]) -> tuple[str, ...]:
        return usable_alternates(urls, (self._feed.url,))

    def _guess(self, look: Look, page_url: str) -> None:
        if int(self._feed.poll_state.get("failed_polls") or 0) % GUESS_EVERY:
            look.tried.append("well-known places were tried before")
            return
        rules, sitemaps = self._robots(page_url)
        for url in self._usable(tuple(places(page_url, sitemaps))):
            agent = self._asker.user_agent(url)
            if rules is not None and not rules.decision(url, agent).allowed:
                look.tried.append(f"{_short(url, page_url)}: forbidden by robots.txt")
            elif self._try(look, url) is Verdict.FEED:
                return

    def _robots(self, page_url: str) -> tuple[RobotsRules | None, tuple[str, ...]]:
        """The rules that a guess must keep, ``None`` for none, and the news sitemaps that are named there."""
        mode = self._asker.robots(page_url)
        if mode == "off":
            return None, ()
        parts = urlsplit(page_url)
        try:
            response = self._get(f"{parts.scheme}://{parts.netloc}/robots.txt", ROBOTS_BYTES)
        except FetchError:
            return (RobotsRules.parse("", 503) if mode == "honour" else None), ()
        text = response.body.decode("utf-8", "replace") if response.is_success else ""
        rules = RobotsRules.parse(text, response.status) if mode == "honour" else None
        return rules, news_sitemaps(text, response.url, page_url)

    def _try(self, look: Look, url: str, *, may_be_empty: bool = False, may_leave_site: bool = False) -> Verdict:
        try:
            response = self._get(url, most_bytes(url, None, self._settings))
        except FetchError as error:
            look.tried.append(f"{_short(url, self._feed.url)}: {error.reason}")
            return Verdict.UNKNOWN
        verdict, told = judge(
            response, self._limits, may_be_empty=may_be_empty, home=None if may_leave_site else self._feed.url
        )
        look.tried.append(f"{_short(url, self._feed.url)}: {told}")
        if verdict is Verdict.FEED:
            # A page that leads on to its feed only by the day is still no feed.
            look.found = next(iter(self._usable((settled(url, response),))), url)
        return verdict

    def _get(self, url: str, max_bytes: int) -> Response:
        if self._clock() >= self._ends:
            raise _EnoughError
        return self._asker.get(url, max_bytes, self._count)

    def _count(self, _url: str) -> None:
        if not self._left:
            raise _EnoughError
        self._left -= 1


def look_further(
    asker: Asker,
    settings: Settings,
    feed: FeedForPoll,
    result: Unreadable,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Unreadable:
    """``result``, which is a web page, with the feed that stands for it in ``alternates``, or with what was tried."""
    if result.page is None or not feed.may_move:
        return result
    look = WebsiteLook(asker, settings, feed, clock=clock).run(result.page)
    found = look.found or look.likely
    count = len(result.page.named)
    named = f"names {counted(count, 'feed')}" if count else "names no feed"
    tried = f"; tried {', '.join(look.tried)}" if look.tried else ""
    if found is None:
        return replace(result, alternates=(), detail=f"{result.detail}, which {named}{tried}")
    others = [url for url in (*result.page.named, *result.page.linked) if url != found]
    return replace(result, alternates=(found,), detail=_told(found, look, others))


def judge(
    response: Response, limits: ReadLimits, *, may_be_empty: bool = False, home: str | None = None
) -> tuple[Verdict, str]:
    """Whether ``response`` is a feed, in words. ``home``: whose site it must not have left."""
    if not response.is_success:
        passing = response.status in _PASSING or response.status >= 500
        return Verdict.UNKNOWN if passing else Verdict.NONE, f"http_{response.status}"
    if home is not None and not same_site(home, response.url):
        return Verdict.NONE, "leads to another site"
    if response.closed_early:
        return Verdict.UNKNOWN, "incomplete"
    if response.truncated:
        return Verdict.UNKNOWN, "too large to tell"
    try:
        feed = read_feed(
            response.body,
            url=response.url,
            content_type=response.headers.first("content-type"),
            max_entries=limits.max_entries,
            sitemaps=limits.sitemaps,
        )
    except NotAFeedError as error:
        return Verdict.NONE, error.reason
    return _worth(feed, may_be_empty=may_be_empty)


def _worth(feed: ParsedFeed, *, may_be_empty: bool) -> tuple[Verdict, str]:
    if feed.entries or may_be_empty:
        return Verdict.FEED, f"{feed.format} with {len(feed.entries)} entries"
    return Verdict.NONE, "no entries"


def settled(url: str, response: Response) -> str:
    """Where a feed asked for at ``url`` is: where the permanent redirects at the beginning have led, else there."""
    return permanent_target(url, response.redirects, response.url) or url


def places(page_url: str, sitemaps: tuple[str, ...]) -> Iterator[str]:
    """Where a feed may be that the page does not name: below the page, then on its origin."""
    folder = urlsplit(page_url).path.rpartition("/")[0]
    below = (f"{folder}/feed",) if folder else ()
    unnamed = () if sitemaps else (NEWS_SITEMAP,)
    for guess in (*below, *FIRST_GUESSES, *sitemaps, *MORE_GUESSES, *unnamed, *LAST_GUESSES):
        url = follow(page_url, guess)
        if url is not None:
            yield url


def news_sitemaps(robots_txt: str, robots_url: str, page_url: str) -> tuple[str, ...]:
    """The sitemaps of news that a robots.txt names (sitemaps.org, "Specifying the Sitemap location"), by their name.

    A site's whole archive, which is what the others mostly are, is not what somebody means by its front page.
    """
    named = (follow(robots_url, match[1]) for match in _SITEMAP.finditer(robots_txt))
    wanted = (url for url in named if url and _NEWS.search(urlsplit(url).path) and same_site(url, page_url))
    return tuple(dict.fromkeys(wanted))[:MOST_SITEMAPS]


def _told(found: str, look: Look, others: list[str]) -> str:
    asked = f", {look.tried[-1].rpartition(': ')[2]}" if look.found else ", which did not answer now"
    also = f"; also named: {', '.join(others[:10])}" if others else ""
    return f"its feed is {found}{asked}{also}"


def _short(url: str, page_url: str) -> str:
    """A place on the page's own origin by its path."""
    here, there = urlsplit(page_url), urlsplit(url)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        return url[:200]
    return url[len(f"{there.scheme}://{there.netloc}") :][:200] or "/"
