"""A page of the page store parsed: with its address, headers and feed entry, and what the store knows beside them."""

from __future__ import annotations

from services.parser.assemble import examine
from services.parser.decisions import Examined, Watch, unwatched
from services.parser.quality import with_flag
from shared.pagestore import StoredPage
from shared.records import Article, Rejection
from shared.siterules import SiteRules


def examine_stored(
    page: StoredPage, *, key: str | None, rules: SiteRules | None = None, watch: Watch = unwatched
) -> Examined:
    """What the parser finds in a stored page, with what it was decided by. ``key``: where it is in the store."""
    metadata = page.metadata
    found = examine(
        page.body,
        url=metadata.final_url,
        headers=page.header_map,
        entry=metadata.hints,
        now=metadata.fetched_at,
        rules=rules,
        watch=watch,
    )
    return Examined(_with_facts(found.record, page, key), found.decisions)


def parse_stored(page: StoredPage, *, key: str | None, rules: SiteRules | None = None) -> Article | Rejection:
    """What the parser finds in a stored page."""
    return examine_stored(page, key=key, rules=rules).record


def _with_facts(found: Article | Rejection, page: StoredPage, key: str | None) -> Article | Rejection:
    metadata = page.metadata
    facts = found.page.model_copy(update={"key": key, "status": page.status})
    if isinstance(found, Rejection):
        return found.model_copy(update={"page": facts})
    return found.model_copy(
        update={
            "page": facts,
            "quality": with_flag(found.quality, "truncated") if metadata.truncated else found.quality,
            "access": found.access.model_copy(update={"robots": metadata.robots or found.access.robots}),
            "urls": found.urls.model_copy(update={"discovered": metadata.url}),
            "discovered_at": metadata.discovered_at,
            "fetched_at": metadata.fetched_at,
        }
    )
