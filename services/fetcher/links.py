"""The ``Link`` header field (RFC 8288): which addresses an answer names, and as what; of a feed, its hubs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.records import ParsedFeed
from shared.urls import follow

# A header of 64 KiB is allowed; nobody names more links than these in earnest.
MOST_CHARACTERS = 16_384
MOST_LINKS = 100

_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER = re.compile(r"""\s*;\s*([!#$%&'*+.^_`|~\w-]+)?\s*(?:=\s*("(?:[^"\\]|\\.)*"?|[^\s;,"]*))?""", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")


def links(header: str | None, *, base: str) -> dict[str, list[str]]:
    """The web addresses in ``header`` by relation, relations in lower case, addresses in the header's order.

    ``base``: where the answer came from, for relative targets. Links about another resource (``anchor``) are left out;
    what is no link ends the reading.
    """
    found: dict[str, list[str]] = {}
    for target, parameters in _links((header or "")[:MOST_CHARACTERS]):
        address = follow(base, target)
        anchor = parameters.get("anchor")
        if address is None or (anchor is not None and follow(base, anchor) != base):
            continue
        for relation in parameters.get("rel", "").lower().split():
            found.setdefault(relation, []).append(address)
    return found


def with_header_links(parsed: ParsedFeed, header: str | None, *, base: str) -> ParsedFeed:
    """``parsed`` with the hubs that its answer's header names, which go before the document's (WebSub 4)."""
    named = links(header, base=base)
    if not named.get("hub"):
        return parsed
    own = next(iter(named.get("self", ())), parsed.self_url)
    return parsed.model_copy(update={"hub_urls": tuple(dict.fromkeys(named["hub"])), "self_url": own})


def _links(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    position = 0
    for _ in range(MOST_LINKS):
        target = _TARGET.match(text, position)
        if target is None:
            return
        position = target.end()
        parameters: dict[str, str] = {}
        while (match := _PARAMETER.match(text, position)) is not None:
            position = match.end()
            value = match[2] or ""
            if value.startswith('"'):
                value = _ESCAPED.sub(r"\1", value[1:].removesuffix('"'))
            # Of a repeated parameter the first counts (RFC 8288 3.3).
            parameters.setdefault((match[1] or "").lower(), value)
        yield target[1].strip(), parameters
