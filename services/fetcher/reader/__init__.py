"""Reading feeds: bytes in, a :class:`~shared.records.ParsedFeed` out, whatever they were.

================================= ======================================================================
``charset``                       bytes to text
``sniff``                         what a body is that is no feed
``xmlfeed``                       RSS, RDF and Atom: which of two readers takes a document
``wellformed``                    the quick one: libxml2 parses, and one walk reads
``head``, ``entrywalk``, ``walk`` its walk: over the head, over an entry, and what both have in common
``names``, ``texts``              what it takes the elements and their texts for
``corrected``, ``adapter``        the other: feedparser, which nothing else may call, where it errs put right
``screen``, ``facts``             one pass before it: refuses what would cost too much, keeps the newest entries
``repair``                        broken XML to whole XML
``raw``, ``build``, ``media``     what either found, in the feed's own words, to the record
``newest``                        which entries of too many are read
``jsonfeed``                      JSON Feed
``sitemap``                       sitemaps and their indexes: ``sitemapxml`` reads, ``addresses`` keeps,
                                  ``gzipped`` inflates
``autodiscovery``                 the feeds that a web page names
``dates``, ``fields``, ``markup`` the feed's words to instants, addresses, safe HTML and plain text
================================= ======================================================================
"""

from services.fetcher.reader.addresses import SitemapLimits
from services.fetcher.reader.autodiscovery import WebPage, read_page
from services.fetcher.reader.read import read_feed
from services.fetcher.reader.sitemap import is_sitemap

__all__ = ["SitemapLimits", "WebPage", "is_sitemap", "read_feed", "read_page"]
