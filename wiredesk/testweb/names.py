"""Names of real sites as names of sites here: ``www.example.org`` becomes ``www-example-org.localhost``. Pure."""

from __future__ import annotations

import hashlib
import re

# RFC 1035, 2.3.4.
LABEL_MAX = 63
_LINKED_HOST = re.compile(
    rb"(?:<(?:[\w-]+:)?(?:link|guid)\b(?:[^<>]*?\bhref\s*=\s*[\"']|[^<>]*>\s*(?:<!\[CDATA\[)?)|\bxml:base\s*=\s*[\"'])"
    rb"\s*https?://([A-Za-z0-9.-]+)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rb"https?://([A-Za-z0-9.-]+)(?::\d+)?", re.IGNORECASE)
_DECLARES_NAMESPACE = re.compile(rb"xmlns(?::[\w.-]+)?\s*=\s*[\"']$", re.IGNORECASE)


def label(host: str) -> str:
    """One DNS label for a host name; what is too long or not ASCII keeps its difference in a digest."""
    plain = re.sub(r"[^a-z0-9-]", "-", host.lower().rstrip(".").replace(".", "-")).strip("-")
    if host.isascii() and 0 < len(plain) <= LABEL_MAX:
        return plain
    digest = hashlib.sha256(host.encode()).hexdigest()[:8]
    return f"{plain[: LABEL_MAX - 9].rstrip('-')}-{digest}"


def linked_hosts(feed: bytes) -> frozenset[str]:
    """The hosts that a feed's links lead to: of its ``link`` and ``guid`` elements, and where relative ones start."""
    return frozenset(match[1].decode("ascii").lower() for match in _LINKED_HOST.finditer(feed))


def rewrite_hosts(feed: bytes, addresses: dict[str, str]) -> bytes:
    """``feed`` with ``http(s)://HOST`` replaced for each host in ``addresses``, and every other byte kept.

    Namespaces look like addresses and are none: a feed that links to www.w3.org must stay an Atom feed.
    """

    def replaced(match: re.Match[bytes]) -> bytes:
        address = addresses.get(match[1].decode("ascii").lower())
        before = feed[max(0, match.start() - 40) : match.start()]
        return match[0] if address is None or _DECLARES_NAMESPACE.search(before) else address.encode("ascii")

    return _ADDRESS.sub(replaced, feed)
