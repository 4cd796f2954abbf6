"""The article's addresses: what the page calls itself is believed only as far as it can be checked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.parser.witness import Witness, provenance
from shared.records import FieldProvenance
from shared.urls import absolute_url, canonical_url, same_site
from shared.webaddress import web_address


@dataclass(frozen=True)
class Identity:
    """``canonical``: the key the article is known by; ``final``: where the page was."""

    canonical: str | None
    final: str | None
    provenance: FieldProvenance | None


def identify(final: str | None, claims: tuple[Witness, ...]) -> Identity:
    """The canonical address among the page's ``claims`` (rel=canonical, og:url, JSON-LD), in the order of belief.

    A claim counts only on the page's own site and below its home page: else a hostile page could pass for another's
    article, and a careless template makes one article of a whole site. What does not count stays a candidate.
    """
    for claim in claims:
        resolved = absolute_url(final, claim.value) if final else claim.value
        if resolved is None or (final is not None and not same_site(final, resolved)):
            continue
        try:
            address = web_address(resolved)
            key = canonical_url(resolved)
        except ValueError:
            continue
        if address.path == "/" and not address.query:
            continue
        if final is not None and _is_section_of(key, final):
            continue
        return Identity(canonical=key, final=final, provenance=provenance(claim, claims))
    try:
        own = canonical_url(final) if final else None
    except ValueError:
        own = None
    winner = Witness("final", final) if final else None
    return Identity(canonical=own, final=final, provenance=provenance(winner, claims))


def _is_section_of(key: str, final: str) -> bool:
    """Whether a claim is only a folder above the page: ``/news`` for ``/news/2024/05/story``."""
    try:
        own = canonical_url(final)
    except ValueError:
        return False
    folder, path = key.partition("?")[0].rstrip("/"), own.partition("?")[0]
    return path.startswith(f"{folder}/") and "/" in path.removeprefix(folder).strip("/")
