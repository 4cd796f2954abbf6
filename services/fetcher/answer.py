"""What a feed's answer means: unchanged, a document, or something that is no feed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from services.fetcher.errors import NotAFeedError
from services.fetcher.links import with_header_links
from services.fetcher.moves import permanent_target
from services.fetcher.reader import SitemapLimits, WebPage, is_sitemap, read_feed, read_page
from services.fetcher.reader.addresses import PROTOCOL_BYTES
from services.fetcher.schedule import cache_seconds
from services.fetcher.validators import Look
from shared.http import Response
from shared.ledger.polls import FeedForPoll
from shared.records import ParsedFeed
from shared.urls import canonical_url

LAST_STATUS = 599
# Statuses that mean something of their own for a feed; the others are told by their class.
OWN_REASONS = frozenset({401, 403, 404, 410, 429})
# What a document says of its feed.
DESCRIPTION = frozenset({"title", "site_url", "language", "format"})


@dataclass(frozen=True)
class Way:
    """How a feed was reached: the address that answered, the one to which permanent redirects lead, if any, and
    whether there were redirects at all.
    """

    url: str
    moved_to: str | None = None
    redirected: bool = False


@dataclass(frozen=True)
class NotModified:
    """The feed is as it was: by its validators, or byte for byte. ``cache_seconds``: for how long that is so."""

    status: int
    document: dict[str, str | None] = field(default_factory=dict)
    way: Way | None = None
    look: Look = Look.PLAIN
    cache_seconds: int | None = None


@dataclass(frozen=True)
class Read:
    """A new document, read."""

    status: int
    feed: ParsedFeed
    document: dict[str, str | None]
    way: Way | None = None
    look: Look = Look.PLAIN


@dataclass(frozen=True)
class Unreadable:
    """No feed came. ``alternates``: feeds that the page names instead, where it is a website, which ``page`` tells
    more of. ``is_cut_sitemap``: it is one, and was asked for less than a sitemap may have.
    """

    reason: str
    detail: str
    status: int | None = None
    retry_after: float | None = None
    alternates: tuple[str, ...] = ()
    page: WebPage | None = None
    is_cut_sitemap: bool = False


PollResult = NotModified | Read | Unreadable


def read_response(
    response: Response,
    feed: FeedForPoll,
    *,
    max_entries: int,
    sitemaps: SitemapLimits = SitemapLimits(),  # noqa: B008 - frozen
) -> PollResult:
    """What a feed's answer means: unchanged, a document, or something that is no feed."""
    moved_to = permanent_target(feed.url, response.redirects, response.url)
    way = Way(response.url, moved_to, bool(response.redirects))
    fresh = cache_seconds(response.headers, feed.now)
    has_validators = feed.etag is not None or feed.last_modified is not None
    if response.is_not_modified and has_validators:
        return NotModified(response.status, way=way, look=Look.TOLD, cache_seconds=fresh)
    no_document = _no_document(response, feed)
    if no_document is not None:
        return no_document
    sha256 = hashlib.sha256(response.body).hexdigest()
    document: dict[str, str | None] = {
        "etag": response.validators.etag,
        "last_modified": response.validators.last_modified,
        "sha256": sha256,
    }
    if sha256 == feed.body_sha256:
        return NotModified(response.status, document, way, cache_seconds=fresh)
    try:
        parsed = read_feed(
            response.body,
            url=response.url,
            # With its parameters: the charset is one of them.
            content_type=response.headers.first("content-type"),
            max_entries=max_entries,
            sitemaps=sitemaps,
        )
    except NotAFeedError as error:
        page = read_page(response.body, response.url) if error.reason == "not_a_feed" else None
        alternates = usable_alternates(page.named if page else (), (feed.url, response.url))
        return Unreadable(error.reason, str(error), response.status, alternates=alternates, page=page)
    parsed = with_header_links(parsed, response.headers.get("link"), base=response.url)
    document |= {
        "title": parsed.title,
        "site_url": parsed.site_url,
        "language": parsed.language,
        "format": parsed.format,
    }
    hints = parsed.hints.model_copy(update={"cache_seconds": fresh})
    return Read(response.status, parsed.model_copy(update={"hints": hints}), document, way)


def looked_into(result: PollResult) -> PollResult:
    """``result`` as what the whole feed showed after a 304."""
    return result if isinstance(result, Unreadable) else replace(result, look=Look.CHECKED)


def _no_document(response: Response, feed: FeedForPoll) -> Unreadable | None:
    """Why the answer holds no whole document; ``None`` where it does."""
    if response.is_not_modified:
        told = f"{response.url} answered 304 to a request without conditions"
        return Unreadable("http_3xx", told, response.status)
    if response.bot_wall is not None:
        return Unreadable("bot_wall", f"{response.url} lets no robots in ({response.bot_wall})", response.status)
    if response.status > LAST_STATUS:
        return Unreadable("protocol", f"{response.url} answered {response.status}, which means nothing")
    if not response.is_success:
        own = response.status in OWN_REASONS
        reason = f"http_{response.status}" if own else f"http_{response.status // 100}xx"
        return Unreadable(reason, response.words, response.status, response.retry_after(feed.now))
    if response.closed_early:
        return Unreadable("incomplete", f"{response.url} hung up before the end of the feed", response.status)
    if response.truncated:
        # Half a feed read as a whole would look as if the other half had been withdrawn.
        size = max(1, len(response.body) // 1048576)
        told = f"{response.url} is larger than {size} MiB"
        is_cut = len(response.body) < PROTOCOL_BYTES and is_sitemap(response.body)
        return Unreadable("too_large", told, response.status, is_cut_sitemap=is_cut)
    return None


def nameless(result: Read, url: str) -> Read:
    """``result`` without what it says of itself, for a document that a redirect has brought from ``url``, and so from
    somebody else.
    """
    told = f"redirected to {url}, which lists nothing that this feed has listed: its name is not taken over"
    feed = result.feed.model_copy(update={"problems": (told, *result.feed.problems)})
    kept = {name: value for name, value in result.document.items() if name not in DESCRIPTION}
    return replace(result, feed=feed, document=kept)


def usable_alternates(named: Iterable[str], own: Iterable[str]) -> tuple[str, ...]:
    """Of the feeds that a page names those that may be polled in its place: web addresses, and none of its ``own``."""
    pages = {_key(url) for url in own}
    return tuple(url for url in named if _key(url) not in {None, *pages})


def _key(url: str) -> str | None:
    try:
        return canonical_url(url)
    except ValueError:
        return None
