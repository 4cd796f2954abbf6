"""robots.txt for the pages we download (RFC 9309): fetched through the guarded client, cached in Valkey."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from services.fetcher.context import FetcherContext
from shared.errors import FetchError
from shared.robots import RobotsDecision, RobotsRules

# RFC 9309, 2.4: not longer than a day. An unreachable file forbids everything, so it is asked for again soon.
CACHE_SECONDS = 24 * 3600
UNREACHABLE_CACHE_SECONDS = 15 * 60
MAX_BYTES = 512 * 1024


def allowed_by_robots(context: FetcherContext, url: str) -> RobotsDecision:
    """Whether ``url`` may be fetched, and the rule that decides.

    :raises SiteBusyError: when robots.txt itself must wait for its site.
    """
    if not context.settings.robots:
        return RobotsDecision(allowed=True, rule="not asked")
    return _rules(context, url).decision(url, context.settings.user_agent)


def _rules(context: FetcherContext, url: str) -> RobotsRules:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    key = f"wiredesk:robots:{origin}"
    cached = context.valkey.get(key)
    if isinstance(cached, bytes):
        status, text = json.loads(cached)
        return RobotsRules.parse(text, status)
    status, text, seconds = _fetch(context, f"{origin}/robots.txt")
    context.valkey.set(key, json.dumps([status, text]), ex=seconds)
    return RobotsRules.parse(text, status)


def _fetch(context: FetcherContext, url: str) -> tuple[int, str, int]:
    try:
        response = context.client.get(url, max_bytes=MAX_BYTES, before_request=context.pace)
    except FetchError:
        return 503, "", UNREACHABLE_CACHE_SECONDS
    if response.status >= 500 or response.status == 429:
        # RFC 9309 reads 429 like any 4xx, as "no rules"; a site that asks to be left alone does not mean that.
        return 503, "", UNREACHABLE_CACHE_SECONDS
    return response.status, response.body.decode("utf-8", "replace"), CACHE_SECONDS
