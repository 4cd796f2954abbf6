"""What the tests of moving feeds share: papers whose feeds are numbered items, time that passes, and what is left.

Hours pass by moving what the polls have observed into the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from shared.ledger import audit
from tests.services.fetcher.conftest import Fetching
from tests.together import do_together
from wiredesk.testweb import Channel, Item, Site

_SEEN = ("redirect", "twin")


def items(site: Site, *numbers: int) -> list[Item]:
    return [Item(link=site.url(f"/{number}"), title=f"Number {number}") for number in numbers]


def feed_of(site: Site, path: str = "/feed.xml", *, numbers: Sequence[int] = (1, 2, 3)) -> str:
    return site.feed(path, items(site, *numbers))


def same_feed(site: Site, *paths: str, numbers: Sequence[int]) -> list[str]:
    """One document at several addresses, byte for byte."""
    channel = Channel(title="Paper", site_url=site.url("/"), feed_url=site.url("/feed"))
    return [site.feed(path, items(site, *numbers), channel=channel) for path in paths]


def same_twice(fetching: Fetching, site: Site, *, numbers: Sequence[int]) -> tuple[int, int]:
    """Two feeds, at /a and /b, that have the same document; neither has been polled."""
    first, second = (fetching.add_feed(url) for url in same_feed(site, "/a", "/b", numbers=numbers))
    return first, second


def hours_pass(fetching: Fetching, hours: float) -> None:
    """Everything that polls have seen so far was seen so much earlier."""
    past = [hours * 3600]
    with fetching.context.database.transaction() as connection:
        connection.execute("UPDATE sightings SET discovered_at = discovered_at - make_interval(secs => %s)", past)
        connection.execute("UPDATE feeds SET last_success_at = last_success_at - make_interval(secs => %s)", past)
        for column in _SEEN:
            connection.execute(
                f"""
                UPDATE feeds SET {column} = {column} || (
                    SELECT COALESCE(
                        jsonb_object_agg(key, (value #>> '{{}}')::timestamptz - make_interval(secs => %s)), '{{}}')
                    FROM jsonb_each({column}) WHERE key IN ('first_at', 'last_at', 'since'))
                WHERE {column} IS NOT NULL
                """.encode(),
                past,
            )


def poll_over(fetching: Fetching, feed_id: int, *, hours: float, times: int) -> str:
    """Poll so often, evenly spread over ``hours``; returns what the last poll told."""
    for _ in range(times - 1):
        fetching.poll(feed_id)
        hours_pass(fetching, hours / (times - 1))
    return fetching.poll(feed_id)


def poll_at_once(fetching: Fetching, *feed_ids: int) -> None:
    do_together([partial(fetching.poll, feed_id) for feed_id in feed_ids], patience_seconds=30)


def moved_feed(fetching: Fetching, site: Site) -> tuple[int, str]:
    """A feed that has moved from /rss to /feed.xml; its id and old address."""
    feed_of(site)
    old = site.redirect("/rss", "/feed.xml")
    feed_id = fetching.add_feed(old)
    poll_over(fetching, feed_id, hours=50, times=3)
    assert alias(fetching, old) == feed_id
    return feed_id, old


def twins(fetching: Fetching, site: Site) -> tuple[int, int]:
    """Two feeds that were found to be one; the one that stays, at /a, and the one that went, from /b."""
    first, second = same_twice(fetching, site, numbers=(1, 2))
    for number in (3, 4, 5):
        for feed_id in (first, second):
            fetching.poll(feed_id)
        hours_pass(fetching, 13)
        same_feed(site, "/a", "/b", numbers=(number - 1, number))
    for feed_id in (first, second):
        fetching.poll(feed_id)
    assert (fetching.feed(first)["status"], fetching.feed(second)["status"]) == ("active", "removed")
    return first, second


def entries(fetching: Fetching) -> int:
    return int(fetching.one("SELECT count(*) AS n FROM entries")["n"])


def alias(fetching: Fetching, url: str) -> int | None:
    row = fetching.one("SELECT (SELECT feed_id FROM feed_aliases WHERE url = %s) AS feed_id", url)
    return None if row["feed_id"] is None else int(row["feed_id"])


def books_balance(fetching: Fetching) -> bool:
    with fetching.context.database.transaction() as connection:
        # The tests are their own scheduler: sites are nobody's to watch.
        return not [problem for problem in audit.problems(connection) if problem.check != "sites with work are watched"]
