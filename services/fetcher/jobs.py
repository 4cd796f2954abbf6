"""The fetcher's jobs, as RQ calls them: validate, claim, do, record."""

from __future__ import annotations

from typing import Any

from services.fetcher import websub
from services.fetcher.context import get_context
from services.fetcher.page import download
from services.fetcher.poll import poll
from shared.jobs import AskHub, FetchPage, PollFeed


def poll_feed(payload: dict[str, Any]) -> str:
    """Poll one feed. Returns the outcome in a few words, which rq-dashboard shows."""
    return poll(get_context(), PollFeed.model_validate(payload))


def ask_hub(payload: dict[str, Any]) -> str:
    """Ask one hub. Returns the outcome in a few words, which rq-dashboard shows."""
    return websub.ask(get_context(), AskHub.model_validate(payload))


def fetch_page(payload: dict[str, Any]) -> str:
    """Download one page. Returns the outcome in a few words, which rq-dashboard shows."""
    return download(get_context(), FetchPage.model_validate(payload))
