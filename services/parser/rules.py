"""By which rule each field is decided, a sentence each, as ``wiredesk parse --explain`` tells it."""

from __future__ import annotations

from services.parser.fields import ORDERS


def _first_of(name: str, *, unless: str | None = None) -> str:
    order = ", ".join(ORDERS[name])
    return f"the first of {order}" + (f" {unless}" if unless else "")


FIELD_RULES = {
    "title": "the first h1 that JSON-LD, meta tags or the feed have too; else JSON-LD's headline, unless it stands "
    "alone against an h1 that is the page's title; else what two others agree on, or an h1 that the title confirms; "
    "without the site's name and a kicker, whole before cut short",
    "subtitle": _first_of("subtitle", unless="that repeats neither title nor summary"),
    "summary": _first_of("summary", unless="that does not repeat the title; whole before cut short"),
    "authors": "persons named by JSON-LD, else by meta tags, else by the feed, else by the visible by-line, agencies "
    "behind them; where nobody names a person whatever JSON-LD or the feed names, else an agency, else the "
    "publication",
    "section": _first_of("section", unless="that says more than News and is not the site"),
    "tags": f"all of {', '.join(ORDERS['tags'])} together; the page's general keywords only where there are none",
    "language": "the language detected in the text; what page and feed declare settles what the text leaves open, and "
    "stands alone where there is too little text",
    "published_at": "JSON-LD, else meta tags, else microdata, else what stands beside the headline, else tags that "
    "tell of the making of the file, else the feed, unless all of its entries have that date; where none of these has "
    "one the address, a labelled date, a search of the page; another witness may only make the same date more exact, "
    "unless the page was published anew; nothing more than a day ahead of the download",
    "modified_at": "the first instant that JSON-LD, meta tags, the feed or an update beside the headline names which "
    "is neither before publication nor ahead of the download",
    "source.name": _first_of("source.name", unless="without its slogan"),
    "source.country": _first_of("source.country", unless="where the site's domain agrees"),
    "source.domain": "the registered domain of the canonical address",
    "urls.canonical": _first_of(
        "urls.canonical",
        unless="on the page's own site, below its home page and not above the page; else the page's own address",
    ),
    "images": "the page's own in meta tags, JSON-LD's, those in the text that have a caption or are named by others, "
    "the feed's, each once and as large as there is; no icons, logos or portraits of authors",
    "access.free": "what the publisher says: JSON-LD's isAccessibleForFree, else the page's own marks",
    "access.ai_opt_out": "noai and the like in meta tags or headers, or a TDM reservation",
    "access.license": _first_of("access.license", unless="else what the text says"),
}
"""The order of belief of each field of the record that several witnesses speak of."""
