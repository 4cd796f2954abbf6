"""How much of a feed is asked for and read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from services.fetcher.reader import SitemapLimits
from services.fetcher.reader.addresses import PROTOCOL_BYTES
from shared.settings import Settings

SITEMAP_FORMATS = frozenset({"sitemap", "news-sitemap", "sitemap-index"})


@dataclass(frozen=True)
class ReadLimits:
    """What is read of a feed's document: so many entries, and of a sitemap what ``sitemaps`` says."""

    max_entries: int = 2000
    sitemaps: SitemapLimits = field(default_factory=SitemapLimits)

    @classmethod
    def of(cls, settings: Settings, now: datetime) -> Self:
        """As it is set."""
        since = now - timedelta(days=settings.sitemap_max_age_days)
        return cls(settings.feed_max_entries, SitemapLimits(settings.sitemap_max_entries, since))


def most_bytes(url: str, feed_format: str | None, settings: Settings) -> int:
    """The cap of what is asked for: more for what is a sitemap, or is called one."""
    path = urlsplit(url).path.lower()
    if feed_format in SITEMAP_FORMATS or "sitemap" in path or path.endswith(".xml.gz"):
        return sitemap_bytes(settings)
    return settings.feed_max_bytes


def sitemap_bytes(settings: Settings) -> int:
    """The cap of a sitemap: what the protocol allows."""
    return max(settings.feed_max_bytes, PROTOCOL_BYTES)
