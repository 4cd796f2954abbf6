"""The names of elements as feedparser understands them: ``title``, ``dc:creator``, whatever the document calls them."""

from __future__ import annotations

from lxml.etree import _Element as Element

from services.fetcher.reader.corrected import HANDLED, NAMESPACES

MAX_ATTRIBUTES = 50
_PREFIXES = frozenset(NAMESPACES.values()) - {""}
_XML = "http://www.w3.org/XML/1998/namespace"
# What feedparser keeps under the element's own name, and the adapter or the screening reads.
_READ = frozenset(
    {"ttl", "sy_updateperiod", "sy_updatefrequency", "feedburner_origlink", "hour", "day", "links", "tags", "authors"}
    | {"content", "summary", "published", "dc_date", "guidislink", "title_detail", "summary_detail"}
    | {"media_content", "media_thumbnail"}
)
_AUTHORS = frozenset({"author", "creator"})
# Attributes that mean something on some element that is read.
_MEANT = frozenset(
    {
        "about",
        "base",
        "domain",
        "height",
        "href",
        "ispermalink",
        "label",
        "lang",
        "lastmod",
        "medium",
        "mode",
        "rel",
        "scheme",
    }
    | {"src", "term", "text", "type", "uri", "url", "version", "width"}
)
# feedparser does something with them that reaches no record.
HARMLESS = frozenset(
    {"admin:errorreportsto", "admin:generatoragent", "cc:license", "cloud", "contributor", "copyright"}
    | {"creativecommons:license", "dc:contributor", "dc:publisher", "dc:rights", "dcterms:valid", "email"}
    | {"expirationdate", "feedburner:browserfriendly", "generator", "height", "homepage", "info", "itunes:block"}
    | {"itunes:email", "itunes:explicit", "itunes:image", "itunes:link", "itunes:name", "itunes:owner"}
    | {"itunes:subtitle", "media:license", "media:player", "media:rating", "media:restriction", "name", "rights"}
    | {"subtitle", "tagline", "uri", "url", "webmaster", "where", "width"}
)
# Of these the texts, in which the end of another element would end them.
MARKED_UP = frozenset(
    {"copyright", "dc:rights", "feedburner:browserfriendly", "info", "itunes:subtitle", "rights", "subtitle", "tagline"}
)
_PLACES = ("georss:", "gml:", "psc:")


class UnusualError(Exception):
    """The document is well-formed, but has something that only feedparser knows how to take."""


def is_handled(name: str) -> bool:
    """Whether feedparser does more with what stands under ``name`` than to keep it, or what it keeps is read."""
    plain = name.replace(":", "_")
    return plain in HANDLED or plain in _READ


def is_harmless(name: str) -> bool:
    """Whether what stands under ``name``, on its own, reaches no record."""
    if is_handled(name):
        return name in HARMLESS or name.startswith(_PLACES)
    return True


class Names:
    """What the elements of one document are called: namespaces that feedparser does not know go by their prefix."""

    def __init__(self, root: Element) -> None:
        self.known: dict[object, str] = {}
        self.prefixes: dict[str, str | None] = {}
        for prefix, uri in root.nsmap.items():
            standard = _standard(uri)
            if prefix in _PREFIXES and standard != prefix:
                if standard is not None or list(root.nsmap.values()).count(uri) > 1:
                    raise UnusualError
                self.prefixes[uri] = prefix

    def of(self, element: Element) -> str:
        """The name of ``element``.

        :raises UnusualError: where it depends on more than the element.
        """
        tag = element.tag
        known = self.known.get(tag)
        if known is not None:
            return known
        assert isinstance(tag, str)  # comments and instructions are not in the tree
        uri, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
        local = local.lower()
        standard = _standard(uri)
        if standard is not None:
            self.known[tag] = f"{standard}:{local}" if standard else local
            return self.known[tag]
        prefix = element.prefix
        found = f"{prefix.lower()}:{local}" if prefix else local
        # feedparser goes by the prefix; the screening, which finds pictures and authors, by the namespace.
        if (
            self.prefixes.setdefault(uri, prefix) != prefix
            or local in _AUTHORS
            or "search.yahoo.com/mrss" in uri.lower()
            or not (prefix == "sy" or is_harmless(found))
        ):
            raise UnusualError
        return found


def attributes_of(element: Element) -> dict[str, str]:
    """The attributes of ``element``, in lower case, as are what ``rel`` and ``type`` say.

    :raises UnusualError: for one of a foreign namespace that has the name of one that is read, or very many: lxml looks
        for the value of each among all.
    """
    found: dict[str, str] = {}
    attributes = element.attrib
    if not attributes:
        return found
    if len(attributes) > MAX_ATTRIBUTES:
        raise UnusualError
    for name, value in attributes.items():
        if name[0] == "{":
            uri, _, local = name[1:].rpartition("}")
            standard = _standard(uri)
            if standard is None and local.lower() in _MEANT:
                raise UnusualError
            name = f"{standard}:{local}" if standard else local  # noqa: PLW2901 - one attribute, two names
        lower = name.lower()
        if lower != name and lower.startswith("xmlns"):
            raise UnusualError  # feedparser takes it for a declaration all the same
        found[lower] = value.lower() if lower in ("rel", "type") else value
    return found


def _standard(uri: str) -> str | None:
    """The prefix of feedparser for a namespace, ``""`` for that of a feed; ``None`` for one that it does not know."""
    if not uri:
        return ""
    uri = uri.lower()
    return "" if "backend.userland.com/rss" in uri else NAMESPACES.get(uri)
