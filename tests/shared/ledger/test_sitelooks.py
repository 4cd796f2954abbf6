"""Looking at sites: what their entries came to, read from PostgreSQL as the indexer writes it, judged and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from shared.database import Connection, Database
from shared.drift import State, Verdict
from shared.ledger import alerts, sitelooks
from shared.reading.sites import list_sites
from shared.records import Author, Candidate, ContentSource, FieldProvenance, Quality, RejectionReason
from tests.shared.reading.newsroom import Newsroom, make_article

SITE = "gazette.example"
_numbers = count(1)
Make = Callable[[int], dict[str, Any] | RejectionReason]
GOOD: dict[str, Any] = {"authors": (Author(name="Ann Archer"),), "word_count": 400}


@pytest.fixture
def newsroom(database: Database) -> Newsroom:
    return Newsroom(database)


def well(_: int) -> dict[str, Any]:
    return GOOD


def publish(
    newsroom: Newsroom, pages: int, make: Make = well, *, days_ago: float, over_days: float, site: str = SITE
) -> None:
    """Index pages of a site, ``days_ago`` at first and spread over so many days; the nth is what ``make`` says of n."""
    now = datetime.now(UTC)
    ages: dict[str, timedelta] = {}
    with newsroom.database.transaction() as connection:
        for number in range(pages):
            url = f"https://www.{site}/news/{next(_numbers)}"
            ages[url] = timedelta(days=days_ago - over_days * number / pages)
            what = make(number)
            if not isinstance(what, RejectionReason):
                facts = {"published_at": now - ages[url] - timedelta(hours=1)} | what
                newsroom.write(connection, make_article(url, **facts))
    for number, url in enumerate(ages):
        what = make(number)
        if isinstance(what, RejectionReason):
            newsroom.reject(url, what, None)
    with newsroom.database.transaction() as connection:
        connection.execute(
            """
            UPDATE entries SET finished_at = now() - past.age
            FROM unnest(%s::text[], %s::interval[]) AS past(url, age) WHERE entries.url = past.url
            """,
            [list(ages), list(ages.values())],
        )


def past(newsroom: Newsroom, pages: int = 112, make: Make = well) -> None:
    """Four weeks, before the last one."""
    publish(newsroom, pages, make, days_ago=34.9, over_days=27.8)


def look(database: Database, site: str = SITE) -> Verdict:
    with database.transaction() as connection:
        return sitelooks.look_at(connection, site)


def let_hours_pass(database: Database, hours: float) -> None:
    """As if all that is known of sites had been found so much earlier."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE site_looks SET looked_at = looked_at - %(t)s, changed_since = changed_since - %(t)s",
            {"t": timedelta(hours=hours)},
        )


def open_alerts(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as connection:
        return [(alert["site"], alert["kind"]) for alert in alerts.list_alerts(connection)]


def stored(connection: Connection) -> dict[str, Any]:
    (site,) = list_sites(connection)
    return site


def test_a_site_whose_pages_change_is_told_and_one_beside_it_is_not(newsroom: Newsroom, database: Database) -> None:
    past(newsroom)
    publish(newsroom, 80, days_ago=34, over_days=26, site="herald.example")
    publish(newsroom, 30, lambda _: GOOD | {"published_at": None}, days_ago=3, over_days=3)
    publish(newsroom, 30, days_ago=3, over_days=3, site="herald.example")

    first = look(database)
    assert (first.state, first.told) == (State.CHANGED, "30 of 30 pages without a date, before 0%")
    assert look(database, "herald.example").state is State.STEADY
    assert open_alerts(database) == []

    let_hours_pass(database, 21)
    assert look(database).state is State.CHANGED
    assert look(database, "herald.example").state is State.STEADY
    assert open_alerts(database) == [(SITE, "site_drift")]
    with database.transaction() as connection:
        gazette, herald = list_sites(connection)
        (alert,) = alerts.list_alerts(connection)
    assert (gazette["site"], gazette["state"], gazette["alarm"]) == (SITE, "changed", True)
    assert gazette["measures"]["no_date"] == {"before": 0.0, "now": 1.0, "limit": 0.239}
    assert (herald["site"], herald["state"], herald["alarm"]) == ("herald.example", "steady", False)
    assert (alert["feed_id"], alert["feed_url"], alert["detail"]) == (None, None, first.told)


def test_the_alert_is_over_when_the_site_is_read_as_before(newsroom: Newsroom, database: Database) -> None:
    past(newsroom)
    publish(newsroom, 25, lambda _: RejectionReason.NO_TEXT, days_ago=2, over_days=0.5)
    with capture_logs() as logs:
        look(database)
        let_hours_pass(database, 30)
        assert look(database).told == "25 of 25 pages no article, before 0%"
        look(database)
        publish(newsroom, 60, days_ago=1, over_days=1)
        assert look(database).state is State.STEADY
    assert open_alerts(database) == []
    assert [(line["action"], line["site"], line["kind"]) for line in logs] == [
        ("alert_opened", SITE, "site_drift"),
        ("alert_closed", SITE, "site_drift"),
    ]


MISSED = FieldProvenance(source=f"{SITE}:1a2b3c4d", candidates=(Candidate(source="body", value="not on the page"),))
NO_ADVERTISEMENT = MISSED.model_copy(update={"candidates": (Candidate(source="drop", value="not on the page"),)})


def test_everything_that_the_records_say_is_looked_at(newsroom: Newsroom, database: Database) -> None:
    past(newsroom, 60)
    changed: dict[str, Any] = {
        "quality": Quality(score=0.5, flags=("paywall", "date_suspect")),
        "title": None,
        "authors": (),
        "published_at": None,
        "content_source": ContentSource.FEED,
        "word_count": 50,
        "provenance": {"site_rule": MISSED},
    }
    publish(newsroom, 25, lambda _: changed, days_ago=5, over_days=5)
    assert {measure.mark for measure in look(database).changes} == {
        "paywall",
        "date_suspect",
        "no_title",
        "no_author",
        "no_date",
        "not_from_page",
        "much_shorter",
        "site_rule_missed",
    }


@pytest.mark.parametrize(
    "make",
    [
        well,
        lambda _: GOOD | {"provenance": {"site_rule": NO_ADVERTISEMENT}},
        lambda number: RejectionReason.ROBOTS if number % 2 else GOOD,
        lambda number: RejectionReason.AI_OPT_OUT if number % 2 else GOOD,
    ],
    ids=["well", "drops nothing", "robots", "objections"],
)
def test_what_is_no_sign_of_change_is_none(newsroom: Newsroom, database: Database, make: Make) -> None:
    past(newsroom, 60)
    publish(newsroom, 50, make, days_ago=5, over_days=5)
    assert look(database).state is State.STEADY


def test_old_pages_of_an_archive_are_left_out(newsroom: Newsroom, database: Database) -> None:
    """A sitemap's archive, made otherwise than today's pages, must not look like a change."""
    past(newsroom, 60)
    publish(newsroom, 25, days_ago=5, over_days=5)
    long_ago = datetime.now(UTC) - timedelta(days=1000)
    publish(newsroom, 40, lambda _: {"authors": (), "published_at": long_ago}, days_ago=0.9, over_days=0.8)
    verdict = look(database)
    assert (verdict.state, verdict.now) == (State.STEADY, 25)


def test_a_busy_site_is_looked_at_by_samples_of_the_whole_time(newsroom: Newsroom, database: Database) -> None:
    past(newsroom, 200)
    publish(newsroom, 20, days_ago=6.9, over_days=5.5)
    publish(newsroom, 90, days_ago=0.99, over_days=0.98)
    verdict = look(database)
    assert verdict.before == 200
    # Sixteen of each of the last four times six hours: older ones are not needed.
    assert verdict.now == 64


def test_of_a_new_site_nothing_is_said(newsroom: Newsroom, database: Database) -> None:
    publish(newsroom, 30, days_ago=5, over_days=5)
    assert look(database).told == "30 pages lately and 0 before: too few to say"
    with database.transaction() as connection:
        assert stored(connection)["state"] == "too_few"
    assert look(database, "unknown.example").state is State.TOO_FEW


def test_sites_are_due_when_something_ended_and_six_hours_after_the_last_look(
    newsroom: Newsroom, database: Database
) -> None:
    publish(newsroom, 1, days_ago=1, over_days=1)
    publish(newsroom, 1, days_ago=20, over_days=1, site="archive.example")
    with database.transaction() as connection:
        connection.execute("INSERT INTO sites (site) VALUES (%s), ('archive.example'), ('idle.example')", [SITE])

    def due() -> list[str]:
        with database.transaction() as connection:
            return sitelooks.due(connection, most=10)

    assert due() == [SITE]
    assert sitelooks.look_at_due(database) == 1
    assert due() == []
    let_hours_pass(database, 7)
    assert due() == []
    publish(newsroom, 1, days_ago=0.001, over_days=0)
    assert due() == [SITE]
    publish(newsroom, 1, days_ago=0.001, over_days=0, site="archive.example")
    # Never looked at: it comes first.
    assert due() == ["archive.example", SITE]


def test_a_changed_site_that_has_fallen_silent_is_looked_at_until_that_is_over(
    newsroom: Newsroom, database: Database
) -> None:
    past(newsroom, 60)
    publish(newsroom, 25, lambda _: GOOD | {"title": None}, days_ago=1, over_days=1)
    look(database)
    let_hours_pass(database, 25)
    look(database)
    assert open_alerts(database) == [(SITE, "site_drift")]
    with database.transaction() as connection:
        connection.execute("INSERT INTO sites (site) VALUES (%s)", [SITE])
        connection.execute("UPDATE entries SET finished_at = finished_at - interval '8 days'")
    let_hours_pass(database, 25)
    assert sitelooks.look_at_due(database) == 1
    assert open_alerts(database) == []


def test_a_look_at_a_large_site_reads_what_it_needs_by_the_index(newsroom: Newsroom, database: Database) -> None:
    publish(newsroom, 1, days_ago=1, over_days=1)
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO entries (url, url_key, site, feed_id, state, reason, finished_at)
            SELECT 'u' || n, 'u' || n, 'other.example', (SELECT id FROM feeds), 'rejected', 'no_text',
                now() - n * interval '1 minute' FROM generate_series(1, 20000) n
            """
        )
        connection.execute("ANALYZE entries")
        until = datetime.now(UTC)
        parameters = {"site": SITE, "since": until - timedelta(days=35), "until": until, "most": 3}
        parameters |= {"slot": timedelta(hours=6), "unreadable": ["no_text"]}
        plan = connection.execute(f"EXPLAIN {sitelooks._PAGES}", parameters).fetchall()  # type: ignore[call-overload]
    assert "entries_site_finished" in str(plan)
    assert "Seq Scan on entries" not in str(plan)


def test_an_alert_is_about_a_feed_or_a_site(database: Database) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), database.transaction() as connection:
        connection.execute("INSERT INTO alerts (kind) VALUES ('site_drift')")


def spoil(database: Database, site: str) -> None:
    """Records of a site that the look cannot read, as somebody else may have written them."""
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE article_versions SET record = jsonb_set(record, '{authors}', '"Ann"')
            WHERE article_id IN (SELECT article_id FROM entries WHERE site = %s)
            """,
            [site],
        )
        connection.execute("INSERT INTO sites (site) SELECT DISTINCT site FROM entries ON CONFLICT DO NOTHING")


def test_a_site_that_cannot_be_looked_at_does_not_keep_others_from_their_turn(
    newsroom: Newsroom, database: Database
) -> None:
    publish(newsroom, 3, days_ago=1, over_days=1, site="a.example")
    publish(newsroom, 3, days_ago=1, over_days=1, site="b.example")
    spoil(database, "a.example")

    with capture_logs() as logs:
        assert sitelooks.look_at_due(database) == 2
    assert sitelooks.look_at_due(database) == 0

    with database.transaction() as connection:
        first, second = list_sites(connection)
    assert (first["site"], first["state"]) == ("a.example", "unsure")
    assert first["why"] == "it could not be looked at: cannot get array length of a scalar"
    assert (second["site"], second["state"]) == ("b.example", "too_few")
    assert [line["site"] for line in logs if line["log_level"] == "warning"] == ["a.example"]


def test_what_was_found_before_stays_where_a_site_cannot_be_looked_at(newsroom: Newsroom, database: Database) -> None:
    past(newsroom)
    publish(newsroom, 30, lambda _: GOOD | {"published_at": None}, days_ago=3, over_days=3)
    look(database)
    let_hours_pass(database, 21)
    look(database)
    let_hours_pass(database, 7)
    publish(newsroom, 1, days_ago=0.01, over_days=0.01)
    spoil(database, SITE)

    assert sitelooks.look_at_due(database) == 1

    with database.transaction() as connection:
        assert stored(connection)["alarm"] is True
    assert open_alerts(database) == [(SITE, "site_drift")]


def test_when_looks_take_long_the_other_sites_wait_for_the_next_time(newsroom: Newsroom, database: Database) -> None:
    for site in ("a.example", "b.example", "c.example"):
        publish(newsroom, 1, days_ago=1, over_days=1, site=site)
    with database.transaction() as connection:
        connection.execute("INSERT INTO sites (site) SELECT DISTINCT site FROM entries ON CONFLICT DO NOTHING")

    assert [sitelooks.look_at_due(database, seconds=0) for _ in range(4)] == [1, 1, 1, 0]
