"""/v1/sites: how sites are read, by name and state, and their alerts beside those of feeds."""

from __future__ import annotations

import pytest

from services.api.models import AlertList
from services.api.sitemodels import SiteList
from shared.ledger import alerts
from shared.ledger.alerts import AlertKind
from tests.services.api.served import Served
from tests.shared.reading.newsroom import Newsroom

LOOK = """
    INSERT INTO site_looks (site, state, told, pages_before, pages_now, measures, changed_since, alarm)
    VALUES (%(site)s, %(state)s, 'as told', 300, 50, '{"no_date": {"before": 0.02, "now": 0.96, "limit": 0.21}}',
        CASE WHEN %(state)s = 'changed' THEN now() END, %(state)s = 'changed')
"""


@pytest.fixture
def sites(newsroom: Newsroom) -> None:
    """Four sites, two of which have changed."""
    with newsroom.database.transaction() as connection:
        for site, state in (("b", "changed"), ("a", "steady"), ("ä", "too_few"), ("c", "changed")):
            connection.execute(LOOK, {"site": f"{site}.example", "state": state})
        alerts.open_site_alert(connection, "b.example", AlertKind.SITE_DRIFT, "48 of 50 pages without a date")


def asked(api: Served, **query: object) -> SiteList:
    return SiteList.model_validate(api.get("/v1/sites", query).json())


@pytest.mark.usefixtures("sites")
def test_sites_are_listed_by_name_with_what_was_found(api: Served) -> None:
    found = asked(api).sites
    assert [(site.site, site.state, site.alarm) for site in found] == [
        ("a.example", "steady", False),
        ("b.example", "changed", True),
        ("c.example", "changed", True),
        ("ä.example", "too_few", False),
    ]
    assert (found[1].why, found[1].pages_before, found[1].pages_now) == ("as told", 300, 50)
    assert found[1].measures["no_date"].now == 0.96
    assert found[1].changed_since is not None
    assert found[0].changed_since is None


@pytest.mark.usefixtures("sites")
def test_page_by_page(api: Served) -> None:
    first = asked(api, limit=2)
    rest = asked(api, limit=2, after=first.next_after)
    assert [site.site for site in first.sites + rest.sites] == ["a.example", "b.example", "c.example", "ä.example"]
    assert asked(api, limit=2, after=rest.next_after) == SiteList(sites=[], next_after=None)


@pytest.mark.usefixtures("sites")
def test_only_those_that_changed(api: Served) -> None:
    assert [site.site for site in asked(api, state="changed").sites] == ["b.example", "c.example"]


@pytest.mark.usefixtures("sites")
def test_an_alert_about_a_site_names_it_in_the_place_of_a_feed(api: Served) -> None:
    (alert,) = AlertList.model_validate(api.get("/v1/alerts", {"open": 1}).json()).alerts
    assert (alert.site, alert.kind, alert.feed_id, alert.feed_url) == ("b.example", "site_drift", None, None)


@pytest.mark.parametrize("query", ["state=odd", "limit=0", "limit=1001", "after=%00"])
def test_what_cannot_be_is_refused(idle: Served, query: str) -> None:
    assert idle.get(f"/v1/sites?{query}").status == 422
