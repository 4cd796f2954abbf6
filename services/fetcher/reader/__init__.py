"""Reading feeds: bytes in, a :class:`~shared.records.ParsedFeed` out, whatever they were.

====================== ================================================================================
``charset``            bytes to text
``sniff``              what a body is that is no feed
``screen``, ``facts``  one fast pass over the XML: refuses what would cost too much, cuts what is too long
``repair``             broken XML to whole XML
``xmlfeed``            RSS, RDF and Atom through feedparser, which nothing else may call
``adapter``, ``media`` what feedparser found, as the record
``jsonfeed``           JSON Feed
``sitemap``            sitemaps and their indexes: ``sitemapxml`` reads, ``addresses`` keeps, ``gzipped`` inflates
``autodiscovery``      the feeds that a web page names
``dates``, ``markup``  the feed's words to instants, safe HTML and plain text
====================== ================================================================================
"""

from services.fetcher.reader.addresses import SitemapLimits
from services.fetcher.reader.autodiscovery import WebPage, read_page
from services.fetcher.reader.read import read_feed
from services.fetcher.reader.sitemap import is_sitemap

__all__ = ["SitemapLimits", "WebPage", "is_sitemap", "read_feed", "read_page"]
