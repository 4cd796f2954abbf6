"""A scripted news web on loopback: what tests, the demo and measurements fetch from."""

from wiredesk.testweb.answers import Answer, Ask, Manner, document
from wiredesk.testweb.feeds import Channel, FeedKind, Item, atom, build_feed, json_feed, opml, rss, rss10
from wiredesk.testweb.hub import Hub, Subscriber
from wiredesk.testweb.log import Seen
from wiredesk.testweb.pages import ArticlePage, Furniture, article_page
from wiredesk.testweb.sitemaps import news_sitemap, sitemap, sitemap_index
from wiredesk.testweb.web import NewsWeb, Site

__all__ = [
    "Answer",
    "ArticlePage",
    "Ask",
    "Channel",
    "FeedKind",
    "Furniture",
    "Hub",
    "Item",
    "Manner",
    "NewsWeb",
    "Seen",
    "Site",
    "Subscriber",
    "article_page",
    "atom",
    "build_feed",
    "document",
    "json_feed",
    "news_sitemap",
    "opml",
    "rss",
    "rss10",
    "sitemap",
    "sitemap_index",
]
