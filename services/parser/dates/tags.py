"""Meta tags with dates."""

from __future__ import annotations

from services.parser.meta import MetaTags
from services.parser.witness import Witness

# Names of meta tags that mean publication, in the order of how often they are right.
PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "bt:pubdate", "cxenseparse:recs:publishtime", "article:published_date",
    "article.published", "mediator_published_time", "vr:published_time", "rnews:datepublished", "rbpubdate",
    "originalpublicationdate", "article_date_original", "displaydate", "publication_date", "publish_date",
    "publish-date", "publishdate", "published_date", "published-date", "date_published", "published_time", "pubdate",
    "pub_date", "pdate", "ptime", "citation_publication_date", "citation_date", "dc.date.issued", "dc.date.published",
    "dcterms.issued", "dc.issued",
)  # fmt: skip
# Those that tell of the making or the last change of a file as often.
CREATED = (
    "dcterms.created", "dc.date.created", "dc.created", "dc.date", "dcterms.date", "datecreated", "date_created",
    "date",
)  # fmt: skip
MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "og:modified_time", "datemodified",
    "article:modified", "article:updated_time", "dcterms.modified", "dc.date.modified", "dc.modified", "bt:moddate",
    "modified_time", "updated_time", "last-modified", "lastmod",
)  # fmt: skip


def tagged(tags: MetaTags, names: tuple[str, ...]) -> tuple[Witness, ...]:
    """What the meta tags called ``names`` say, in the order of ``names``."""
    return tuple(Witness(name, tags.values[name][0]) for name in names if name in tags.values)
