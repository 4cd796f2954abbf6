"""Dates that stand in the page itself, and those that must not be read out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.parser import extract
from shared.records import Article

URL = "https://bote.example/lokales/4711-bruecke/"
NOW = datetime(2022, 6, 1, 12, 0, tzinfo=UTC)


def read(body: bytes, *, url: str = URL, now: datetime | None = NOW) -> Article:
    found = extract(body, url=url, now=now)
    assert isinstance(found, Article)
    return found


def test_a_page_whose_only_date_is_a_copyright_year_has_none(page):
    assert read(page()).published_at is None


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="last-modified" content="2022-05-20T10:00:00+02:00">',
        '<meta property="og:updated_time" content="2022-05-20T10:00:00+02:00">',
        '<meta itemprop="copyrightYear" content="2021">',
    ],
)
def test_what_says_nothing_of_publication_is_not_taken_for_it(page, head):
    assert read(page(head=head)).published_at is None


@pytest.mark.parametrize("text", ["Mai 2022", "05/2022", "2022-05", "Stand: 2021"])
def test_a_month_or_year_is_not_made_into_its_first_day(page, text):
    assert read(page(before=f'<div class="date">{text}</div>')).published_at is None


@pytest.mark.parametrize(
    ("before", "url"),
    [
        ('<div class="date">20.05.2022</div>', URL),
        ('<p class="meta">20. Mai 2022</p>', URL),
        ('<span class="publish-date">May 20, 2022</span>', URL),
        ("", "https://bote.example/2022/05/20/bruecke"),
    ],
)
def test_a_day_that_stands_in_the_page_or_its_address_is_found(page, before, url):
    found = read(page(before=before), url=url)

    assert found.published_at == datetime(2022, 5, 20, tzinfo=UTC)
    assert found.published_precision == "day"
    assert found.provenance["published_at"].source == "htmldate"


def test_a_marked_time_is_believed_before_a_search(page):
    before = '<time itemprop="datePublished" datetime="2022-05-20T01:30:00+03:00">20. Mai</time><p>19.05.2022</p>'

    found = read(page(before=before))

    assert found.published_at == datetime(2022, 5, 19, 22, 30, tzinfo=UTC)
    assert found.provenance["published_at"].source == "microdata"


@pytest.mark.parametrize("source", ["jsonld", "meta", "search"])
def test_tomorrow_on_the_other_side_of_the_date_line_is_not_another_day(page, source):
    day = (NOW + timedelta(days=1)).date().isoformat()
    raw = f"{day}T01:00:00+13:00"
    head = {
        "jsonld": f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{raw}"}}</script>',
        "meta": f'<meta property="article:published_time" content="{raw}">',
        "search": "",
    }[source]
    before = f'<div class="date">{day}</div>' if source == "search" else ""

    found = read(page(head=head, before=before))

    assert found.published_at is not None
    assert found.provenance["published_at"].raw in {raw, day}
    assert "date_suspect" not in found.quality.flags


def test_the_bound_moves_with_the_fetch_and_not_with_the_clock_of_this_machine(page):
    """trafilatura's own bound is the local today: a cached one goes stale, and the same page gives another answer."""
    body = page(before='<div class="date">20.05.2031</div>')

    assert read(body, now=datetime(2031, 5, 21, tzinfo=UTC)).published_at == datetime(2031, 5, 20, tzinfo=UTC)
    assert read(body, now=datetime(2031, 5, 1, tzinfo=UTC)).published_at is None
    assert read(body, now=None).published_at == datetime(2031, 5, 20, tzinfo=UTC)


def test_a_future_date_is_flagged_and_kept_as_a_candidate(page):
    found = read(page(head='<meta property="article:published_time" content="2099-01-01T00:00:00Z">'))

    assert found.published_at is None
    assert "date_suspect" in found.quality.flags
    assert found.provenance["published_at"].candidates[0].value == "2099-01-01T00:00:00Z"


def test_the_modification_is_kept_apart(page):
    head = (
        '<meta property="article:published_time" content="2022-05-20T07:00:00+02:00">'
        '<meta property="article:modified_time" content="2022-05-20T09:30:00+02:00">'
    )
    found = read(page(head=head))

    assert found.modified_at == datetime(2022, 5, 20, 7, 30, tzinfo=UTC)
    assert found.provenance["modified_at"].source == "article:modified_time"
