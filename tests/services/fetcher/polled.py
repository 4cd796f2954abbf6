"""A feed as a poll is about to ask it."""

from __future__ import annotations

from datetime import datetime

from shared.ledger.polls import FeedForPoll


def feed_for_poll(now: datetime) -> FeedForPoll:
    """A feed of which nothing is known but that it has worked."""
    return FeedForPoll(
        id=7,
        url="https://feeds.paper.example/all.xml",
        site="paper.example",
        etag=None,
        last_modified=None,
        body_sha256=None,
        poll_state={},
        ever_succeeded=True,
        now=now,
    )
